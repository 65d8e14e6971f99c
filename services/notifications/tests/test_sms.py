"""SMS through the gateway protocol, and the receipts that come back."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from crm_chassis.access.principal import Principal
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually, running
from crm_contracts import notifications as contract
from crm_notifications.adapters.emulated.sms_gateway import SmsGateway, keyed_sha256
from crm_notifications.adapters.http_sms import HttpSms
from crm_notifications.channels.outcome import Outcome
from crm_notifications.channels.sms import OutgoingSms
from crm_notifications.main import wiring
from crm_notifications.messages.rules import Answer
from crm_notifications.sending.worker import Channels
from crm_notifications.settings import NotificationsSettings

from .scenes import SECRET, TOKEN, Scripted, boss, card, command, only_message, order, sender, told

KEY = "gateway-key"
Answering = Callable[[httpx.Request], httpx.Response]


def adapter(transport: httpx.AsyncBaseTransport, key: str = KEY, timeout_s: float = 5) -> HttpSms:
    return HttpSms("http://sms.example/", key, "Okna", timeout_s=timeout_s, transport=transport)


def text(to: str = "+38640111222") -> OutgoingSms:
    return OutgoingSms(new_id(), to, "Здравствуйте 🙂")


async def test_a_text_is_given_to_the_gateway_under_our_name_for_the_attempt() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(202, json={"gateway_id": "g-1"})

    sms = text()
    assert await adapter(httpx.MockTransport(answer)).send(sms) == Outcome.accepted("g-1")
    (request,) = asked
    assert (request.method, str(request.url)) == ("POST", "http://sms.example/messages")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert json.loads(request.content) == {"id": str(sms.id), "from": "Okna", "to": sms.to, "text": sms.text}


def raising(error: Exception) -> Answering:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error

    return answer


@pytest.mark.parametrize(
    ("answering", "answer", "reason"),
    [
        (lambda _: httpx.Response(200, json={"gateway_id": "g"}), Answer.ACCEPTED, None),
        (lambda _: httpx.Response(202, text="no json"), Answer.ACCEPTED, None),
        (lambda _: httpx.Response(422, json={"code": "bad_number"}), Answer.REFUSED, "sms_bad_number"),
        (lambda _: httpx.Response(400, json={"code": "drop table; --"}), Answer.REFUSED, "sms_400"),
        (lambda _: httpx.Response(404, text="<html>"), Answer.DEFERRED, "sms_404"),
        (lambda _: httpx.Response(413), Answer.REFUSED, "sms_413"),
        (lambda _: httpx.Response(401), Answer.DEFERRED, "sms_401"),
        (lambda _: httpx.Response(429), Answer.DEFERRED, "sms_429"),
        (lambda _: httpx.Response(503), Answer.DEFERRED, "sms_503"),
        (lambda _: httpx.Response(500), Answer.UNKNOWN, "sms_500"),
        (lambda _: httpx.Response(502), Answer.UNKNOWN, "sms_502"),
        (lambda _: httpx.Response(302, headers={"location": "http://evil"}), Answer.UNKNOWN, "sms_302"),
        (raising(httpx.ConnectError("refused")), Answer.DEFERRED, "sms_unreachable"),
        (raising(httpx.ConnectTimeout("slow")), Answer.DEFERRED, "sms_unreachable"),
        (raising(httpx.ReadTimeout("silent")), Answer.UNKNOWN, "sms_silent"),
        (raising(httpx.ReadError("cut")), Answer.UNKNOWN, "sms_silent"),
        (raising(httpx.RemoteProtocolError("nonsense")), Answer.UNKNOWN, "sms_silent"),
    ],
)
async def test_each_answer_of_the_gateway_has_its_meaning(
    answering: Answering, answer: Answer, reason: str | None
) -> None:
    outcome = await adapter(httpx.MockTransport(answering)).send(text())
    assert (outcome.answer, outcome.reason) == (answer, reason)


async def test_a_gateway_that_drips_is_not_waited_for_for_ever() -> None:
    class Dripping(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

    outcome = await adapter(Dripping(), timeout_s=0.05).send(text())
    assert (outcome.answer, outcome.reason) == (Answer.UNKNOWN, "sms_silent")


async def test_the_emulated_gateway_speaks_the_protocol() -> None:
    gateway = SmsGateway(api_key=KEY, secret=SECRET)
    transport = httpx.ASGITransport(app=gateway.app)
    sms = text()
    first = await adapter(transport).send(sms)
    again = await adapter(transport).send(sms)
    assert first == again
    assert first.answer is Answer.ACCEPTED
    assert [taken.text for taken in gateway.taken.values()] == [sms.text]
    assert (await adapter(transport, key="wrong").send(text())).reason == "sms_401"
    assert (await adapter(transport).send(text("+38640111203"))).reason == "sms_bad_number"
    throttled = text("+38640111202")
    assert (await adapter(transport).send(throttled)).answer is Answer.DEFERRED
    assert (await adapter(transport).send(throttled)).answer is Answer.ACCEPTED


# Receipts


def receipt(id: UUID | str, status: str = "delivered", **more: Any) -> bytes:
    return json.dumps(
        {"id": str(id), "status": status, "at": datetime.now(UTC).isoformat(), "error": None} | more
    ).encode()


async def posted(
    harness: Harness, raw: bytes, *, token: str = TOKEN, signature: str | None = "good", caller: Principal | None = None
) -> httpx.Response:
    if signature == "good":
        signature = f"sha256={keyed_sha256(SECRET.encode(), raw)}"
    headers = harness.headers(caller or Principal.system("gateway")) | ({"X-Signature": signature} if signature else {})
    return await harness.client.post(f"/hooks/sms/{token}", content=raw, headers=headers)


async def sent_text(harness: Harness, script: Scripted | None = None) -> UUID:
    """An SMS the gateway took; returns the name of the attempt."""
    await command(harness, order(await card(harness), channel="sms", template_key="missed_call_sorry"))
    script = script or Scripted()
    assert await sender(harness, script).send_next()
    return script.texts[-1].id


async def test_a_receipt_makes_it_delivered_once_however_often_told(still: Harness) -> None:
    attempt = await sent_text(still)
    raw = receipt(attempt)
    for _ in range(3):
        answer = await posted(still, raw)
        assert (answer.status_code, answer.json()) == (200, {"status": "delivered"})
    assert (await posted(still, receipt(attempt, "sent"))).json() == {"status": "delivered"}
    assert (await posted(still, receipt(attempt, "undelivered"))).json() == {"status": "delivered"}
    assert await told(still) == [("queued", 1), ("sent", 2), ("delivered", 3)]
    row = await only_message(still)
    assert row["sent_at"] <= row["delivered_at"]


async def test_undelivered_is_failed_with_the_gateways_words(still: Harness) -> None:
    attempt = await sent_text(still)
    await posted(still, receipt(attempt, "undelivered", error="absent subscriber\u0000"))
    row = await only_message(still)
    assert (row["status"], row["error"], row["error_detail"]) == ("failed", "undelivered", "absent subscriber")
    assert await told(still) == [("queued", 1), ("sent", 2), ("failed", 3)]
    events = await still.recorded(contract.MESSAGE_FAILED)
    assert events[0].data["error"] == "undelivered"


async def test_a_receipt_settles_an_uncertain_message(still: Harness) -> None:
    script = Scripted(answers={"+38640111222": [Outcome.unknown("sms_silent", "?")]})
    attempt = await sent_text(still, script)
    assert (await only_message(still))["status"] == "uncertain"
    assert (await posted(still, receipt(attempt))).status_code == 200
    assert await told(still) == [("queued", 1), ("became_uncertain", 2), ("delivered", 3)]


async def test_the_gateways_clock_is_believed_within_reason(still: Harness) -> None:
    attempt = await sent_text(still)
    future = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    await posted(still, receipt(attempt, at=future))
    row = await only_message(still)
    assert row["delivered_at"] <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("case", "status"),
    [
        ({"token": "wrong"}, 404),
        ({"signature": None}, 401),
        ({"signature": "sha256=00"}, 401),
        ({"caller": boss()}, 404),
        ({"raw": b"x" * (256 * 1024 + 1)}, 413),
        ({"raw": b"not json"}, 422),
        ({"raw": b"\xff\xfe"}, 422),
        ({"raw": b"[" * 10_000}, 422),
        ({"raw": receipt(UUID(int=5))}, 404),
        ({"raw": receipt("no-uuid")}, 422),
        ({"status": "exploded"}, 422),
        ({"at": "2026-11-21T10:00:00"}, 422),
        ({"error": "x" * 501}, 422),
    ],
)
async def test_a_receipt_that_is_not_right_changes_nothing(still: Harness, case: dict[str, Any], status: int) -> None:
    attempt = await sent_text(still)
    before = (await only_message(still), await told(still))
    door = {key: case[key] for key in ("token", "signature", "caller") if key in case}
    raw = case.get("raw") or receipt(attempt, **{key: case[key] for key in ("status", "at", "error") if key in case})
    answer = await posted(still, raw, **door)
    assert answer.status_code == status, answer.text
    assert (await only_message(still), await told(still)) == before


async def test_what_a_gateway_says_beyond_the_protocol_is_ignored(still: Harness) -> None:
    attempt = await sent_text(still)
    assert (await posted(still, receipt(attempt, price="0.04", parts=2))).status_code == 200


async def test_without_a_token_there_is_no_door(
    make_database: Callable[[str], str], make_vhost: Callable[[], str]
) -> None:
    async with running(
        wiring, NotificationsSettings, database_url=make_database("n"), amqp_url=make_vhost(), role="api"
    ) as harness:
        answer = await posted(harness, receipt(new_id()), signature=f"sha256={keyed_sha256(b'', b'')}")
        assert answer.status_code == 404


# The whole way, with the emulated gateway


class Door(httpx.AsyncBaseTransport):
    """Our gateway's part: lets the hook through as the system."""

    def __init__(self) -> None:
        self.harness: Harness | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert self.harness is not None
        headers = self.harness.headers(Principal.system("gateway")) | {"X-Signature": request.headers["x-signature"]}
        return await self.harness.client.post(request.url.path, content=request.content, headers=headers)


@asynccontextmanager
async def with_gateway(
    make_database: Callable[[str], str], make_vhost: Callable[[], str]
) -> AsyncIterator[tuple[Harness, SmsGateway]]:
    door = Door()
    gateway = SmsGateway(
        api_key=KEY,
        secret=SECRET,
        receipt_url=f"http://crm.example/hooks/sms/{TOKEN}",
        receipt_after_s=0,
        transport=door,
    )
    channels = Channels(None, adapter(httpx.ASGITransport(app=gateway.app)))
    async with running(
        lambda settings: wiring(settings, channels),
        NotificationsSettings,
        database_url=make_database("notifications"),
        amqp_url=make_vhost(),
        sms_receipt_token=TOKEN,
        sms_receipt_secret=SECRET,
        send_poll_s=0.05,
        send_pauses_s=(0.1,),
    ) as harness:
        door.harness = harness
        yield harness, gateway
        await gateway.close()


async def test_texts_go_all_the_way_and_come_back_as_delivered_failed_or_sent(
    make_database: Callable[[str], str], make_vhost: Callable[[], str]
) -> None:
    async with with_gateway(make_database, make_vhost) as (harness, gateway):
        wanted = {
            "+38640111222": "delivered",
            "+38640111200": "failed",
            "+38640111201": "sent",
            "+38640111202": "delivered",
            "+38640111203": "failed",
        }
        for number in wanted:
            await command(
                harness,
                order(await card(harness, phones=[number]), channel="sms", template_key="missed_call_sorry"),
            )

        async def settled() -> bool:
            rows = await harness.rows("SELECT to_address, status FROM message")
            return {row["to_address"]: row["status"] for row in rows} == wanted

        await eventually(settled)
        assert sorted(taken.to for taken in gateway.taken.values()) == sorted(set(wanted) - {"+38640111203"})


def test_the_emulated_gateway_runs_by_itself() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command_line = [sys.executable, "-m", "crm_notifications.adapters.emulated", "--port", str(port)]
    process = subprocess.Popen(command_line, env=os.environ | {"CRM_SMS_API_KEY": KEY})
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", transport=httpx.HTTPTransport(retries=8), trust_env=False
        ) as client:
            body = {"id": "1", "from": "Okna", "to": "+38640111222", "text": "hi"}
            taken = client.post("/messages", json=body, headers={"Authorization": f"Bearer {KEY}"})
            assert taken.status_code == 202
            assert client.get("/emulator/messages").json()[0]["text"] == "hi"
    finally:
        process.terminate()
        process.wait(timeout=20)
