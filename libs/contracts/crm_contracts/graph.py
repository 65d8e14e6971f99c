"""Who reads what and what comes of it: the table the bus topology is made from, checked by a test.

One quorum queue per reader and purpose, named after the reader. `copy` keeps the newest state, `fact` keeps
every event once, `effect` does something once (behind the effect gate), `command` is an order to the owner.
A queue that `replays` gets old events too, from the archive, when its service asks for them.
"""

from dataclasses import dataclass
from typing import Literal

from crm_contracts import archive, contacts, deals, gateway, notifications, telephony
from crm_contracts.catalogue import EVENTS
from crm_contracts.resync import resync_queue

USERS = (
    gateway.USER_CREATED,
    gateway.USER_UPDATED,
    gateway.USER_LEFT,
    gateway.USER_REMOVED,
    gateway.TEAM_CHANGED,
    gateway.TEAM_REMOVED,
    gateway.ROLE_CHANGED,
)
CALLS = (telephony.CALL_RANG, telephony.CALL_ANSWERED, telephony.CALL_ENDED, telephony.CALL_MISSED)
PEOPLE = (contacts.PERSON_CREATED, contacts.PERSON_UPDATED, contacts.PERSON_MERGED, contacts.PERSON_REMOVED)
COMPANIES = (contacts.COMPANY_CREATED, contacts.COMPANY_UPDATED, contacts.COMPANY_REMOVED)
NOTES = (contacts.NOTE_CREATED, contacts.NOTE_UPDATED, contacts.NOTE_REMOVED)
FILES = (contacts.FILE_ADDED, contacts.FILE_CHANGED, contacts.FILE_REMOVED)
DEALS = (deals.DEAL_CREATED, deals.DEAL_UPDATED, deals.DEAL_STAGE_CHANGED, deals.DEAL_REMOVED)
TASKS = (
    deals.TASK_CREATED,
    deals.TASK_UPDATED,
    deals.TASK_COMPLETED,
    deals.TASK_REOPENED,
    deals.TASK_REMINDER_REACHED,
    deals.TASK_BECAME_OVERDUE,
)
MESSAGES = (
    notifications.MESSAGE_QUEUED,
    notifications.MESSAGE_SENT,
    notifications.MESSAGE_DELIVERED,
    notifications.MESSAGE_FAILED,
    notifications.MESSAGE_BECAME_UNCERTAIN,
)
HISTORY = (*CALLS, telephony.CALL_UPDATED, *DEALS, *TASKS, *MESSAGES, *NOTES, *FILES)
LIVE = (
    *CALLS,
    telephony.CALL_UPDATED,
    contacts.CALL_LINKED,
    *PEOPLE,
    *NOTES,
    *FILES,
    *DEALS,
    *TASKS,
    *MESSAGES,
    notifications.NOTICE_CREATED,
)


@dataclass(frozen=True, slots=True)
class Reader:
    """A durable queue of one service: what it reads or replays, and which events or commands come of it."""

    queue: str
    kind: Literal["copy", "fact", "effect", "command"]
    reads: tuple[str, ...] = ()
    emits: tuple[str, ...] = ()
    replays: tuple[str, ...] = ()

    @property
    def service(self) -> str:
        """The service that reads it: the first part of the queue's name."""
        return self.queue.partition(".")[0]


READERS: tuple[Reader, ...] = (
    *(
        Reader(f"{service}.users", "copy", USERS)
        for service in ("contacts", "deals", "telephony", "notifications", "reports")
    ),
    Reader(
        "contacts.capture",
        "effect",
        CALLS,
        (contacts.PERSON_CREATED, contacts.PERSON_UPDATED, contacts.CALL_LINKED),
    ),
    # With a deal its notes and files go, whoever hears of it first.
    Reader("contacts.timeline", "fact", HISTORY, (contacts.NOTE_REMOVED, contacts.FILE_REMOVED)),
    Reader(archive.REBUILD_TIMELINE, "command", (), (archive.REPLAY,)),
    Reader(
        archive.TIMELINE_REPLAY,
        "command",
        (),
        (archive.REPLAY, contacts.NOTE_REMOVED, contacts.FILE_REMOVED),
        replays=HISTORY,
    ),
    Reader("deals.cards", "copy", (*PEOPLE, *COMPANIES)),
    Reader(
        "deals.calls",
        "effect",
        (contacts.CALL_LINKED, telephony.CALL_ANSWERED, telephony.CALL_ENDED, telephony.CALL_MISSED),
        (
            deals.DEAL_CREATED,
            deals.DEAL_UPDATED,
            deals.TASK_CREATED,
            deals.TASK_UPDATED,
            deals.TASK_COMPLETED,
        ),
    ),
    Reader(
        "deals.automation",
        "effect",
        (deals.DEAL_CREATED, deals.DEAL_STAGE_CHANGED),
        (notifications.SEND_MESSAGE,),
    ),
    Reader("telephony.phone-index", "copy", PEOPLE),
    Reader("telephony.call-links", "copy", (contacts.CALL_LINKED,)),
    Reader("notifications.addresses", "copy", PEOPLE),
    Reader(
        "notifications.notices",
        "effect",
        (deals.TASK_CREATED, deals.TASK_REMINDER_REACHED, deals.TASK_BECAME_OVERDUE),
        (notifications.NOTICE_CREATED,),
    ),
    Reader(notifications.SEND_MESSAGE, "command", (), MESSAGES),
    Reader(archive.ARCHIVE_QUEUE, "fact", tuple(EVENTS)),
    Reader(archive.COMPARE, "command", (), tuple(archive.resend_queue(producer) for producer in archive.PRODUCERS)),
    *(Reader(archive.resend_queue(producer), "command", (), (archive.COMPARE,)) for producer in archive.PRODUCERS),
    Reader(archive.REPLAY, "command", (), (archive.TIMELINE_REPLAY,)),
    Reader("gateway.connections", "copy", (telephony.CONNECTION_CHANGED,)),
    Reader(
        resync_queue("contacts"),
        "command",
        (),
        (contacts.PERSON_UPDATED, contacts.PERSON_MERGED, contacts.COMPANY_UPDATED, contacts.CALL_LINKED),
    ),
    Reader(
        resync_queue("deals"),
        "command",
        (),
        (deals.DEAL_UPDATED, deals.PIPELINE_CHANGED, deals.PRODUCT_CHANGED),
    ),
    Reader(resync_queue("telephony"), "command", (), (telephony.CONNECTION_CHANGED,)),
    Reader(resync_queue("gateway"), "command", (), (gateway.USER_UPDATED, gateway.TEAM_CHANGED, gateway.ROLE_CHANGED)),
)


def readers_of(service: str) -> tuple[Reader, ...]:
    """The queues one service reads."""
    return tuple(reader for reader in READERS if reader.service == service)


def reader(queue: str) -> Reader:
    """The reader of a queue; KeyError when the graph has none."""
    for candidate in READERS:
        if candidate.queue == queue:
            return candidate
    raise KeyError(queue)
