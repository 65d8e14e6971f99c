"""From an archived event to the facts it states. Pure: the same archive always makes the same projections.

One event is judged alone, never by what came before it: that is why neither order nor duplication can change a
figure. Must never know a table, a framework or the clock.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_contracts import contacts, deals, gateway, telephony
from pydantic import ValidationError

from crm_reports.projections.facts import (
    CallFact,
    DealFact,
    LineFact,
    NamedFact,
    PipelineFact,
    RemovedFact,
    StageChangeFact,
    TeamFact,
    UserFact,
)


@dataclass(frozen=True, slots=True)
class Archived:
    """An event as the archive holds it, without its personal part."""

    id: UUID
    type: str
    time: datetime
    recordedtime: datetime
    archived_at: datetime
    sequence: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A row for the projection named `table`, but for its generation."""

    table: str
    values: dict[str, Any]


def project(event: Archived) -> list[Row]:
    """The rows the event becomes: none when no figure reads its type, one reject when its data can not be read."""
    projection = _PROJECTIONS.get(event.type)
    if projection is None:
        return []
    try:
        rows = projection(event)
    except ValidationError as error:
        # Places and kinds only: the values may be personal.
        reason = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors())
        rows = [Row("projection_reject", {"type": event.type, "reason": reason[:500]})]
    key = {"event_id": event.id, "archived_at": event.archived_at}
    return [Row(row.table, key | row.values) for row in rows]


def credited_to(call: CallFact) -> UUID:
    """Whose call it is: who answered, else who is responsible, else the line's fallback; never nobody."""
    return call.answered_by or call.responsible_user_id or call.fallback_user_id


def is_answered(call: CallFact) -> bool:
    """True for a call that ended answered, or that somebody is talking on now."""
    return call.result == "answered" or (call.result is None and call.answered_at is not None)


def waited_s(call: CallFact) -> int | None:
    """Whole seconds an inbound caller waited for the answer, menus and queues included; None when none came."""
    if call.direction != "in" or call.answered_at is None or not is_answered(call):
        return None
    return max(0, int((call.answered_at - call.started_at).total_seconds()))


def by_product(lines: Iterable[LineFact]) -> list[dict[str, str]]:
    """What each product brings into a deal, one entry a product however many lines it has."""
    totals: dict[UUID, Decimal] = {}
    for line in lines:
        totals[line.product_id] = totals.get(line.product_id, Decimal(0)) + line.total
    return [{"product_id": str(id), "total": format(total, "f")} for id, total in sorted(totals.items())]


def _deal_version(event: Archived) -> list[Row]:
    deal = DealFact.model_validate(event.data)
    return [
        Row(
            "deal_version",
            {
                "deal_id": deal.id,
                "happened_at": event.time,
                "sequence": event.sequence,
                "outcome": deal.outcome,
                "owner_id": deal.owner_id,
                "amount": deal.amount,
                "currency": deal.currency,
                "company_id": deal.company_id,
                "lines": by_product(deal.lines),
            },
        )
    ]


def _deal_removed(event: Archived) -> list[Row]:
    return [Row("deal_removed", {"deal_id": RemovedFact.model_validate(event.data).id})]


def _first_entry(event: Archived) -> list[Row]:
    return _entry(event, DealFact.model_validate(event.data))


def _next_entry(event: Archived) -> list[Row]:
    deal = StageChangeFact.model_validate(event.data)
    return _entry(event, deal, deal.corrects_entry_id)


def _entry(event: Archived, deal: DealFact, corrects: UUID | None = None) -> list[Row]:
    entry = Row(
        "stage_entry",
        {
            "stage_entry_id": deal.stage_entry_id,
            "deal_id": deal.id,
            "pipeline_id": deal.pipeline_id,
            "stage_id": deal.stage_id,
            "outcome": deal.outcome,
            "entered_at": deal.stage_entered_at,
            "recorded_at": event.recordedtime,
            "sequence": event.sequence,
            "owner_id": deal.owner_id,
            "amount": deal.amount,
            "currency": deal.currency,
            "corrects": corrects,
        },
    )
    return [entry, *_deal_version(event)]


def _call_version(event: Archived) -> list[Row]:
    call = CallFact.model_validate(event.data)
    return [
        Row(
            "call_version",
            {
                "call_id": call.id,
                "happened_at": event.time,
                "sequence": event.sequence,
                "direction": call.direction,
                "result": call.result,
                "started_at": call.started_at,
                "answered": is_answered(call),
                "missed": call.result in telephony.MISSED_RESULTS,
                "wait_s": waited_s(call),
                "talk_s": call.talk_s,
                "user_id": credited_to(call),
            },
        )
    ]


def _pipeline_version(event: Archived) -> list[Row]:
    pipeline = PipelineFact.model_validate(event.data)
    stages = [stage.model_dump(mode="json") for stage in pipeline.stages]
    values = {"pipeline_id": pipeline.id, "sequence": event.sequence, "name": pipeline.name, "stages": stages}
    return [Row("pipeline_version", values)]


def _membership(event: Archived) -> list[Row]:
    user = UserFact.model_validate(event.data)
    values = {"user_id": user.id, "team_id": user.team_id, "since": event.time, "sequence": event.sequence}
    return [Row("membership", values)]


def _team_version(event: Archived) -> list[Row]:
    team = TeamFact.model_validate(event.data)
    values = {"team_id": team.id, "name": team.name, "office": team.office or None}
    return [Row("team_version", values | {"since": event.time, "sequence": event.sequence})]


def _named(noun: str) -> Callable[[Archived], list[Row]]:
    def version(event: Archived) -> list[Row]:
        named = NamedFact.model_validate(event.data)
        values = {f"{noun}_id": named.id, "sequence": event.sequence, "name": named.name}
        return [Row(f"{noun}_version", values)]

    return version


_company_version = _named("company")

_PROJECTIONS: dict[str, Callable[[Archived], list[Row]]] = {
    deals.DEAL_CREATED: _first_entry,
    deals.DEAL_STAGE_CHANGED: _next_entry,
    deals.DEAL_UPDATED: _deal_version,
    deals.DEAL_REMOVED: _deal_removed,
    deals.PRODUCT_CHANGED: _named("product"),
    deals.PIPELINE_CHANGED: _pipeline_version,
    telephony.CALL_RANG: _call_version,
    telephony.CALL_ANSWERED: _call_version,
    telephony.CALL_ENDED: _call_version,
    telephony.CALL_MISSED: _call_version,
    gateway.USER_CREATED: _membership,
    gateway.USER_UPDATED: _membership,
    gateway.USER_LEFT: _membership,
    gateway.TEAM_CHANGED: _team_version,
    contacts.COMPANY_CREATED: _company_version,
    contacts.COMPANY_UPDATED: _company_version,
}
