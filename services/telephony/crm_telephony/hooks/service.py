"""The use case of a webhook: prove it, read it, keep it raw. Folding comes after the commit."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_chassis.context import current
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.metrics import counter
from crm_chassis.problems import Conflict, FieldError, Invalid, NotFound, Problem, Unauthorized
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_telephony.connections import repository as connections
from crm_telephony.connections.service import token_sha256
from crm_telephony.hooks import repository
from crm_telephony.vault import Vault
from crm_telephony.vendors import VENDORS
from crm_telephony.vendors.port import ForgedError, HookRequest, MalformedError, Refusal, Vendor

WEBHOOKS = counter("telephony_webhooks", "Webhooks by vendor and outcome", ["vendor", "outcome"])
_KEPT_HEADERS = ("content-type", "user-agent", "x-signature")


class WebhookRefused(Exception):
    """The webhook came to a connection there is and is not taken: why, and what its sender is told."""

    def __init__(self, connection_id: UUID, reason: Refusal, problem: Problem) -> None:
        super().__init__(reason)
        self.connection_id = connection_id
        self.reason = reason
        self.problem = problem


async def receive(tx: Transaction, vault: Vault, token: str, request: HookRequest) -> Vendor:
    """The webhook is stored, or was before; the vendor whose answer to give is returned.

    Raises NotFound for an unknown token, WebhookRefused with Unauthorized (forged, stale), Invalid (unreadable) or
    Conflict (an id used twice); nothing is stored then.
    """
    connection = await connections.by_token(tx.connection, token_sha256(token))
    if connection is None:
        WEBHOOKS.labels("unknown", "unknown_token").inc()
        raise NotFound
    vendor = VENDORS[connection.vendor]
    try:
        vendor.authenticate(request, vault.open(connection.secrets), connection.trusted_networks)
        payload = vendor.payload(request.body)
    except ForgedError as error:
        WEBHOOKS.labels(vendor.name, "forged").inc()
        problem: Problem = Unauthorized(f"The webhook is not believed: {error}.", code="bad_signature")
        raise WebhookRefused(connection.id, error.reason, problem) from error
    try:
        parsed = vendor.parse(request.path, payload, request.arrived_at.timestamp())
    except MalformedError as error:
        WEBHOOKS.labels(vendor.name, "malformed").inc()
        problem = Invalid([FieldError("body", "malformed", str(error)[:200])])
        raise WebhookRefused(connection.id, Refusal.UNREADABLE, problem) from error
    digest = hashlib.sha256(payload).digest()
    row = {
        "id": new_id(),
        "connection_id": connection.id,
        "vendor_event_key": parsed.event_key,
        "vendor_call_id": parsed.call_key,
        "command_id": parsed.command.command_id if parsed.command is not None else None,
        "path": request.path,
        "headers": _kept(request),
        "body": vendor.keepable(request.body),
        "payload_sha256": digest,
        "remote_ip": request.remote_ip,
        "correlation_id": current().correlation_id,
        "arrived_at": request.arrived_at,
        "parsed_at": None if parsed.call_key or parsed.command else request.arrived_at,
    }
    if await repository.keep(tx, row):
        WEBHOOKS.labels(vendor.name, "new").inc()
    elif await repository.known_payload(tx, connection.id, parsed.event_key) == digest:
        WEBHOOKS.labels(vendor.name, "repeated").inc()
    else:
        WEBHOOKS.labels(vendor.name, "conflicting").inc()
        problem = Conflict("This event came before with another body.", code="event_id_reused")
        raise WebhookRefused(connection.id, Refusal.EVENT_ID_REUSED, problem)
    return vendor


def _kept(request: HookRequest) -> dict[str, Any]:
    """Headers worth keeping; none that opens anything."""
    return {name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers}


async def connection_of(connection: AsyncConnection, token: str) -> tuple[UUID, str]:
    """(id, region) of the connection a path token leads to; NotFound for an unknown one."""
    row = await connections.by_token(connection, token_sha256(token))
    if row is None:
        raise NotFound
    return row.id, row.default_region


def arrival(written: str | None, at: datetime) -> datetime:
    """When the edge saw the webhook; `at` when it did not say. Invalid for a time that is none."""
    if written is None:
        return at
    try:
        arrived = datetime.fromisoformat(written)
    except ValueError as error:
        raise Invalid([FieldError("X-Hook-Arrived-At", "no_time", "An RFC 3339 time is needed.")]) from error
    if arrived.tzinfo is None:
        raise Invalid([FieldError("X-Hook-Arrived-At", "no_zone", "An RFC 3339 time is needed.")])
    return arrived
