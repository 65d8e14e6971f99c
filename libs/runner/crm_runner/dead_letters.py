"""`crm dead-letters`: what a service gave up on, seen and sent again."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

import typer

from crm_runner.databases import run_sync
from crm_runner.environment import Installation
from crm_runner.errors import RunnerError
from crm_runner.installation import reach, service_database_url
from crm_runner.options import DATA_DIR, DataDir
from crm_runner.processes import ALL

if TYPE_CHECKING:  # imported when used: SQLAlchemy would cost every other command half a second
    from crm_chassis.database import Database

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True, help="Messages a service gave up on.")
Service = Annotated[str, typer.Option("--service", help=f"One of {', '.join(ALL)}.")]


@app.command("list")
def list_letters(service: Service, limit: int = 50, data_dir: DataDir = DATA_DIR) -> None:
    """The newest first, one a line: id, when, queue, type, why."""
    from crm_chassis import dead_letters

    async def read(database: "Database") -> list[dict[str, Any]]:
        async with database.read() as connection:
            return [dict(row._mapping) for row in await dead_letters.list_dead(connection, limit)]

    with _installation(data_dir, service) as installation:
        letters = _with_database(service, installation, read)
    for letter in letters:
        settled = "  (sent again)" if letter["redriven_at"] else "  (discarded)" if letter["discarded_at"] else ""
        when = letter["died_at"].astimezone().strftime("%Y-%m-%d %H:%M:%S")
        print(f"{letter['id']}  {when}  {letter['queue']}  {letter['type']}  {letter['reason']}{settled}")
    print(f"{len(letters)} dead letters in {service}")


@app.command("show")
def show_letter(service: Service, letter: UUID, data_dir: DataDir = DATA_DIR) -> None:
    """One of them whole, as JSON; its body may hold personal data."""
    from crm_chassis import dead_letters

    async def read(database: "Database") -> dict[str, Any] | None:
        async with database.read() as connection:
            return await dead_letters.show_dead(connection, letter)

    with _installation(data_dir, service) as installation:
        shown = _with_database(service, installation, read)
    if shown is None:
        raise RunnerError(f"{service} has no dead letter {letter}")
    print(json.dumps(shown, indent=2, ensure_ascii=False, default=str))


@app.command("redrive")
def redrive_letters(
    service: Service,
    letter: Annotated[UUID | None, typer.Argument(help="One of them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that wait.")] = False,
    data_dir: DataDir = DATA_DIR,
) -> None:
    """Send one, or all that wait, back to the queue they came from; readers drop what they know already."""
    from crm_chassis import dead_letters

    if (letter is None) is not every:
        raise RunnerError("name one dead letter, or say --all")
    with _installation(data_dir, service, "rabbitmq") as installation:

        async def send(database: "Database") -> int:
            return await dead_letters.redrive(database, installation.amqp_url, letter)

        count = _with_database(service, installation, send)
    print(f"{count} sent again")


@app.command("discard")
def discard_letter(service: Service, letter: UUID, data_dir: DataDir = DATA_DIR) -> None:
    """Decide that one will not be sent again; it is kept to be looked at."""
    from crm_chassis import dead_letters

    async def settle(database: "Database") -> bool:
        async with database.transaction() as tx:
            return await dead_letters.discard(tx, letter)

    with _installation(data_dir, service) as installation:
        if not _with_database(service, installation, settle):
            raise RunnerError(f"{service} has no dead letter {letter} that waits")
    print("discarded")


@contextmanager
def _installation(data_dir: Path, service: str, *more: str) -> Iterator[Installation]:
    if service not in ALL:
        raise RunnerError(f"no service {service!r}: name one of {', '.join(ALL)}")
    with reach(data_dir, "postgres", *more) as installation:
        yield installation


def _with_database(service: str, installation: Installation, work: Callable[["Database"], Awaitable[T]]) -> T:
    from crm_chassis.database import Database

    async def body() -> T:
        url = service_database_url(service, installation).replace("postgresql://", "postgresql+asyncpg://", 1)
        database = Database(url, service, pool_size=1, pool_overflow=1)
        try:
            return await work(database)
        finally:
            await database.close()

    return run_sync(body())
