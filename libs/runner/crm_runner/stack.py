"""The whole installation as one object: two servers, the bus topology and six programs.

Used by `crm up`, the demo and the tests. It never imports a service.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from crm_runner import databases, secrets
from crm_runner.environment import LEAN_PASSWORDS, STORES, Installation, database_url, for_program, outside
from crm_runner.errors import RunnerError
from crm_runner.journal import Journal
from crm_runner.lock import DirectoryLock
from crm_runner.ports import GATEWAY_PORT, HOST, Ports
from crm_runner.processes import ALL, GATEWAY, Program, run
from crm_runner.rabbitmq import RabbitMQ
from crm_runner.servers import Servers
from crm_runner.supervisor import Keeper
from crm_runner.topology import empty, provision

_READY_LIMIT = 120.0
_HOPELESS = 3


class Stack:
    """Runs from `start` (or entering it, with or without `async`) to `stop`; nothing of it runs after."""

    def __init__(
        self,
        data_dir: Path | None = None,
        env_extra: Mapping[str, str] | None = None,
        *,
        ephemeral: bool = False,
        durable: bool = True,
        programs: Sequence[str] = ALL,
        journal: Journal | None = None,
        detours: Mapping[str, str] | None = None,
    ) -> None:
        """`ephemeral`: data in a temporary folder, random ports, all gone at the end.

        `durable=False` lets PostgreSQL skip fsync, never for tests that kill it. `env_extra` goes to every
        program and, as the shell's environment does, may name servers to use instead of private ones. By `detours`
        the gateway reaches services elsewhere than where they listen: through a proxy that can cut the line.
        """
        if data_dir is None and not ephemeral:
            raise ValueError("a stack that keeps its data needs a data_dir")
        self._temporary = data_dir is None
        self.data_dir = (data_dir or Path(tempfile.mkdtemp(prefix="crm-stack-"))).absolute()
        self._ephemeral = ephemeral
        self._given = outside({**(LEAN_PASSWORDS if ephemeral else {}), **(env_extra or {})})
        self._lock = DirectoryLock(self.data_dir)
        self._lock.take()
        self._detours = dict(detours or {})
        self._own_journal = journal is None
        self.journal = journal or Journal(self.data_dir / "log" / "crm.log")
        self._ports = Ports(None if ephemeral else self.data_dir / "ports.json")
        self._servers = Servers(self.data_dir, self._ports, self._given, durable=durable, say=self.journal.say)
        self._keepers: dict[str, Keeper] = {}
        self._began = time.monotonic()
        self.database_url = self._servers.database_url
        self.amqp_url = self._servers.amqp_url
        self.service_urls = {name: f"http://{HOST}:{self._port(name)}" for name in programs}
        self.gateway_url = self.service_urls.get(GATEWAY, "")
        self.database_urls = {name: database_url(name, self.database_url, self._given) for name in programs}
        self.smtp_url = self._given.get("CRM_SMTP_URL") or f"smtp://{HOST}:{self._ports.take('mail')}"
        self.secrets = secrets.load_or_make(self.data_dir / "secrets")
        self._build_programs()

    @property
    def pids(self) -> dict[str, int]:
        """The running processes of now, servers of ours included."""
        return {name: keeper.pid for name, keeper in self._keepers.items() if keeper.pid is not None}

    def start(self) -> Self:
        """Everything answers ready; on failure nothing is left running and RunnerError says why."""
        self._began = time.monotonic()
        with ThreadPoolExecutor(3, thread_name_prefix="crm-start") as pool:
            try:
                postgres = pool.submit(self._start_server, "postgres")
                rabbitmq = pool.submit(self._start_server, "rabbitmq")
                provisioned = pool.submit(provision, self.amqp_url, patience_s=_READY_LIMIT)
                postgres.result()
                self._create_databases()
                for name in self.service_urls:
                    self._keepers[name].start()
                rabbitmq.result()
                self.journal.say(f"bus: {provisioned.result()} queues declared")
                self._wait_ready(list(self.service_urls), dict.fromkeys(self.service_urls, 0))
            except BaseException:
                self._stop_all()  # ends the waits of the two threads, so that the pool can close
                pool.shutdown(wait=True)
                self.stop()
                raise
        return self

    def stop(self) -> None:
        """Nothing of the stack runs: first the door, then the services together, then what they stand on."""
        self._stop_all()
        if self._own_journal:
            self.journal.close()
        self._lock.release()
        if self._temporary:
            shutil.rmtree(self.data_dir, ignore_errors=True)

    def kill(self, name: str) -> None:
        """The process is dead as by `kill -9`, and its keeper is starting another."""
        self._keepers[name].kill()

    def halt(self, name: str) -> None:
        """The process, `postgres` and `rabbitmq` included, is stopped and stays so until `resume`."""
        self._keepers[name].stop()

    def resume(self, name: str) -> None:
        """A halted process runs and is ready again."""
        self._keepers[name].start()
        self.wait_ready(name)

    def begin_anew(self, *, forgetting: str, before: Callable[[], None]) -> None:
        """Nothing is left of what was kept: the programs run on new databases and empty queues, and are told no
        setting any more whose name begins with `forgetting`.

        `before` is done while none of them runs yet; the door opens last.
        """
        services = [name for name in self.service_urls if name != GATEWAY]
        self._stop_together([GATEWAY])
        self._stop_together(services)
        for url in self.database_urls.values():
            databases.renew(url)
        empty(self.amqp_url)
        for name in self.service_urls:
            environment = self.environment(name)
            for setting in [setting for setting in environment if setting.startswith(forgetting)]:
                del environment[setting]
            for store in STORES.keys() & environment.keys():
                shutil.rmtree(environment[store], ignore_errors=True)
        before()
        for names in (services, [GATEWAY]):
            for name in names:
                self._keepers[name].start()
            self.wait_ready(*names)

    def wait_ready(self, *names: str) -> None:
        """The programs named (all when none is) answer ready."""
        wanted = [name for name in names or self.service_urls if name in self.service_urls]
        self._wait_ready(wanted, {name: self._keepers[name].deaths for name in wanted})

    def run(self, name: str, *arguments: str) -> str:
        """What `python -m crm_<name> <arguments>` printed, run with the program's environment; see processes.run."""
        return run(name, self.environment(name), *arguments)

    def environment(self, name: str) -> dict[str, str]:
        """What the program is told, for another process of the same program."""
        unit = self._keepers[name].unit
        assert isinstance(unit, Program)
        return unit.environment

    def rabbitmqctl(self, *arguments: str) -> str:
        """What `rabbitmqctl` printed, asked of our own node."""
        node = self._keepers["rabbitmq"].unit
        assert isinstance(node, RabbitMQ)
        return node.control(*arguments)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    def _port(self, name: str) -> int:
        return self._ports.take(name, GATEWAY_PORT if name == GATEWAY and not self._ephemeral else None)

    def _build_programs(self) -> None:
        urls = self.service_urls | self._detours
        metrics_port = self._ports.take("gateway_metrics")
        installation = Installation(
            self.database_url, self.amqp_url, self.smtp_url, urls, self.secrets, metrics_port, self.data_dir
        )
        self.metrics_urls = {name: f"{url}/metrics" for name, url in self.service_urls.items()}
        if GATEWAY in self.metrics_urls:
            self.metrics_urls[GATEWAY] = f"http://{HOST}:{metrics_port}/metrics"
        for keeper in self._servers.keepers():
            self._keepers[keeper.unit.name] = keeper
        for name, url in self.service_urls.items():
            environment = for_program(name, installation, self._given)
            port = int(url.rpartition(":")[2])
            self._keepers[name] = Keeper(Program(name, port, environment, self.journal), self.journal.say)

    def _start_server(self, name: str) -> None:
        if name in self._keepers:
            self._keepers[name].start()
            self.journal.say(f"{name} ready ({self._elapsed()})")
        else:
            self.journal.say(f"{name}: using the one named in the environment")

    def _create_databases(self) -> None:
        ours = {name: f"crm_{name}" for name, url in self.database_urls.items() if url.endswith(f"/crm_{name}")}
        new = databases.create_missing(self.database_url, list(ours.values()))
        if new:
            self.journal.say(f"databases made: {', '.join(new)}")

    def _wait_ready(self, names: list[str], deaths: Mapping[str, int]) -> None:
        """`deaths` of each so far do not count against it."""
        waiting = dict.fromkeys(names)
        deadline = time.monotonic() + _READY_LIMIT
        while waiting:
            for name in list(waiting):
                keeper = self._keepers[name]
                if keeper.deaths - deaths[name] >= _HOPELESS:
                    raise RunnerError(self._why(name, "does not start"))
                if isinstance(keeper.unit, Program) and keeper.unit.is_ready():
                    del waiting[name]
                    self.journal.say(f"{name} ready ({self._elapsed()})")
            if waiting and time.monotonic() > deadline:
                raise RunnerError(self._why(next(iter(waiting)), f"is not ready after {_READY_LIMIT:.0f} s"))
            if waiting:
                time.sleep(0.1)

    def _why(self, name: str, what: str) -> str:
        lines = "\n".join(f"  {line}" for line in self.journal.recent(name)[-8:])
        return f"{name} {what} (all of it in {self.journal.file}); its last lines:\n{lines}"

    def _elapsed(self) -> str:
        return f"{time.monotonic() - self._began:.1f} s"

    def _stop_all(self) -> None:
        self._stop_together([GATEWAY])
        self._stop_together([name for name in self.service_urls if name != GATEWAY])
        self._stop_together(["rabbitmq"])
        self._stop_together(["postgres"])

    def _stop_together(self, names: list[str]) -> None:
        keepers = [self._keepers[name] for name in names if name in self._keepers]
        running = [keeper for keeper in keepers if keeper.pid is not None]
        if not keepers:
            return
        with ThreadPoolExecutor(len(keepers), thread_name_prefix="crm-stop") as pool:
            list(pool.map(lambda keeper: keeper.stop(), keepers))
        for keeper in running:
            self.journal.say(f"{keeper.unit.name} stopped")
