"""The funnel's statements line entries up as the rules say, whatever the history."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from crm_chassis.testing import Harness, sales_head
from crm_reports.funnel.repository import Asked, moves
from crm_reports.funnel.rules import Moves, figures
from crm_reports.horizon import Horizon
from crm_reports.projections.models import deal_version, stage_entry
from hypothesis import given, settings

from . import history
from .company import DAY, utc
from .test_funnel_rules import KNOWN

HEAD = sales_head(("report", "pipeline"))
START = utc("2026-05-04 10:00")


@settings(max_examples=25)
@given(facts=history.histories())
async def test_the_statements_line_entries_up_as_the_rules_say(reports: Harness, facts: list[history.Fact]) -> None:
    known_at, salt = START + DAY, uuid4().int >> 64
    first, last = 10, 40

    def unique(id: UUID) -> UUID:
        return UUID(int=(salt << 64) | (id.int & ((1 << 64) - 1)) | (id.int >> 64 << 32))

    async with reports.database.transaction() as tx:
        (row,) = (await tx.execute(sa.text("SELECT generation FROM projection_generation WHERE state = 'live'"))).all()
        entries, versions = [], []
        for fact in facts:
            key = {
                "generation": row.generation,
                "event_id": unique(fact.event_id),
                "archived_at": START,
                "deal_id": unique(UUID(int=fact.deal + 1)),
                "sequence": fact.sequence,
                "outcome": fact.outcome,
                "owner_id": HEAD.id,
                "amount": fact.amount,
                "currency": fact.currency,
            }
            at = START + timedelta(minutes=fact.minute)
            versions.append(key | {"happened_at": at})
            entries.append(
                key
                | {
                    "stage_entry_id": key["event_id"],
                    "pipeline_id": fact.pipeline_id,
                    "stage_id": fact.stage_id,
                    "entered_at": at,
                    "recorded_at": at,
                    "corrects": fact.corrects and unique(fact.corrects),
                }
            )
        await tx.execute(sa.insert(stage_entry), entries)
        await tx.execute(sa.insert(deal_version), versions)
        asked = Asked(history.PIPELINE, START + timedelta(minutes=first), START + timedelta(minutes=last), None, None)
        horizon = Horizon(date(2026, 5, 5), known_at, known_at)
        found = await moves(tx.connection, HEAD, asked, horizon)
        await tx.execute(
            sa.delete(stage_entry).where(stage_entry.c.pipeline_id.in_([history.PIPELINE, history.OTHER_PIPELINE]))
        )
    expected = history.moves(facts, first, last)
    made = [Moves(move, again, money, each.count, each.amount) for (move, again, money), each in found.items()]
    assert figures(_sorted(made), KNOWN) == figures(_sorted(expected), KNOWN)


def _sorted(made: Any) -> Any:
    return sorted(made, key=lambda each: (str(each.move.stage_id), each.currency))
