"""The open live streams of this process, and what was said in the last minute.

Owns delivery: who gets which frame, resuming, cutting. Must never know what an event means.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Literal
from uuid import UUID

from crm_chassis.http import dumps
from crm_chassis.ids import new_id
from crm_chassis.metrics import counter, gauge

from crm_gateway.live.audience import Audience, TeamOf
from crm_gateway.sessions.directory import Signed

REMEMBERED_S = 60.0
REMEMBERED_MOST = 20_000
BACKLOG = 256

Reason = Literal["slow", "session_over", "replaced", "stopping"]

STREAMS = gauge("live_streams", "Open live streams")
CUT = counter("live_streams_cut", "Live streams ended by us, by reason", ["reason"])


def frame(event: str, data: object, id: str | None = None) -> bytes:
    """One server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
    head = f"id: {id}\n" if id else ""
    return f"{head}event: {event}\ndata: ".encode() + dumps(data) + b"\n\n"


@dataclass(slots=True, eq=False)
class Stream:
    """One browser listening. A consumer 256 frames behind is cut, so that it can not hold memory."""

    signed: Signed
    frames: "asyncio.Queue[bytes]" = field(default_factory=lambda: asyncio.Queue(BACKLOG))
    over: asyncio.Event = field(default_factory=asyncio.Event)
    reason: Reason | None = None

    def offer(self, frame: bytes) -> None:
        """The frame waits to be sent, or the stream is cut as too slow."""
        if self.over.is_set():
            return
        try:
            self.frames.put_nowait(frame)
        except asyncio.QueueFull:
            self.cut("slow")

    def cut(self, reason: Reason) -> None:
        """The stream ends now; what was still waiting is not sent."""
        if not self.over.is_set():
            self.reason = reason
            self.over.set()
            CUT.labels(reason).inc()


@dataclass(frozen=True, slots=True)
class Joined:
    """A new stream, the place it begins at, and whether it `missed` something for good before."""

    stream: Stream
    position: str
    missed: bool


@dataclass(frozen=True, slots=True)
class _Said:
    number: int
    at: float
    audience: Audience
    frame: bytes


class Hub:
    """Every stream of this process, one per session."""

    def __init__(self, team_of: TeamOf) -> None:
        self._team_of = team_of
        self._streams: dict[UUID, Stream] = {}
        self._said: deque[_Said] = deque()
        self._forgotten = 0
        self._number = 0
        self._epoch = new_id().hex

    def join(self, signed: Signed, last_event_id: str | None) -> Joined:
        """A stream that hears everything from now on.

        An older stream of the same session is told `replaced` and ends. With a `last_event_id` of the last minute
        the stream first gets what it missed.
        """
        older = self._streams.get(signed.session_id)
        if older is not None:
            older.cut("replaced")
        stream = Stream(signed)
        self._streams[signed.session_id] = stream
        STREAMS.set(len(self._streams))
        seen = self._number_of(last_event_id) if last_event_id else self._number
        for said in self._said:
            if seen is not None and said.number > seen and said.audience.includes(signed.principal, self._team_of):
                stream.offer(said.frame)
        return Joined(stream, self.position, missed=seen is None)

    def leave(self, stream: Stream) -> None:
        """The stream is gone."""
        if self._streams.get(stream.signed.session_id) is stream:
            del self._streams[stream.signed.session_id]
        STREAMS.set(len(self._streams))

    def present(self) -> list[UUID]:
        """Who listens, each once, in order."""
        return sorted({stream.signed.principal.id for stream in self._streams.values() if not stream.over.is_set()})

    def say(self, event: str, data: object, audience: Audience) -> None:
        """Everybody of the audience hears it; who comes back within a minute hears it then."""
        self._number += 1
        said = _Said(self._number, monotonic(), audience, frame(event, data, self.position))
        self._said.append(said)
        while len(self._said) > REMEMBERED_MOST or self._said[0].at < said.at - REMEMBERED_S:
            self._forgotten = self._said.popleft().number
        for stream in list(self._streams.values()):
            if audience.includes(stream.signed.principal, self._team_of):
                stream.offer(said.frame)

    def gap(self) -> None:
        """Events may have been missed: every client is told to load anew, and nobody can resume from before."""
        self._epoch = new_id().hex
        self._said.clear()
        self._forgotten = self._number
        for stream in list(self._streams.values()):
            stream.offer(frame("reset", {}, self.position))

    def end(self, is_over: Callable[[Signed], bool], reason: Reason = "session_over") -> None:
        """Streams of these sessions are cut at once."""
        for stream in list(self._streams.values()):
            if is_over(stream.signed):
                stream.cut(reason)

    def end_expired(self, now: datetime) -> None:
        """Streams of sessions past their end are cut."""
        self.end(lambda signed: signed.expires_at <= now)

    @property
    def position(self) -> str:
        """The id of the last thing said."""
        return f"{self._epoch}-{self._number}"

    def _number_of(self, event_id: str) -> int | None:
        epoch, _, number = event_id.partition("-")
        if epoch != self._epoch or not number.isdigit():
            return None
        seen = int(number)
        return seen if self._forgotten <= seen <= self._number else None
