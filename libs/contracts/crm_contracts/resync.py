"""The command `<owner>.resync`: the owner streams current state of one noun to one queue on the bulk lane."""

from uuid import UUID

from crm_contracts.base import Body


class Resync(Body):
    """Send the current state of every `noun` to `to_queue`, as bulk events with their current sequence.

    The owner works in portions and orders the next from itself: `after` is the last id it has sent.
    """

    noun: str
    to_queue: str
    after: UUID | None = None


def resync_queue(owner: str) -> str:
    """The queue on which `owner` takes resync commands."""
    return f"{owner}.resync"
