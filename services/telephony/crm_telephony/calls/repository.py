"""Statements on calls and legs."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from crm_chassis.filters import Condition, Filters, at_least, before, equals, prefix
from crm_chassis.paging import Keyset
from crm_contracts.telephony import MISSED_RESULTS
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_telephony.calls.models import call, call_leg
from crm_telephony.dialing.models import dial_command
from crm_telephony.phone_index.models import person_copy

Row = sa.Row[*tuple[Any, ...]]

ORDER = Keyset(("started_at", call.c.started_at, "desc"), ("id", call.c.id, "desc"))
# In the words of the partial indexes.
_IS_MISSED = call.c.result.in_([sa.literal_column(f"'{result}'") for result in sorted(MISSED_RESULTS)])
_IS_RECORDED = call.c.recording_state == sa.literal_column("'stored'")
_later = call.alias("later")
_TALKED_LATER = (
    sa.select(sa.func.min(_later.c.answered_at))
    .where(_later.c.phone_e164 == call.c.phone_e164, _later.c.answered_at > call.c.started_at)
    .correlate(call)
    .scalar_subquery()
)
CALLED_BACK_AT = sa.case((_IS_MISSED, _TALKED_LATER)).label("called_back_at")


def _when(condition: sa.ColumnElement[bool]) -> Condition:
    """The condition, or its opposite; what is unknown is neither true nor asked for by true."""
    return lambda wanted: condition if wanted else condition.is_not(sa.true())


def _called_back(wanted: bool) -> sa.ColumnElement[bool]:
    return sa.and_(_IS_MISSED, _TALKED_LATER.is_not(None) if wanted else _TALKED_LATER.is_(None))


def _ends_with(digits: str) -> sa.ColumnElement[bool]:
    return sa.func.reverse(call.c.phone_e164).startswith(digits[::-1])


FILTERS = Filters(
    {
        "direction": equals(call.c.direction),
        "result": equals(call.c.result),
        "phase": equals(call.c.phase),
        "outcome": equals(call.c.outcome),
        "responsible_user_id": equals(call.c.responsible_user_id),
        "person_id": equals(call.c.person_hint_id),
        "missed": _when(_IS_MISSED),
        "called_back": _called_back,
        "recorded": _when(_IS_RECORDED),
        "phone_prefix": prefix(call.c.phone_e164),
        "phone_suffix": _ends_with,
        "started_from": at_least(call.c.started_at),
        "started_before": before(call.c.started_at),
    }
)
# Whose a call is: who spoke or dialled; where nobody did, whoever has the customer's card.
OWNER = sa.func.coalesce(call.c.responsible_user_id, call.c.card_owner_id)
PERSON_OWNER = person_copy.c.owner_id
LIST = sa.select(
    call,
    person_copy.c.name.label("person_name"),
    CALLED_BACK_AT,
    dial_command.c.state.label("command_state"),
    dial_command.c.reason.label("command_reason"),
).select_from(
    call.outerjoin(dial_command, dial_command.c.id == call.c.command_id).outerjoin(
        person_copy, person_copy.c.id == call.c.person_hint_id
    )
)
_BY_ID = sa.select(call).where(call.c.id == sa.bindparam("p_id"))
_LOCKED = _BY_ID.with_for_update()
_LOCKED_IF_FREE = _BY_ID.with_for_update(skip_locked=True)
_BY_VENDOR_ID = (
    sa.select(call)
    .where(
        call.c.connection_id == sa.bindparam("p_connection"),
        call.c.vendor_call_id == sa.bindparam("p_vendor"),
    )
    .with_for_update()
)
_BY_COMMAND = (
    sa.select(call)
    .where(
        call.c.connection_id == sa.bindparam("p_connection"),
        call.c.command_id.in_(sa.bindparam("commands", expanding=True)),
    )
    .order_by(call.c.id)
    .limit(1)
    .with_for_update()
)
_INSERT = sa.insert(call).returning(call)
_UPDATE = sa.update(call).where(call.c.id == sa.bindparam("p_id")).returning(call)
_LINK = (
    sa.update(call)
    .where(call.c.id == sa.bindparam("p_id"), call.c.link_sequence < sa.bindparam("p_sequence"))
    .values(
        person_hint_id=sa.bindparam("p_person"),
        card_owner_id=sa.bindparam("p_owner"),
        link_sequence=sa.bindparam("p_sequence"),
    )
)
_LEGS = sa.select(call_leg).where(call_leg.c.call_id == sa.bindparam("p_id"))
_leg = insert(call_leg)
_KEEP_LEGS = _leg.on_conflict_do_update(
    index_elements=["call_id", "vendor_leg_id"],
    set_={
        name: _leg.excluded[name]
        for name in ("party", "extension", "user_id", "number", "began_at", "answered_at", "ended_at", "end")
    },
)
_LOCK_KEY = sa.select(
    sa.func.pg_advisory_xact_lock(
        sa.func.hashtextextended(sa.bindparam("p_key", type_=sa.Text), sa.literal_column("0"))
    )
)

_TRY_LOCK_KEY = sa.select(
    sa.func.pg_try_advisory_xact_lock(
        sa.func.hashtextextended(sa.bindparam("p_key", type_=sa.Text), sa.literal_column("0"))
    )
)


async def lock_key(tx: Transaction, connection_id: UUID, vendor_call_id: str) -> None:
    """No other transaction folds this vendor's call until this one ends, whether its row exists or not."""
    await tx.execute(_LOCK_KEY, {"p_key": f"{connection_id}/{vendor_call_id}"})


async def try_lock_key(tx: Transaction, connection_id: UUID, vendor_call_id: str) -> bool:
    """As `lock_key`, but False at once when another transaction holds it."""
    return bool(await tx.scalar(_TRY_LOCK_KEY, {"p_key": f"{connection_id}/{vendor_call_id}"}))


async def by_id(connection: AsyncConnection, id: UUID) -> Row | None:
    """The call."""
    return (await connection.execute(_BY_ID, {"p_id": id})).first()


async def locked(tx: Transaction, id: UUID) -> Row | None:
    """The call, its row locked."""
    return (await tx.execute(_LOCKED, {"p_id": id})).first()


async def locked_if_free(tx: Transaction, id: UUID) -> Row | None:
    """The call, its row locked; None when another transaction holds it."""
    return (await tx.execute(_LOCKED_IF_FREE, {"p_id": id})).first()


async def by_vendor_id(tx: Transaction, connection_id: UUID, vendor_call_id: str) -> Row | None:
    """The call by the PBX's id, its row locked."""
    found = await tx.execute(_BY_VENDOR_ID, {"p_connection": connection_id, "p_vendor": vendor_call_id})
    return found.first()


async def by_command(tx: Transaction, connection_id: UUID, commands: Sequence[UUID]) -> Row | None:
    """The call we ordered under one of these command ids, its row locked."""
    if not commands:
        return None
    found = await tx.execute(_BY_COMMAND, {"p_connection": connection_id, "commands": list(commands)})
    return found.first()


async def link(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """The calls name their cards; a link older than the one known changes nothing."""
    if rows:
        await tx.execute(_LINK, rows)


async def insert_call(tx: Transaction, values: Mapping[str, Any]) -> Row:
    """The call exists."""
    return (await tx.execute(_INSERT, values)).one()


async def update(tx: Transaction, id: UUID, values: Mapping[str, Any]) -> Row:
    """The call as changed."""
    return (await tx.execute(_UPDATE, {**values, "p_id": id})).one()


async def delete(tx: Transaction, id: UUID) -> None:
    """The call is gone."""
    await tx.execute(sa.delete(call).where(call.c.id == id))


async def keep_legs(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """The legs stand as given."""
    if rows:
        await tx.execute(_KEEP_LEGS, list(rows))


async def legs(connection: AsyncConnection, id: UUID) -> Sequence[Row]:
    """The legs in the order they began."""
    statement = _LEGS.order_by(call_leg.c.began_at, call_leg.c.vendor_leg_id)
    return (await connection.execute(statement, {"p_id": id})).all()
