"""What is told again causes nothing: the whole archive, replayed and imported into every reader of a company."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import pytest
from crm_chassis.gate import SKIPS
from crm_contracts.graph import READERS

from .site import Event, Site

EFFECTS = [reader for reader in READERS if reader.kind == "effect"]
KEEPERS = [reader for reader in READERS if reader.kind in ("copy", "fact")]
MARKS: dict[str, dict[str, Any]] = {"replay": {"replay": True}, "bulk": {"lane": "bulk"}}


def recorded(site: Site) -> dict[str, int]:
    """How many events and commands each service has recorded so far."""
    query = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM outbox_sent) AS n"
    return {service: site.rows(service, query)[0]["n"] for service in site.stack.service_urls}


def skips(site: Site, reason: str) -> dict[str, float]:
    """How often the gate of each effect has refused for this reason."""
    return {
        reader.queue: site.metric(reader.service, "crm_gate_skips_total", queue=reader.queue, reason=reason)
        for reader in EFFECTS
    }


def readable(events: Iterable[Event], types: tuple[str, ...]) -> list[Event]:
    """The events of these types."""
    return [event for event in events if event["type"] in types]


def as_new(events: Iterable[Event]) -> list[Event]:
    """The same under ids nobody has seen, so that no inbox knows them."""
    return [event | {"id": str(uuid4())} for event in events]


@pytest.mark.parametrize("reason", sorted(MARKS))
def test_the_whole_archive_told_again_causes_nothing(site: Site, reason: str) -> None:
    assert reason in SKIPS
    site.settle()
    story = [event | MARKS[reason] for event in site.archived()]
    screen = site.company.client("Ana").listen()
    before, told, mails, skipped = site.counts(), recorded(site), len(site.mailbox.messages), skips(site, reason)
    heard = len(screen.heard)

    # To all who read them, the live streams included; then to the effects again under new ids.
    site.publish(None, story)
    for reader in EFFECTS:
        site.publish(reader.queue, as_new(readable(story, reader.reads)))
    if reason == "bulk":
        for reader in KEEPERS:
            for type_ in reader.reads:
                if events := readable(story, (type_,)):
                    site.publish(reader.queue, events, batched=True)
    site.settle()

    assert site.counts() == before
    assert recorded(site) == told
    assert len(site.mailbox.messages) == mails
    assert [change for _, change, _ in screen.heard[heard:] if change in ("pop", "notice", "change")] == []
    screen.close()
    expected = {reader.queue: 2 * len(readable(story, reader.reads)) for reader in EFFECTS}
    assert {queue: count - skipped[queue] for queue, count in skips(site, reason).items()} == expected
    assert all(expected.values())
