"""Statements on recordings and on who heard them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from sqlalchemy.dialects.postgresql import insert

from crm_telephony.calls.models import call
from crm_telephony.recordings.models import call_recording, recording_play

Row = sa.Row[*tuple[Any, ...]]

_EXPECT = insert(call_recording).on_conflict_do_nothing(index_elements=["connection_id", "vendor_recording_id"])
_WAITING = call_recording.c.state.in_(("pending", "fetching"))
_ABANDONED = (
    sa.update(call_recording)
    .where(
        call_recording.c.id.in_(
            sa.select(call_recording.c.id)
            .where(call_recording.c.state == "fetching", call_recording.c.try_after <= sa.bindparam("p_at"))
            .with_for_update(skip_locked=True)
        )
    )
    .values(state="pending", claim=None)
    .returning(call_recording.c.id)
)
_DUE = (
    sa.select(call_recording.c.id)
    .where(_WAITING, call_recording.c.state == "pending", call_recording.c.try_after <= sa.bindparam("p_at"))
    .order_by(call_recording.c.try_after)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_CLAIM = (
    sa.update(call_recording)
    .where(call_recording.c.id == _DUE)
    .values(
        state="fetching",
        attempts=call_recording.c.attempts + 1,
        claim=sa.bindparam("p_claim"),
        try_after=sa.bindparam("p_until"),
    )
    .returning(call_recording)
)
_HELD = call_recording.c.claim == sa.bindparam("p_claim")
_RENEW = sa.update(call_recording).where(_HELD).values(try_after=sa.bindparam("p_until"))
_SETTLE = (
    sa.update(call_recording)
    .where(_HELD)
    .values(claim=None, version=call_recording.c.version + 1)
    .returning(call_recording)
)
# Of several recordings of a call the one to be heard: a kept one, the longest, the first told.
_BEST = (
    sa.select(call_recording)
    .where(
        call_recording.c.connection_id == sa.bindparam("p_connection"),
        call_recording.c.vendor_call_id == sa.bindparam("p_call"),
    )
    .order_by(
        (call_recording.c.state != "stored"), call_recording.c.duration_s.desc().nulls_last(), call_recording.c.id
    )
    .limit(1)
)
_BY_ID = sa.select(call_recording).where(call_recording.c.id == sa.bindparam("p_id"))
_CALL_OF = (
    sa.select(call)
    .where(call.c.connection_id == sa.bindparam("p_connection"), call.c.vendor_call_id == sa.bindparam("p_call"))
    .with_for_update()
)
_PLAYED = sa.insert(recording_play)


async def expect(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """The recordings are known; one told again is the one it was."""
    await tx.execute(_EXPECT, rows)


async def expect_new(tx: Transaction, rows: list[dict[str, Any]]) -> dict[str, UUID]:
    """As `expect`; the ids of those not known before, by the vendor's id of their call."""
    added = await tx.execute(_EXPECT.returning(call_recording.c.vendor_call_id, call_recording.c.id), rows)
    return {row.vendor_call_id: row.id for row in added}


async def revive_abandoned(tx: Transaction, at: datetime) -> list[UUID]:
    """Recordings whose fetcher was killed are pending again."""
    return list((await tx.execute(_ABANDONED, {"p_at": at})).scalars())


async def claim(tx: Transaction, claim: UUID, at: datetime, until: datetime) -> Row | None:
    """The recording that has waited longest for its turn at `at`, now `fetching`: nobody else gets it until `until`."""
    return (await tx.execute(_CLAIM, {"p_claim": claim, "p_at": at, "p_until": until})).first()


async def renew(tx: Transaction, claim: UUID, until: datetime) -> None:
    """The claim holds until then."""
    await tx.execute(_RENEW, {"p_claim": claim, "p_until": until})


async def settle(tx: Transaction, claim: UUID, values: Mapping[str, Any]) -> Row | None:
    """The recording as the attempt left it; None when the claim was lost meanwhile."""
    return (await tx.execute(_SETTLE.values(**values), {"p_claim": claim})).first()


async def best(tx: Transaction, connection_id: UUID, vendor_call_id: str) -> Row | None:
    """The recording of a call that is to be heard."""
    return (await tx.execute(_BEST, {"p_connection": connection_id, "p_call": vendor_call_id})).first()


async def by_id(tx: Transaction, id: UUID) -> Row | None:
    """The recording."""
    return (await tx.execute(_BY_ID, {"p_id": id})).first()


async def call_of(tx: Transaction, connection_id: UUID, vendor_call_id: str) -> Row | None:
    """The call the recording is of, its row locked; None while nothing else was heard of it."""
    return (await tx.execute(_CALL_OF, {"p_connection": connection_id, "p_call": vendor_call_id})).first()


async def played(tx: Transaction, row: Mapping[str, Any]) -> None:
    """It is on record who heard what, when and from where."""
    await tx.execute(_PLAYED, row)
