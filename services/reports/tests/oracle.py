"""Figures told a second time, in plain Python, from the events themselves: what the statements are checked against."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_contracts.envelope import Envelope

Key = str | None


@dataclass
class Told:
    """What one figure says."""

    count: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    seconds: float = 0

    def add(self, currency: str, amount: Decimal, seconds: float = 0) -> None:
        """One more deal."""
        self.count += 1
        self.amounts[currency] = self.amounts.get(currency, Decimal(0)) + amount
        self.seconds += seconds


@dataclass(frozen=True)
class Credit:
    """A deal that counts, with all it may be grouped by."""

    figure: str
    at: datetime
    owner: str
    state: Mapping[str, Any]
    seconds: float


class Oracle:
    """All that was known by `known_at` and had happened before `before`."""

    def __init__(
        self,
        events: Iterable[Envelope],
        archived: Mapping[UUID, datetime],
        known_at: datetime,
        before: datetime,
        zone: ZoneInfo,
    ) -> None:
        self.before, self.zone = before, zone
        known = {event.id: event for event in events if archived[event.id] <= known_at}
        self.by_subject: defaultdict[tuple[str, str], list[Envelope]] = defaultdict(list)
        for event in known.values():
            noun, _, id = event.subject.partition("/")
            self.by_subject[noun, id].append(event)

    def sales(self, by: str, first: date, last: date) -> dict[Key, dict[str, Told]]:
        """Groups with a deal, each figure that is not nothing."""
        groups: defaultdict[Key, defaultdict[str, Told]] = defaultdict(lambda: defaultdict(Told))
        for credit in self._credits():
            day = credit.at.astimezone(self.zone).date()
            if credit.figure == "open":
                if by in ("month", "quarter"):
                    continue
            elif not first <= day <= last:
                continue
            for key, amount in self._keys(by, credit, day):
                groups[key][credit.figure].add(credit.state["currency"], amount, credit.seconds)
        return {key: dict(group) for key, group in groups.items()}

    def pipeline(self, pipeline_id: UUID) -> dict[str, Told]:
        """By stage, those some deal is in."""
        stages: defaultdict[str, Told] = defaultdict(Told)
        for entries, state in self._deals():
            if entries[-1]["pipeline_id"] == str(pipeline_id):
                now = state or entries[-1]
                stages[entries[-1]["stage_id"]].add(now["currency"], Decimal(now["amount"]))
        return dict(stages)

    def _deals(self) -> Iterable[tuple[list[Mapping[str, Any]], Mapping[str, Any] | None]]:
        for (noun, _), events in self.by_subject.items():
            if noun != "deal" or any(event.type == "deals.deal.removed.v1" for event in events):
                continue
            entered = [event for event in events if event.type != "deals.deal.updated.v1"]
            entered = [event for event in entered if _moment(event.data["stage_entered_at"]) < self.before]
            entered.sort(key=lambda e: (_moment(e.data["stage_entered_at"]), e.sequence, str(e.id)))
            said = [event for event in events if event.time < self.before]
            said.sort(key=lambda event: (event.time, event.sequence, str(event.id)))
            if entered:
                yield [event.data for event in entered], said[-1].data if said else None

    def _credits(self) -> Iterable[Credit]:
        for entries, state in self._deals():
            first, last = entries[0], entries[-1]
            began, ended = _moment(first["stage_entered_at"]), _moment(last["stage_entered_at"])
            yield Credit("created", began, first["owner_id"], state or first, 0)
            if last["outcome"]:
                took = (ended - began).total_seconds()
                yield Credit(last["outcome"], ended, last["owner_id"], state or last, took)
            else:
                now = state or last
                yield Credit("open", self.before - timedelta(microseconds=1), now["owner_id"], now, 0)

    def _keys(self, by: str, credit: Credit, day: date) -> Iterable[tuple[Key, Decimal]]:
        whole = Decimal(credit.state["amount"])
        if by == "product":
            parts: defaultdict[Key, Decimal] = defaultdict(Decimal)
            for line in credit.state["lines"]:
                parts[line["product_id"]] += Decimal(line["total"])
            return list(parts.items()) or [(None, whole)]
        team = self._then("user", credit.owner, credit.at, "team_id")
        keys: dict[str, Key] = {
            "none": None,
            "employee": credit.owner,
            "team": team,
            "office": self._then("team", team, credit.at, "office"),
            "company": credit.state["company_id"],
            "currency": credit.state["currency"],
            "month": f"{day.year}-{day.month:02d}",
            "quarter": f"{day.year}-Q{1 + (day.month - 1) // 3}",
        }
        return [(keys[by], whole)]

    def _then(self, noun: str, id: Key, at: datetime, name: str) -> Key:
        told = sorted(self.by_subject.get((noun, str(id)), []), key=lambda event: (event.time, event.sequence))
        begun = [event.data[name] for event in told if event.time <= at]
        if begun:
            return str(begun[-1]) if begun[-1] else None
        return next((str(event.data[name]) for event in told if event.data[name]), None)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
