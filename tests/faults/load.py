"""The outside world: a PBX that repeats itself, and people who work on through a fault.

Speaks to the gateway's port alone. What got no definite answer is asked again (webhooks signed anew under the same
event id, POSTs under the same Idempotency-Key), so that the ledger knows exactly what was promised.
"""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

import aiohttp
from crm_telephony.adapters.emulated import generic_pbx

from tests.faults.ledger import EXTENSIONS, Acknowledged, Caller, Ledger, Noun, PlannedCall

_AGAIN = {502, 503, 504}
_COPIES = (1, 2, 2, 3)
_WINDOW_S = 1.5
_JOIN_LIMIT_S = 300.0


@dataclass(frozen=True)
class Door:
    """Where and as whom the world comes in. `stages` are the open stages of the pipeline in order."""

    gateway_url: str
    hook_url: str
    secret: str
    authorization: str
    stages: list[UUID]


@dataclass(frozen=True)
class Wave:
    """How much happens: `callers` ring (each once or twice), `writers` work on cards, `mails` are sent."""

    callers: int
    writers: int
    mails: int
    calls_per_s: float = 8.0


class World:
    """Makes waves until every promise is settled."""

    def __init__(self, door: Door, ledger: Ledger, seed: int) -> None:
        self.in_flight: Counter[str] = Counter()
        self.retried: Counter[str] = Counter()
        self.sent = 0
        self._door = door
        self._ledger = ledger
        self._random = random.Random(seed)
        self._numbers = iter(range(100_000))
        self._recipients: list[UUID] = []
        self._client: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """The world may begin."""
        self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=40))

    async def close(self) -> None:
        """No connection is left."""
        if self._client is not None:
            await self._client.close()

    async def recipients(self, count: int) -> None:
        """So many people with an address can be written to."""
        for _ in range(count):
            made = await self._make_person()
            self._recipients.append(made.id)

    async def wave(self, wave: Wave) -> None:
        """All of it has happened and has been acknowledged."""
        duration = wave.callers / wave.calls_per_s
        work = [self._after(self._random.uniform(0, duration), self._work(n)) for n in range(wave.writers)]
        work += [self._after(self._random.uniform(0, duration), self._mail()) for _ in range(wave.mails)]
        work += [self._after(n / wave.calls_per_s, self._caller(n)) for n in range(wave.callers)]
        async with asyncio.timeout(_JOIN_LIMIT_S):
            await asyncio.gather(*work)

    async def _after(self, delay: float, work: Any) -> None:
        await asyncio.sleep(delay)
        await work

    # A caller: half of them unknown, alone or again, missed or answered.

    async def _caller(self, number: int) -> None:
        known, pattern = number % 2 == 1, number // 2 % 5
        caller = Caller(f"+386411{next(self._numbers):05d}")
        if known:
            person = await self._make_person(phone=caller.phone)
            caller.person_id = person.id
            if number % 4 == 1:
                caller.deal_ids.append((await self._make_deal(person.id)).id)
        self._ledger.callers[caller.phone] = caller
        if pattern == 1:  # twice at the same moment
            both = [self._planned(caller, 0), self._planned(caller, 0)]
            await asyncio.gather(*(self._ring(call) for call in both))
            return
        for talk_s in ([0], [], [0, 1], [2], [1, 0])[pattern]:
            await self._ring(self._planned(caller, talk_s))

    def _planned(self, caller: Caller, talk_s: int) -> PlannedCall:
        rings = tuple(self._random.sample(EXTENSIONS, self._random.choice((1, 2))))
        call = PlannedCall(caller.phone, time.time(), rings, talk_s)
        caller.calls.append(call)
        return call

    async def _ring(self, call: PlannedCall) -> None:
        """Every webhook of the call is acknowledged: each up to three times, in no order."""
        deliveries = [
            self._deliver(call, event, at + self._random.uniform(0, _WINDOW_S))
            for at, event in call.script()
            for _ in range(self._random.choice(_COPIES))
        ]
        await asyncio.gather(*deliveries)

    async def _deliver(self, call: PlannedCall, event: dict[str, Any], at: float) -> None:
        await asyncio.sleep(max(0.0, at - time.time()))
        with self._flying("webhook"):
            while True:
                request = generic_pbx.signed(event, self._door.secret, time.time())
                status, body = await self._ask("POST", self._door.hook_url, data=request.body, headers=request.headers)
                if status == 200:
                    call.acknowledged.add(event["event_id"])
                    return
                await self._not_yet("webhook", status, body)

    # A person at work: a card, a deal that moves, a task that is done, changes that come too late.

    async def _work(self, number: int) -> None:
        person = await self._make_person()
        deal = await self._make_deal(person.id)
        version = await self._move(deal, 1, self._door.stages[1])
        task = await self._make_task(deal.id, soon=number % 2 == 0)
        if number % 3 == 0:
            await self._move(deal, version, self._door.stages[2])
        if number % 2 == 1:
            await self._post(f"/api/v1/tasks/{task.id}/complete", None, kind="write")
            task.fields["status"] = "done"
        await self._rename(person)
        await self._too_late(person)
        if number % 4 == 0:
            loser = await self._make_person()
            await self._post(f"/api/v1/people/{person.id}/merge", {"loser_id": str(loser.id)}, kind="write")
            self._ledger.merged[loser.id] = person.id

    async def _mail(self) -> None:
        marker = self._mark("message")
        person_id = self._random.choice(self._recipients)
        body = {"channel": "email", "person_id": str(person_id), "subject": marker, "text": "Your windows are ready."}
        self._keep("message", await self._post("/api/v1/messages", body, kind="send"), marker)

    async def _make_person(self, phone: str | None = None) -> Acknowledged:
        marker = self._mark("person")
        body: dict[str, Any] = {"name": marker, "emails": [{"address": f"{marker}@customers.example"}]}
        if phone:
            body["phones"] = [{"raw": phone}]
        return self._keep("person", await self._post("/api/v1/people", body, kind="write"), marker, name=marker)

    async def _make_deal(self, person_id: UUID) -> Acknowledged:
        marker = self._mark("deal")
        body = {"title": marker, "person_id": str(person_id), "amount": "100.00"}
        answer = await self._post("/api/v1/deals", body, kind="write")
        deal = self._keep("deal", answer, marker, person_id=person_id)
        deal.stages.append(UUID(answer["stage_id"]))
        return deal

    async def _make_task(self, deal_id: UUID, *, soon: bool) -> Acknowledged:
        marker = self._mark("task")
        due = datetime.now(UTC) + (timedelta(seconds=6) if soon else timedelta(hours=8))
        body = {"title": marker, "deal_id": str(deal_id), "due_at": due.isoformat()}
        if soon:
            body["remind_at"] = (due - timedelta(seconds=3)).isoformat()
        return self._keep("task", await self._post("/api/v1/tasks", body, kind="write"), marker, status="open")

    async def _move(self, deal: Acknowledged, version: int, stage_id: UUID) -> int:
        body = {"stage_id": str(stage_id)}
        answer = await self._post(f"/api/v1/deals/{deal.id}/move", body, kind="write", version=version)
        deal.stages.append(stage_id)
        return int(answer["version"])

    async def _rename(self, person: Acknowledged) -> None:
        """A PATCH has no key: when its fate is not known, the card says whether it came through."""
        name, path = f"{person.marker} renamed", f"/api/v1/people/{person.id}"
        while True:
            status, answer = await self._write("PATCH", path, {"name": name}, version=1)
            if status == 200 or (status == 409 and answer["current"]["name"] == name):
                break
            self._surprise("PATCH", path, status, answer)
            return
        person.fields["name"] = name

    async def _too_late(self, person: Acknowledged) -> None:
        status, answer = await self._write("PATCH", f"/api/v1/people/{person.id}", {"name": "too late"}, version=1)
        if status != 409:
            self._surprise("stale PATCH", f"/api/v1/people/{person.id}", status, answer)

    # Asking until there is a definite answer.

    async def _post(self, path: str, body: Any, *, kind: str, version: int | None = None) -> dict[str, Any]:
        status, answer = await self._write("POST", path, body, version=version, key=uuid4().hex, kind=kind)
        if status not in (200, 201):
            self._surprise("POST", path, status, answer)
            raise RuntimeError(f"POST {path} answered {status}: {answer}")
        made: dict[str, Any] = answer
        return made

    async def _write(
        self, method: str, path: str, body: Any, *, version: int | None, key: str | None = None, kind: str = "write"
    ) -> tuple[int, Any]:
        headers = {"Authorization": self._door.authorization}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        if key is not None:
            headers["Idempotency-Key"] = key
        with self._flying(kind):
            while True:
                status, answer = await self._ask(method, self._door.gateway_url + path, json=body, headers=headers)
                if status is not None and status not in _AGAIN and status != 500:
                    return status, answer
                await self._not_yet(kind, status, answer)

    async def _ask(self, method: str, url: str, **request: Any) -> tuple[int | None, Any]:
        """Status and JSON; (None, reason) when the connection broke."""
        assert self._client is not None
        self.sent += 1
        try:
            async with self._client.request(method, url, **request) as response:
                return response.status, await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return None, repr(error)

    async def _not_yet(self, kind: str, status: int | None, answer: Any) -> None:
        if status is not None and status not in _AGAIN:
            self._surprise(kind, "", status, answer)
        self.retried[kind] += 1
        await asyncio.sleep(self._random.uniform(0.2, 0.8))

    def _surprise(self, what: str, path: str, status: int | None, answer: Any) -> None:
        self._ledger.surprises.append(f"{what} {path} answered {status}: {str(answer)[:300]}")

    def _flying(self, kind: Literal["webhook", "write", "send"] | str) -> Any:
        return _Flying(self.in_flight, kind)

    def _mark(self, noun: Noun) -> str:
        marker = f"{noun}-{uuid4().hex[:12]}"
        self._ledger.markers[marker] = noun
        return marker

    def _keep(self, noun: Noun, answer: dict[str, Any], marker: str, **fields: Any) -> Acknowledged:
        made = Acknowledged(UUID(answer["id"]), marker, fields)
        self._ledger.made[noun][made.id] = made
        return made


class _Flying:
    def __init__(self, counts: Counter[str], kind: str) -> None:
        self._counts, self._kind = counts, kind

    def __enter__(self) -> None:
        self._counts[self._kind] += 1

    def __exit__(self, *_: object) -> None:
        self._counts[self._kind] -= 1
