"""From an AMQP message to envelopes; a CloudEvents batch is unpacked. What can not be read is poison."""

from collections.abc import Iterable

import orjson
from crm_contracts.envelope import BATCH_CONTENT_TYPE, MAX_HOPS, Envelope
from pydantic import TypeAdapter, ValidationError

from crm_chassis.attempts import Poison

_MANY = TypeAdapter(list[Envelope])


def envelopes(body: bytes, content_type: str | None) -> list[Envelope]:
    """The events of one message; Poison when it is malformed or went round too often."""
    try:
        if content_type == BATCH_CONTENT_TYPE:
            events = _MANY.validate_python(orjson.loads(body))
        else:
            events = [Envelope.model_validate(orjson.loads(body))]
    except (orjson.JSONDecodeError, ValidationError) as error:
        raise Poison(f"not a CloudEvent: {type(error).__name__}") from error
    if any(event.hops > MAX_HOPS for event in events):
        raise Poison(f"more than {MAX_HOPS} hops")
    return events


def newest_per_subject(events: Iterable[Envelope]) -> list[Envelope]:
    """For copies: of each subject the event with the highest sequence, so one upsert touches a row once."""
    newest: dict[str, Envelope] = {}
    for event in events:
        kept = newest.get(event.subject)
        if kept is None or event.sequence > kept.sequence:
            newest[event.subject] = event
    return list(newest.values())


def distinct(events: Iterable[Envelope]) -> list[Envelope]:
    """For facts: each event once by id, in the order of (`time`, `sequence`)."""
    unique = {event.id: event for event in events}
    return sorted(unique.values(), key=lambda event: (event.time, event.sequence, event.id))
