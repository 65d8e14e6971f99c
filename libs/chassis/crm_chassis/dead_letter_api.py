"""Routes: /dead-letters — what a service gave up, for administrators; the gateway shows them service by service."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from aio_pika.exceptions import DeliveryError
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from crm_chassis import dead_letters
from crm_chassis.access.policy import require
from crm_chassis.access.principal import Principal
from crm_chassis.bus import BUS_ERRORS
from crm_chassis.database import Database
from crm_chassis.http import JSON, Caller, Reader, Tx, runtime_of
from crm_chassis.paging import ListQuery, Page
from crm_chassis.problems import Conflict, NotFound, Unavailable

NOUN = "dead_letter"


class DeadLetter(BaseModel):
    """A message its reader could not handle; `reason` names the error and its place, never what was in it."""

    id: UUID
    queue: str
    type: str | None
    event_id: UUID | None
    reason: str
    died_at: datetime
    redriven_at: datetime | None
    discarded_at: datetime | None


class WholeDeadLetter(DeadLetter):
    """With the message itself, which may hold personal data: JSON where it is JSON, else its text."""

    content_type: str | None
    body: Any


class DeadLetterQuery(ListQuery):
    """`waiting`: only letters nobody has decided about."""

    waiting: bool = False


class Waiting(BaseModel):
    """How many letters wait for a decision."""

    waiting: int


class Redriven(BaseModel):
    """How many messages are back in their queues."""

    redriven: Annotated[int, Field(ge=0)]


async def listed(connection: Reader, caller: Principal, query: DeadLetterQuery) -> Response:
    """A page of letters, the newest first."""
    require(caller, NOUN, "read")
    statement = dead_letters.LIST.where(dead_letters.WAITING) if query.waiting else dead_letters.LIST
    rows = (await connection.execute(dead_letters.NEWEST_FIRST.apply(statement, query.cursor, query.limit))).all()
    page, following = dead_letters.NEWEST_FIRST.page(rows, query.limit)
    return JSON({"items": [dict(row._mapping) for row in page], "next_cursor": following})


async def counted(connection: Reader, caller: Principal) -> Response:
    """How many wait."""
    require(caller, NOUN, "read")
    return JSON({"waiting": await dead_letters.count_waiting(connection)})


async def shown(connection: Reader, caller: Principal, id: UUID) -> Response:
    """One letter, whole."""
    require(caller, NOUN, "read")
    letter = await dead_letters.show_dead(connection, id)
    if letter is None:
        raise NotFound
    return JSON(letter)


async def redriven(database: Database, amqp_url: str, caller: Principal, id: UUID | None) -> Response:
    """The letter, or every one that waits, is back in its queue. Conflict when it waits no more."""
    require(caller, NOUN, "update")
    if id is not None:
        await _exists(database, id)
    try:
        count = await dead_letters.redrive(database, amqp_url, id)
    except DeliveryError as error:
        raise Conflict("The queue it came from is no more.", code="queue_gone") from error
    except BUS_ERRORS as error:
        raise Unavailable("The bus is away; nothing was sent.") from error
    if id is not None and not count:
        raise _settled()
    return JSON({"redriven": count})


async def discarded(tx: Tx, caller: Principal, id: UUID) -> Response:
    """The letter waits no more. Conflict when it did not."""
    require(caller, NOUN, "update")
    if await dead_letters.show_dead(tx.connection, id) is None:
        raise NotFound
    if not await dead_letters.discard(tx, id):
        raise _settled()
    letter = await dead_letters.show_dead(tx.connection, id)
    return JSON(letter)


async def _exists(database: Database, id: UUID) -> None:
    async with database.read() as connection:
        if await dead_letters.show_dead(connection, id) is None:
            raise NotFound


def _settled() -> Conflict:
    return Conflict("It was redriven or discarded before.", code="already_settled")


def routes() -> APIRouter:
    """The routes of one service."""
    router = APIRouter(tags=["dead-letters"])

    @router.get("/dead-letters", response_model=Page[DeadLetter])
    async def list_dead_letters(
        connection: Reader, caller: Caller, query: Annotated[DeadLetterQuery, Query()]
    ) -> Response:
        """The newest first, without the messages themselves."""
        return await listed(connection, caller, query)

    @router.get("/dead-letters/waiting", response_model=Waiting)
    async def count_dead_letters(connection: Reader, caller: Caller) -> Response:
        """How many wait for a decision."""
        return await counted(connection, caller)

    @router.get("/dead-letters/{id}", response_model=WholeDeadLetter)
    async def show_dead_letter(connection: Reader, caller: Caller, id: UUID) -> Response:
        """One of them whole; it may hold personal data."""
        return await shown(connection, caller, id)

    @router.post("/dead-letters/redrive", response_model=Redriven)
    async def redrive_dead_letters(request: Request, caller: Caller) -> Response:
        """Every one that waits is sent to the queue it came from; readers drop what they know already."""
        runtime = runtime_of(request)
        return await redriven(runtime.database, runtime.settings.amqp_url, caller, None)

    @router.post("/dead-letters/{id}/redrive", response_model=Redriven)
    async def redrive_dead_letter(request: Request, caller: Caller, id: UUID) -> Response:
        """This one is sent to the queue it came from."""
        runtime = runtime_of(request)
        return await redriven(runtime.database, runtime.settings.amqp_url, caller, id)

    @router.post("/dead-letters/{id}/discard", response_model=WholeDeadLetter)
    async def discard_dead_letter(tx: Tx, caller: Caller, id: UUID) -> Response:
        """This one waits no more; it stays to be looked at."""
        return await discarded(tx, caller, id)

    return router
