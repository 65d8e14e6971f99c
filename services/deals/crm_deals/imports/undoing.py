"""What an import of deals did, taken back: new deals removed, changed ones as they were, those touched since kept."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.ids import new_id
from crm_chassis.imports.kinds import Finding, Run, Undone, Written

from crm_deals.deals.models import deal
from crm_deals.deals.removing import remove_deals
from crm_deals.imports import repository
from crm_deals.imports.writing import entry, tell_change

_READ: dict[type, Callable[[str], Any]] = {
    UUID: UUID,
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    str: str,
}


async def take_back(run: Run, rows: Sequence[Written], now: datetime) -> list[Undone]:
    """Each row's deal is as it was before, or gone; one changed or used since stays, with the reason.

    History is only added to: a move is taken back by one more move, at the moment the deal had moved.
    """
    there = await repository.locked(run.tx, [row.subject_id for row in rows])
    untouched = [row for row in rows if (found := there.get(row.subject_id)) and found.version == row.after_version]
    used = await remove_deals(run.tx, [there[row.subject_id] for row in untouched if row.before is None])
    await _restore(run, [(there[row.subject_id], row.before) for row in untouched if row.before is not None], now)
    left = {row.number for row in untouched}
    undone = []
    for row in rows:
        finding = None
        if row.subject_id not in there:
            finding = Finding("doubt", "removed_since", "Somebody has removed it since.")
        elif row.number not in left:
            finding = Finding("doubt", "changed_since", "Somebody has changed it since.")
        elif row.subject_id in used:
            finding = Finding("doubt", "in_use", "An open task or a message to the customer hangs on it.")
        undone.append(Undone(row.number, finding))
    return undone


async def _restore(run: Run, found: Sequence[tuple[sa.Row[Any], dict[str, Any]]], now: datetime) -> None:
    if not found:
        return
    changed, entries, lines = [], [], []
    relined = [row.id for row, before in found if before["lines"] is not None]
    for row, before in found:
        values = {name: _read(name, before["deal"][name]) for name in repository.CHANGEABLE}
        if values["stage_entry_id"] != row.stage_entry_id:
            values |= {"stage_entry_id": new_id(), "stage_entered_at": row.stage_entered_at}
            entries.append(entry(row.id, row.stage_id, values, now))
        changed.append({"id": row.id} | values)
        for position, line in enumerate(before["lines"] or []):
            lines.append(
                {
                    "id": UUID(line["id"]),
                    "deal_id": row.id,
                    "position": position,
                    "product_id": UUID(line["product_id"]),
                    **{name: Decimal(line[name]) for name in ("quantity", "price", "discount_percent", "total")},
                }
            )
    await repository.add(run.tx, [], entries, [])
    await repository.change(run.tx, changed)
    await repository.put_lines(run.tx, relined, lines)
    await repository.remember(run.tx, {row.id: before["said"] or {} for row, before in found})
    stored = await repository.whole(run.tx, [row.id for row, _ in found])
    for row, _ in found:
        tell_change(run, row, stored[row.id], now, lines=row.id in relined)


def _read(column: str, text: str | None) -> Any:
    return None if text is None else _READ[deal.c[column].type.python_type](text)
