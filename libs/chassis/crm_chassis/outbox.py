"""Rows of the outbox: events and commands recorded in the transaction that made them true.

`recordedtime` is the database's clock in the producing transaction: the row carries it, `wire_body` splices it in.
"""

from datetime import UTC, datetime
from typing import Any

import orjson
import sqlalchemy as sa
from crm_contracts.catalogue import EVENTS
from crm_contracts.envelope import MAX_EVENT_BYTES, MAX_HOPS, Lane
from pydantic import BaseModel

from crm_chassis import tables
from crm_chassis.clock import now
from crm_chassis.context import Story
from crm_chassis.ids import new_id

INSERT = sa.insert(tables.outbox).inline()


class EventRefused(Exception):
    """The event can never be sent: too large, not of the agreed shape, or its story went round in a circle."""


def event_row(
    service: str,
    story: Story,
    *,
    type: str,
    subject: str,
    sequence: int,
    data: BaseModel,
    happened_at: datetime | None = None,
    lane: Lane | None = None,
) -> dict[str, Any]:
    """Parameters of INSERT for one event; EventRefused when over 256 KiB, over 8 hops or not of the agreed shape."""
    agreed = EVENTS.get(type)
    if agreed is not None and not isinstance(data, agreed.model):
        raise EventRefused(f"{type} carries {data.__class__.__name__}, agreed is {agreed.model.__name__}")
    event_id = new_id()
    body = {
        "specversion": "1.0",
        "id": str(event_id),
        "source": f"/{service}",
        "type": type,
        "subject": subject,
        "time": (happened_at or now()).astimezone(UTC).isoformat(),
        "datacontenttype": "application/json",
        "sequence": sequence,
        "actor": story.actor,
        "correlationid": str(story.correlation_id),
        "causationid": str(story.causation_id) if story.causation_id else None,
        "hops": story.hops,
        "lane": (lane or story.lane).value,
    }
    raw = orjson.dumps(body)[:-1] + b',"data":' + data.model_dump_json().encode() + b"}"
    if len(raw) > MAX_EVENT_BYTES:
        raise EventRefused(f"{type} of {subject} has {len(raw)} bytes, more than {MAX_EVENT_BYTES}")
    if story.hops > MAX_HOPS:
        raise EventRefused(f"{type} of {subject} is {story.hops} hops from its cause: a loop")
    return {
        "event_id": event_id,
        "type": type,
        "queue": None,
        "bulk": (lane or story.lane) is Lane.BULK,
        "body": raw,
    }


def command_row(service: str, story: Story, *, queue: str, data: BaseModel) -> dict[str, Any]:
    """Parameters of INSERT for one command to `queue`."""
    row = event_row(service, story, type=queue, subject=f"command/{new_id()}", sequence=0, data=data)
    return row | {"queue": queue}


def wire_body(body: bytes, recorded_at: datetime) -> bytes:
    """The stored body with `recordedtime` (microseconds) as its first member."""
    stamp = recorded_at.astimezone(UTC).isoformat(timespec="microseconds")
    return b'{"recordedtime":"' + stamp.encode() + b'",' + body[1:]
