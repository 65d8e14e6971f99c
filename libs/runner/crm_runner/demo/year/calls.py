"""The calls of the year: those each deal needed, and the rest a telephone brings; nobody is on two at once.

Pure, as all of the year.
"""

import random
from bisect import insort
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

from crm_runner.demo.year.shape import Call, Deal, Person, Step
from crm_runner.demo.year.staff import MANNERS, MENTOR
from crm_runner.demo.year.words import SAID, Locale, Occasion

SALES, SERVICE = "+38615550100", "+38615550200"
_STRANGERS = 0.06
_RECORDED_DAYS = 14
_AT: dict[str, Occasion] = {
    "New": "first",
    "Contacted": "contact",
    "Measuring": "measuring",
    "Offer": "offer",
    "Contract": "contract",
    "Won": "won",
    "Lost": "lost",
}
_OUTCOMES: dict[Occasion, tuple[str, ...]] = {"measuring": ("booked",), "lost": ("not_interested",)}
_BUSY_HOURS = (8, 14, 16, 13, 6, 9, 11, 12, 9)


class Switchboard:
    """Places calls in working hours, one after the other for each colleague."""

    def __init__(self, dice: random.Random, now: datetime, zone: tzinfo) -> None:
        self._dice = dice
        self._zone = zone
        self._now = now
        self._today = now.astimezone(zone).date()
        self._busy: dict[str, list[tuple[datetime, datetime]]] = {name: [] for name in MANNERS}
        self._calls: list[Call] = []

    def year(
        self, deals: Sequence[Deal], people: Sequence[Person], phones: Iterator[str], count: int
    ) -> tuple[Call, ...]:
        """About `count` calls, oldest first, all of them over."""
        for deal in deals:
            for step in deal.steps:
                self._around(deal, step)
        first = deals[0].steps[0].day if deals else self._today
        opened = [deal.steps[0].day for deal in deals] or [first]
        while len(self._calls) < count:
            day = self._weekday(self._dice.choice(opened) + timedelta(days=self._dice.randint(0, 20)))
            if self._dice.random() < _STRANGERS:
                self._inbound(next(phones), "sl", self._anyone(day), day, "service", SALES)
                continue
            person = self._dice.choice(people)
            line = self._dice.choice((SALES, SERVICE, SERVICE))
            self._inbound(person.phone, person.locale, self._owner(person.owner, day), day, "service", line)
        return tuple(sorted(self._calls, key=lambda call: (call.started_at, call.id)))

    def _around(self, deal: Deal, step: Step) -> None:
        person, occasion = deal.person, _AT[step.stage]
        if occasion == "first":
            self._inbound(person.phone, person.locale, deal.owner, step.day, occasion, SALES)
            return
        for _ in range(self._dice.choice((1, 1, 2, 3))):
            if self._dice.random() < 0.2:
                self._inbound(person.phone, person.locale, deal.owner, step.day, occasion, SALES)
            else:
                self._outbound(person.phone, person.locale, deal.owner, self._moment(step.day), occasion)

    def _inbound(self, phone: str, locale: Locale, user: str, day: date, occasion: Occasion, line: str) -> None:
        manner, moment = MANNERS[user], self._moment(day)
        if self._dice.random() >= manner.misses or day == self._today:
            self._talk("in", phone, locale, user, moment, occasion, line)
            return
        self._add("in", "missed", phone, line, user, moment, self._dice.randint(14, 38), 0, None, "")
        if self._dice.random() >= manner.forgets:
            later = moment + timedelta(minutes=self._dice.randint(*manner.back_min))
            self._outbound(phone, locale, user, self._within_hours(later), occasion)

    def _outbound(self, phone: str, locale: Locale, user: str, moment: datetime, occasion: Occasion) -> None:
        roll = self._dice.random()
        if roll < 0.16:
            outcome = self._dice.choice(("no_answer", "left_message"))
            said = outcome if self._dice.random() < MANNERS[user].writes else None
            self._add("out", "no_answer", phone, SALES, user, moment, self._dice.randint(18, 40), 0, said, "")
            return
        if roll < 0.2:
            self._add("out", "busy", phone, SALES, user, moment, self._dice.randint(2, 6), 0, None, "")
            return
        self._talk("out", phone, locale, user, moment, occasion, SALES)

    def _talk(
        self,
        direction: Literal["in", "out"],
        phone: str,
        locale: Locale,
        user: str,
        moment: datetime,
        occasion: Occasion,
        line: str,
    ) -> None:
        writes = self._dice.random() < MANNERS[user].writes
        outcome = self._dice.choice(_OUTCOMES.get(occasion, ("reached",))) if writes else None
        note = self._dice.choice(SAID[locale][occasion]) if writes and self._dice.random() < 0.6 else ""
        talk = round(self._dice.lognormvariate(4.7, 0.7))
        ring = self._dice.randint(3, 22)
        self._add(direction, "answered", phone, line, user, moment, ring, min(max(talk, 12), 1_500), outcome, note)

    def _add(
        self,
        direction: Literal["in", "out"],
        result: Literal["answered", "missed", "no_answer", "busy"],
        phone: str,
        line: str,
        user: str,
        moment: datetime,
        ring_s: int,
        talk_s: int,
        outcome: str | None,
        note: str,
    ) -> None:
        length = timedelta(seconds=ring_s + talk_s)
        begins = self._free(user, moment, length)
        if begins + length > self._now:
            return
        insort(self._busy[user], (begins, begins + length))
        recent = (self._now - begins).days < _RECORDED_DAYS
        id = f"{len(self._calls):05d}"
        recorded = recent and result == "answered"
        self._calls.append(
            Call(id, direction, result, phone, line, user, begins, ring_s, talk_s, outcome, note, recorded)
        )

    def _free(self, user: str, moment: datetime, length: timedelta) -> datetime:
        for begins, ends in self._busy[user]:
            if begins < moment + length and moment < ends:
                moment = ends + timedelta(seconds=20)
        return moment

    def _moment(self, day: date) -> datetime:
        hour = 9 + self._dice.choices(range(len(_BUSY_HOURS)), _BUSY_HOURS)[0]
        local = datetime.combine(day, time(hour, self._dice.randint(0, 54), self._dice.randint(0, 59)), self._zone)
        return local.astimezone(UTC)

    def _within_hours(self, moment: datetime) -> datetime:
        local = moment.astimezone(self._zone)
        if local.hour < 18 and local.weekday() < 5:
            return moment
        return self._moment(self._weekday(local.date() + timedelta(days=1))).replace(minute=self._dice.randint(0, 20))

    def _weekday(self, day: date) -> date:
        day = min(day, self._today)
        while day.weekday() >= 5:
            day -= timedelta(days=1)
        return day

    def _anyone(self, day: date) -> str:
        return self._owner(self._dice.choice(tuple(MANNERS)), day)

    def _owner(self, name: str, day: date) -> str:
        return MENTOR[name] if (self._today - day).days > MANNERS[name].since_days else name
