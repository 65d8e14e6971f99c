"""Turning the ways a person or a system ends a program into one: KeyboardInterrupt, once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def one_interrupt() -> Iterator[None]:
    """Inside, the first of Ctrl-C, SIGTERM and SIGHUP raises KeyboardInterrupt; later ones change nothing,

    so that stopping is not cut short by an impatient second Ctrl-C.
    """
    told = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal told
        if not told:
            told = True
            raise KeyboardInterrupt

    before = {ending: signal.signal(ending, handle) for ending in _ENDINGS}
    try:
        yield
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)
