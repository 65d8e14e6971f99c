"""The demo's telephone: customers who ring whoever looks at a page."""

import random
import time
from collections.abc import Callable
from typing import Any

import httpx

from crm_runner.demo.bell import Bell
from crm_runner.demo.company import CUSTOMERS, LINE_SALES, STAFF, Company
from crm_runner.demo.pbx import EmulatedPbx
from crm_runner.errors import RunnerError

_KNOWN = 0.8
_SCRIPTS = ("ring-no-answer", "ring-no-answer", "ring-no-answer", "answer", "answer")
_RING_S, _TALK_S = 14.0, 12.0
_EXTENSIONS = {colleague.name.split()[0]: colleague.extension for colleague in STAFF if colleague.extension}


class Telephone:
    """Rings the extension of whoever has a page open; mostly a customer of theirs with an open deal."""

    def __init__(self, company: Company, pbx: EmulatedPbx, say: Callable[[str], None], dice: random.Random) -> None:
        self._admin = company.client("Nadja")
        self._names = {company.client(name).id: name for name in _EXTENSIONS}
        self._ids = {name: id for id, name in self._names.items()}
        self._pbx = pbx
        self._say = say
        self._dice = dice
        self._bell = Bell(dice)
        self._rung: set[str] = set()

    def look(self) -> None:
        """Whoever is due has been rung. A gateway that is away is asked again later."""
        try:
            present = self._admin.get("/api/v1/live/present")["user_ids"]
            names = [self._names[id] for id in present if id in self._names]
            for name in self._bell.rings(names, time.monotonic()):
                self._ring(name or self._dice.choice(sorted(_EXTENSIONS)))
        except (RunnerError, httpx.HTTPError) as error:
            self._say(f"the telephone waits: {error}")

    def _ring(self, name: str) -> None:
        """The first who rings somebody is a customer of theirs and not answered: what to do next is plain then."""
        first = name not in self._rung
        self._rung.add(name)
        known = self._customer_of(name) if first or self._dice.random() < _KNOWN else None
        caller = known or f"+38640{self._dice.randrange(100_000, 200_000)}"
        script = _SCRIPTS[0] if first else self._dice.choice(_SCRIPTS)
        self._say(f"{caller} rings {name}")
        self._pbx.ring(caller, LINE_SALES, [_EXTENSIONS[name] or ""], script, ring_s=_RING_S, talk_s=_TALK_S)

    def _customer_of(self, name: str) -> str | None:
        """The phone of somebody with an open deal of this colleague."""
        deals = self._admin.get("/api/v1/deals", owner_id=self._ids[name], limit=200)["items"]
        people = [deal["person_id"] for deal in deals if deal["person_id"] and deal["closed_at"] is None]
        if not people:
            return self._dice.choice(CUSTOMERS)[1]
        person: dict[str, Any] = self._admin.get(f"/api/v1/people/{self._dice.choice(people)}")
        return next((phone["e164"] for phone in person["phones"] if phone["e164"]), None)
