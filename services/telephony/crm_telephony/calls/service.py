"""Use cases of reading calls."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import visible
from crm_chassis.access.principal import Principal
from crm_chassis.aliases import resolve
from crm_chassis.problems import FieldError, Invalid, NotFound
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_telephony.calls import repository, schemas
from crm_telephony.calls.models import call
from crm_telephony.calls.repository import Row
from crm_telephony.calls.telling import recording_of
from crm_telephony.numbers.rules import normalise

NOUN = "call"


async def listed(
    connection: AsyncConnection, caller: Principal, query: schemas.CallsQuery, region: str
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the calls the caller may see, newest first."""
    statement = _named(caller).where(visible(caller, NOUN, "read", repository.OWNER))
    statement = repository.FILTERS.apply(statement, query)
    if query.direction is None:
        statement = statement.where(call.c.direction != "internal")
    if query.phone is not None:
        e164 = normalise(query.phone, region).e164
        if e164 is None:
            raise Invalid([FieldError("phone", "no_number", "This is no valid telephone number.")])
        statement = statement.where(call.c.phone_e164 == e164)
    statement = repository.ORDER.apply(statement, query.cursor, query.limit)
    rows, following = repository.ORDER.page((await connection.execute(statement)).all(), query.limit)
    return [shown(row) for row in rows], following


async def got(connection: AsyncConnection, caller: Principal, id: UUID) -> dict[str, Any]:
    """One call with its legs, also by the id of a row that was joined to it; NotFound when not to be seen."""
    lives = await resolve(connection, NOUN, id)
    condition = visible(caller, NOUN, "read", repository.OWNER)
    row = (await connection.execute(_named(caller).where(call.c.id == lives, condition))).first()
    if row is None:
        raise NotFound
    legs = await repository.legs(connection, lives)
    return shown(row) | {"legs": [{name: getattr(leg, name) for name in _LEG_FIELDS} for leg in legs]}


def _named(caller: Principal) -> sa.Select[Any]:
    """Calls, with the names of those whose cards the caller may see."""
    return repository.LIST.add_columns(visible(caller, "person", "read", repository.PERSON_OWNER).label("may_name"))


async def ordered(connection: AsyncConnection, caller: Principal, id: UUID) -> dict[str, Any]:
    """A call the caller has just ordered; it has no legs yet."""
    row = (await connection.execute(_named(caller).where(call.c.id == id))).one()
    return shown(row) | {"legs": []}


_LEG_FIELDS = tuple(schemas.Leg.model_fields)
_SAME = tuple(
    name for name in schemas.Call.model_fields if name not in ("phone", "person_name", "command", "recording")
)


def shown(row: Row) -> dict[str, Any]:
    """A row of `repository.LIST` as the API's Call."""
    command = None
    if row.command_state is not None:
        command = {"id": row.command_id, "state": row.command_state, "reason": row.command_reason}
    recording = recording_of(row._mapping)
    return {name: getattr(row, name) for name in _SAME} | {
        "phone": row.phone_e164,
        "person_name": row.person_name if row.may_name else None,
        "command": command,
        "recording": recording.model_dump() if recording is not None else None,
    }
