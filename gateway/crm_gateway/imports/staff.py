"""What files of teams and of users have in common: values read as the API reads them, rows written one by one."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.http import field_errors
from crm_chassis.imports.kinds import Finding, Judged, Run, Undone, Written
from crm_chassis.problems import Problem
from pydantic import BaseModel, ValidationError

from crm_gateway.teams.repository import Row as Stored

Create = Callable[[Transaction, dict[str, Any], datetime], Awaitable[Stored]]
Change = Callable[[Transaction, UUID, int, dict[str, Any], datetime], Awaitable[Stored]]
Remove = Callable[[Transaction, UUID, int, datetime], Awaitable[None]]


def read(model: type[BaseModel], values: dict[str, Any]) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """The values as the API would take them, or an error for each it would refuse."""
    try:
        return model.model_validate(values).model_dump(), ()
    except ValidationError as error:
        wrong = field_errors(error.errors())
        return {}, tuple(Finding("error", each.code, each.message, each.field) for each in wrong)


def refused(problem: Problem, field: str | None = None) -> Finding:
    """What keeps the row out, in the API's words."""
    return Finding("error", problem.code, problem.detail or problem.title, field)


def differences(stored: Stored, wanted: dict[str, Any]) -> dict[str, Any]:
    """What of the wanted is not so yet."""
    return {name: value for name, value in wanted.items() if getattr(stored, name) != value}


async def write(run: Run, rows: Sequence[Judged], create: Create, change: Change) -> list[Written]:
    """The rows are written and told; the plan of each is (stored row or None, values)."""
    return [await _written(run, each, create, change) for each in rows]


async def _written(run: Run, judged: Judged, create: Create, change: Change) -> Written:
    stored, values = judged.plan
    if stored is None:
        row = await create(run.tx, values, now())
        return Written(judged.row.number, row.id, row.version)
    before = {name: getattr(stored, name) for name in values}
    row = await change(run.tx, stored.id, stored.version, values, now())
    kept = {name: str(value) if isinstance(value, UUID) else value for name, value in before.items()}
    return Written(judged.row.number, row.id, row.version, kept)


async def undo(
    run: Run, rows: Sequence[Written], references: frozenset[str], change: Change, remove: Remove
) -> list[Undone]:
    """What was made is gone and what was changed is as before; who has worked here meanwhile stays and says why.

    `references` are the fields whose values are ids.
    """
    return [await _undone(run, each, references, change, remove) for each in rows]


async def _undone(run: Run, written: Written, references: frozenset[str], change: Change, remove: Remove) -> Undone:
    try:
        async with run.tx.connection.begin_nested():
            if written.before is None:
                await remove(run.tx, written.subject_id, written.after_version, now())
            else:
                before = {
                    name: UUID(value) if name in references and value else value
                    for name, value in written.before.items()
                }
                await change(run.tx, written.subject_id, written.after_version, before, now())
    except Problem as problem:
        if problem.code in ("stale_version", "not_found"):
            return Undone(written.number, Finding("doubt", "changed_since", "Somebody has changed it since."))
        return Undone(written.number, Finding("doubt", problem.code, problem.detail or problem.title))
    return Undone(written.number)
