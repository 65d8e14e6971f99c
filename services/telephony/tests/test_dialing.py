"""Click-to-call: ordered once, asked once, and one call whatever the PBX tells of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.testing import eventually, nobody
from crm_contracts.contacts import PersonState
from crm_contracts.telephony import CALL_ANSWERED, CALL_ENDED, CALL_RANG, CallState
from crm_telephony.adapters.emulated.mango_pbx import CallbackBehaviour, Delivery, MangoPbx, create_app
from crm_telephony.calls.worker import patience_of
from crm_telephony.dialing import service, worker
from crm_telephony.dialing.schemas import NewCall
from sqlalchemy import text

from .office import BOSS, KEY, SALT, Office, Pbx, call_event, gateway_to, new_phone


class Desk:
    """A salesperson at a phone of an emulated Mango PBX, and a customer."""

    def __init__(self, office: Office, pbx: Pbx, mango: MangoPbx, seller: Principal, olga: PersonState) -> None:
        self.office, self.pbx, self.mango, self.seller, self.olga = office, pbx, mango, seller, olga

    async def dial(self, by: Principal | None = None, **body: Any) -> httpx.Response:
        """POST /calls, to Olga unless said otherwise."""
        wanted = body or {"person_id": str(self.olga.id), "phone_id": str(self.olga.pii.phones[0].id)}
        return await self.office.post("/calls", wanted, by=by or self.seller)

    async def shown(self, id: str) -> dict[str, Any]:
        """The call as the API shows it."""
        found: dict[str, Any] = (await self.office.get(f"/calls/{id}")).json()
        return found

    async def command(self, id: str, state: str) -> dict[str, Any]:
        """The call once its order is in that state."""

        async def there() -> dict[str, Any] | None:
            call = await self.shown(id)
            return call if call["command"]["state"] == state else None

        found: dict[str, Any] = await eventually(there)
        return found


@pytest.fixture
async def outbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, httpx.ASGITransport | Exception]]:
    """Where the dialling worker's requests go: host → app or the error that happens."""
    routes: dict[str, httpx.ASGITransport | Exception] = {}
    real = worker.submit

    async def submit(client: httpx.AsyncClient, vendor: Any, request: Any, timeout_s: float) -> tuple[str, str | None]:
        way = routes[httpx.URL(request.url).host]
        if isinstance(way, Exception):
            raise way
        async with httpx.AsyncClient(transport=way) as wired:
            return await real(wired, vendor, request, timeout_s)

    monkeypatch.setattr(worker, "submit", submit)
    yield routes


@asynccontextmanager
async def desk(
    office: Office,
    outbox: dict[str, Any],
    behaviour: CallbackBehaviour | None = None,
    *,
    delivery: Delivery = "live",
) -> AsyncIterator[Desk]:
    """Everything for one click."""
    seller = await office.user()
    host = f"{uuid4().hex}.test"
    pbx = await office.pbx(desks={"101": seller}, api_url=f"http://{host}/vpbx")
    olga = office.person(f"+{new_phone()}", seller.id)
    await office.knows(olga)
    async with gateway_to(office) as client:
        mango = MangoPbx(hook_url=pbx.hook, api_key=KEY, salt=SALT, client=client, delivery=delivery, line=pbx.line)
        mango.callbacks = behaviour or CallbackBehaviour("answer", 0.3, 0.3)
        outbox[host] = httpx.ASGITransport(app=create_app(mango))
        yield Desk(office, pbx, mango, seller, olga)
        await mango.stop()


@pytest.mark.parametrize("delivery", ["live", "thrice-reversed"])
async def test_one_click_is_one_call_from_order_to_end(office: Office, outbox: Any, delivery: Delivery) -> None:
    async with desk(office, outbox, delivery=delivery) as at:
        answer = await at.dial()
        assert answer.status_code == 201
        ordered = answer.json()
        assert (ordered["phase"], ordered["direction"], ordered["origin"]) == ("requested", "out", "api")
        assert ordered["command"]["state"] in ("queued", "submitting", "accepted")
        call = await office.call(at.pbx, phase="ended")
        await eventually(lambda: at.mango.calls[0].state == "over")
        await office.folded(at.pbx)
        call = await office.call(at.pbx, result="answered")
    assert str(call["id"]) == ordered["id"]
    assert call["vendor_call_id"] == at.mango.calls[0].entry_id
    assert (call["person_hint_id"], call["phone_e164"]) == (at.olga.id, at.olga.pii.phones[0].e164)
    assert (call["answered_by"], call["responsible_user_id"]) == (at.seller.id, at.seller.id)
    assert str(call["correlation_id"]) == ordered["correlation_id"] == answer.headers["x-correlation-id"]
    assert len(at.mango.calls) == 1
    told = await office.news(call["id"])
    assert {str(event.correlationid) for event in told} == {ordered["correlation_id"]}
    types = [event.type for event in told]
    assert types[-1] == CALL_ENDED
    if delivery == "live":
        assert list(dict.fromkeys(types))[:2] == [CALL_RANG, CALL_ANSWERED]
    state = CallState.model_validate(told[-1].data)
    assert (state.origin, str(state.command_id)) == ("api", ordered["command"]["id"])


@pytest.mark.parametrize(
    ("script", "result"), [("no-answer", "no_answer"), ("busy", "busy"), ("agent-away", "cancelled")]
)
async def test_a_call_that_came_to_nothing_says_why(office: Office, outbox: Any, script: Any, result: str) -> None:
    async with desk(office, outbox, CallbackBehaviour(script, 0.2, 0.2)) as at:
        await at.dial()
        call = await office.call(at.pbx, phase="ended", result=result)
    assert call["responsible_user_id"] == at.seller.id


@pytest.mark.parametrize("script", ["refuse", "fail-later"])
async def test_a_refused_order_is_a_failed_call_with_its_reason(office: Office, outbox: Any, script: Any) -> None:
    async with desk(office, outbox, CallbackBehaviour(script)) as at:
        ordered = (await at.dial()).json()
        shown = await at.command(ordered["id"], "refused")
        call = await office.call(at.pbx, phase="ended")
    assert (shown["result"], call["result"]) == ("failed", "failed")
    assert "refused" in shown["command"]["reason"]
    assert [event.type for event in await office.news(call["id"])] == [CALL_ENDED]


async def test_an_order_the_pbx_did_not_answer_is_uncertain_and_never_sent_again(office: Office, outbox: Any) -> None:
    async with desk(office, outbox) as at:
        attempts = 0

        async def silent(scope: Any, receive: Any, send: Any) -> None:
            nonlocal attempts
            attempts += 1
            raise httpx.ReadTimeout("no answer")

        host = next(iter(outbox))
        outbox[host] = httpx.ASGITransport(app=silent)
        ordered = (await at.dial()).json()
        shown = await at.command(ordered["id"], "uncertain")
        assert shown["phase"] == "requested"
        await worker.doubt_abandoned(office.harness.runtime)
        (row,) = await office.rows("SELECT state FROM dial_command WHERE id = :id", id=UUID(ordered["command"]["id"]))
        assert (row["state"], attempts) == ("uncertain", 1)
        await tick(office, at.seller)
        outbox[host] = httpx.ASGITransport(app=create_app(at.mango))
        assert (await at.dial()).status_code == 201, "he may press again"
        events = (("Appeared", 1), ("Connected", 2))
        for name, seq in events:
            echo = call_event(at.pbx, name, entry="late", seq=seq) | {"command_id": ordered["command"]["id"]}
            await office.hook(at.pbx, "events/call", echo)
        await eventually(lambda: office.rows("SELECT 1 FROM call WHERE vendor_call_id = 'late'"))
        shown = await at.shown(ordered["id"])
        assert (shown["phase"], shown["id"]) == ("ringing", ordered["id"]), "the phone did ring after all"


async def test_an_order_found_half_sent_after_a_kill_is_uncertain(office: Office, outbox: Any) -> None:
    async with desk(office, outbox) as at:
        outbox[next(iter(outbox))] = RuntimeError("killed")
        ordered = (await at.dial()).json()
        await at.command(ordered["id"], "submitting")
        async with office.harness.database.transaction() as tx:
            await tx.execute(
                text("UPDATE dial_command SET submitted_at = now() - interval '1 minute' WHERE id = :id"),
                {"id": UUID(ordered["command"]["id"])},
            )
        shown = await at.command(ordered["id"], "uncertain")
        assert shown["command"]["reason"]
        assert at.mango.calls == []


async def test_an_order_that_waited_too_long_rings_nobody(office: Office, outbox: Any) -> None:
    async with desk(office, outbox) as at:
        async with office.harness.database.transaction() as tx:
            body = NewCall(person_id=at.olga.id, phone_id=at.olga.pii.phones[0].id)
            with telling(Story.of_system("test")):
                patience = patience_of(office.harness.runtime.settings)
                id = await service.order(tx, at.seller, body, patience, now() - timedelta(minutes=5))
        shown = await at.command(str(id), "refused")
        assert (shown["result"], at.mango.calls) == ("failed", [])


async def test_a_pbx_that_can_not_be_reached_is_a_failed_call(office: Office) -> None:
    seller = await office.user()
    pbx = await office.pbx(desks={"101": seller}, api_url="http://127.0.0.1:9/vpbx")
    olga = office.person(f"+{new_phone()}", seller.id)
    await office.knows(olga)
    body = {"person_id": str(olga.id), "phone_id": str(olga.pii.phones[0].id)}
    assert (await office.post("/calls", body, by=seller)).status_code == 201
    assert (await office.call(pbx, phase="ended"))["result"] == "failed"


async def tick(office: Office, user: Principal) -> None:
    """Three seconds have passed for this user."""
    async with office.harness.database.transaction() as tx:
        query = "UPDATE dial_command SET requested_at = requested_at - interval '3 seconds' WHERE user_id = :id"
        await tx.execute(text(query), {"id": user.id})


async def test_a_user_has_one_ordered_call_at_a_time_and_one_click_in_three_seconds(
    office: Office, outbox: Any
) -> None:
    async with desk(office, outbox, CallbackBehaviour("answer", 5, 60)) as at:
        answers = await asyncio.gather(*(at.dial() for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [201, 429, 429, 429, 429]
        slow = next(answer for answer in answers if answer.status_code == 429)
        assert int(slow.headers["retry-after"]) in (1, 2, 3)
        await tick(office, at.seller)
        busy = await at.dial()
        assert (busy.status_code, busy.json()["code"]) == (409, "call_in_progress")
        assert len(await office.rows("SELECT 1 FROM dial_command WHERE user_id = :id", id=at.seller.id)) == 1


async def test_a_repeated_click_with_its_key_is_the_same_call(office: Office, outbox: Any) -> None:
    async with desk(office, outbox, CallbackBehaviour("answer", 5, 60)) as at:
        body = {"person_id": str(at.olga.id), "phone_id": str(at.olga.pii.phones[0].id)}
        first = await office.post("/calls", body, by=at.seller, idempotency_key="click-1")
        again = await office.post("/calls", body, by=at.seller, idempotency_key="click-1")
        assert first.json()["id"] == again.json()["id"]


async def test_who_may_dial_what(office: Office, outbox: Any) -> None:
    async with desk(office, outbox) as at:
        stranger = await office.user()
        before = await office.rows('SELECT 1 FROM "call"')
        known = {"person_id": str(at.olga.id), "phone_id": str(at.olga.pii.phones[0].id)}
        number = {"number": f"+{new_phone()}"}
        for by, body, status in (
            (nobody(), known, 403),
            (at.seller, number, 403),
            (stranger, known, 422),
            (at.seller, known | {"person_id": str(uuid4())}, 422),
            (at.seller, known | {"phone_id": str(uuid4())}, 422),
            (at.seller, {}, 422),
            (at.seller, {"person_id": str(at.olga.id)}, 422),
            (at.seller, known | number, 422),
            (at.seller, known | {"user_id": str(uuid4())}, 422),
            (BOSS, number, 409),
            (at.seller, known | {"connection_id": str(uuid4())}, 409),
        ):
            answer = await office.post("/calls", body, by=by)
            assert answer.status_code == status, (body, answer.text)
        assert await office.rows('SELECT 1 FROM "call"') == before
        assert at.mango.calls == []


async def test_a_raw_number_is_dialled_with_its_own_right(office: Office, outbox: Any) -> None:
    async with desk(office, outbox) as at:
        trusted = await office.user("call:dial_raw")
        path = f"/api/v1/connections/{at.pbx.id}/extensions"
        desks = [{"extension": "102", "user_id": str(trusted.id)}]
        await office.client.put(path, json={"extensions": desks}, headers=office.harness.headers(BOSS))
        assert (await at.dial(trusted, number="not a number")).status_code == 422
        phone = new_phone()
        assert (await at.dial(trusted, number=f"8{phone[1:]}")).status_code == 201
        call = await office.call(at.pbx, phase="ended")
        assert (call["phone_e164"], call["answered_by"]) == (f"+{phone}", trusted.id)


async def test_a_pbx_that_does_not_echo_our_id_is_understood_by_desk_number_and_time(
    office: Office, outbox: Any
) -> None:
    async with desk(office, outbox, CallbackBehaviour("time-out")) as at:
        ordered = (await at.dial()).json()
        phone = str(at.olga.pii.phones[0].e164).removeprefix("+")
        event = call_event(at.pbx, "Appeared", entry="E9") | {
            "from": {"extension": "101"},
            "to": {"number": phone, "line_number": at.pbx.line},
        }
        await office.hook(at.pbx, "events/call", event)
        call = await office.call(at.pbx, vendor_call_id="E9")
        assert str(call["id"]) == ordered["id"]


async def test_a_call_told_of_before_it_could_be_recognised_takes_the_order_and_its_id(
    office: Office, outbox: Any
) -> None:
    async with desk(office, outbox, CallbackBehaviour("time-out")) as at:
        anonymous = call_event(at.pbx, "Appeared", entry="E9") | {"from": {"extension": "101"}, "to": {"number": ""}}
        await office.hook(at.pbx, "events/call", anonymous)
        await office.folded(at.pbx)
        ordered = (await at.dial()).json()
        named = call_event(at.pbx, "Connected", entry="E9", seq=2) | {"command_id": ordered["command"]["id"]}
        await office.hook(at.pbx, "events/call", named)

        async def joined() -> bool:
            rows = await office.rows('SELECT * FROM "call" WHERE connection_id = :id', id=at.pbx.id)
            return len(rows) == 1 and rows[0]["origin"] == "api"

        await eventually(joined)
        shown = await at.shown(ordered["id"])
        assert shown["id"] != ordered["id"], "the id of the click leads to the call that was told of"
        assert shown["command"]["id"] == ordered["command"]["id"]
        assert shown["correlation_id"] == ordered["correlation_id"]


async def test_an_order_the_pbx_never_told_of_is_closed_as_unknown(office: Office, outbox: Any) -> None:
    async with desk(office, outbox, CallbackBehaviour("time-out")) as at:
        ordered = (await at.dial()).json()
        await at.command(ordered["id"], "uncertain")
        async with office.harness.database.transaction() as tx:
            query = "UPDATE due_work SET due_at = now() WHERE key = :key"
            await tx.execute(text(query), {"key": ordered["id"]})
        assert (await office.call(at.pbx, phase="ended"))["result"] == "unknown"
