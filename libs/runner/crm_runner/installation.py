"""Reaching an installation for one command: the one that runs now, or its servers started for the moment."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from crm_runner import databases, secrets
from crm_runner.environment import Installation, database_url, outside
from crm_runner.errors import RunnerError
from crm_runner.journal import Journal
from crm_runner.lock import DirectoryLock
from crm_runner.ports import GATEWAY_PORT, HOST, Ports
from crm_runner.processes import ALL, GATEWAY
from crm_runner.servers import Servers


@contextmanager
def reach(data_dir: Path, *needs: str, given: Mapping[str, str] | None = None) -> Iterator[Installation]:
    """The installation in `data_dir` with the servers it `needs` (`postgres`, `rabbitmq`) answering.

    Servers of a running installation, or named in the environment, are used as they are; others run only
    until the block ends.
    """
    environment = outside(given or {})
    journal = Journal(data_dir / "log" / "crm.log")
    with ExitStack() as after:
        after.callback(journal.close)
        lock = DirectoryLock(data_dir)
        try:
            lock.take()
            running = False
            after.callback(lock.release)
        except RunnerError:
            running = True
        ports = Ports(data_dir / "ports.json", running=running)
        servers = Servers(data_dir, ports, environment, durable=True, say=journal.say)
        if not running:
            for keeper in servers.keepers():
                if keeper.unit.name in needs:
                    after.callback(keeper.stop)
                    keeper.start()
        if "postgres" in needs:
            names = [f"crm_{name}" for name in ALL if f"CRM_{name.upper()}_DATABASE_URL" not in environment]
            databases.create_missing(servers.database_url, names)
        urls = {name: f"http://{HOST}:{ports.take(name, GATEWAY_PORT if name == GATEWAY else None)}" for name in ALL}
        yield Installation(
            servers.database_url,
            servers.amqp_url,
            environment.get("CRM_SMTP_URL") or f"smtp://{HOST}:{ports.take('mail')}",
            urls,
            secrets.load_or_make(data_dir / "secrets"),
            data_dir=data_dir.absolute(),
        )


def service_database_url(name: str, installation: Installation) -> str:
    """The database of one service of the installation."""
    return database_url(name, installation.database_url, outside({}))
