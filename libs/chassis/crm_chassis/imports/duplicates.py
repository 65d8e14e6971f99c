"""Which rows of a file are another row of it already. Pure: what was claimed is told."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from crm_chassis.imports.kinds import Finding, Judged


def told_apart(judged: Sequence[Judged], claimed: dict[str, int]) -> list[Judged]:
    """The same rows, but those that another row is already are duplicates of it; what they claim joins `claimed`.

    A row that waited may come after later ones. What a refused row has keys of is left to it as well: its person is
    to decide, not the row after it.
    """
    told = []
    for each in judged:
        if each.verdict == "waiting":
            told.append(each)
            continue
        one = _duplicate_of(each, {claimed[name] for name in (*each.keys, *each.meets) if name in claimed})
        for name in each.keys if one.verdict == "duplicate" else (*each.keys, *each.meets, *each.takes):
            claimed.setdefault(name, each.row.number)
        told.append(one)
    return told


def _duplicate_of(judged: Judged, claimed_by: AbstractSet[int]) -> Judged:
    others = claimed_by - {judged.row.number}
    if judged.verdict == "error" or not others:
        return judged
    finding = Finding("doubt", "same_as_row", f"Row {min(others)} of this file is the same.")
    return replace(judged, verdict="duplicate", findings=(finding,), plan=None)
