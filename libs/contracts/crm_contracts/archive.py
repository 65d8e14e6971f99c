"""The commands that keep the archive whole and tell from it again: compare, resend, replay."""

from uuid import UUID

from pydantic import AwareDatetime, Field

from crm_contracts.base import Body

ARCHIVE_QUEUE = "reports.archive"
COMPARE = "reports.compare-archive"
REPLAY = "reports.replay"
REBUILD_TIMELINE = "contacts.rebuild-timeline"
TIMELINE_REPLAY = "contacts.timeline-replay"

MAX_COMPARED = 4_000
"""Ids in one comparison: with 39 bytes each they stay well under the size of an event."""

PRODUCERS: tuple[str, ...] = ("contacts", "deals", "telephony", "notifications", "gateway")


def resend_queue(producer: str) -> str:
    """The queue on which `producer` hears what the archive lacks."""
    return f"{producer}.resend"


class CompareArchive(Body):
    """All events `producer` recorded from `window_from` up to `window_to` and has sent: which are not archived?

    The answer is always told, to `<producer>.resend`; the comparison then goes on up to `until`.
    """

    producer: str
    window_from: AwareDatetime
    window_to: AwareDatetime
    until: AwareDatetime
    ids: list[UUID] = Field(max_length=MAX_COMPARED)


class Resend(Body):
    """Send the events `ids` of the window to the archive again, then compare from `window_to` up to `until`.

    No ids: the archive has the whole window. An empty window is the order to begin a comparison there.
    """

    window_from: AwareDatetime
    window_to: AwareDatetime
    until: AwareDatetime
    ids: list[UUID] = Field(max_length=MAX_COMPARED)


class Replay(Body):
    """Send `to_queue` the archived events it replays that stand after position `after`: one portion, then ReplayedTo.

    The reader asks for the next portion itself, so no more than one is ever on its way.
    """

    run: UUID = Field(description="The rebuild this belongs to; the reader ignores portions of another")
    to_queue: str
    after: int = Field(ge=0)


class ReplayedTo(Body):
    """The mark at the end of a portion: everything up to `position` was sent; `end`: the archive had no more."""

    run: UUID
    position: int = Field(ge=0)
    end: bool


class RebuildTimeline(Body):
    """Make the timeline anew from the archive beside the one in use, and swap it in."""
