"""The dialling worker: each order is sent once, and never again by itself (telephony.md §3).

An order is `submitting` in the database before the PBX hears of it; one found so after a kill becomes `uncertain`.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import httpx
import structlog
from crm_chassis.clock import now
from crm_chassis.metrics import counter
from crm_chassis.runtime import Runtime

from crm_telephony.calls.worker import patience_of
from crm_telephony.connections import repository as connections
from crm_telephony.dialing import outcome, repository, rules
from crm_telephony.dialing.repository import Row
from crm_telephony.settings import TelephonySettings
from crm_telephony.vault import vault_of
from crm_telephony.vendors import DIALLERS
from crm_telephony.vendors.port import Dialler, DialOrder, DialRequest, MalformedError

BELL = "dialing"
POLL_S = 1.0
_AT_ONCE = 8
_GRACE_S = 5.0
_MAX_ANSWER = 64 * 1024

ORDERS = counter("telephony_dial_orders", "Orders to dial by outcome", ["outcome"])

log = structlog.get_logger()


async def dial(runtime: Runtime[TelephonySettings]) -> None:
    """Orders are sent as they come until the service stops."""
    bell = runtime.bell(BELL)
    places = asyncio.Semaphore(_AT_ONCE)
    # No proxy or netrc of this machine's environment stands between us and the PBX.
    async with (
        httpx.AsyncClient(timeout=runtime.settings.dial_timeout_s, trust_env=False) as client,
        asyncio.TaskGroup() as sending,
    ):
        while True:
            bell.clear()
            await doubt_abandoned(runtime)
            await places.acquire()
            async with runtime.database.transaction() as tx:
                command = await repository.claim(tx)
            if command is not None:
                task = sending.create_task(_send(runtime, client, command))
                task.add_done_callback(lambda _: places.release())
                continue
            places.release()
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await bell.wait()


async def doubt_abandoned(runtime: Runtime[TelephonySettings]) -> None:
    """Orders whose sender was killed are `uncertain`."""
    age = timedelta(seconds=runtime.settings.dial_timeout_s + _GRACE_S)
    async with runtime.database.transaction() as tx:
        abandoned = await repository.abandoned(tx, age)
    for id in abandoned:
        await _settle(runtime, id, "uncertain", "The service stopped while it asked the PBX.")


async def _send(runtime: Runtime[TelephonySettings], client: httpx.AsyncClient, command: Row) -> None:
    try:
        state, reason = await _ask(runtime, client, command)
        await _settle(runtime, command.id, state, reason)
    except Exception:
        # The row stays `submitting` and becomes `uncertain` by its age: nothing is ever sent twice.
        log.exception("an order's outcome is not known", command_id=str(command.id))


async def _ask(runtime: Runtime[TelephonySettings], client: httpx.AsyncClient, command: Row) -> tuple[str, str | None]:
    if rules.is_too_late(command.requested_at, now()):
        return "refused", "It was too late to dial when the service came back."
    async with runtime.database.read() as reading:
        connection = await connections.by_id(reading, command.connection_id)
    assert connection is not None and connection.api_url is not None
    dialler = DIALLERS[connection.vendor]
    order = DialOrder(command.id, command.extension, command.to_e164, line=None)
    request = dialler.dial(order, vault_of(runtime).open(connection.secrets), connection.api_url)
    return await submit(client, dialler, request, runtime.settings.dial_timeout_s)


async def submit(
    client: httpx.AsyncClient, dialler: Dialler, request: DialRequest, timeout_s: float
) -> tuple[str, str | None]:
    """(state, reason) after one attempt: only what surely never reached the PBX, or was refused, has failed."""
    try:
        async with asyncio.timeout(timeout_s), client.stream("POST", request.url, data=dict(request.form)) as answer:
            body = b""
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > _MAX_ANSWER:
                    break
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol):
        return "refused", "The PBX can not be reached."
    except (httpx.HTTPError, TimeoutError) as error:
        return "uncertain", f"The PBX did not answer ({type(error).__name__})."
    try:
        refusal = dialler.dial_refusal(answer.status_code, body)
    except MalformedError as error:
        return "uncertain", f"The PBX's answer can not be read ({error})."[:200]
    return ("accepted", None) if refusal is None else ("refused", refusal)


async def _settle(runtime: Runtime[TelephonySettings], id: UUID, state: str, reason: str | None) -> None:
    ORDERS.labels(state).inc()
    async with runtime.database.transaction() as tx:
        await outcome.settle(tx, patience_of(runtime.settings), id, state, reason, now(), expected=outcome.SENT)
