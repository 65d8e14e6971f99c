"""The gauges tell the truth while something is wrong, where a look from inside would see nothing."""

import asyncio
import time

import aio_pika
import asyncpg
import httpx
import pytest
from crm_runner.databases import execute, run_sync
from crm_runner.demo.client import Client, wait_for
from crm_runner.demo.company import LINE_SALES, Company
from crm_runner.demo.pbx import EmulatedPbx
from crm_runner.stack import Stack
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import Town

PARKED = "gateway.parked-hooks"
WITHIN_S = 40.0
_KEEP_NEWEST_CALL = "CREATE TABLE kept AS SELECT * FROM call ORDER BY started_at DESC LIMIT 1"
_NEVER_ENDS = "UPDATE call SET phase = 'ringing', started_at = now() - '9 h'::interval WHERE id = (SELECT id FROM kept)"
_AS_IT_WAS = "UPDATE call SET phase = kept.phase, started_at = kept.started_at FROM kept WHERE call.id = kept.id"


class Place:
    """A founded company whose stack may be damaged."""

    def __init__(self, stack: Stack, company: Company, pbx: EmulatedPbx) -> None:
        self.stack = stack
        self.company = company
        self.pbx = pbx

    @property
    def admin(self) -> Client:
        """Somebody who may write."""
        return self.company.client("Nadja")

    def value(self, service: str, metric: str, **labels: str) -> float:
        """What the service shows of the metric now."""
        text = httpx.get(self.stack.metrics_urls[service], timeout=10).raise_for_status().text
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == metric and labels.items() <= sample.labels.items():
                    return sample.value
        raise AssertionError(f"{service} does not show {metric} {labels}")

    def becomes(self, service: str, metric: str, least: float, most: float, **labels: str) -> None:
        """The metric comes to lie between the two."""
        wait_for(
            f"{metric} of {service} between {least} and {most}",
            lambda: least <= self.value(service, metric, **labels) <= most,
            WITHIN_S,
        )


@pytest.fixture(scope="module")
def place(town: Town) -> Place:
    """The town; whatever is stopped or bent here is put right again."""
    return Place(town.stack, town.company, town.pbx)


def test_a_reader_that_stands_still_ages_by_the_clock(place: Place) -> None:
    lag = {"queue": "telephony.phone-index"}
    place.becomes("telephony", "crm_consumer_lag_seconds", 0, 0, **lag)

    async def block() -> None:
        connection = await asyncpg.connect(place.stack.database_urls["telephony"])
        try:
            async with connection.transaction():
                await connection.execute("LOCK TABLE person_copy IN ACCESS EXCLUSIVE MODE")
                await asyncio.to_thread(place.admin.post, "/api/v1/people", {"name": "Behind A Lock"})
                # It has the message in hand: the queue is empty, and nothing was handled that could be timed.
                await asyncio.to_thread(place.becomes, "telephony", "crm_consumer_lag_seconds", 3, 60, **lag)
                await asyncio.to_thread(place.becomes, "telephony", "crm_queue_waiting", 1, 1, **lag)
        finally:
            await connection.close()

    run_sync(block())
    place.becomes("telephony", "crm_consumer_lag_seconds", 0, 0, **lag)
    place.becomes("telephony", "crm_queue_waiting", 0, 0, **lag)


def test_messages_given_up_wait_in_sight_until_somebody_decides(place: Place) -> None:
    queue = {"queue": "contacts.capture"}
    place.becomes("contacts", "crm_dead_letters_waiting", 0, 0, **queue)
    before = place.value("contacts", "crm_dead_letters_total", **queue)

    async def poison() -> None:
        async with await aio_pika.connect(place.stack.amqp_url) as connection:
            channel = await connection.channel()
            await channel.default_exchange.publish(aio_pika.Message(b"no event"), routing_key="contacts.capture")

    run_sync(poison())
    place.becomes("contacts", "crm_dead_letters_waiting", 1, 1, **queue)
    assert place.value("contacts", "crm_dead_letters_total", **queue) == before + 1
    execute(place.stack.database_urls["contacts"], "UPDATE dead_letter SET redriven_at = now()")
    place.becomes("contacts", "crm_dead_letters_waiting", 0, 0, **queue)


def test_parked_webhooks_and_what_waits_for_a_dead_service_are_told_by_the_gateway(place: Place) -> None:
    place.stack.halt("telephony")
    try:
        place.pbx.ring("+38640311300", LINE_SALES, ["101"], "ring-no-answer", ring_s=0.2)
        place.admin.post("/api/v1/people", {"name": "Nobody Indexes Me"})
        place.becomes("gateway", "crm_queue_waiting", 2, 20, queue=PARKED)
        place.becomes("gateway", "crm_consumer_lag_seconds", 2, 60, queue=PARKED)
        place.becomes("gateway", "crm_queue_waiting", 1, 5, queue="telephony.phone-index")
    finally:
        place.stack.resume("telephony")
    for queue in (PARKED, "telephony.phone-index"):
        place.becomes("gateway", "crm_queue_waiting", 0, 0, queue=queue)
    place.becomes("gateway", "crm_consumer_lag_seconds", 0, 0, queue=PARKED)


def test_calls_that_never_end_and_messages_nobody_is_sure_of_are_counted(place: Place) -> None:
    head = place.company.client("Marko")
    wait_for("a call", lambda: head.get("/api/v1/calls")["items"])
    telephony = place.stack.database_urls["telephony"]
    # Without its timers: one that fires would close it, as it should.
    execute(telephony, "DELETE FROM due_work", _KEEP_NEWEST_CALL, _NEVER_ENDS)
    place.becomes("telephony", "crm_telephony_calls_stale", 1, 1, phase="ringing")
    execute(telephony, _AS_IT_WAS, "DROP TABLE kept")
    place.becomes("telephony", "crm_telephony_calls_stale", 0, 0, phase="ringing")
    before = place.value("notifications", "crm_messages_uncertain")
    message = (
        "INSERT INTO message (id, channel, status, person_id, to_address, subject, text, parts, automatic, queued_at, "
        "correlation_id) SELECT id, 'email', 'uncertain', id, 'x@example.com', 'x', 'x', 1, false, now(), id "
        "FROM (SELECT uuidv7() AS id) fresh"
    )
    execute(place.stack.database_urls["notifications"], message)
    place.becomes("notifications", "crm_messages_uncertain", before + 1, before + 1)
    execute(place.stack.database_urls["notifications"], "DELETE FROM message WHERE to_address = 'x@example.com'")


def test_without_the_bus_the_outbox_ages_and_nobody_claims_to_publish(place: Place) -> None:
    place.becomes("contacts", "crm_relay_active", 1, 1)
    place.stack.halt("rabbitmq")
    try:
        began = time.monotonic()
        place.admin.post("/api/v1/people", {"name": "Told Later"})
        place.becomes("contacts", "crm_relay_active", 0, 0)
        place.becomes("contacts", "crm_part_ok", 0, 0, part="bus")
        place.becomes("contacts", "crm_outbox_lag_seconds", 2, time.monotonic() - began + WITHIN_S)
        place.becomes("contacts", "crm_outbox_depth", 1, 5)
        assert place.value("contacts", "crm_part_ok", part="database") == 1
    finally:
        place.stack.resume("rabbitmq")
    place.becomes("contacts", "crm_outbox_lag_seconds", 0, 0)
    place.becomes("contacts", "crm_relay_active", 1, 1)
    place.becomes("contacts", "crm_part_ok", 1, 1, part="bus")


def test_without_its_database_a_program_says_so_and_shows_no_old_depth(place: Place) -> None:
    place.stack.halt("postgres")
    try:
        place.becomes("deals", "crm_part_ok", 0, 0, part="database")
        wait_for(
            "an unknown depth",
            lambda: (depth := place.value("deals", "crm_outbox_depth")) != depth,  # not a number
            WITHIN_S,
        )
    finally:
        place.stack.resume("postgres")
    place.becomes("deals", "crm_part_ok", 1, 1, part="database")
    place.becomes("deals", "crm_outbox_depth", 0, 0)
