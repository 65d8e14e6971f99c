"""A PBX's hook: passed to telephony, or parked until telephony is back; never lost once answered."""

from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any

import structlog
from crm_chassis.bus import PARKED_HOOKS_QUEUE
from crm_chassis.context import Story, telling
from crm_chassis.metrics import counter
from crm_chassis.parking import BusDown, Parking
from crm_chassis.problems import NotFound, Problem, TooMany, Unavailable
from crm_chassis.runtime import Runtime

from crm_gateway.hooks.connections import Connection, Connections
from crm_gateway.hooks.rules import Arrival, is_lookup, is_owner_trouble
from crm_gateway.proxy.rules import outward
from crm_gateway.proxy.service import Passed
from crm_gateway.proxy.tokens import Mint
from crm_gateway.proxy.upstream import Answer, Upstreams
from crm_gateway.rates.limits import Limits
from crm_gateway.rates.rules import Buckets

EVENT_S = 5.0
LOOKUP_S = 2.0
_RETRY_AFTER_S = 5
# Strangers' tokens must not become telephony's load: so many a second, whoever sends them.
_STRANGERS = 10.0
# As telephony says it of a number it does not know.
_KNOWS_NOBODY = b'{"match":"none","person_id":null,"owner_id":null,"extension":null}'

HOOKS = counter("hooks", "Hooks by what became of them", ["owner", "result"])
DRAINED = counter("hooks_drained", "Parked hooks by what became of them", ["result"])

# What has not happened yet shows its 0: alerts count increases, and the first one must be one.
for _owner, _results in {
    "telephony": ("passed", "parked", "refused", "unknown", "lookup_unanswered"),
    "notifications": ("passed", "away"),
}.items():
    for _result in _results:
        HOOKS.labels(_owner, _result)
for _result in ("taken", "refused", "unreadable"):
    DRAINED.labels(_result)

log = structlog.get_logger()


class OwnerAway(Exception):
    """The owner did not take the hook; it may later."""


class Hooks:
    """Takes hooks from the outside."""

    def __init__(
        self, upstreams: Upstreams, mint: Mint, connections: Connections, parking: Parking, limits: Limits
    ) -> None:
        self._upstreams = upstreams
        self._mint = mint
        self._connections = connections
        self._parking = parking
        self._limits = limits
        self._strangers = Buckets(rate=_STRANGERS, burst=_STRANGERS)

    async def pbx(self, runtime: Runtime[Any], token: str, vendor_path: str, arrival: Arrival) -> Passed:
        """The owner's answer, or the vendor's expected one when the hook is parked.

        NotFound for an unknown token, TooMany beyond a token's rate, Unavailable when neither telephony nor the
        parking takes it.
        """
        stranger = not self._connections.remembers(token)
        if stranger:
            self._limits.stranger(arrival.remote_ip)
        connection = await self._connections.find(runtime.database, token)
        if connection is None:
            return await self._stranger(arrival)
        if stranger:
            self._limits.no_stranger(arrival.remote_ip)
        self._limits.hook(token)
        if not connection.active:
            raise NotFound
        if is_lookup(vendor_path):
            return await self._lookup(arrival)
        try:
            answer = await self._send_on("telephony", arrival, EVENT_S)
        except OwnerAway:
            if arrival.method != "POST":
                raise Unavailable("telephony is away.", _RETRY_AFTER_S) from None
            return await self._park(connection, arrival)
        HOOKS.labels("telephony", "passed").inc()
        return _passed(answer)

    async def sms(self, token: str, arrival: Arrival) -> Passed:
        """The answer of notifications; Unavailable when it is away: SMS gateways try again by themselves."""
        self._limits.hook(arrival.remote_ip)  # which tokens there are only their owner knows
        self._limits.hook(token)
        try:
            answer = await self._send_on("notifications", arrival, EVENT_S)
        except OwnerAway:
            HOOKS.labels("notifications", "away").inc()
            raise Unavailable("notifications is away.", _RETRY_AFTER_S) from None
        HOOKS.labels("notifications", "passed").inc()
        return _passed(answer)

    async def drain(self) -> None:
        """Parked hooks reach telephony in order, until cancelled; one telephony refuses is dropped and counted."""
        await self._parking.take(self._unpark)

    async def _stranger(self, arrival: Arrival) -> Passed:
        # The copy may be a moment behind a connection just made: telephony itself knows. It is asked by the hook.
        if wait_s := self._strangers.take(None, monotonic()):
            raise TooMany(wait_s, "Too many unknown tokens at once.")
        try:
            answer = await self._send_on("telephony", arrival, EVENT_S)
        except OwnerAway:
            raise Unavailable("telephony is away.", _RETRY_AFTER_S) from None
        HOOKS.labels("telephony", "unknown" if answer.status == 404 else "passed").inc()
        if answer.status == 404:
            raise NotFound
        return _passed(answer)

    async def _lookup(self, arrival: Arrival) -> Passed:
        try:
            answer = await self._send_on("telephony", arrival, LOOKUP_S)
        except OwnerAway:
            HOOKS.labels("telephony", "lookup_unanswered").inc()
            return Passed(200, [("content-type", "application/json")], _KNOWS_NOBODY)
        HOOKS.labels("telephony", "passed").inc()
        return _passed(answer)

    async def _park(self, connection: Connection, arrival: Arrival) -> Passed:
        try:
            await self._parking.put(*arrival.parked())
        except BusDown:
            HOOKS.labels("telephony", "refused").inc()
            raise Unavailable("telephony is away, and so is the bus.", _RETRY_AFTER_S) from None
        HOOKS.labels("telephony", "parked").inc()
        return Passed(200, [("content-type", connection.answer_content_type)], connection.answer_body.encode())

    async def _unpark(self, body: bytes, kept: Mapping[str, str]) -> None:
        try:
            arrival = Arrival.unparked(body, kept)
        except (KeyError, ValueError):
            DRAINED.labels("unreadable").inc()
            log.error("unreadable parked hook dropped")
            return
        with telling(Story.of_system("gateway", correlation_id=arrival.correlation_id)):
            answer = await self._send_on("telephony", arrival, EVENT_S)
            result = "taken" if answer.status < 400 else "refused"
            DRAINED.labels(result).inc()
            if result == "refused":
                log.warning("parked hook refused", status=answer.status)

    async def _send_on(self, service: str, arrival: Arrival, timeout_s: float) -> Answer:
        try:
            answer = await self._upstreams.ask(
                service,
                arrival.method,
                arrival.target,
                token=self._mint.system(),
                headers=arrival.sent_on(),
                body=arrival.body or None,
                timeout_s=timeout_s,
            )
        except Problem as error:
            raise OwnerAway from error
        found = answer.json() if answer.status >= 400 else None
        if is_owner_trouble(answer.status, found.get("code") if isinstance(found, dict) else None):
            raise OwnerAway
        return answer


def drainer(hooks: Hooks) -> Callable[[Runtime[Any]], Awaitable[None]]:
    """The worker that drains the parking."""

    async def drain_parked_hooks(_: Runtime[Any]) -> None:
        await hooks.drain()

    return drain_parked_hooks


def parking(amqp_url: str) -> Parking:
    """Where hooks wait."""
    return Parking(amqp_url, PARKED_HOOKS_QUEUE)


def _passed(answer: Answer) -> Passed:
    return Passed(answer.status, outward(answer.headers), answer.body)
