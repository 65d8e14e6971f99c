"""The private PostgreSQL under crashes and restarts."""

import signal
from pathlib import Path

import asyncpg
from crm_runner import databases, spawn
from crm_runner.ports import Ports
from crm_runner.postgres import Postgres
from crm_runner.supervisor import Keeper

from .conftest import Remains


def _server(folder: Path, ports: Ports) -> Postgres:
    return Postgres(folder, ports.take(folder.name))


def _rows(url: str) -> int:
    async def count() -> int:
        connection = await asyncpg.connect(url)
        try:
            return int(await connection.fetchval("SELECT count(*) FROM kept"))
        finally:
            await connection.close()

    return databases.run_sync(count())


def test_data_survive_a_stop_and_nothing_is_left_running(tmp_path: Path, remains: Remains) -> None:
    server = _server(tmp_path / "one", Ports())
    server.start()
    databases.execute(server.url, "CREATE TABLE kept AS SELECT 1 AS x")
    server.stop()
    assert remains() == []
    server.start()
    assert _rows(server.url) == 1
    server.stop()
    assert remains() == []


def test_a_killed_postmaster_comes_back_beside_another_with_all_that_was_committed(
    tmp_path: Path, remains: Remains
) -> None:
    ports, said = Ports(), list[str]()
    hurt, other = _server(tmp_path / "hurt", ports), _server(tmp_path / "other", ports)
    keepers = [Keeper(server, lambda line, level: said.append(line)) for server in (hurt, other)]
    try:
        for keeper in keepers:
            keeper.start()
        databases.execute(hurt.url, "CREATE TABLE kept AS SELECT generate_series(1, 1000)")
        before = keepers[0].pid
        keepers[0].kill()
        assert spawn.wait_until(lambda: keepers[0].pid not in (None, before) and _is_back(said), 30), said
        assert _rows(hurt.url) == 1000
        assert keepers[1].deaths == 0
    finally:
        for keeper in keepers:
            keeper.stop()
    assert remains() == []


def _is_back(said: list[str]) -> bool:
    return any("is back" in line for line in said)


def test_a_postmaster_left_by_a_killed_supervisor_is_stopped_and_replaced(tmp_path: Path, remains: Remains) -> None:
    ports = Ports()
    first = _server(tmp_path / "same", ports)
    first.start()
    assert first.process is not None
    # What its death signal does to it, while the next run is starting already.
    first.process.send_signal(signal.SIGINT)
    second = Postgres(tmp_path / "same", ports.take("second"))
    second.start()
    databases.execute(second.url, "CREATE TABLE kept AS SELECT 1 AS x")
    second.stop()
    assert remains() == []
