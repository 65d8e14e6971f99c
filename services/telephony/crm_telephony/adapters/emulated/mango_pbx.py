"""An emulated Mango Office PBX: signed webhooks out, commands in, driven over HTTP.

Signs and verifies by its own code, so that the service's verifier is tried against another reading of the manual.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal, get_args
from urllib.parse import parse_qsl, urlencode

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from crm_telephony.adapters.emulated.mango_script import (
    DONE,
    CallbackScript,
    Script,
    Step,
    Webhook,
    begins_talk,
    callback,
    inbound,
    new_entry,
    recorded,
    with_times,
)
from crm_telephony.adapters.emulated.shelf import Shelf

Delivery = Literal["live", "thrice-reversed"]
_ATTEMPTS_S = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)
_REFUSED = 3102
_KEPT = 1000


@dataclass(slots=True)
class PlacedCall:
    """A call the PBX had, and every webhook it sent about it with the answers it got."""

    entry_id: str
    kind: Literal["inbound", "callback"]
    number: str
    line: str
    extensions: list[str]
    script: str
    command_id: str | None = None
    state: Literal["going on", "over"] = "going on"
    webhooks: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class CallbackBehaviour:
    """What happens when the CRM orders a call. Seconds may be fractions."""

    script: CallbackScript = "answer"
    ring_s: float = 1.0
    talk_s: float = 5.0


class MangoPbx:
    """The PBX behind one account (`api_key`, `salt`) that posts to `hook_url`."""

    def __init__(
        self,
        *,
        hook_url: str,
        api_key: str,
        salt: str,
        client: httpx.AsyncClient,
        delivery: Delivery = "live",
        line: str = "74950000001",
        shelf: Shelf | None = None,
    ) -> None:
        """With a `shelf` the calls that somebody answered are recorded."""
        self.shelf = shelf
        self.hook_url = hook_url.rstrip("/")
        self.api_key = api_key
        self.salt = salt
        self.delivery: Delivery = delivery
        self.line = line
        self.callbacks = CallbackBehaviour()
        self.calls: list[PlacedCall] = []
        self._client = client
        self._going_on: set[asyncio.Task[None]] = set()

    def ring(
        self,
        number: str,
        line: str,
        extensions: list[str],
        script: Script,
        *,
        ring_s: float = 3.0,
        talk_s: float = 5.0,
    ) -> PlacedCall:
        """A customer calls; the webhooks follow while the call goes on."""
        call = PlacedCall(new_entry(), "inbound", number, line, extensions, script)
        steps = inbound(call.entry_id, number, line, extensions, script, ring_s, talk_s)
        self._play(call, steps)
        return call

    def ordered(self, fields: dict[str, str]) -> tuple[int, PlacedCall | None]:
        """(result code, call) of commands/callback; the code is the manual's 1000 when it is taken."""
        command = json.loads(fields["json"])
        behaviour = self.callbacks
        if behaviour.script == "refuse":
            return _REFUSED, None
        extension, number = command["from"]["extension"], command["to_number"]
        line = command.get("line_number", self.line)
        call = PlacedCall(new_entry(), "callback", number, line, [extension], behaviour.script, command["command_id"])
        steps = callback(
            call.entry_id,
            command["command_id"],
            extension,
            number,
            line,
            behaviour.script,
            behaviour.ring_s,
            behaviour.talk_s,
        )
        self._play(call, steps)
        return DONE, call

    def is_authentic(self, fields: dict[str, str]) -> bool:
        """Whether a command is signed with our key and salt."""
        digest = hashlib.new("sha256")
        for part in (self.api_key, fields.get("json", ""), self.salt):
            digest.update(part.encode("utf-8"))
        same_key = fields.get("vpbx_api_key") == self.api_key
        return same_key and hmac.compare_digest(digest.hexdigest(), fields.get("sign", ""))

    async def stop(self) -> None:
        """Calls that go on are dropped without another word."""
        for task in self._going_on:
            task.cancel()
        await asyncio.gather(*self._going_on, return_exceptions=True)

    def _play(self, call: PlacedCall, steps: list[Step]) -> None:
        self.calls.append(call)
        del self.calls[:-_KEPT]
        task = asyncio.create_task(self._run(call, steps))
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)

    async def _run(self, call: PlacedCall, steps: list[Step]) -> None:
        began, talked = time.time(), 0.0
        held: list[Webhook] = []
        for step in steps:
            await asyncio.sleep(step.after)
            for webhook in step.webhooks:
                at = time.time()
                if begins_talk(webhook.body):
                    talked = talked or at
                timed = Webhook(webhook.path, with_times(webhook.body, at, began, talked))
                if self.delivery == "live":
                    await self._send(call, timed)
                else:
                    held.append(timed)
        for webhook in reversed(held):
            for _ in range(3):
                await self._send(call, webhook)
        if talked and self.shelf is not None:
            for webhook in recorded(call.entry_id, call.extensions[0], int(time.time())):
                await self._send(call, webhook)
        call.state = "over"

    async def _send(self, call: PlacedCall, webhook: Webhook) -> None:
        payload = json.dumps(webhook.body, ensure_ascii=False)
        proof = hashlib.sha256((self.api_key + payload + self.salt).encode("utf-8")).hexdigest()
        form = urlencode({"vpbx_api_key": self.api_key, "sign": proof, "json": payload})
        sent: dict[str, Any] = {"path": webhook.path, "json": webhook.body, "answers": []}
        call.webhooks.append(sent)
        for pause in _ATTEMPTS_S:
            await asyncio.sleep(pause)
            with suppress(httpx.HTTPError):
                answer = await self._client.post(
                    f"{self.hook_url}/{webhook.path}",
                    content=form,
                    headers={"Content-Type": "application/x-www-form-urlencoded"},
                )
                sent["answers"].append(answer.status_code)
                if answer.status_code < 500:
                    return


def create_app(pbx: MangoPbx) -> Starlette:
    """The PBX over HTTP: the vendor's command, and the emulator's own steering wheel."""

    async def command(request: Request) -> Response:
        fields = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        if not pbx.is_authentic(fields):
            return JSONResponse({"result": 3300}, 401)
        if pbx.callbacks.script == "time-out":
            await asyncio.sleep(3600)
        result, _ = pbx.ordered(fields)
        return JSONResponse({"result": result})

    async def ring(request: Request) -> Response:
        body = await request.json()
        if body.get("script") not in get_args(Script):
            return JSONResponse({"error": f"script must be one of {get_args(Script)}"}, 422)
        call = pbx.ring(
            body["from"],
            body["line"],
            list(body["extensions"]),
            body["script"],
            ring_s=float(body.get("ring_s", 3.0)),
            talk_s=float(body.get("talk_s", 5.0)),
        )
        return JSONResponse({"entry_id": call.entry_id}, 201)

    async def play(request: Request) -> Response:
        steps = [request.path_params[name] for name in ("id", "key", "expires", "proof")]
        if pbx.shelf is None or not pbx.shelf.opens(*steps):
            return JSONResponse({"result": 3300}, 403)
        return FileResponse(pbx.shelf.sound_of(steps[0]), media_type="audio/wav")

    async def calls(_: Request) -> Response:
        items = [{name: getattr(call, name) for name in PlacedCall.__slots__} for call in pbx.calls]
        return JSONResponse({"items": items})

    async def callbacks(request: Request) -> Response:
        body = await request.json()
        if body.get("script", "answer") not in get_args(CallbackScript):
            return JSONResponse({"error": f"script must be one of {get_args(CallbackScript)}"}, 422)
        pbx.callbacks = CallbackBehaviour(**body)
        return JSONResponse(body)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await pbx.stop()

    return Starlette(
        routes=[
            Route("/vpbx/commands/callback", command, methods=["POST"]),
            Route("/vpbx/queries/recording/link/{id}/play/{key}/{expires}/{proof}", play, methods=["GET"]),
            Route("/emulator/calls", ring, methods=["POST"]),
            Route("/emulator/calls", calls, methods=["GET"]),
            Route("/emulator/callbacks", callbacks, methods=["PUT"]),
        ],
        lifespan=lifespan,
    )
