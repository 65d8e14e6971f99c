"""Statements on import jobs, their files, rows and keys."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_chassis import tables
from crm_chassis.database import Transaction
from crm_chassis.imports.kinds import Ended, Judged, Undone, Written
from crm_chassis.imports.models import job, key, part, row
from crm_chassis.paging import Keyset

ACTIVE = ("reading", "checking", "running", "undoing")
ORDER = Keyset(("created_at", job.c.created_at, "desc"), ("id", job.c.id, "desc"))
ROW_ORDER = Keyset(("number", row.c.number, "asc"))
_RESULT_PAGE = 1000
_TOLD = sa.text("import_row.findings <> '[]'")
"""Rows of which something is said: these have an index of their own."""

_ADD = sa.insert(job)
_ADD_PART = sa.insert(part)
_PARTS = sa.select(part.c.bytes).where(part.c.job_id == sa.bindparam("job_id")).order_by(part.c.number)
_DROP_PARTS = sa.delete(part).where(part.c.job_id == sa.bindparam("of_job"))
_DROP_ROWS = sa.delete(row).where(row.c.job_id == sa.bindparam("of_job"))
_DROP_KEYS = sa.delete(key).where(key.c.job_id == sa.bindparam("of_job"))
_OWN = sa.select(job).where(
    job.c.id == sa.bindparam("id"), job.c.kind == sa.bindparam("kind"), job.c.user_id == sa.bindparam("user_id")
)
_LOCK = _OWN.with_for_update()
_CLAIM = (
    sa.select(job)
    .where(
        job.c.state.in_(ACTIVE),
        job.c.kind.in_(sa.bindparam("kinds", expanding=True)),
        job.c.wake_at <= sa.func.clock_timestamp(),
    )
    .order_by(job.c.created_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_ROWS = sa.select(row).where(row.c.job_id == sa.bindparam("of_job"))
_LIMIT = sa.bindparam("limit", type_=sa.Integer)
_AHEAD = _ROWS.where(row.c.number > sa.bindparam("after")).order_by(row.c.number).limit(_LIMIT)
_WAITING = _AHEAD.where(row.c.verdict == "waiting")
_BACK = (
    _ROWS.where(row.c.number < sa.bindparam("before_number"), row.c.ended.in_(("created", "updated")))
    .order_by(row.c.number.desc())
    .limit(_LIMIT)
)
_CHANGE = sa.update(row).where(row.c.job_id == sa.bindparam("of_job"), row.c.number == sa.bindparam("of_number"))
_JUDGED = _CHANGE.values(verdict=sa.bindparam("new_verdict"), findings=sa.bindparam("new_findings", type_=JSONB))
_ENDED = _CHANGE.values(
    verdict=sa.bindparam("new_verdict"),
    findings=sa.bindparam("new_findings", type_=JSONB),
    ended=sa.bindparam("new_ended"),
    subject_id=sa.bindparam("new_subject_id"),
    before=sa.bindparam("new_before", type_=JSONB(none_as_null=True)),
    after_version=sa.bindparam("new_version"),
)
_TAKEN_BACK = _CHANGE.values(ended=sa.bindparam("new_ended"), findings=sa.bindparam("new_findings", type_=JSONB))
_NAMES = sa.bindparam("keys", type_=ARRAY(sa.Text))
# All in one statement: a file of a hundred thousand rows has three times as many keys.
_CLAIM_KEYS = (
    insert(key)
    .from_select(
        ["job_id", "key", "number"],
        sa.select(
            sa.bindparam("of_job", type_=sa.Uuid),
            sa.func.unnest(_NAMES),
            sa.func.unnest(sa.bindparam("numbers", type_=ARRAY(sa.Integer))),
        ),
    )
    .on_conflict_do_nothing()
)
_KEYS = sa.select(key.c.key, key.c.number).where(key.c.job_id == sa.bindparam("of_job"), key.c.key == sa.any_(_NAMES))
_OUTBOX_DEPTH = sa.select(sa.func.count()).select_from(
    sa.select(tables.outbox.c.id).limit(sa.bindparam("limit", type_=sa.Integer)).subquery()
)
_OLD = sa.select(job.c.id).where(job.c.created_at < sa.bindparam("before"), job.c.state.not_in(ACTIVE))
_FORGET = [sa.delete(table).where(table.c.job_id.in_(_OLD)) for table in (part, row, key)]


async def add(tx: Transaction, values: Mapping[str, Any], parts: AsyncIterator[bytes]) -> None:
    """The job is stored, with its file in parts."""
    await tx.execute(_ADD, values)
    number = 0
    async for piece in parts:
        await tx.execute(_ADD_PART, {"job_id": values["id"], "number": number, "bytes": piece})
        number += 1


async def parts(tx: Transaction, job_id: UUID) -> AsyncIterator[bytes]:
    """The file as it was sent, piece by piece."""
    async with tx.connection.stream(_PARTS, {"job_id": job_id}) as found:
        async for piece in found.scalars():
            yield piece


async def drop_parts(tx: Transaction, job_id: UUID) -> None:
    """The file is kept no longer."""
    await tx.execute(_DROP_PARTS, {"of_job": job_id})


async def page(
    connection: AsyncConnection, kind: str, user_id: UUID, cursor: str | None, limit: int
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """The user's jobs of a kind, the newest first."""
    statement = sa.select(job).where(job.c.kind == kind, job.c.user_id == user_id)
    return ORDER.page((await connection.execute(ORDER.apply(statement, cursor, limit))).all(), limit)


async def own(connection: AsyncConnection, kind: str, user_id: UUID, id: UUID) -> sa.Row[Any] | None:
    """The user's own job."""
    return (await connection.execute(_OWN, {"id": id, "kind": kind, "user_id": user_id})).one_or_none()


async def lock(tx: Transaction, kind: str, user_id: UUID, id: UUID) -> sa.Row[Any] | None:
    """The user's own job, nobody else working on it until the transaction ends."""
    return (await tx.execute(_LOCK, {"id": id, "kind": kind, "user_id": user_id})).one_or_none()


async def claim(tx: Transaction, kinds: Iterable[str]) -> sa.Row[Any] | None:
    """The oldest job that has work to do and that no other process works on."""
    return (await tx.execute(_CLAIM, {"kinds": list(kinds)})).one_or_none()


async def change(tx: Transaction, id: UUID, **values: Any) -> None:
    """The job has these values."""
    await tx.execute(sa.update(job).where(job.c.id == id).values(**values))


async def store_rows(tx: Transaction, job_id: UUID, batch: Sequence[tuple[int, list[str]]]) -> None:
    """Rows of the file are stored, not judged yet; copied, as there may be hundreds of thousands."""
    raw = await tx.connection.get_raw_connection()
    assert raw.driver_connection is not None
    await raw.driver_connection.copy_records_to_table(
        row.name,
        records=[(job_id, number, orjson.dumps(cells).decode(), "[]") for number, cells in batch],
        columns=("job_id", "number", "cells", "findings"),
    )


async def drop_rows(tx: Transaction, job_id: UUID) -> None:
    """The job has no rows: its file is to be read anew."""
    await tx.execute(_DROP_ROWS, {"of_job": job_id})


async def drop_keys(tx: Transaction, job_id: UUID) -> None:
    """No row of the file has claimed a key."""
    await tx.execute(_DROP_KEYS, {"of_job": job_id})


async def ahead(tx: Transaction, job_id: UUID, after: int, limit: int, *, only_waiting: bool) -> Sequence[sa.Row[Any]]:
    """The next rows after number `after`: all, or those that wait for something."""
    statement = _WAITING if only_waiting else _AHEAD
    return (await tx.execute(statement, {"of_job": job_id, "after": after, "limit": limit})).all()


async def back(tx: Transaction, job_id: UUID, before: int, limit: int) -> Sequence[sa.Row[Any]]:
    """The rows before number `before` that were written, last ones first."""
    return (await tx.execute(_BACK, {"of_job": job_id, "before_number": before, "limit": limit})).all()


async def claimed_keys(tx: Transaction, job_id: UUID, names: Collection[str]) -> dict[str, int]:
    """Those of the keys that rows have claimed, each with the number of the first that did."""
    if not names:
        return {}
    found = await tx.execute(_KEYS, {"of_job": job_id, "keys": sorted(names)})
    return {each.key: each.number for each in found}


async def claim_keys(tx: Transaction, job_id: UUID, names: Mapping[str, int]) -> None:
    """Each key belongs to the row of this number, unless a row has claimed it already."""
    if names:
        await tx.execute(_CLAIM_KEYS, {"of_job": job_id, "keys": list(names), "numbers": list(names.values())})


async def save_judged(tx: Transaction, job_id: UUID, judged: Sequence[Judged]) -> None:
    """What writing each row would do is stored."""
    if judged:
        await tx.execute(_JUDGED, [_identified(job_id, each) for each in judged])


async def save_ended(
    tx: Transaction, job_id: UUID, ended: Sequence[tuple[Judged, Ended | None, Written | None]]
) -> None:
    """What became of each row is stored, with what an undo needs."""
    if not ended:
        return
    rows = [
        _identified(job_id, judged)
        | {
            "new_ended": how,
            "new_subject_id": written.subject_id if written else None,
            "new_before": written.before if written else None,
            "new_version": written.after_version if written else None,
        }
        for judged, how, written in ended
    ]
    await tx.execute(_ENDED, rows)


async def save_undone(tx: Transaction, job_id: UUID, undone: Sequence[tuple[Undone, Ended]]) -> None:
    """What was taken back, and what was kept and why, is stored."""
    if not undone:
        return
    rows = [
        {
            "of_job": job_id,
            "of_number": each.number,
            "new_ended": how,
            "new_findings": [each.finding.as_dict()] if each.finding else [],
        }
        for each, how in undone
    ]
    await tx.execute(_TAKEN_BACK, rows)


def _identified(job_id: UUID, judged: Judged) -> dict[str, Any]:
    return {
        "of_job": job_id,
        "of_number": judged.row.number,
        "new_verdict": judged.verdict,
        "new_findings": [finding.as_dict() for finding in judged.findings],
    }


async def rows_page(
    connection: AsyncConnection,
    job_id: UUID,
    *,
    verdict: str | None,
    doubt: str | None,
    about: Literal["doubtful", "kept"] | None,
    cursor: str | None,
    limit: int,
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """Rows of the file in their order: all, of one verdict, with one finding, written in doubt, or kept by an undo."""
    statement = sa.select(row).where(row.c.job_id == job_id)
    if verdict:
        statement = statement.where(row.c.verdict == verdict)
    if doubt:
        statement = statement.where(_TOLD, row.c.findings.contains([{"code": doubt}]))
    if about == "doubtful":
        doubtful = row.c.findings.contains([{"level": "doubt"}])
        statement = statement.where(_TOLD, doubtful, row.c.verdict.in_(("create", "update", "same")))
    if about == "kept":
        statement = statement.where(_TOLD, row.c.ended == "kept")
    found = (await connection.execute(ROW_ORDER.apply(statement, cursor, limit))).all()
    return ROW_ORDER.page(found, limit)


async def all_rows(connection: AsyncConnection, job_id: UUID) -> AsyncIterator[Sequence[sa.Row[Any]]]:
    """Every row of the file, in portions."""
    after = -1
    while True:
        found = (await connection.execute(_AHEAD, {"of_job": job_id, "after": after, "limit": _RESULT_PAGE})).all()
        if not found:
            return
        yield found
        after = found[-1].number


async def outbox_is_deep(tx: Transaction, deep: int) -> bool:
    """Whether as many events as `deep` wait to be published."""
    return int(await tx.scalar(_OUTBOX_DEPTH, {"limit": deep}) or 0) >= deep


async def forget(tx: Transaction, now: datetime, after: timedelta) -> None:
    """Files older than `after` are gone with their rows: their imports can no longer be undone."""
    for statement in _FORGET:
        await tx.execute(statement, {"before": now - after})
