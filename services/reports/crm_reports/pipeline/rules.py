"""The pipeline at the end of a day: every deal is in exactly one stage, the last one it entered by then. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from crm_reports.funnel.rules import Figure, Stage


def by_stage(
    sums: Mapping[tuple[UUID, str], tuple[int, Decimal]], stages: Sequence[Stage]
) -> Iterable[tuple[Stage, Figure]]:
    """The figure of each stage in the order given; stages not among them come last, nameless.

    A removed stage nothing is in is left out.
    """
    found = {stage.id: (stage, Figure()) for stage in stages}
    for (stage_id, currency), (count, amount) in sorted(sums.items()):
        unknown = (Stage(stage_id, "", "open", -1, removed=True), Figure())
        _, figure = found.setdefault(stage_id, unknown)
        figure.count += count
        figure.amounts[currency] = amount
    return [(stage, figure) for stage, figure in found.values() if figure.count or not stage.removed]
