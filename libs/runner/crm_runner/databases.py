"""Making and dropping databases on a server, from code that may or may not run inside an event loop."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg

T = TypeVar("T")


def at_database(server_url: str, database: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{database}"))


def run_sync(work: Coroutine[Any, Any, T]) -> T:
    """The result of the coroutine, run in a thread of its own: a caller inside an event loop may use it."""
    result: list[T] = []
    failure: list[BaseException] = []

    def body() -> None:
        try:
            result.append(asyncio.run(work))
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=body, name="crm-run-sync")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return result[0]


def execute(server_url: str, *statements: str) -> None:
    """Each statement has run in a transaction of its own."""
    run_sync(_execute(server_url, statements))


def create_missing(server_url: str, names: list[str]) -> list[str]:
    """The databases all exist; answers which of them are new."""
    return run_sync(_create_missing(server_url, names))


def create(server_url: str, name: str) -> str:
    """A new empty database; answers its address."""
    execute(server_url, f"CREATE DATABASE {_quoted(name)}")
    return at_database(server_url, name)


def drop(server_url: str, name: str) -> None:
    """The database is gone and whoever used it is disconnected."""
    execute(server_url, f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")


def renew(url: str) -> None:
    """The database at this address is there and empty; whoever used it is disconnected."""
    name = urlsplit(url).path.removeprefix("/")
    server = at_database(url, "postgres")
    drop(server, name)
    create(server, name)


async def _execute(server_url: str, statements: tuple[str, ...]) -> None:
    connection = await asyncpg.connect(plain(server_url), timeout=30)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _create_missing(server_url: str, names: list[str]) -> list[str]:
    connection = await asyncpg.connect(plain(server_url), timeout=30)
    try:
        present = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
        missing = [name for name in names if name not in present]
        for name in missing:
            await connection.execute(f"CREATE DATABASE {_quoted(name)}")
        return missing
    finally:
        await connection.close()


def plain(url: str) -> str:
    """The address as a driver knows it, without SQLAlchemy's choice of driver."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
