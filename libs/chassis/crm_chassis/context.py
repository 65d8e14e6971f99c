"""The story an action belongs to: who acts, under which correlation id, caused by what.

Carried in a context variable from the edge (HTTP request, message, timer) to the events and logs it makes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from crm_contracts.envelope import Envelope, Lane

from crm_chassis.ids import new_id


@dataclass(frozen=True, slots=True)
class Story:
    """What every event made now will carry."""

    actor: str
    correlation_id: UUID
    causation_id: UUID | None = None
    hops: int = 0
    lane: Lane = Lane.LIVE

    @classmethod
    def of_system(cls, service: str, correlation_id: UUID | None = None, lane: Lane = Lane.LIVE) -> "Story":
        """A story a service begins itself (timer, bootstrap)."""
        return cls(actor=f"system:{service}", correlation_id=correlation_id or new_id(), lane=lane)

    @classmethod
    def caused_by(cls, event: Envelope, service: str) -> "Story":
        """The same story, one hop on."""
        return cls(
            actor=f"system:{service}",
            correlation_id=event.correlationid,
            causation_id=event.id,
            hops=event.hops + 1,
            lane=event.lane,
        )


_story: ContextVar[Story] = ContextVar("story")


def current() -> Story:
    """The story of the running request, message or timer; LookupError outside of one."""
    return _story.get()


def begin(story: Story) -> None:
    """Make `story` current for the rest of this task."""
    _story.set(story)


@contextmanager
def telling(story: Story) -> Iterator[Story]:
    """Make `story` current inside the block."""
    token = _story.set(story)
    try:
        yield story
    finally:
        _story.reset(token)
