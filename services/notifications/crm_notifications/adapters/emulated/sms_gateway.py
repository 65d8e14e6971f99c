"""An SMS gateway speaking the protocol of adapters/http_sms.py, with signed delivery receipts.

What becomes of a text is told by the end of its number, as in the test SMSC of messaging.md:
…00 undelivered, …01 no receipt ever, …02 refused for now once, …03 refused for ever, all others delivered.
`GET /emulator/messages` shows what was taken.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_RECEIPT_PAUSES_S = (0.2, 1.0, 5.0, 30.0)
_FINAL = frozenset({200, 401, 404, 409, 422})


@dataclass(frozen=True, slots=True)
class TakenSms:
    """A text the gateway took, and the receipts it was told of."""

    id: str
    gateway_id: str
    to: str
    sender: str
    text: str
    taken_at: str
    receipts: list[str] = field(default_factory=list)


class SmsGateway:
    """An ASGI application. Receipts go to `receipt_url`, signed with `secret`; none when it is empty."""

    def __init__(
        self,
        *,
        api_key: str,
        secret: str,
        receipt_url: str = "",
        receipt_after_s: float = 0.2,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.receipt_url = receipt_url
        self.taken: dict[str, TakenSms] = {}
        self._api_key = api_key
        self._secret = secret
        self._receipt_after_s = receipt_after_s
        self._transport = transport
        self._throttled: set[str] = set()
        self._under_way: set[asyncio.Task[None]] = set()
        self.app = Starlette(
            routes=[
                Route("/messages", self._take, methods=["POST"]),
                Route("/emulator/messages", self._show, methods=["GET"]),
            ],
            lifespan=self._lifespan,
        )

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        yield
        await self.close()

    async def close(self) -> None:
        """No receipt is under way any more."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _take(self, request: Request) -> JSONResponse:
        if request.headers.get("authorization") != f"Bearer {self._api_key}":
            return _refused(401, "unknown_key", "This key is not known here.")
        try:
            body = await request.json()
            ours = TakenSms(
                id=str(body["id"]),
                gateway_id=f"g-{uuid4().hex[:12]}",
                to=str(body["to"]),
                sender=str(body["from"]),
                text=str(body["text"]),
                taken_at=datetime.now(UTC).isoformat(),
            )
        except (ValueError, KeyError, TypeError):
            return _refused(422, "unreadable", "Send id, from, to and text.")
        if ours.id in self.taken:
            return JSONResponse({"gateway_id": self.taken[ours.id].gateway_id}, 200)
        if ours.to.endswith("03") or not ours.to.removeprefix("+").isdigit():
            return _refused(422, "bad_number", "This number can not be reached.")
        if ours.to.endswith("02") and ours.to not in self._throttled:
            self._throttled.add(ours.to)
            return _refused(429, "throttled", "Too many at once.")
        self.taken[ours.id] = ours
        if self.receipt_url and not ours.to.endswith("01"):
            status = "undelivered" if ours.to.endswith("00") else "delivered"
            task = asyncio.create_task(self._tell(ours, status))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return JSONResponse({"gateway_id": ours.gateway_id}, 202)

    async def _tell(self, sms: TakenSms, status: str) -> None:
        """The receipt is delivered, or was tried often enough."""
        await asyncio.sleep(self._receipt_after_s)
        receipt: dict[str, Any] = {"id": sms.id, "status": status, "at": datetime.now(UTC).isoformat(), "error": None}
        if status == "undelivered":
            receipt["error"] = "UNDELIV 027 absent subscriber"
        raw = json.dumps(receipt).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Signature": f"sha256={keyed_sha256(self._secret.encode(), raw)}",
        }
        async with httpx.AsyncClient(transport=self._transport, trust_env=False, timeout=10) as client:
            for pause in (*_RECEIPT_PAUSES_S, None):
                try:
                    response = await client.post(self.receipt_url, content=raw, headers=headers)
                    if response.status_code in _FINAL:
                        if response.is_success:
                            sms.receipts.append(status)
                        return
                except httpx.HTTPError:
                    pass
                if pause is None:
                    return
                await asyncio.sleep(pause)

    async def _show(self, _: Request) -> JSONResponse:
        return JSONResponse([asdict(sms) for sms in self.taken.values()])


def keyed_sha256(key: bytes, message: bytes) -> str:
    """HMAC-SHA256 in hex, written out from RFC 2104 so that the verifier is checked by another hand."""
    block = hashlib.sha256().block_size
    padded = (hashlib.sha256(key).digest() if len(key) > block else key).ljust(block, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in padded) + inner).hexdigest()


def _refused(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"code": code, "message": message}, status)
