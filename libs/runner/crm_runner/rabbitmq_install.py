"""Finding RabbitMQ's programs, and installing them with the system's package manager when it may."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from crm_runner.errors import RunnerError

_ADVICE = "or name a running one in CRM_AMQP_URL."

# Debian starts a system-wide node when the package is installed, and again at each boot. Ours is private, so
# that start is denied while installing and switched off afterwards; a node installed earlier is not touched.
_APT = """
set -e
export DEBIAN_FRONTEND=noninteractive
new="rabbitmq-server.service"
command -v epmd > /dev/null || { first=yes; new="$new epmd.service epmd.socket"; }
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\\nexit 101\\n' > "$policy"
    chmod 755 "$policy"
fi
apt-get update -q || true
apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 rabbitmq-server
if [ -d /run/systemd/system ]; then
    systemctl disable --now $new || true
elif [ -x /etc/init.d/rabbitmq-server ] && command -v update-rc.d > /dev/null; then
    update-rc.d rabbitmq-server disable || true
fi
# The package's own scripts leave Erlang's name server running; nobody needed it before.
if [ -n "${first:-}" ]; then epmd -kill > /dev/null 2>&1 || true; fi
"""


@dataclass(frozen=True)
class Programs:
    """RabbitMQ's own scripts (never Debian's wrapper, which switches user) and Erlang's name server."""

    server: Path
    control: Path
    epmd: Path


def find() -> Programs | None:
    """The programs, or None when RabbitMQ is not installed."""
    epmd = _first([*_which("epmd"), *sorted(Path("/usr/lib/erlang").glob("erts-*/bin/epmd"))])
    if epmd is None:
        return None
    for folder in _folders():
        if (folder / "rabbitmq-server").exists() and (folder / "rabbitmqctl").exists():
            return Programs(folder / "rabbitmq-server", folder / "rabbitmqctl", epmd)
    return None


def find_or_install(say: Callable[[str], None]) -> Programs:
    """The programs, installed now if need be; RunnerError says what to do when that is not possible."""
    if (found := find()) is not None:
        return found
    if shutil.which("apt-get"):
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        if root and not _may_sudo():
            raise RunnerError(f"RabbitMQ is missing: run `sudo apt-get install rabbitmq-server`, {_ADVICE}")
        say("RabbitMQ is missing: installing rabbitmq-server with apt-get (15 s; its system node stays off)")
        _run([*root, "sh", "-c", _APT])
    elif shutil.which("brew"):
        say("RabbitMQ is missing: installing it with `brew install rabbitmq` (no service is started)")
        _run(["brew", "install", "rabbitmq"])
    else:
        raise RunnerError(f"RabbitMQ is missing: install rabbitmq-server (3.10 or newer), {_ADVICE}")
    if (found := find()) is None:
        raise RunnerError(f"RabbitMQ was installed but its programs were not found: report this, {_ADVICE}")
    return found


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout.decode(errors="replace"))
        raise RunnerError(f"RabbitMQ could not be installed (output above): install rabbitmq-server, {_ADVICE}")


def _may_sudo() -> bool:
    return shutil.which("sudo") is not None and (
        subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    )


def _folders() -> Iterator[Path]:
    yield Path("/usr/lib/rabbitmq/bin")
    yield from sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin"))
    for prefix in ("/opt/homebrew", "/usr/local", "/home/linuxbrew/.linuxbrew"):
        yield Path(prefix, "opt", "rabbitmq", "sbin")
    for server in _which("rabbitmq-server"):
        if server.parent != Path("/usr/sbin"):
            yield server.parent


def _which(program: str) -> list[Path]:
    found = shutil.which(program)
    return [Path(found)] if found else []


def _first(candidates: list[Path]) -> Path | None:
    return next((path for path in candidates if path.exists()), None)
