"""Takes each question to the policy out of a copy of the code, one by one, and sees the rights tests fail.

What jobs ask while they work is behind every door: where no rights test fails, the member's own tests of it must.

`python -m tests.rights.mutate` goes on where it stopped (`--again` begins anew, `--only TEXT` tries the places whose
key has the text, `--list` names them). The outcome is kept in tests/rights/mutations.md; it takes about an hour.
"""

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from crm_runner.demo.company import Company, found
from crm_runner.demo.mailbox import Mailbox
from crm_runner.environment import NO_RATE_LIMITS
from crm_runner.errors import RunnerError
from crm_runner.processes import GATEWAY
from crm_runner.stack import Stack

from tests.rights.estate import furnish
from tests.rights.explained import EQUIVALENT
from tests.rights.routes import all_routes, published
from tests.rights.scene import Scene, set_up
from tests.rights.sites import Site, find_sites
from tests.rights.walk import Walk

_ROOT = Path(__file__).parents[2]
_SUITES = ("test_open_cards", "test_insiders", "test_oracles", "test_relations", "test_stewards", "test_live")
_PACKAGES = ("libs/contracts", "libs/chassis", "libs/runner", "gateway")
_FAILED = re.compile(r"^FAILED (\S+)", re.MULTILINE)
_IDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b(?:zq|m)[0-9a-f]{8,12}\b|\+?38640\d{6}")


def main() -> None:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.rights.mutate", description=__doc__)
    parser.add_argument("--again", action="store_true", help="forget what was tried before")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the places with this text in their key")
    parser.add_argument("--list", action="store_true", help="name the places and stop")
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.list:
        for site in find_sites(_ROOT):
            print(f"{site.file}:{site.line} {site.function}: {site.text}")
    elif given.home is None:
        _in_a_copy(sys.argv[1:])
    else:
        _try_all(given.home, again=given.again, only=given.only)


def _in_a_copy(arguments: list[str]) -> None:
    """The same command, run in a copy of the tree with the copy's packages first on the path."""
    with tempfile.TemporaryDirectory(prefix="crm-mutants-") as folder:
        copy = Path(folder)
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=_ROOT, capture_output=True, check=True,
        ).stdout.decode()  # fmt: skip
        packed = BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name in listed.split("\0"):
                if name and (_ROOT / name).is_file():
                    archive.add(_ROOT / name, name)
        packed.seek(0)
        with tarfile.open(fileobj=packed) as archive:
            archive.extractall(copy, filter="data")
        packages = [str(copy / name) for name in _PACKAGES] + [str(path) for path in (copy / "services").iterdir()]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(packages), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "tests.rights.mutate", "--home", str(_ROOT), *arguments]
        subprocess.run(command, cwd=copy, env=environment, check=True)


def _try_all(home: Path, *, again: bool, only: str) -> None:
    kept = home / ".data" / "rights-mutations.json"
    kept.parent.mkdir(exist_ok=True)
    outcomes: dict[str, str] = json.loads(kept.read_text()) if kept.exists() and not again else {}
    sites = find_sites(_ROOT)
    done = {key for key, said in outcomes.items() if said or key in EQUIVALENT}
    todo = [site for site in sites if site.key not in done and only in site.key]
    todo.sort(key=_in_a_job)  # what takes long comes last
    print(f"{len(sites)} places ask the policy, {len(todo)} to try", flush=True)
    if todo:
        all_routes()  # read once, from the code as it is
        with _town() as (stack, company):
            scene = set_up(stack, company)
            _check_clean(scene)
            changed: set[str] = set()
            wrote = rehire = False
            for number, site in enumerate(todo, 1):
                if rehire or (wrote and site.program not in changed):
                    # People are other than they were hired, or have made things that count in others' figures.
                    scene, wrote, rehire = set_up(stack, company), False, False
                began = time.monotonic()
                failure = _try(scene, site, changed)
                outcomes[site.key] = failure.said if failure else ""
                kept.write_text(json.dumps(outcomes, indent=1))
                (home / "tests/rights/mutations.md").write_text(_page(sites, outcomes))
                took = time.monotonic() - began
                print(f"{number}/{len(todo)} {site.key} [{took:.0f} s]: {outcomes[site.key]}", flush=True)
                if failure and failure.wrote and site.program == GATEWAY:
                    rehire = True
                elif failure and failure.wrote:
                    # What was let through may have changed the owner's things.
                    scene.estate, wrote = furnish(scene.cast), True
            _restart(stack, changed)
            _check_clean(scene)
    (home / "tests/rights/mutations.md").write_text(_page(sites, outcomes))


@contextmanager
def _town() -> Iterator[tuple[Stack, Company]]:
    stack = Stack(None, {"CRM_LOG_LEVEL": "warning"} | NO_RATE_LIMITS, ephemeral=True, durable=False)
    with stack, Mailbox(stack.smtp_url):
        yield stack, found(stack, password="a-password-for-tests", pbx_api_url="http://127.0.0.1:9", customers=False)


@dataclass(frozen=True)
class Failure:
    """What a test said; `wrote` when the mutant may have let a change through."""

    said: str
    wrote: bool


def _try(scene: Scene, site: Site, changed: set[str]) -> Failure | None:
    """The first test that fails when the place does not ask. `changed` are the programs that run other than written."""
    if _in_a_job(site) and (failure := _own_failure(site)):
        return failure
    file = _ROOT / site.file
    source = file.read_text()
    _restart(scene.stack, changed - {site.program})
    file.write_text(site.removed(source))
    try:
        _restart(scene.stack, [site.program])
    finally:
        file.write_text(source)
    changed.clear()
    changed.add(site.program)
    return _first_failure(scene, site) or (None if _in_a_job(site) else _own_failure(site))


def _in_a_job(site: Site) -> bool:
    """Whether a job asks, long after the request that a walk could see answered."""
    return "/imports/" in site.file and site.function != "require"


def _own_failure(site: Site) -> Failure | None:
    """The first of the member's tests of the same part that fails without the place."""
    file = _ROOT / site.file
    parts = (file.parent.name.removesuffix("s"), file.stem.removesuffix("ing"))
    member = next(each for each in file.parents if (each / "pyproject.toml").is_file())
    # The shortest name first: what a part is about before its rarer sides.
    tests = sorted({str(each) for part in parts for each in (member / "tests").glob(f"test_*{part}*.py")}, key=len)
    if not tests:
        return None
    source = file.read_text()
    file.write_text(site.removed(source))
    try:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        told = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False).stdout
    finally:
        file.write_text(source)
    failed = _FAILED.search(told)
    return Failure(failed[1], wrote=False) if failed else None


def _restart(stack: Stack, programs: Iterable[str]) -> None:
    for program in programs:
        stack.halt(program)
        stack.resume(program)


def _check_clean(scene: Scene) -> None:
    """The same questions find nothing wrong with the code as it is; SystemExit otherwise."""
    failure = _first_failure(scene, None)
    if failure is not None:
        raise SystemExit(f"a test fails without any change: {failure.said}")


def _first_failure(scene: Scene, site: Site | None) -> Failure | None:
    """The walk, through the changed program's own routes with the most likely first, then the other tests."""
    live_first = site is not None and "/live/" in site.file
    current = "walk"
    try:
        if not live_first and (wrong := _walk(scene, site)) is not None:
            return wrong
        for name, check in _checks(live_first):
            current = name
            check(scene)
        if live_first:
            return _walk(scene, site)
    except (AssertionError, RunnerError) as error:
        return Failure(f"{current}: {_short(str(error))}", wrote="relations" in current or "stewards" in current)
    return None


def _walk(scene: Scene, site: Site | None) -> Failure | None:
    document = scene.cast.owner.ask(GATEWAY, "GET", "/api/v1/openapi.json").json()
    walk = Walk(scene.cast, scene.estate, published(document))
    noun = Path(site.file).parent.name if site else ""
    routes = [route for route in all_routes() if site is None or route.service == site.program]
    for route in sorted(routes, key=lambda route: (noun not in route.path.replace("-", "_"), route)):
        walk.visit(route)
        if walk.wrong:
            return Failure(f"walk: {_short(walk.wrong[0])}", wrote=route.method != "GET")
    return None


def _short(said: str) -> str:
    first = (said.strip().splitlines() or ["an assertion"])[0]
    return _IDS.sub("…", first)[:200]


def _checks(live_first: bool) -> list[tuple[str, Callable[[Scene], None]]]:
    """The other tests, called as pytest would call them."""
    checks: list[tuple[str, Callable[[Scene], None]]] = []
    for suite in sorted(_SUITES, key=lambda suite: (suite == "test_live") != live_first):
        module: Any = importlib.import_module(f"tests.rights.{suite}")
        for name, test in vars(module).items():
            if name.startswith("test_"):
                checks += [(f"{suite}::{name}", partial(test, **more)) for more in _parameters(test)]
    return checks


def _parameters(test: Any) -> list[dict[str, Any]]:
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    return [{mark.args[0]: value} for mark in marks for value in mark.args[1]] or [{}]


def _page(sites: list[Site], outcomes: dict[str, str]) -> str:
    tried = [site for site in sites if site.key in outcomes]
    caught = [site for site in tried if outcomes[site.key]]
    explained = [site for site in tried if not outcomes[site.key] and site.key in EQUIVALENT]
    head = [
        "# The policy taken out, place by place",
        "",
        "Written by `python -m tests.rights.mutate`: each place that asks what a caller may was taken out of a copy of",
        "the code, its program started anew, and the rights tests run until one failed, then the member's own.",
        "",
        f"{len(sites)} places, {len(tried)} tried, {len(caught)} caught, {len(explained)} that change no answer.",
        "",
        "| place | question | caught by |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *(_line(site, outcomes.get(site.key)) for site in sites)]) + "\n"


def _line(site: Site, outcome: str | None) -> str:
    said = "not tried" if outcome is None else outcome or f"**not caught**: {EQUIVALENT.get(site.key, 'unexplained')}"
    cells = (f"{site.file}, {site.function}", f"`{site.text}`", said)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    main()
