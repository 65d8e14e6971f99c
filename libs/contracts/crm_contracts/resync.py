"""The command `<owner>.resync`: the owner streams current state of one noun to one queue on the bulk lane."""

from crm_contracts.base import Body


class Resync(Body):
    """Send the current state of every `noun` to `to_queue`, as bulk events with their current sequence."""

    noun: str
    to_queue: str


def resync_queue(owner: str) -> str:
    """The queue on which `owner` takes resync commands."""
    return f"{owner}.resync"
