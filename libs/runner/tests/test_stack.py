"""`crm up` as a person runs it: started, killed, started again, stopped."""

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aio_pika
import asyncpg
import httpx
import psutil
import pytest
from crm_runner import databases, spawn
from crm_runner.pytest_plugin import MakeVhost
from crm_runner.stack import Stack

from .conftest import MARK, Remains


class Run:
    """One `crm up` with stand-ins for the programs."""

    def __init__(self, data_dir: Path, stand_ins: str, mark: str, **settings: str) -> None:
        self.log = data_dir.parent / f"console-{secrets.token_hex(4)}.txt"
        environment = {**os.environ, "PYTHONPATH": stand_ins, MARK: mark, **settings}
        with self.log.open("wb") as console:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "crm_runner", "up", "--data-dir", str(data_dir)],
                env=environment,
                stdout=console,
                stderr=subprocess.STDOUT,
            )

    def wait_running(self) -> str:
        def settled() -> bool:
            return "running: open http" in self.said() or self.process.poll() is not None

        assert spawn.wait_until(settled, 60), self.said()
        assert self.process.poll() is None, self.said()
        return self.said().partition("running: open ")[2].split()[0]

    def said(self) -> str:
        return self.log.read_text()


@pytest.fixture
def runs() -> Iterator[list[Run]]:
    """Runs to be killed whatever the test's outcome."""
    started: list[Run] = []
    yield started
    for run in started:
        run.process.kill()
        run.process.wait()


async def test_a_killed_run_leaves_no_process_and_the_next_one_finds_its_data(
    tmp_path: Path, stand_ins: str, mark: str, remains: Remains, runs: list[Run]
) -> None:
    data_dir = tmp_path / "data"
    runs.append(Run(data_dir, stand_ins, mark))
    address = runs[-1].wait_running()
    async with httpx.AsyncClient(trust_env=False) as client:
        told = (await client.get(address)).json()
    await _leave_traces(told["CRM_DATABASE_URL"], told["CRM_AMQP_URL"])

    runs[-1].process.kill()
    runs[-1].process.wait()
    assert spawn.wait_until(lambda: not remains(), 20), remains()

    runs.append(Run(data_dir, stand_ins, mark))
    assert "First start: sign in as admin@example.com" in runs[-2].said()
    assert runs[-1].wait_running() == address
    assert "First start" not in runs[-1].said()
    await _find_traces(told["CRM_DATABASE_URL"], told["CRM_AMQP_URL"])

    runs[-1].process.send_signal(signal.SIGINT)
    assert runs[-1].process.wait(60) == 0, runs[-1].said()
    assert remains() == []
    stopped = [line.split()[-2] for line in runs[-1].said().splitlines() if line.endswith(" stopped")]
    assert stopped[0] == "gateway"
    assert stopped[-2:] == ["rabbitmq", "postgres"]


async def _leave_traces(database_url: str, amqp_url: str) -> None:
    database = await asyncpg.connect(databases.at_database(database_url, "crm_deals"))
    await database.execute("CREATE TABLE kept AS SELECT 1 AS x")
    await database.close()
    async with await aio_pika.connect(amqp_url) as bus:
        channel = await bus.channel()
        await channel.declare_queue("kept", durable=True)
        message = aio_pika.Message(b"kept", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, "kept")


async def _find_traces(database_url: str, amqp_url: str) -> None:
    database = await asyncpg.connect(databases.at_database(database_url, "crm_deals"))
    assert await database.fetchval("SELECT count(*) FROM kept") == 1
    await database.close()
    async with await aio_pika.connect(amqp_url) as bus:
        queue = await (await bus.channel()).declare_queue("kept", durable=True)
        assert queue.declaration_result.message_count == 1


def test_two_stacks_run_side_by_side_and_a_killed_program_is_started_again(
    tmp_path: Path,
    stand_ins: str,
    mark: str,
    make_vhost: MakeVhost,
    postgres_server_url: str,
    remains: Remains,
) -> None:
    given = {"PYTHONPATH": stand_ins, MARK: mark, "CRM_DATABASE_URL": postgres_server_url}
    first = Stack(tmp_path / "a", {**given, "CRM_AMQP_URL": make_vhost()}, ephemeral=True)
    second = Stack(tmp_path / "b", {**given, "CRM_AMQP_URL": make_vhost()}, ephemeral=True)
    with first, second:
        assert set(first.pids) == {*first.service_urls}
        assert first.gateway_url != second.gateway_url
        before = first.pids["deals"]
        first.kill("deals")
        assert spawn.wait_until(lambda: first.pids.get("deals", before) != before, 10)
        first.wait_ready("deals")
        first.halt("reports")
        assert "reports" not in first.pids
        first.resume("reports")
        assert set(second.pids) == {*second.service_urls}
    assert remains() == []


def test_a_program_that_cannot_start_is_named_with_its_last_words(
    tmp_path: Path,
    stand_ins: str,
    mark: str,
    make_vhost: MakeVhost,
    postgres_server_url: str,
    remains: Remains,
    runs: list[Run],
) -> None:
    Path(stand_ins, "crm_deals", "__main__.py").write_text("raise SystemExit('no such setting')")
    settings = {"CRM_DATABASE_URL": postgres_server_url, "CRM_AMQP_URL": make_vhost()}
    runs.append(Run(tmp_path / "data", stand_ins, mark, **settings))
    assert runs[-1].process.wait(60) == 1
    assert "crm: deals does not start" in runs[-1].said()
    assert "no such setting" in runs[-1].said()
    assert remains() == []


def test_a_killed_test_session_leaves_no_process(tmp_path: Path, mark: str, remains: Remains) -> None:
    (tmp_path / "test_inner.py").write_text(
        "import pathlib, signal\n"
        "def test_inner(postgres_server_url):\n"
        f"    pathlib.Path({str(tmp_path / 'up')!r}).touch()\n"
        "    signal.pause()\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_inner.py"]
    environment = {**os.environ, MARK: mark, "TMPDIR": str(tmp_path)}
    inner = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
    assert spawn.wait_until((tmp_path / "up").exists, 30)
    assert len(psutil.Process(inner.pid).children()) == 1
    inner.kill()
    inner.wait()
    assert spawn.wait_until(lambda: not remains(), 20), remains()


def test_the_file_of_ports_is_readable(tmp_path: Path, stand_ins: str, mark: str) -> None:
    stack = Stack(tmp_path / "data", {"PYTHONPATH": stand_ins, MARK: mark})
    stack.stop()
    kept = json.loads((tmp_path / "data" / "ports.json").read_text())
    assert {"postgres", "amqp", "amqp_distribution", "epmd", "gateway", "contacts", "mail"} <= set(kept)
