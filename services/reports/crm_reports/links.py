"""Drill-down links: from a figure to exactly the records it counts."""

from collections.abc import Mapping
from datetime import UTC, date
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

from crm_reports.horizon import Horizon


class Narrowed(Protocol):
    """The part of a query every drill-down repeats."""

    from_day: date
    to_day: date
    owner_id: UUID | None
    team_id: UUID | None


def link(path: str, where: Mapping[str, Any], query: Narrowed, horizon: Horizon) -> str:
    """`path` with the query's days and filters and the horizon spelled out, so that it lists the same for ever."""
    days = {"from": query.from_day, "to": query.to_day}
    return spelled(path, days, horizon, {"owner_id": query.owner_id, "team_id": query.team_id} | dict(where))


def spelled(path: str, days: Mapping[str, Any], horizon: Horizon, where: Mapping[str, Any]) -> str:
    """`path` with the days, the horizon and what of `where` is not None; a list is repeated."""
    known_at = horizon.known_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    parameters = {**days, "as_of": horizon.as_of, "known_at": known_at, **where}
    return f"{path}?{urlencode({name: value for name, value in parameters.items() if value is not None}, doseq=True)}"
