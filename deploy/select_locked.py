"""Cuts from requirements.lock (standard input) the pins one program needs, hashes included.

`uv pip compile` notes below each package who asked for it (`# via`); reading those notes backwards gives all
that stands under a package of ours. Standard library only: it runs in a bare Python image.
"""

import re
import sys

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==")
_VIA = re.compile(r"^\s+#(?: via)?\s*([A-Za-z0-9._:-]+)?")


def blocks(lock: str) -> dict[str, list[str]]:
    """The lines of each pinned package."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in lock.splitlines():
        if pin := _PIN.match(line):
            name = pin[1].lower()
            found[name] = []
        if name:
            found[name].append(line)
    return found


def askers(lines: list[str]) -> set[str]:
    """Who asked for the package, by the notes below it."""
    notes = [_VIA.match(line) for line in lines if line.lstrip().startswith("#")]
    return {note[1].lower() for note in notes if note and note[1]}


def select(lock: str, roots: list[str]) -> list[str]:
    """The names under the roots, themselves included when they are pinned."""
    asked_by = {name: askers(lines) for name, lines in blocks(lock).items()}
    wanted = {*roots}
    while True:
        more = {name for name, who in asked_by.items() if who & wanted} - wanted
        if not more:
            return sorted(wanted & asked_by.keys())
        wanted |= more


def main(arguments: list[str]) -> str:
    """The selected part of the lock file."""
    lock = sys.stdin.read()
    pins = blocks(lock)
    selected = select(lock, [*arguments, "crm-chassis", "crm-contracts"])
    return "".join("\n".join(pins[name]) + "\n" for name in selected)


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]))
