"""One step of a job: its file read, or a chunk of its rows judged, written or taken back, in one transaction.

A step killed midway has done nothing; the next process does it.
"""

import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from crm_chassis.access.grants import NotToldYet, RightsNow, principal_now
from crm_chassis.database import Transaction, is_infrastructure
from crm_chassis.imports import repository
from crm_chassis.imports.duplicates import told_apart
from crm_chassis.imports.ending import finish
from crm_chassis.imports.files.reading import outline, rows
from crm_chassis.imports.files.shape import Format, Unreadable
from crm_chassis.imports.kinds import Ended, Finding, Judged, Kind, Row, Run, Undone, Written
from crm_chassis.imports.mapping import proposed, values
from crm_chassis.problems import Problem

CHUNK = 500
"""Rows of one transaction: it holds their locks for some tenths of a second."""
TRIES = 8
"""Passes over rows that wait for what they name: copies of other services are seconds behind."""
RETRY = timedelta(seconds=2)

log = structlog.get_logger()


async def step(
    tx: Transaction, job: sa.Row[Any], kind: Kind, now: datetime, rights_now: RightsNow = principal_now
) -> None:
    """The next piece of the job's work is done; a job without more work is in its next state."""
    if job.state == "reading":
        await _read(tx, job, kind, now)
        return
    try:
        caller = await rights_now(tx.connection, job.user_id)
    except NotToldYet:
        await repository.change(tx, job.id, wake_at=now + RETRY)
        return
    if caller is None:
        await finish(tx, job, "failed", now, {"code": "user_gone", "message": "Who imported has left."})
        return
    try:
        kind.require(caller)
    except Problem as problem:
        await finish(tx, job, "failed", now, {"code": problem.code, "message": problem.detail})
        return
    run = Run(tx, caller, kind.options.model_validate(job.options), Format(**job.format), job.id, mapping=job.mapping)
    if job.state == "undoing":
        await _take_back(run, job, kind, now)
    else:
        await _go_on(run, job, kind, now)


async def _read(tx: Transaction, job: sa.Row[Any], kind: Kind, now: datetime) -> None:
    """The rows of the file are stored, and a mapping proposed; a file that can not be read says why."""
    with tempfile.TemporaryDirectory(prefix="crm-import-") as folder:
        path = Path(folder) / "file"
        with path.open("wb") as file:
            async for piece in repository.parts(tx, job.id):
                file.write(piece)
        try:
            async with tx.connection.begin_nested():
                await repository.drop_rows(tx, job.id)
                found = await outline(path, job.file_name, job.format)
                total = 0
                async with aclosing(rows(path, found.format)) as batches:
                    async for batch in batches:
                        await repository.store_rows(tx, job.id, batch)
                        total += len(batch)
        except Unreadable as error:
            failure = {"code": error.code, "message": error.message, "row": error.row}
            await repository.change(tx, job.id, state="failed", failure=failure, version=job.version + 1)
            return
    await repository.change(
        tx,
        job.id,
        state="ready",
        format=asdict(found.format),
        outline={
            "columns": [asdict(column) for column in found.columns],
            "sheets": list(found.sheets),
            "notes": [asdict(note) for note in found.notes],
        },
        mapping=proposed(found.columns, kind.fields),
        total=total,
        counts={},
        failure=None,
        version=job.version + 1,
    )


async def _go_on(run: Run, job: sa.Row[Any], kind: Kind, now: datetime) -> None:
    """A chunk is judged, and written when the job is running; after the last one waiting rows are tried again."""
    again = job.tries > 0
    stored = await repository.ahead(run.tx, job.id, job.position, CHUNK, only_waiting=again)
    if not stored:
        await _next_pass(run.tx, job, now)
        return
    last_try = job.tries >= TRIES
    todo = [Row(each.number, values(each.cells, job.mapping), last_try) for each in stored]
    first = {each.number for each in stored if job.state == "checking" or each.verdict != "duplicate"}
    if job.state == "checking":
        run = replace(run, claimed=partial(repository.claimed_keys, run.tx, job.id))
    judged = await kind.judge(run, [each for each in todo if each.number in first])
    if job.state == "checking":
        judged = await _without_duplicates(run.tx, job.id, judged)
        await repository.save_judged(run.tx, job.id, judged)
        ends = judged
    else:
        ended = await _write(run, kind, judged, frozenset(job.skipped_doubts))
        await repository.save_ended(run.tx, job.id, ended)
        ends = [each for each, how, _ in ended if how != "skipped"]
    counts = Counter(job.counts) + _counted(ends)
    counts["skipped"] += len(judged) - len(ends)
    counts["duplicate"] += len(todo) - len(first)
    if again:
        counts["waiting"] -= len(stored)
    await repository.change(
        run.tx, job.id, position=stored[-1].number, counts={name: count for name, count in counts.items() if count}
    )


async def _next_pass(tx: Transaction, job: sa.Row[Any], now: datetime) -> None:
    if job.counts.get("waiting") and job.tries < TRIES:
        await repository.change(tx, job.id, position=0, tries=job.tries + 1, wake_at=now + RETRY)
    elif job.state == "checking":
        await repository.change(tx, job.id, state="checked", version=job.version + 1)
    else:
        await finish(tx, job, "done", now)


async def _without_duplicates(tx: Transaction, job_id: UUID, judged: Sequence[Judged]) -> list[Judged]:
    known = await repository.claimed_keys(tx, job_id, {name for each in judged for name in (*each.keys, *each.meets)})
    claimed = dict(known)
    told = told_apart(judged, claimed)
    await repository.claim_keys(tx, job_id, {name: claimed[name] for name in claimed.keys() - known.keys()})
    return told


async def _write(
    run: Run, kind: Kind, judged: Sequence[Judged], skipped: frozenset[str]
) -> list[tuple[Judged, Ended | None, Written | None]]:
    """What became of each row. A row that can not be written keeps no other from being written."""
    wanted = [each for each in judged if each.verdict in ("create", "update") and not each.doubts & skipped]
    done: dict[int, Written] = {}
    refused: dict[int, Finding] = {}
    try:
        done = {each.number: each for each in await _apart(run, kind, wanted)}
    except Exception as error:
        if is_infrastructure(error):
            raise
        run.tx.forget()
        for each in wanted:
            try:
                done |= {written.number: written for written in await _apart(run, kind, [each])}
            except Exception as why:
                if is_infrastructure(why):
                    raise
                run.tx.forget()
                refused[each.row.number] = _refusal(why)
    ended: list[tuple[Judged, Ended | None, Written | None]] = []
    for each in judged:
        number = each.row.number
        if number in refused:
            failed = replace(each, verdict="error", findings=(*each.findings, refused[number]))
            ended.append((failed, "error", None))
        elif number in done:
            ended.append((each, "updated" if each.verdict == "update" else "created", done[number]))
        else:
            ended.append((each, _left(each), None))
    return ended


def _left(judged: Judged) -> Ended | None:
    """How a row ends that is not written; one that waits has not ended."""
    match judged.verdict:
        case "waiting":
            return None
        case "create" | "update":
            return "skipped"
        case other:
            return other


async def _apart(run: Run, kind: Kind, wanted: Sequence[Judged]) -> list[Written]:
    """The rows written behind a savepoint: all of them, or none and no event of theirs."""
    if not wanted:
        return []
    async with run.tx.connection.begin_nested():
        written = await kind.write(run, wanted)
        await run.tx.flush()
    return written


def _refusal(error: Exception) -> Finding:
    if isinstance(error, Problem):
        return Finding("error", error.code, error.detail or error.title)
    log.error("import row refused", exc_info=error)
    return Finding("error", "not_written", "It could not be written.")


def _counted(judged: Iterable[Judged]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for each in judged:
        counts[each.verdict] += 1
        if each.verdict in ("create", "update", "same"):
            counts.update(f"doubt:{code}" for code in each.doubts)
            counts["doubt:any"] += bool(each.doubts)
    return counts


async def _take_back(run: Run, job: sa.Row[Any], kind: Kind, now: datetime) -> None:
    """A chunk of what was written is taken back, from the last row to the first."""
    stored = await repository.back(run.tx, job.id, job.position, CHUNK)
    if not stored:
        await finish(run.tx, job, "undone", now)
        return
    rows = [Written(each.number, each.subject_id, each.after_version, each.before) for each in stored]
    how: dict[int, Ended] = {row.number: "restored" if row.ended == "updated" else "removed" for row in stored}
    undone = await kind.undo(run, rows)
    ended: list[tuple[Undone, Ended]] = [(each, "kept" if each.finding else how[each.number]) for each in undone]
    await repository.save_undone(run.tx, job.id, ended)
    counts = Counter(job.counts) + Counter(name for _, name in ended)
    await repository.change(run.tx, job.id, position=stored[-1].number, counts=dict(counts))
