"""SMS by a small HTTP gateway protocol, ours to document; any vendor's gateway is bridged to it.

    POST {base}/messages      Authorization: Bearer <key>
    {"id": "<uuid>", "from": "<sender>", "to": "+38640111222", "text": "…"}

    202 {"gateway_id": "…"}   taken (200 when this id was taken before: nothing is sent again)
    401 403 404 405           our set-up is wrong, not this text: tried again later
    408 425 429 503           not now: tried again later
    other 400–499             refused for ever, {"code": "…", "message": "…"}
    anything else, silence    nobody knows

Receipts come to POST /hooks/sms/{token} (crm_notifications/receipts/api.py), signed:
    {"id": "<uuid>", "status": "sent" | "delivered" | "undelivered", "at": "<RFC 3339>", "error": "…" | null}
    X-Signature: sha256=<hex HMAC-SHA256 of the raw body>
Any answer but 2xx, 401, 404, 409 and 422 asks the gateway to send the receipt again.
"""

import asyncio

import httpx

from crm_notifications.channels.outcome import Outcome
from crm_notifications.channels.sms import OutgoingSms

_NOT_NOW = frozenset({401, 403, 404, 405, 408, 425, 429, 503})
_DETAIL = 500


class HttpSms:
    """Hands each text to the gateway at `base_url`."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        sender: str,
        *,
        timeout_s: float,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = f"{base_url.rstrip('/')}/messages"
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self._sender = sender
        self._timeout_s = timeout_s
        self._transport = transport

    async def send(self, sms: OutgoingSms) -> Outcome:
        """One attempt of at most two time limits.

        A connection that was never made is deferred; silence after it is unknown.
        """
        body = {"id": str(sms.id), "from": self._sender, "to": sms.to, "text": sms.text}
        client = httpx.AsyncClient(timeout=self._timeout_s, transport=self._transport, trust_env=False)
        try:
            async with asyncio.timeout(2 * self._timeout_s), client:
                response = await client.post(self._url, json=body, headers=self._headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            return Outcome.deferred("sms_unreachable", repr(error)[:_DETAIL])
        except (httpx.HTTPError, OSError) as error:
            return Outcome.unknown("sms_silent", repr(error)[:_DETAIL])
        said = response.text[:_DETAIL].replace("\x00", "")
        if response.status_code in _NOT_NOW:
            return Outcome.deferred(f"sms_{response.status_code}", said)
        if 400 <= response.status_code <= 499:
            return Outcome.refused(f"sms_{_code(response)}", said)
        if response.status_code in (200, 202):
            return Outcome.accepted(_member(response, "gateway_id"))
        return Outcome.unknown(f"sms_{response.status_code}", said)


def _member(response: httpx.Response, name: str) -> str | None:
    try:
        value = response.json().get(name)
    except (ValueError, AttributeError):
        return None
    return value[:200] if isinstance(value, str) else None


def _code(response: httpx.Response) -> str:
    """The gateway's own short code when it looks like one, else the HTTP status."""
    code = _member(response, "code")
    return (
        code
        if code and code.isascii() and code.replace("_", "").isalnum() and len(code) <= 40
        else str(response.status_code)
    )
