"""Use cases of imports: what a person does with a job. The work itself is done in steps, by the worker."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from crm_chassis.access.principal import Principal
from crm_chassis.context import current
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.imports import repository
from crm_chassis.imports.ending import finish
from crm_chassis.imports.kinds import Kind
from crm_chassis.imports.mapping import missing
from crm_chassis.imports.schemas import ImportChange, ImportOut, told
from crm_chassis.problems import Conflict, FieldError, Invalid, NotFound, StaleVersion

MAX_FILE_BYTES = 50 * 1024 * 1024
_BEYOND = 2_000_000_000
"""A number no row has: an undo goes from the last row to the first."""


async def start(
    tx: Transaction,
    caller: Principal,
    kind: Kind,
    file_name: str,
    size: int,
    parts: AsyncIterator[bytes],
    now: datetime,
) -> ImportOut:
    """A job whose file is about to be read; Forbidden for who may not import this kind."""
    kind.require(caller)
    job_id = new_id()
    values = {
        "id": job_id,
        "kind": kind.name,
        "user_id": caller.id,
        "state": "reading",
        "file_name": file_name,
        "file_bytes": size,
        "mapping": {},
        "options": {},
        "skipped_doubts": [],
        "total": 0,
        "position": 0,
        "tries": 0,
        "counts": {},
        "correlation_id": current().correlation_id,
        "created_at": now,
        "version": 1,
    }
    await repository.add(tx, values, parts)
    return await _as_it_is(tx, caller, kind, job_id)


async def change(
    tx: Transaction, caller: Principal, kind: Kind, id: UUID, version: int, body: ImportChange
) -> ImportOut:
    """The job as a person wants it. Its file is read anew when it is to be read otherwise; whatever changes what rows
    would do makes it to be tried dry again, leaving out doubtful ones does not.

    NotFound, StaleVersion, Invalid; Conflict while the job works or when it is over.
    """
    row = await _locked(tx, caller, kind, id, version)
    unread = row.state == "failed" and row.finished_at is None  # one that failed later may have written rows
    if row.state not in ("ready", "checked") and not (unread and body.format is not None):
        raise Conflict(f"The import is {row.state}.", code="not_now")
    sent = body.model_fields_set
    values: dict[str, Any] = {}
    if sent != {"skipped_doubts"}:
        values = {"state": "ready", "counts": {}, "position": 0, "tries": 0}
    if body.mapping is not None:
        values["mapping"] = _mapping(kind, row, body.mapping)
    if "options" in sent:
        values["options"] = body.options.model_dump(mode="json", exclude_unset=True) if body.options else {}
    if "skipped_doubts" in sent:
        values["skipped_doubts"] = body.skipped_doubts or []
    if body.format is not None:
        wanted = body.format.model_dump(exclude_unset=True, exclude_none=True)
        values |= {"state": "reading", "format": {**(row.format or {}), **wanted}, "failure": None, "mapping": {}}
    return await _become(tx, caller, kind, row, values)


async def check(tx: Transaction, caller: Principal, kind: Kind, id: UUID, version: int) -> ImportOut:
    """The job is tried dry from its first row on."""
    row = await _locked(tx, caller, kind, id, version)
    _must_be(row, "ready", "checked")
    if lacking := missing(row.mapping, kind.fields):
        raise Invalid([FieldError(f"mapping.{name}", "required", "No column is mapped to it.") for name in lacking])
    await repository.drop_keys(tx, id)
    return await _become(tx, caller, kind, row, _from_the_start("checking"))


async def commit(tx: Transaction, caller: Principal, kind: Kind, id: UUID, version: int) -> ImportOut:
    """The job is written, in the background; Conflict before it was tried dry as it is."""
    row = await _locked(tx, caller, kind, id, version)
    _must_be(row, "checked")
    kind.require(caller)
    return await _become(tx, caller, kind, row, _from_the_start("running"))


async def cancel(tx: Transaction, caller: Principal, kind: Kind, id: UUID, now: datetime) -> ImportOut:
    """The job stops where it is: what was written stays until it is undone. Says the same when it is over already."""
    row = await _locked(tx, caller, kind, id, None)
    after = {"reading": "cancelled", "ready": "cancelled", "checking": "ready", "checked": "cancelled"}
    state = after.get(row.state) or ("cancelled" if row.state == "running" else None)
    if state is None:
        if row.state == "cancelled":
            return told(row, kind)
        raise Conflict(f"The import is {row.state}.", code="not_now")
    if row.state == "running":
        await finish(tx, row, "cancelled", now)
        return await _as_it_is(tx, caller, kind, id)
    return await _become(tx, caller, kind, row, {"state": state, "counts": {}, "position": 0, "tries": 0})


async def undo(tx: Transaction, caller: Principal, kind: Kind, id: UUID, version: int) -> ImportOut:
    """What the job wrote is taken back, in the background, but for what somebody has changed since."""
    row = await _locked(tx, caller, kind, id, version)
    _must_be(row, "done", "cancelled", "failed")
    values = _from_the_start("undoing") | {"position": _BEYOND, "finished_at": None}
    return await _become(tx, caller, kind, row, values)


def _from_the_start(state: str) -> dict[str, Any]:
    return {"state": state, "position": 0, "tries": 0, "counts": {}, "wake_at": sa.func.now()}


def _must_be(row: sa.Row[Any], *states: str) -> None:
    if row.state not in states:
        raise Conflict(f"The import is {row.state}.", code="not_now")


def _mapping(kind: Kind, row: sa.Row[Any], wanted: dict[str, int]) -> dict[str, int]:
    names = {field.name for field in kind.fields}
    columns = {column["index"] for column in (row.outline or {}).get("columns", [])}
    errors = [
        FieldError(f"mapping.{name}", "unknown_field", "There is no such field.") for name in wanted.keys() - names
    ] + [
        FieldError(f"mapping.{name}", "unknown_column", "The file has no such column.")
        for name, index in wanted.items()
        if name in names and index not in columns
    ]
    if errors:
        raise Invalid(sorted(errors, key=lambda error: error.field))
    return wanted


async def _locked(tx: Transaction, caller: Principal, kind: Kind, id: UUID, version: int | None) -> sa.Row[Any]:
    row = await repository.lock(tx, kind.name, caller.id, id)
    if row is None:
        raise NotFound
    if version is not None and row.version != version:
        raise StaleVersion(told(row, kind).model_dump(mode="json"))
    return row


async def _become(
    tx: Transaction, caller: Principal, kind: Kind, row: sa.Row[Any], values: dict[str, Any]
) -> ImportOut:
    await repository.change(tx, row.id, **values, version=row.version + 1)
    return await _as_it_is(tx, caller, kind, row.id)


async def _as_it_is(tx: Transaction, caller: Principal, kind: Kind, id: UUID) -> ImportOut:
    row = await repository.own(tx.connection, kind.name, caller.id, id)
    assert row is not None
    return told(row, kind)
