"""The emulated PBX as a program of its own: driven over HTTP, believed by the service's verifier."""

import asyncio
import hashlib
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import httpx
import pytest
import uvicorn
from crm_chassis.clock import now
from crm_chassis.testing import eventually
from crm_telephony.vendors import DIALLERS, VENDORS
from crm_telephony.vendors.port import DialOrder, HookRequest, MalformedError, Secrets
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .office import KEY, SALT
from .storehouse import sound


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def listening(heard: list[HookRequest]) -> AsyncIterator[str]:
    """A server that remembers the webhooks it is sent."""

    async def hook(request: Request) -> Response:
        heard.append(HookRequest(request.path_params["path"], await request.body(), now()))
        return Response()

    port = free_port()
    app = Starlette(routes=[Route("/hooks/pbx/token/{path:path}", hook, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    yield f"http://127.0.0.1:{port}/hooks/pbx/token"
    server.should_exit = True
    await serving


@asynccontextmanager
async def emulator(hook_url: str, *more: str) -> AsyncIterator[httpx.AsyncClient]:
    """The program, running."""
    port = free_port()
    options = ["--port", str(port), "--hook-url", hook_url, "--api-key", KEY, "--salt", SALT, *more]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "crm_telephony.adapters.emulated", *options, env=dict(os.environ)
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:

            async def up() -> bool:
                try:
                    return (await client.get("/emulator/calls")).status_code == 200
                except httpx.HTTPError:
                    return False

            await eventually(up, 30)
            yield client
    finally:
        process.terminate()
        await process.wait()


def events(heard: list[HookRequest]) -> list[dict[str, Any]]:
    return [json.loads(dict(parse_qsl(request.body.decode()))["json"]) for request in heard]


async def test_a_driven_call_is_told_in_signed_webhooks(office: object) -> None:
    heard: list[HookRequest] = []
    async with listening(heard) as hook_url, emulator(hook_url) as pbx:
        ring = {"from": "79161234567", "line": "74950000001", "extensions": ["101", "102"]}
        placed = await pbx.post("/emulator/calls", json=ring | {"script": "ring-no-answer", "ring_s": 0.2})
        assert placed.status_code == 201
        await eventually(lambda: len(heard) == 7)
        (shown,) = (await pbx.get("/emulator/calls")).json()["items"]
        assert (await pbx.post("/emulator/calls", json=ring | {"script": "sing"})).status_code == 422
    assert [request.path for request in heard] == ["events/call"] * 6 + ["events/summary"]
    for request in heard:
        VENDORS["mango"].authenticate(request, Secrets(api_key=KEY, salt=SALT), [])
    assert (shown["state"], shown["entry_id"]) == ("over", placed.json()["entry_id"])
    assert [webhook["answers"] for webhook in shown["webhooks"]] == [[200]] * 7
    assert events(heard)[-1]["talk_time"] == 0


async def test_an_answered_call_can_be_heard_through_a_signed_link(office: object, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(sound(0.1))
    heard: list[HookRequest] = []
    async with listening(heard) as hook_url, emulator(hook_url, "--recordings", str(tmp_path)) as pbx:
        ring = {"from": "79161234567", "line": "74950000001", "extensions": ["101"], "ring_s": 0.1, "talk_s": 0.1}
        await pbx.post("/emulator/calls", json=ring | {"script": "ring-no-answer"})
        await pbx.post("/emulator/calls", json=ring | {"script": "answer"})
        await eventually(lambda: any(request.path == "events/record/added" for request in heard))
        paths = [request.path for request in heard]
        assert (paths.count("events/recording"), paths.count("events/record/added")) == (1, 1)
        secrets = Secrets(api_key=KEY, salt=SALT)
        (webhook,) = [request for request in heard if request.path == "events/recording"]
        told = VENDORS["mango"].parse(webhook.path, VENDORS["mango"].payload(webhook.body), 0).recording
        assert told is not None
        link = VENDORS["mango"].recording_url(told, secrets, f"{pbx.base_url}/vpbx", now())
        assert (await pbx.get(link)).content == sound(0.1)
        assert (await pbx.get(link[:-1] + "x")).status_code == 403
        old = VENDORS["mango"].recording_url(told, secrets, f"{pbx.base_url}/vpbx", now() - timedelta(hours=1))
        assert (await pbx.get(old)).status_code == 403


async def test_held_back_webhooks_come_three_times_and_backwards(office: object) -> None:
    heard: list[HookRequest] = []
    async with listening(heard) as hook_url, emulator(hook_url, "--deliver", "thrice-reversed") as pbx:
        ring = {"from": "", "line": "74950000001", "extensions": ["101"], "script": "answer"}
        await pbx.post("/emulator/calls", json=ring | {"ring_s": 0.1, "talk_s": 0.1})
        await eventually(lambda: len(heard) == 18)
    told = events(heard)
    assert "call_direction" in told[0]
    assert told[0] == told[1] == told[2] != told[3]
    assert [event["call_state"] for event in told[-6:]] == ["Appeared"] * 6


async def test_the_services_orders_are_believed_and_forged_ones_are_not(office: object) -> None:
    heard: list[HookRequest] = []
    async with listening(heard) as hook_url, emulator(hook_url) as pbx:
        await pbx.put("/emulator/callbacks", json={"script": "agent-away", "ring_s": 0.1, "talk_s": 0.1})
        command_id = "01935000-0000-7000-8000-000000000001"
        order = DialOrder(UUID(command_id), "101", "+79161234567", None)
        request = DIALLERS["mango"].dial(order, Secrets(api_key=KEY, salt=SALT), f"{pbx.base_url}/vpbx/")
        answer = await pbx.post(request.url, data=dict(request.form))
        assert answer.json() == {"result": 1000}
        assert DIALLERS["mango"].dial_refusal(answer.status_code, answer.content) is None
        await eventually(lambda: len(heard) == 4)
        forged = dict(request.form) | {"sign": hashlib.sha256(b"guess").hexdigest()}
        refused = await pbx.post(request.url, content=urlencode(forged))
        assert refused.status_code == 401
        assert DIALLERS["mango"].dial_refusal(refused.status_code, refused.content) is not None
    told = events(heard)
    assert {event["command_id"] for event in told if "call_direction" not in event} == {command_id}
    assert {"command_id": command_id, "result": 1000} in told


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, b'{"result":1000}', "taken"),
        (200, b"", "taken"),
        (200, b'{"result":3103}', "refused"),
        (429, b"slow down", "refused"),
        (403, b"", "refused"),
        (302, b"", "refused"),
        (200, b"<html>", "not known"),
        (408, b"", "not known"),
        (502, b"", "not known"),
    ],
)
def test_what_a_pbx_answers_to_an_order(status: int, body: bytes, verdict: str) -> None:
    try:
        refusal = DIALLERS["mango"].dial_refusal(status, body)
    except MalformedError:
        assert verdict == "not known"
    else:
        assert verdict == ("taken" if refusal is None else "refused")
