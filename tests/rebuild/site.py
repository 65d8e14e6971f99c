"""A company on a running stack, and eyes and hands on its databases, queues and metrics."""

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import aio_pika
import asyncpg
import httpx
import orjson
from crm_chassis.bus import EVENTS_EXCHANGE
from crm_contracts.envelope import BATCH_CONTENT_TYPE, CONTENT_TYPE, MAX_BATCH
from crm_contracts.graph import READERS
from crm_runner.cli import app
from crm_runner.databases import plain, run_sync
from crm_runner.demo.client import wait_for
from crm_runner.demo.company import Company
from crm_runner.demo.mailbox import Mailbox
from crm_runner.demo.pbx import EmulatedPbx
from crm_runner.demo.story import Story
from crm_runner.stack import Stack
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

Row = dict[str, Any]
Event = dict[str, Any]

# What tells of the traffic itself, not of what it came to.
_TRAFFIC = {"outbox", "outbox_sent", "outbox_sent_rest", "inbox", "archive_check", "idempotency_key", "alembic_version"}


@dataclass(frozen=True)
class Site:
    """What a test of rebuilding may touch."""

    stack: Stack
    company: Company
    pbx: EmulatedPbx
    mailbox: Mailbox
    story: Story
    folder: Path

    def rows(self, service: str, query: str, *values: Any) -> list[Row]:
        """The rows of a query on the service's database."""
        return run_sync(_rows(self.stack.database_urls[service], query, values))

    def run(self, service: str, *statements: str) -> None:
        """The statements have run in one transaction on the service's database."""
        run_sync(_run(self.stack.database_urls[service], statements))

    def dump(self, service: str, table: str, order: str, *left_out: str) -> list[bytes]:
        """Every row of the table as canonical JSON, in this order, without the columns left out."""
        without = "".join(f" - '{name}'" for name in left_out)
        found = self.rows(service, f"SELECT (to_jsonb(t){without})::text AS row FROM {table} t ORDER BY {order}")  # noqa: S608
        return [orjson.dumps(orjson.loads(row["row"]), option=orjson.OPT_SORT_KEYS) for row in found]

    def counts(self) -> dict[str, int]:
        """How many rows each table of each service has, but those that count traffic."""
        return {
            f"{service}.{name}": count
            for service in self.stack.service_urls
            for name, count in run_sync(_counts(self.stack.database_urls[service])).items()
        }

    def metric(self, service: str, name: str, **labels: str) -> float:
        """The sum of the metric's samples with these labels."""
        text = httpx.get(f"{self.stack.service_urls[service]}/metrics", timeout=10).text
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def crm(self, *arguments: str) -> str:
        """What the command `crm` printed."""
        given = {"CRM_DATABASE_URL": self.stack.database_url, "CRM_AMQP_URL": self.stack.amqp_url}
        environment = {**os.environ, **given, "CRM_DATA_DIR": str(self.folder)}
        done = CliRunner().invoke(app, list(arguments), env=environment, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    def publish(self, queue: str | None, events: Sequence[Event], *, batched: bool = False) -> None:
        """The broker has confirmed the events, sent to one queue or (None) to all who read them."""
        run_sync(_publish(self.stack.amqp_url, queue, events, batched=batched))

    def archived(self) -> list[Event]:
        """Every archived event as it was told, in order of position."""
        return [_as_told(row) for row in self.rows("reports", _ARCHIVED)]

    def settle(self) -> None:
        """Nothing waits in any outbox or queue, and all that was sent is archived and in the figures."""
        quiet = 0

        def settled() -> bool:
            nonlocal quiet
            quiet = quiet + 1 if self._is_quiet() else 0
            # Again: a message may be in a reader's hand.
            return quiet == 3

        wait_for("everything settling", settled, 60)

    def _is_quiet(self) -> bool:
        if any(self.rows(service, "SELECT 1 FROM outbox LIMIT 1") for service in self.stack.service_urls):
            return False
        if run_sync(_waiting(self.stack.amqp_url)):
            return False
        (row,) = self.rows(
            "reports",
            "SELECT h.position - g.position AS lag FROM archive_head h, projection_generation g WHERE g.state = 'live'",
        )
        return bool(row["lag"] == 0)


_ARCHIVED = (
    "SELECT a.*, a.data::text AS shown, p.pii::text AS pii FROM event_archive a"
    " LEFT JOIN event_pii p ON p.subject_id = a.subject_id AND p.event_id = a.id ORDER BY a.position"
)


def _as_told(row: Row) -> Event:
    data = orjson.loads(row["shown"])
    if row["pii"] is not None:
        data["pii"] = orjson.loads(row["pii"])
    same = ("id", "type", "subject", "sequence", "actor", "correlationid", "causationid", "lane")
    return {
        **{name: str(row[name]) if isinstance(row[name], UUID) else row[name] for name in same},
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "source": f"/{row['type'].partition('.')[0]}",
        "time": row["time"].isoformat(),
        "recordedtime": row["recordedtime"].isoformat(),
        "data": data,
    }


async def _rows(url: str, query: str, values: Iterable[Any]) -> list[Row]:
    connection = await asyncpg.connect(plain(url))
    try:
        return [dict(row) for row in await connection.fetch(query, *values)]
    finally:
        await connection.close()


async def _run(url: str, statements: Sequence[str]) -> None:
    connection = await asyncpg.connect(plain(url))
    try:
        async with connection.transaction():
            for statement in statements:
                await connection.execute(statement)
    finally:
        await connection.close()


async def _counts(url: str) -> Mapping[str, int]:
    connection = await asyncpg.connect(plain(url))
    try:
        tables = await connection.fetch(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        names = sorted(row["table_name"] for row in tables)
        return {
            name: await connection.fetchval(f'SELECT count(*) FROM "{name}"')  # noqa: S608
            for name in names
            if name not in _TRAFFIC and not name.startswith(("outbox_sent_", "session"))
        }
    finally:
        await connection.close()


async def _publish(amqp_url: str, queue: str | None, events: Sequence[Event], *, batched: bool) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel(on_return_raises=True)
        exchange = channel.default_exchange if queue else await channel.get_exchange(EVENTS_EXCHANGE)
        size = MAX_BATCH if batched else 1
        portions = [events[start : start + size] for start in range(0, len(events), size)]
        await asyncio.gather(
            *(
                exchange.publish(
                    aio_pika.Message(
                        orjson.dumps(list(portion) if batched else portion[0]),
                        content_type=BATCH_CONTENT_TYPE if batched else CONTENT_TYPE,
                        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                        message_id=portion[0]["id"],
                        type=portion[0]["type"],
                    ),
                    routing_key=queue or portion[0]["type"],
                    mandatory=True,
                )
                for portion in portions
            )
        )


async def _waiting(amqp_url: str) -> int:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        waiting = 0
        for reader in READERS:
            queue = await channel.declare_queue(reader.queue, passive=True)
            waiting += queue.declaration_result.message_count or 0
        return waiting
