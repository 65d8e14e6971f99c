# ruff: noqa: S608 # table names in queries are constants of this file
"""A desk to work at in tests: act as somebody, hear of people and calls, look at what came of it."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from crm_chassis.access.principal import Principal
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, admin, eventually, sales_head, salesperson
from crm_contracts import contacts, gateway, telephony
from crm_contracts.envelope import Envelope

NOUNS = ("deal", "task", "pipeline", "product", "automation", "person", "company")
SPECIAL = ("deal:reopen", "deal:backdate")

MONDAY = datetime(2045, 11, 20, 10, tzinfo=UTC)
"""Far ahead, so that no timer of a test's call-back rings by itself."""

_TABLES = ("deal", "stage_entry", "deal_line", "product", "pipeline", "stage", "task", "automation_rule")
_numbers = itertools.count(1)


class Desk:
    """Hands and eyes of a test."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.admin = admin(NOUNS, *SPECIAL)
        self.head = sales_head(NOUNS, *SPECIAL)

    async def hire(self, name: str = "Ana Novak", team_id: UUID | None = None) -> Principal:
        """A salesperson the service knows of."""
        user = salesperson(NOUNS, team_id=team_id)
        state = gateway.UserState(
            id=user.id,
            role="salesperson",
            team_id=team_id,
            locale="en",
            active=True,
            version=1,
            pii=gateway.UserPii(name=name, email="ana@example.com"),
        )
        await self.hear(gateway.USER_CREATED, state, "user", user.id, queue="deals.users")
        await self.until("SELECT 1 FROM staff_member WHERE id = :id", id=user.id)
        return user

    async def hear(self, type: str, state: Any, noun: str, id: UUID, *, queue: str, **more: Any) -> Envelope:
        """One event arrives in one queue."""
        more.setdefault("sequence", state.version)
        event = self.harness.event(type, state, subject=noun, id=id, **more)
        await self.harness.deliver(event, queue=queue)
        return event

    async def until(self, query: str, **parameters: Any) -> dict[str, Any]:
        """The first row of the query, as soon as there is one."""
        rows = await eventually(lambda: self.harness.rows(query, **parameters))
        return dict(rows[0])

    async def meet(self, owner_id: UUID | None, name: str = "Maja Kos", id: UUID | None = None) -> UUID:
        """A person of contacts whom the copy knows."""
        state = person_state(owner_id, name, id=id)
        await self.hear(contacts.PERSON_CREATED, state, "person", state.id, queue="deals.cards")
        await self.until("SELECT 1 FROM person_card WHERE id = :id AND name = :name", id=state.id, name=name)
        return state.id

    async def get(self, who: Principal, path: str, **params: Any) -> httpx.Response:
        """GET as somebody."""
        return await self.harness.client.get(f"/api/v1{path}", params=params, headers=self.harness.headers(who))

    async def post(
        self, who: Principal, path: str, body: dict[str, Any] | None = None, **headers: str
    ) -> httpx.Response:
        """POST as somebody; `if_match="1"` and the like become headers."""
        named = self.harness.headers(who, **headers)
        return await self.harness.client.post(f"/api/v1{path}", json=body, headers=named)

    async def patch(self, who: Principal, path: str, version: int | None, body: dict[str, Any]) -> httpx.Response:
        """PATCH as somebody who has seen a version."""
        named = self.harness.headers(who) if version is None else self.harness.headers(who, if_match=f'"{version}"')
        return await self.harness.client.patch(f"/api/v1{path}", json=body, headers=named)

    async def put(self, who: Principal, path: str, version: int, body: dict[str, Any]) -> httpx.Response:
        """PUT as somebody who has seen a version."""
        named = self.harness.headers(who, if_match=f'"{version}"')
        return await self.harness.client.put(f"/api/v1{path}", json=body, headers=named)

    async def delete(self, who: Principal, path: str, version: int | None) -> httpx.Response:
        """DELETE as somebody who has seen a version."""
        named = self.harness.headers(who) if version is None else self.harness.headers(who, if_match=f'"{version}"')
        return await self.harness.client.delete(f"/api/v1{path}", headers=named)

    async def deal(self, who: Principal, **body: Any) -> dict[str, Any]:
        """A new deal."""
        answer = await self.post(who, "/deals", {"title": "Windows for a flat"} | body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def move(self, who: Principal, deal: dict[str, Any], stage: str, **body: Any) -> httpx.Response:
        """The deal to a stage by name."""
        stages = await self.stages()
        return await self.post(
            who, f"/deals/{deal['id']}/move", {"stage_id": stages[stage]} | body, if_match=str(deal["version"])
        )

    async def task(self, who: Principal, due_in: timedelta = timedelta(days=1), **body: Any) -> dict[str, Any]:
        """A new task."""
        due_at = (datetime.now(UTC) + due_in).isoformat()
        answer = await self.post(who, "/tasks", {"title": "Send the offer", "due_at": due_at} | body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def stages(self) -> dict[str, str]:
        """Ids of the default pipeline's stages by their names."""
        pipelines = (await self.get(self.admin, "/pipelines")).json()["items"]
        return {stage["name"]: stage["id"] for stage in pipelines[0]["stages"]}

    async def told(self, type: str | None, id: Any) -> list[Envelope]:
        """Events recorded about a subject, oldest first."""
        return [event for event in await self.harness.recorded(type) if event.subject.endswith(str(id))]

    async def traces(self) -> tuple[int, ...]:
        """How many rows and events there are: equal before and after means nothing was left behind."""
        union = " UNION ALL ".join(f"SELECT '{name}' AS name, t::text AS row FROM {name} t" for name in _TABLES)
        query = f"SELECT count(*) AS rows, sum(hashtext(name || row)) AS content FROM ({union}) everything"
        (found,) = await self.harness.rows(query)
        return int(found["rows"]), int(found["content"]), len(await self.harness.recorded())


def person_state(
    owner_id: UUID | None, name: str = "Maja Kos", *, id: UUID | None = None, version: int = 1, **more: Any
) -> contacts.PersonState:
    """A person as contacts tells it."""
    return contacts.PersonState(
        id=id or new_id(),
        company_id=None,
        owner_id=owner_id,
        owner_source="rule",
        source="call",
        locale=None,
        created_at=MONDAY,
        updated_at=MONDAY,
        version=version,
        pii=contacts.PersonPii(name=name, phones=[], emails=[]),
        **more,
    )


class Ring:
    """One call of a number, as telephony and contacts tell it; the call lasts a minute from `minute` on."""

    def __init__(self, phone: str, minute: int, *, direction: telephony.Direction = "in") -> None:
        self.id = new_id()
        self.correlation_id = new_id()
        self.phone = phone
        self.direction = direction
        self.started_at = MONDAY + timedelta(minutes=minute)
        self.ringing = [new_id()]
        self.fallback = new_id()

    def state(self, version: int, **changes: Any) -> telephony.CallState:
        """The call at a version."""
        base: dict[str, Any] = {
            "id": self.id,
            "connection_id": UUID(int=1),
            "vendor_call_id": str(self.id),
            "direction": self.direction,
            "phase": "ended",
            "result": "missed",
            "line": None,
            "hidden": False,
            "started_at": self.started_at,
            "answered_at": None,
            "ended_at": self.started_at + timedelta(minutes=1),
            "ring_s": 60,
            "talk_s": 0,
            "hold_s": 0,
            "queue_s": 0,
            "ringing_user_ids": self.ringing,
            "answered_by": None,
            "responsible_user_id": None,
            "line_team_id": None,
            "fallback_user_id": self.fallback,
            "origin": "pbx",
            "command_id": None,
            "person_hint_id": None,
            "correlation_id": self.correlation_id,
            "version": version,
            "pii": telephony.CallPii(phone=self.phone, phone_raw=self.phone or ""),
        }
        return telephony.CallState.model_validate(base | changes)

    def _talk(self) -> dict[str, Any]:
        return {"answered_at": self.started_at + timedelta(seconds=20), "result": "answered", "talk_s": 40}

    def missed(self, harness: Harness, version: int = 2, **changes: Any) -> Envelope:
        """Nobody took the call."""
        return self._event(harness, telephony.CALL_MISSED, self.state(version, **changes))

    def answered(self, harness: Harness, version: int = 2) -> Envelope:
        """Somebody took the call and is talking."""
        changes = self._talk() | {"phase": "talking", "result": None, "talk_s": 0, "ended_at": None}
        return self._event(harness, telephony.CALL_ANSWERED, self.state(version, **changes))

    def ended(self, harness: Harness, version: int = 3, **changes: Any) -> Envelope:
        """The call is over after a talk."""
        return self._event(harness, telephony.CALL_ENDED, self.state(version, **(self._talk() | changes)))

    def linked(
        self,
        harness: Harness,
        person_id: UUID,
        owner_id: UUID,
        *,
        version: int = 1,
        owner_source: contacts.OwnerSource = "rule",
        name: str = "Maja Kos",
        **more: Any,
    ) -> Envelope:
        """Contacts says whose call it is."""
        state = contacts.CallLinked(
            call_id=self.id,
            person_id=person_id,
            created=True,
            direction="out" if self.direction == "out" else "in",
            line=None,
            started_at=self.started_at,
            owner_id=owner_id,
            owner_source=owner_source,
            version=version,
            pii=contacts.CallLinkedPii(phone=self.phone, person_name=name),
        )
        return self._event(harness, contacts.CALL_LINKED, state, **more)

    def _event(self, harness: Harness, type: str, state: Any, **more: Any) -> Envelope:
        more = {"sequence": state.version, "correlation_id": self.correlation_id} | more
        return harness.event(type, state, subject="call", id=self.id, **more)


def new_phone() -> str:
    """A number no other test uses."""
    return f"+3864{next(_numbers):07d}"
