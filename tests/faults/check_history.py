"""What was acknowledged stands; timeline, stage history and notices tell it, each thing once, in its newest state."""

from collections import Counter, defaultdict
from typing import Any
from uuid import UUID

from crm_contracts import deals as contract

from tests.faults.findings import Findings
from tests.faults.ledger import Ledger, Noun
from tests.faults.snapshot import Row, Sent, Snapshot

_OWNERS: dict[Noun, tuple[str, str, str]] = {
    "person": ("contacts", "person", "name"),
    "deal": ("deals", "deal", "title"),
    "task": ("deals", "task", "title"),
    "message": ("notifications", "message", "subject"),
}


def acknowledged(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """Every POST the API took made exactly one row, which says what it was last told to say."""
    for noun, (service, table, named) in _OWNERS.items():
        rows = now.by(service, table, "id")
        for id, made in ledger.made[noun].items():
            row = rows.get(id)
            found.same("acknowledged", f"{noun} {id}", True, row is not None)
            for name, value in made.fields.items() if row else ():
                found.same("acknowledged", f"{noun} {id} {name}", value, row[name] if row else None)
        marks = Counter(str(row[named]).partition(" ")[0] for row in rows.values())
        for marker, of in ledger.markers.items():
            if of == noun and marks[marker] > 1:
                found.same("made-twice", f"{noun} {marker}", 1, marks[marker])
    stale = [row["id"] for row in now.rows("contacts", "person") if row["name"] == "too late"]
    found.same("stale-write", "person", [], stale)


def timeline(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """Calls, tasks and messages stand once each in their newest state, on their person's card; deals once per event,
    removed ones not at all."""
    links = now.by("contacts", "call_link", "call_id")
    expected: dict[UUID, Row] = {}
    for kind, service in (("call", "telephony"), ("task", "deals"), ("message", "notifications")):
        told = _newest(now.sent[service], kind)
        for row in now.rows(service, kind):
            person_id = row["person_id"] if kind != "call" else links.get(row["id"], {}).get("person_id")
            event = told.get(row["id"])
            state = _shown(event) if event else {"sequence": row["version"]}
            expected[row["id"]] = {"kind": kind, "person_id": now.lives(person_id)} | state
    people = {row["id"]: now.lives(row["person_id"]) for row in now.rows("deals", "deal")}
    kinds = {contract.DEAL_CREATED: "deal_created", contract.DEAL_STAGE_CHANGED: "deal_stage_changed"}
    removed = {event.data["id"] for event in now.events("deals", contract.DEAL_REMOVED)}
    for event in now.events("deals", *kinds):
        if event.data["id"] in removed:
            continue
        person_id = people.get(UUID(event.data["id"]))
        expected[event.id] = {"kind": kinds[event.type], "person_id": person_id, "sequence": event.sequence}
    items = {
        row["id"]: row | {"person_id": now.lives(row["person_id"])} for row in now.rows("contacts", "timeline_item")
    }
    found.same_rows("timeline", expected, items)


def _newest(events: list[Sent], noun: str) -> dict[UUID, Sent]:
    """The last event about each subject of this noun."""
    last: dict[UUID, Sent] = {}
    for event in events:
        about, _, id = event.subject.partition("/")
        if about == noun and (UUID(id) not in last or event.sequence > last[UUID(id)].sequence):
            last[UUID(id)] = event
    return last


def _shown(event: Sent) -> Row:
    data = {name: value for name, value in event.data.items() if name not in ("changed", "pii")}
    return {"sequence": event.sequence, "data": data, "pii": event.data["pii"]}


def stage_history(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """The stages a deal went through are those its events tell and, for the ledger's deals, those it was moved to."""
    entries: defaultdict[UUID, list[Row]] = defaultdict(list)
    for row in sorted(now.rows("deals", "stage_entry"), key=lambda row: (row["happened_at"], row["id"])):
        entries[row["deal_id"]].append(row)
    told: defaultdict[UUID, list[tuple[int, UUID, UUID]]] = defaultdict(list)
    for event in now.events("deals", contract.DEAL_CREATED, contract.DEAL_STAGE_CHANGED):
        entry = event.sequence, UUID(event.data["stage_entry_id"]), UUID(event.data["stage_id"])
        told[UUID(event.data["id"])].append(entry)
    for deal in now.rows("deals", "deal"):
        rows = entries[deal["id"]]
        by_events = [(entry, stage) for _, entry, stage in sorted(told[deal["id"]])]
        found.same("stage-history", deal["id"], by_events, [(row["id"], row["to_stage_id"]) for row in rows])
        found.same("stage-history", f"{deal['id']} now", deal["stage_id"], rows[-1]["to_stage_id"] if rows else None)
        made = ledger.made["deal"].get(deal["id"])
        if made is not None:
            found.same("stage-history", f"{deal['id']} as moved", made.stages, [row["to_stage_id"] for row in rows])


def reminders(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """A timer rings once for a task open at its time, and never for one done before."""
    for type, column in ((contract.TASK_REMINDER_REACHED, "remind_at"), (contract.TASK_BECAME_OVERDUE, "due_at")):
        rang = Counter(UUID(event.data["id"]) for event in now.events("deals", type))
        for row in now.rows("deals", "task"):
            if row["id"] not in ledger.made["task"]:
                continue
            at, done_at = row[column], row["completed_at"]
            if done_at is None and at is not None:
                passed = at <= ledger_clock(now)
                found.same("reminder", f"{type} {row['id']}", int(passed), rang[row["id"]])
            else:
                found.same("reminder", f"{type} {row['id']}", True, rang[row["id"]] <= int(at is not None))
    notices = Counter((row["subject_id"], row["kind"], row["user_id"]) for row in now.rows("notifications", "notice"))
    kinds = {contract.TASK_REMINDER_REACHED: "task_reminder", contract.TASK_BECAME_OVERDUE: "task_overdue"}
    for event in now.events("deals", *kinds):
        key = UUID(event.data["id"]), kinds[event.type], UUID(event.data["owner_id"])
        found.same("notice", f"{key[1]} of {key[0]}", 1, notices[key])


def ledger_clock(now: Snapshot) -> Any:
    """The latest moment the archive knows of: what was due before it has rung."""
    return max(row["recordedtime"] for row in now.rows("reports", "event_archive"))


CHECKS: tuple[Any, ...] = (acknowledged, timeline, stage_history, reminders)
