"""What a reader holds: kept by the reader, looked at by the watch, which tells standing still from having none."""

from dataclasses import dataclass


@dataclass(slots=True)
class Hand:
    """Messages of one queue that were taken and not yet answered for, and how many ever were."""

    held: int = 0
    finished: int = 0

    def finish(self, count: int) -> None:
        """So many of those held were answered for: handled, or sent up the ladder."""
        self.held -= count
        self.finished += count
