"""Statements on orders to dial."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from crm_chassis.tables import staff_member

from crm_telephony.calls.models import call
from crm_telephony.connections.models import pbx_connection
from crm_telephony.dialing.models import dial_command
from crm_telephony.extensions.models import phone_map

Row = sa.Row[*tuple[Any, ...]]

_EXTENSION = sa.bindparam("p_extension", type_=sa.Text)
_BY_ID = sa.select(dial_command).where(dial_command.c.id == sa.bindparam("p_id"))
_LOCK_USER = sa.select(
    sa.func.pg_advisory_xact_lock(
        sa.func.hashtextextended(sa.bindparam("p_key", type_=sa.Text), sa.literal_column("0"))
    )
)
_LAST = sa.select(sa.func.max(dial_command.c.requested_at)).where(dial_command.c.user_id == sa.bindparam("p_user"))
_LIVE = sa.select(
    sa.exists(
        sa.select(dial_command.c.id)
        .join(call, call.c.id == dial_command.c.call_id)
        .where(
            dial_command.c.user_id == sa.bindparam("p_user"),
            dial_command.c.state.in_(("queued", "submitting", "accepted")),
            call.c.phase != "ended",
        )
    )
)
_DESK = (
    sa.select(pbx_connection, phone_map.c.extension)
    .join(phone_map, phone_map.c.connection_id == pbx_connection.c.id)
    .where(phone_map.c.user_id == sa.bindparam("p_user"), phone_map.c.valid_to.is_(None), pbx_connection.c.active)
    .order_by(pbx_connection.c.created_at, phone_map.c.extension)
)
_NEAREST = (
    sa.select(dial_command.c.call_id)
    .join(call, call.c.id == dial_command.c.call_id)
    .where(
        dial_command.c.connection_id == sa.bindparam("p_connection"),
        dial_command.c.to_e164 == sa.bindparam("p_to"),
        sa.or_(
            dial_command.c.extension == sa.bindparam("p_extension"),
            sa.bindparam("p_extension", type_=sa.Text) == sa.literal(""),
        ),
        dial_command.c.requested_at.between(sa.bindparam("p_from"), sa.bindparam("p_until")),
        dial_command.c.state != "refused",
        call.c.vendor_call_id.is_(None),
    )
    .order_by(dial_command.c.requested_at)
    .limit(1)
)
_CLAIM = (
    sa.update(dial_command)
    .where(
        dial_command.c.id
        == sa.select(dial_command.c.id)
        .where(dial_command.c.state == "queued")
        .order_by(dial_command.c.requested_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    .values(state="submitting", submitted_at=sa.func.clock_timestamp())
    .returning(dial_command)
)
_INSERT = sa.insert(dial_command)
_ABANDONED = (
    sa.select(dial_command.c.id)
    .where(
        dial_command.c.state == "submitting",
        dial_command.c.submitted_at < sa.func.clock_timestamp() - sa.bindparam("age", type_=sa.Interval),
    )
    .limit(100)
)
_TEAM_OF = sa.select(staff_member.c.team_id).where(staff_member.c.id == sa.bindparam("p_user"))


async def by_id(tx: Transaction, id: UUID) -> Row | None:
    """The order."""
    return (await tx.execute(_BY_ID, {"p_id": id})).first()


async def lock_user(tx: Transaction, user_id: UUID) -> None:
    """No other order of this user is taken until this transaction ends."""
    await tx.execute(_LOCK_USER, {"p_key": f"dial/{user_id}"})


async def last_requested_at(tx: Transaction, user_id: UUID) -> datetime | None:
    """When the user last asked to dial."""
    found: datetime | None = await tx.scalar(_LAST, {"p_user": user_id})
    return found


async def has_live_call(tx: Transaction, user_id: UUID) -> bool:
    """Whether a call the user ordered goes on; a doubtful order does not count, he may press again."""
    return bool(await tx.scalar(_LIVE, {"p_user": user_id}))


async def desks(tx: Transaction, user_id: UUID) -> list[Row]:
    """The active connections on which the user has an extension, with it."""
    return list((await tx.execute(_DESK, {"p_user": user_id})).all())


async def nearest(
    tx: Transaction, connection_id: UUID, extension: str, to_e164: str, since: datetime, until: datetime
) -> UUID | None:
    """The call of the oldest fitting order the PBX has not told of yet."""
    values = {
        "p_connection": connection_id,
        "p_extension": extension,
        "p_to": to_e164,
        "p_from": since,
        "p_until": until,
    }
    found: UUID | None = await tx.scalar(_NEAREST, values)
    return found


async def insert(tx: Transaction, row: Mapping[str, Any]) -> None:
    """The order exists."""
    await tx.execute(_INSERT, row)


async def claim(tx: Transaction) -> Row | None:
    """The oldest order not yet sent, now `submitting`; nobody else gets it."""
    return (await tx.execute(_CLAIM)).first()


async def settle(
    tx: Transaction, id: UUID, state: str, reason: str | None, at: datetime, *, expected: tuple[str, ...]
) -> Row | None:
    """The order with its new state; None when it is in none of the `expected` ones any more."""
    statement = (
        sa.update(dial_command)
        .where(dial_command.c.id == id, dial_command.c.state.in_(expected))
        .values(state=state, reason=reason, settled_at=at)
        .returning(dial_command)
    )
    return (await tx.execute(statement)).first()


async def abandoned(tx: Transaction, age: timedelta) -> list[UUID]:
    """Orders whose sender was killed before it could tell the outcome."""
    return list((await tx.execute(_ABANDONED, {"age": age})).scalars())


async def move(tx: Transaction, id: UUID, call_id: UUID) -> None:
    """The order belongs to that call."""
    await tx.execute(sa.update(dial_command).where(dial_command.c.id == id).values(call_id=call_id))


async def team_of(tx: Transaction, user_id: UUID) -> UUID | None:
    """The team the user is in today."""
    found: UUID | None = await tx.scalar(_TEAM_OF, {"p_user": user_id})
    return found
