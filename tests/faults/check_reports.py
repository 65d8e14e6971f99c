"""Reports: facts follow from the archive, and figures asked through the gateway are those of the owners' tables."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_contracts import deals, gateway, telephony

from tests.faults.findings import Findings
from tests.faults.ledger import Ledger
from tests.faults.snapshot import FACT_TABLES, Row, Snapshot

ZONE = ZoneInfo("Europe/Ljubljana")
Ask = Callable[..., Any]

_READ_BY = {
    "stage_entry": (deals.DEAL_CREATED, deals.DEAL_STAGE_CHANGED),
    "deal_version": (deals.DEAL_CREATED, deals.DEAL_STAGE_CHANGED, deals.DEAL_UPDATED),
    "call_version": (
        telephony.CALL_RANG,
        telephony.CALL_ANSWERED,
        telephony.CALL_ENDED,
        telephony.CALL_MISSED,
    ),
    "pipeline_version": (deals.PIPELINE_CHANGED,),
    "membership": (gateway.USER_CREATED, gateway.USER_UPDATED, gateway.USER_LEFT),
}


def facts(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """The live projections hold one row for each archived event they read, of its sequence; none was refused."""
    archived = now.rows("reports", "event_archive")
    for table, types in _READ_BY.items():
        expected = {row["id"]: {"sequence": row["sequence"]} for row in archived if row["type"] in types}
        found.same_rows(f"fact {table}", expected, now.by("reports", f"fact:{table}", "event_id"))
    found.same("fact", "refused", 0, len(now.rows("reports", "fact:projection_reject")))
    head = now.rows("reports", "archive_head")[0]["position"]
    states = [(row["state"], row["position"]) for row in now.rows("reports", "projection_generation")]
    found.same("projector", "live generation at", True, ("live", head) in states)


def rebuilt(before: Snapshot, after: Snapshot, found: Findings) -> None:
    """Rebuilt from the archive's first event the projections are the same, byte for byte."""
    for table in FACT_TABLES:
        found.same_rows(f"rebuild {table}", _facts(before, table), _facts(after, table))


def _facts(of: Snapshot, table: str) -> dict[Any, Row]:
    return {row["event_id"]: row | {"generation": None} for row in of.rows("reports", f"fact:{table}")}


def calls_per_day(now: Snapshot, ask: Ask, found: Findings) -> None:
    """The figures of calls are counts of telephony's table."""
    of: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in now.rows("telephony", "call"):
        if row["direction"] == "internal":
            continue
        day = _day(row["started_at"])
        of[day][row["direction"]] += 1
        of[day]["answered"] += row["result"] == "answered"
        of[day]["missed"] += row["result"] in telephony.MISSED_RESULTS
        of[day]["talk_s"] += row["talk_s"]
    if not of:
        return
    told = ask("/api/v1/reports/calls-per-day", **{"from": min(of), "to": max(of)})
    for day in told["days"]:
        figures = {name: day[name]["count"] for name in ("in", "out", "answered", "missed")}
        expected = {name: of[day["day"]][name] for name in (*figures, "talk_s")}
        found.same("figure-calls", day["day"], expected, figures | {"talk_s": day["talk_s"]})


def funnel(now: Snapshot, ask: Ask, found: Findings) -> None:
    """Entered and still there, of every stage of every pipeline, are counts of deals' tables."""
    entered: Counter[UUID] = Counter(row["to_stage_id"] for row in now.rows("deals", "stage_entry"))
    standing: Counter[UUID] = Counter(row["stage_id"] for row in now.rows("deals", "deal"))
    days = [_day(row["happened_at"]) for row in now.rows("deals", "stage_entry")]
    for pipeline_id in {row["pipeline_id"] for row in now.rows("deals", "deal")}:
        path = "/api/v1/reports/funnel"
        told = ask(path, **{"from": min(days), "to": max(days), "pipeline_id": str(pipeline_id)})
        for stage in told["stages"]:
            id = UUID(stage["stage_id"])
            figures = (stage["entered"]["count"], stage["still_there"]["count"])
            found.same("figure-funnel", stage["name"], (entered[id], standing[id]), figures)


def _day(at: datetime) -> str:
    return at.astimezone(ZONE).date().isoformat()


CHECKS: tuple[Any, ...] = (facts,)
