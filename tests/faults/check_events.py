"""The bus: what was sent is archived once and unchanged, nothing waits, nothing died, no sequence has a gap."""

from collections import Counter, defaultdict
from typing import Any
from uuid import UUID

from crm_contracts.catalogue import SERVICES
from crm_contracts.graph import READERS

from tests.faults.findings import Findings
from tests.faults.ledger import Ledger
from tests.faults.snapshot import Snapshot


def outboxes(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """Nothing waits to be sent, and nothing was given up."""
    for service in SERVICES:
        found.same("outbox", service, 0, len(now.rows(service, "outbox")))
        for letter in now.rows(service, "dead_letter"):
            found.same("dead-letter", f"{letter['queue']} {letter['type']}", None, letter["reason"])


def archive(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """Every event sent is archived exactly once, as it was sent; nothing else is archived; personal parts lie apart."""
    archived = now.by("reports", "event_archive", "id")
    personal = now.by("reports", "event_pii", "event_id")
    found.once("event-twice", [event.id for service in SERVICES for event in now.sent[service]])
    sent = {event.id: event for service in SERVICES for event in now.sent[service]}
    for id in archived.keys() - sent.keys():
        found.same("archive-extra", f"{archived[id]['type']} {id}", None, "archived, never sent")
    for id, event in sent.items():
        row = archived.get(id)
        if row is None:
            found.same("archive-missing", f"{event.type} {id}", "archived", None)
            continue
        data = {name: value for name, value in event.data.items() if name != "pii"}
        as_sent = (event.type, event.subject, event.sequence, data)
        found.same("archive-differs", id, as_sent, (row["type"], row["subject"], row["sequence"], row["data"]))
        pii = personal[id]["pii"] if id in personal else None
        found.same("archive-personal", id, event.data.get("pii"), pii)
    head = now.rows("reports", "archive_head")[0]
    found.same("archive-head", "position", len(archived), head["position"])
    found.same("archive-head", "ids with two bodies", 0, head["conflicts"])


def sequences(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """The events of each subject are numbered 1 … n, each number once."""
    for service in SERVICES:
        of: defaultdict[str, list[int]] = defaultdict(list)
        for event in now.sent[service]:
            of[event.subject].append(event.sequence)
        for subject, numbers in of.items():
            found.same("sequence", f"{service} {subject}", list(range(1, len(numbers) + 1)), sorted(numbers))


def effects(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """Each event that causes something was taken up by each of its effects, and nothing else was."""
    for reader in READERS:
        if reader.kind != "effect":
            continue
        sent = {event.id for service in SERVICES for event in now.sent[service] if event.type in reader.reads}
        taken = {row["event_id"] for row in now.rows(reader.service, "inbox") if row["reader"] == reader.queue}
        found.same(f"effect {reader.queue}", "not taken up", set(), sent - taken)
        found.same(f"effect {reader.queue}", "never sent", set(), taken - sent)


_SUBJECTS = (
    ("contacts", "person", "person", "id"),
    ("contacts", "company", "company", "id"),
    ("contacts", "call", "call_link", "call_id"),
    ("deals", "deal", "deal", "id"),
    ("deals", "task", "task", "id"),
    ("telephony", "call", "call", "id"),
    ("notifications", "message", "message", "id"),
)


def newest(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """Each row's version is the sequence of the last event about it."""
    for service, subject, table, key in _SUBJECTS:
        told: Counter[UUID] = Counter()
        for event in now.sent[service]:
            noun, _, id = event.subject.partition("/")
            if noun == subject:
                told[UUID(id)] = max(told[UUID(id)], event.sequence)
        for row in now.rows(service, table):
            if row["version"]:
                found.same("untold", f"{service} {subject} {row[key]}", row["version"], told[row[key]])


CHECKS: tuple[Any, ...] = (outboxes, archive, sequences, effects, newest)
