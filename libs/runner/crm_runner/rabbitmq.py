"""A private RabbitMQ node: the system's programs, our own data, cookie, ports and name server.

Owns one node directory, its broker and its epmd; knows nothing of exchanges and queues.
"""

import os
import secrets
import signal
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from crm_runner import spawn
from crm_runner.errors import RunnerError
from crm_runner.ports import HOST
from crm_runner.rabbitmq_install import Programs, find_or_install

# Queues carry the node name in their data, so it must never depend on the machine's hostname.
NODE = "crm@localhost"
VHOST = "crm"
_USER = "guest"  # RabbitMQ lets it in over loopback only
_START_LIMIT = 180.0
_HELLO = b"AMQP\x00\x00\x09\x01"

# Below 1 GB the broker raised its memory alarm and blocked publishers during bursts (limits.md §2).
_CONFIG = f"""\
default_vhost = {VHOST}
vm_memory_high_watermark.absolute = 1GB
raft.wal_max_size_bytes = 67108864
disk_free_limit.absolute = 100MB
"""


@dataclass(frozen=True)
class NodePorts:
    """The three ports of a node; each node has its own, so that several run side by side."""

    amqp: int
    distribution: int
    epmd: int


class RabbitMQ:
    """One node: its data survive a restart, nothing of it runs after `stop`."""

    name = "rabbitmq"

    def __init__(
        self,
        directory: Path,
        ports: NodePorts,
        *,
        durable: bool = True,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        """`durable=False` kills the node instead of stopping it and is for tests that throw the data away."""
        self.directory = directory.absolute()
        self.ports = ports
        self.process: spawn.Process | None = None
        self._epmd: spawn.Process | None = None
        self._durable = durable
        self._say = say
        self._programs: Programs | None = None

    @property
    def url(self) -> str:
        """The node's default virtual host."""
        return self.vhost_url(VHOST)

    def vhost_url(self, vhost: str) -> str:
        """A virtual host of this node."""
        return f"amqp://{_USER}:{_USER}@{HOST}:{self.ports.amqp}/{vhost}"

    def start(self) -> None:
        """The broker accepts AMQP connections."""
        self._programs = find_or_install(self._say)
        self._prepare()
        self._clear_predecessor()
        environment = self._environment()
        if self._epmd is None or self._epmd.poll() is not None:
            # Started by us in the foreground: the one a node starts by itself is a daemon that outlives it.
            self._epmd = spawn.spawn([self._programs.epmd, "-address", HOST], env=environment)
        with (self.directory / "log" / "console.log").open("ab") as output:
            self.process = spawn.spawn(
                [self._programs.server],
                env=environment,
                cwd=self.directory,
                output=output,
                orphan_signal=signal.SIGTERM if self._durable else signal.SIGKILL,
            )
        (self.directory / "node.pid").write_text(str(self.process.pid))
        self._wait_ready(self.process)

    def stop(self) -> None:
        """Neither broker nor name server runs; what was confirmed is on disk."""
        if self.process is not None:
            spawn.stop(self.process, ask=signal.SIGTERM if self._durable else signal.SIGKILL, grace=60)
        if self._epmd is not None:
            spawn.stop(self._epmd, ask=signal.SIGKILL)

    def add_vhosts(self, *names: str) -> None:
        """Empty virtual hosts, ours to use; make many in one call, whose 0.4 s is the start of the tool."""
        everything = '<<".*">>'
        steps = [
            f'rabbit_vhost:add(<<"{name}">>, <<"{_USER}">>), rabbit_auth_backend_internal:set_permissions('
            f'<<"{_USER}">>, <<"{name}">>, {everything}, {everything}, {everything}, <<"{_USER}">>)'
            for name in names
        ]
        self.control("eval", ", ".join(steps) + ".")

    def control(self, *arguments: str) -> str:
        """What `rabbitmqctl` printed; raises RunnerError when it failed."""
        programs = self._programs or find_or_install(self._say)
        done = subprocess.run(
            [programs.control, *arguments],
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RunnerError(f"rabbitmqctl {arguments[0]} failed: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        return inherited | {
            "HOME": str(self.directory / "home"),
            "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_NODE_IP_ADDRESS": HOST,
            "RABBITMQ_NODE_PORT": str(self.ports.amqp),
            "RABBITMQ_DIST_PORT": str(self.ports.distribution),
            "ERL_EPMD_PORT": str(self.ports.epmd),
            "ERL_EPMD_ADDRESS": HOST,
            "RABBITMQ_MNESIA_BASE": str(self.directory / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.directory / "log"),
            "RABBITMQ_CONFIG_FILE": str(self.directory / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.directory / "enabled_plugins"),
            # Without it /etc/rabbitmq/rabbitmq-env.conf overrides all of the above.
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"
            ),
            # The start script then becomes the broker instead of staying in between and missing its death.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _prepare(self) -> None:
        for folder in ("home", "mnesia", "log"):
            (self.directory / folder).mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        (self.directory / "rabbitmq.conf").write_text(_CONFIG)
        (self.directory / "enabled_plugins").write_text("[].\n")
        cookie = self.directory / "home" / ".erlang.cookie"
        if not cookie.exists():
            cookie.touch(mode=0o600)
            cookie.write_text(secrets.token_hex(20))
            cookie.chmod(0o400)

    def _clear_predecessor(self) -> None:
        """No broker of an earlier run holds the data: it stops for a while after its supervisor is killed."""
        try:
            pid = int((self.directory / "node.pid").read_text())
            process = psutil.Process(pid)
            if str(self.directory) not in process.environ().get("RABBITMQ_MNESIA_BASE", ""):
                return
        except (FileNotFoundError, ValueError, psutil.Error):
            return

        def gone() -> bool:
            return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE

        if not spawn.wait_until(gone, 5):
            self._say(f"RabbitMQ: stopping the one left running by an earlier run (pid {pid})")
            process.terminate()
            if not spawn.wait_until(gone, 60):
                process.kill()

    def _wait_ready(self, process: spawn.Process) -> None:
        def settled() -> bool:
            return process.poll() is not None or self._greets()

        in_time = spawn.wait_until(settled, _START_LIMIT, every=0.05)
        log = self.directory / "log" / "console.log"
        if process.poll() is not None:
            raise RunnerError(f"RabbitMQ did not start: exit code {process.returncode} (see {log})")
        if not in_time:
            spawn.kill_group(process)
            raise RunnerError(f"RabbitMQ was not ready after {_START_LIMIT:.0f} s (see {log})")

    def _greets(self) -> bool:
        """Whether the broker answers an AMQP greeting; it opens the port last, when all else is up."""
        try:
            with socket.create_connection((HOST, self.ports.amqp), timeout=2) as connection:
                connection.sendall(_HELLO)
                return connection.recv(1) == b"\x01"
        except OSError:
            return False
