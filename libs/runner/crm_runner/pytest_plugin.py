"""Real servers for tests: one PostgreSQL and one RabbitMQ a session, started when first asked for.

`CRM_TEST_DATABASE_URL` and `CRM_TEST_AMQP_URL` name servers to use as they are instead. Nothing started here
outlives the session, whether it ends, is interrupted or is killed.
"""

import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from crm_runner import databases
from crm_runner.ports import Ports
from crm_runner.postgres import Postgres
from crm_runner.rabbitmq import NodePorts, RabbitMQ

MakeDatabase = Callable[[str], str]
MakeVhost = Callable[[], str]
_FOLDER = "crm-test-"
_VHOSTS_AT_ONCE = 4
_MEMORY_NEEDED = 3 * 1024**3


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--crm-durable` keeps fsync on, as the tests that kill servers need; `--crm-long` runs suites at full length."""
    group = parser.getgroup("crm")
    group.addoption(
        "--crm-durable",
        action="store_true",
        help="run the tests' PostgreSQL with fsync, and stop servers cleanly",
    )
    group.addoption(
        "--crm-long",
        action="store_true",
        help="suites that have a short form at full length (the targets test-faults, test-fuzz and test-web)",
    )


@pytest.fixture(scope="session")
def long_run(pytestconfig: pytest.Config) -> bool:
    """Whether suites that have a short form run in full."""
    return bool(pytestconfig.getoption("--crm-long"))


def _fastest_folder(*, durable: bool) -> Path:
    """Memory where there is plenty of it: making and removing databases is mostly waiting for the disk."""
    memory = Path("/dev/shm")  # noqa: S108  # mkdtemp makes a folder of our own in it
    if not durable and memory.is_dir() and shutil.disk_usage(memory).free > _MEMORY_NEEDED:
        return memory
    return Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def _server_folder(pytestconfig: pytest.Config) -> Iterator[Path]:
    """A folder for the servers' data, gone afterwards; folders of killed sessions are swept here."""
    base = _fastest_folder(durable=bool(pytestconfig.getoption("--crm-durable")))
    for old in base.glob(f"{_FOLDER}*"):
        owner = re.match(rf"{_FOLDER}(\d+)-", old.name)
        if owner and not psutil.pid_exists(int(owner[1])):
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-", dir=base))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _test_ports() -> Ports:
    """Ports nobody else in this session was given."""
    return Ports()


@pytest.fixture(scope="session")
def postgres_server_url(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Iterator[str]:
    """The administrator's address of a PostgreSQL 18 server."""
    if given := os.environ.get("CRM_TEST_DATABASE_URL"):
        yield given
        return
    folder: Path = request.getfixturevalue("_server_folder")
    ports: Ports = request.getfixturevalue("_test_ports")
    durable = bool(pytestconfig.getoption("--crm-durable"))
    server = Postgres(folder / "postgres", ports.take("postgres"), durable=durable)
    try:
        server.start()
        yield server.url
    finally:
        server.stop()


@pytest.fixture(scope="session")
def _rabbitmq_server(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Iterator[RabbitMQ]:
    folder: Path = request.getfixturevalue("_server_folder")
    ports: Ports = request.getfixturevalue("_test_ports")
    durable = bool(pytestconfig.getoption("--crm-durable"))
    node = NodePorts(ports.take("amqp"), ports.take("amqp_distribution"), ports.take("epmd"))
    server = RabbitMQ(folder / "rabbitmq", node, durable=durable, say=print)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def amqp_server_url(request: pytest.FixtureRequest) -> str:
    """The address of a RabbitMQ node's default virtual host."""
    if given := os.environ.get("CRM_TEST_AMQP_URL"):
        return given
    server: RabbitMQ = request.getfixturevalue("_rabbitmq_server")
    return server.url


@pytest.fixture(scope="session")
def make_database(postgres_server_url: str) -> Iterator[MakeDatabase]:
    """Call with a name for a fresh empty database; all are dropped when the session ends."""
    made: list[str] = []

    def make(name: str) -> str:
        full = f"{name}_{secrets.token_hex(4)}"
        url = databases.create(postgres_server_url, full)
        made.append(full)
        return url

    yield make
    if os.environ.get("CRM_TEST_DATABASE_URL"):  # our own server goes away with all its databases
        for name in made:
            with suppress(OSError):
                databases.drop(postgres_server_url, name)


@pytest.fixture(scope="session")
def make_vhost(request: pytest.FixtureRequest) -> MakeVhost:
    """Call for the address of a fresh virtual host; an address given in the environment is used as it is."""
    if given := os.environ.get("CRM_TEST_AMQP_URL"):
        return lambda: given
    server: RabbitMQ = request.getfixturevalue("_rabbitmq_server")
    ready: list[str] = []

    def make() -> str:
        if not ready:
            ready.extend(f"test_{secrets.token_hex(4)}" for _ in range(_VHOSTS_AT_ONCE))
            server.add_vhosts(*ready)
        return server.vhost_url(ready.pop())

    return make
