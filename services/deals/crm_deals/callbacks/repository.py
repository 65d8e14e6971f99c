"""Statements of what is known of calls, and the locks that put parallel calls of one customer in a row."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from sqlalchemy.dialects.postgresql import insert

from crm_deals.callbacks.models import known_call
from crm_deals.callbacks.rules import Call, Link, Report

_LOCK = sa.text(
    "SELECT pg_advisory_xact_lock(hashtextextended(key, 0))"
    " FROM unnest(CAST(:keys AS text[])) WITH ORDINALITY AS wanted(key, n) ORDER BY n"
)

_by_id: sa.Select[Any] = sa.select(*known_call.c).where(known_call.c.id == sa.bindparam("id"))
_last_talk = (
    sa.select(sa.func.max(known_call.c.talk_at))
    .where(known_call.c.phone == sa.bindparam("phone"), known_call.c.talk_at < sa.bindparam("settled"))
    .scalar_subquery()
)
_of_phone: sa.Select[Any] = sa.select(*known_call.c).where(
    known_call.c.phone == sa.bindparam("phone"),
    known_call.c.started_at >= sa.func.coalesce(_last_talk, sa.literal_column("'-infinity'::timestamptz")),
)
_FIELDS = [column.name for column in known_call.c if column.name != "id"]
_put = insert(known_call)
_keep = _put.on_conflict_do_update(index_elements=["id"], set_={name: _put.excluded[name] for name in _FIELDS})


async def lock(tx: Transaction, *keys: str) -> None:
    """Until the commit nobody else holds any of the keys; taken in one order, so that nobody waits in a circle."""
    if keys:
        await tx.execute(_LOCK, {"keys": sorted(set(keys))})


async def call(tx: Transaction, id: UUID) -> Call:
    """What is known of a call, nothing when it is new."""
    row = (await tx.execute(_by_id, {"id": id})).first()
    return _call(row) if row else Call(id)


async def keep(tx: Transaction, call: Call) -> None:
    """This is known of the call."""
    report, link = call.report, call.link
    await tx.execute(
        _keep,
        {
            "id": call.id,
            "was_missed": call.was_missed,
            "report_sequence": report and report.sequence,
            "phone": report and report.phone,
            "started_at": report and report.started_at,
            "ended_at": report and report.ended_at,
            "talk_at": report and report.talk_at,
            "missed": report and report.missed,
            "ringing_user_ids": report and list(report.ringing_user_ids),
            "responsible_user_id": report and report.responsible_user_id,
            "fallback_user_id": report and report.fallback_user_id,
            "correlation_id": report and report.correlation_id,
            "link_sequence": link and link.sequence,
            "person_id": link and link.person_id,
            "person_name": link and link.person_name,
            "link_owner_id": link and link.owner_id,
            "link_owner_source": link and link.owner_source,
        },
    )


async def calls_of(tx: Transaction, phone: str, settled: datetime) -> list[Call]:
    """The calls of a number since its last conversation before `settled`.

    What rang before that conversation is dealt with for good; so a number with years of calls costs little.
    """
    rows = await tx.execute(_of_phone, {"phone": phone, "settled": settled})
    return [_call(row) for row in rows]


def _call(row: sa.Row[Any]) -> Call:
    report = row.report_sequence is not None and Report(
        sequence=row.report_sequence,
        phone=row.phone,
        started_at=row.started_at,
        ended_at=row.ended_at,
        talk_at=row.talk_at,
        missed=row.missed,
        ringing_user_ids=tuple(row.ringing_user_ids),
        responsible_user_id=row.responsible_user_id,
        fallback_user_id=row.fallback_user_id,
        correlation_id=row.correlation_id,
    )
    link = row.link_sequence is not None and Link(
        sequence=row.link_sequence,
        person_id=row.person_id,
        person_name=row.person_name,
        owner_id=row.link_owner_id,
        owner_source=row.link_owner_source,
    )
    return Call(row.id, report or None, link or None, row.was_missed)
