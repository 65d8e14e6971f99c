"""A company with a PBX, as tests of this service see it: users, connections, webhooks, and what came of them."""

import asyncio
import hashlib
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx
from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.testing import Harness, admin, eventually, salesperson
from crm_contracts.contacts import PersonPii, PersonState, Phone
from crm_contracts.envelope import Envelope
from crm_contracts.gateway import TEAM_CHANGED, USER_CREATED, TeamState, UserPii, UserState
from crm_telephony.adapters.emulated.generic_pbx import signed

NOUNS = ("connection", "call", "person")
BOSS = admin(NOUNS, "call:dial", "call:dial_raw", "call:listen")
SYSTEM = Principal.system("gateway")
MOST_BYTES = 200_000
KEY, SALT, SECRET = "key-of-the-demo-pbx", "salt-of-the-demo-pbx", "secret-of-the-hook"
_numbers = itertools.count(int(time.time()) % 1_000_000)


def new_phone() -> str:
    """A mobile no other test uses, as a PBX writes it."""
    return f"7916{next(_numbers) % 10_000_000:07d}"


@dataclass(frozen=True)
class Pbx:
    """A connection with its secret path."""

    id: UUID
    hook: str
    line: str
    version: int


class Office:
    """The running service with hands for its tests."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.client = harness.client

    async def user(self, *special: str, team_id: UUID | None = None) -> Principal:
        """A salesperson the service knows of."""
        person = salesperson(NOUNS, "call:dial", *special, team_id=team_id)
        state = UserState(
            id=person.id,
            role="salesperson",
            team_id=team_id,
            locale="en",
            active=True,
            version=1,
            pii=UserPii(name="Ann", email="ann@example.com"),
        )
        event = self.harness.event(USER_CREATED, state, subject="user", id=person.id)
        await self.harness.deliver(event, queue="telephony.users")
        await eventually(lambda: self.rows("SELECT 1 FROM staff_member WHERE id = :id", id=person.id))
        return person

    async def team(self, id: UUID) -> None:
        """A team the service knows of."""
        state = TeamState(id=id, name="Team", lead_id=None, version=1)
        event = self.harness.event(TEAM_CHANGED, state, subject="team", id=id)
        await self.harness.deliver(event, queue="telephony.users")
        await eventually(lambda: self.rows("SELECT 1 FROM staff_team WHERE id = :id", id=id))

    async def rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of a query."""
        return await self.harness.rows(query, **parameters)

    async def post(self, path: str, body: Any, by: Principal = BOSS, **headers: Any) -> httpx.Response:
        """POST to the API."""
        return await self.client.post(f"/api/v1{path}", json=body, headers=self.harness.headers(by, **headers))

    async def get(self, path: str, by: Principal = BOSS, **query: Any) -> httpx.Response:
        """GET from the API."""
        return await self.client.get(f"/api/v1{path}", params=query, headers=self.harness.headers(by))

    async def pbx(
        self,
        vendor: str = "mango",
        *,
        desks: dict[str, Principal] | None = None,
        api_url: str | None = None,
        **more: Any,
    ) -> Pbx:
        """A connection with one line, whose calls fall to a user of its own."""
        fallback = await self.user()
        line = f"7495{next(_numbers) % 10_000_000:07d}"
        secrets = {"api_key": KEY, "salt": SALT} if vendor == "mango" else {"hook_secret": SECRET}
        body = {
            "name": "PBX",
            "vendor": vendor,
            "fallback_user_id": str(fallback.id),
            "lines": [{"number": line}],
            "api_url": api_url,
        }
        made = await self.post("/connections", body | secrets | more)
        assert made.status_code == 201, made.text
        shown = made.json()
        if desks:
            extensions = [{"extension": number, "user_id": str(user.id)} for number, user in desks.items()]
            path = f"/api/v1/connections/{shown['id']}/extensions"
            answer = await self.client.put(path, json={"extensions": extensions}, headers=self.harness.headers(BOSS))
            assert answer.status_code == 200, answer.text
        return Pbx(UUID(shown["id"]), shown["hook_path"], line, shown["version"])

    async def hook(self, pbx: Pbx, path: str, event: dict[str, Any], **headers: Any) -> httpx.Response:
        """A signed webhook of Mango, as the gateway passes it on."""
        payload = json.dumps(event)
        sign = hashlib.sha256((KEY + payload + SALT).encode()).hexdigest()
        form = urlencode({"vpbx_api_key": KEY, "sign": sign, "json": payload})
        return await self.raw_hook(
            f"{pbx.hook}/{path}", form.encode(), content_type="application/x-www-form-urlencoded", **headers
        )

    async def generic_hook(self, pbx: Pbx, event: dict[str, Any], **headers: Any) -> httpx.Response:
        """A signed webhook of the generic contract."""
        request = signed(event, SECRET, time.time())
        return await self.raw_hook(pbx.hook, request.body, **(headers | request.headers))

    async def raw_hook(self, path: str, body: bytes, by: Principal = SYSTEM, **headers: Any) -> httpx.Response:
        """Any bytes at a hook's address."""
        return await self.client.post(path, content=body, headers=self.harness.headers(by, **headers))

    async def call(self, pbx: Pbx, **wanted: Any) -> dict[str, Any]:
        """The one call of the connection, once it is as wanted."""

        async def there() -> dict[str, Any] | None:
            rows = await self.rows('SELECT * FROM "call" WHERE connection_id = :id', id=pbx.id)
            assert len(rows) <= 1, rows
            fits = rows and all(rows[0][name] == value for name, value in wanted.items())
            return rows[0] if fits else None

        found: dict[str, Any] = await eventually(there)
        return found

    async def news(self, call_id: UUID) -> list[Envelope]:
        """What was told of a call, in order."""
        events = [event for event in await self.harness.recorded() if event.subject == f"call/{call_id}"]
        return sorted(events, key=lambda event: event.sequence)

    async def folded(self, pbx: Pbx) -> None:
        """Every webhook of the connection has had its effect."""
        query = "SELECT 1 FROM call_event_raw WHERE connection_id = :id AND parsed_at IS NULL"

        async def none_waits() -> bool:
            return not await self.rows(query, id=pbx.id)

        await eventually(none_waits)

    def person(self, phone: str, owner: UUID | None, *, id: UUID | None = None, version: int = 1) -> PersonState:
        """A person with one phone, in E.164."""
        at = now()
        number = Phone(id=uuid4(), e164=phone, raw=phone, kind="mobile")
        return PersonState(
            id=id or uuid4(),
            company_id=None,
            owner_id=owner,
            owner_source="rule",
            source="call",
            locale=None,
            created_at=at,
            updated_at=at,
            version=version,
            pii=PersonPii(name="Olga", phones=[number], emails=[]),
        )

    async def knows(self, state: PersonState) -> None:
        """The phone index holds this state of a person."""
        event = self.harness.event(
            "contacts.person.updated.v1", state, subject="person", id=state.id, sequence=state.version
        )
        await self.harness.deliver(event, queue="telephony.phone-index")
        query = "SELECT 1 FROM person_copy WHERE id = :id AND version >= :version"
        await eventually(lambda: self.rows(query, id=state.id, version=state.version))


def call_event(pbx: Pbx, state: str, *, entry: str, leg: str = "L1", seq: int = 1, **more: Any) -> dict[str, Any]:
    """A webhook events/call of a customer ringing desk 101."""
    event: dict[str, Any] = {
        "entry_id": entry,
        "call_id": leg,
        "timestamp": int(time.time()),
        "seq": seq,
        "call_state": state,
        "location": "abonent",
        "from": {"number": "79161234567"},
        "to": {"extension": "101", "number": "sip:user101@demo.mangosip.ru", "line_number": pbx.line},
    }
    return event | more


@asynccontextmanager
async def gateway_to(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """A client that adds what the gateway adds, so that an emulated PBX can post straight to the service."""

    async def as_gateway(request: httpx.Request) -> None:
        request.headers.update(office.harness.headers(SYSTEM, x_correlation_id=str(uuid4())))

    transport = httpx.ASGITransport(app=office.client._transport.app)  # type: ignore[attr-defined]
    hooks = {"request": [as_gateway]}
    async with httpx.AsyncClient(transport=transport, base_url="http://service", event_hooks=hooks) as client:
        yield client


async def together(*awaitables: Any) -> list[Any]:
    """All at once."""
    return list(await asyncio.gather(*awaitables))
