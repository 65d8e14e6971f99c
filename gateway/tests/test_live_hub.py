"""The hub: bounded for the slow, resumable for a minute, silent to those not meant."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.ids import new_id
from crm_chassis.testing import salesperson
from crm_gateway.live import hub as hub_module
from crm_gateway.live.audience import Entitled, Named
from crm_gateway.live.hub import BACKLOG, Hub, Stream
from crm_gateway.live.response import EventStream
from crm_gateway.sessions.directory import Signed


def signed(principal: Principal | None = None) -> Signed:
    """A session."""
    return Signed(
        session_id=new_id(),
        transport="cookie",
        created_at=now(),
        expires_at=now() + timedelta(hours=1),
        user_version=1,
        role_version=1,
        password_change_required=False,
        name="Anna",
        email="anna@example.com",
        locale="en",
        principal=principal or salesperson(("deal",)),
    )


def waiting(stream: Stream) -> int:
    """How many frames wait."""
    return stream.frames.qsize()


async def test_a_consumer_too_far_behind_is_cut_and_the_others_hear_on() -> None:
    hub = Hub(lambda _: None)
    slow, quick = hub.join(signed(), None).stream, hub.join(signed(), None).stream
    everybody = Entitled("deal", None)
    for _ in range(BACKLOG):
        hub.say("change", {}, everybody)
        quick.frames.get_nowait()
    assert not slow.over.is_set()
    hub.say("change", {}, everybody)
    assert (slow.over.is_set(), slow.reason) == (True, "slow")
    assert not quick.over.is_set()
    assert waiting(quick) == 1


async def test_nothing_older_than_a_minute_is_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1000.0
    monkeypatch.setattr(hub_module, "monotonic", lambda: clock)
    hub = Hub(lambda _: None)
    begin = hub.position
    hub.say("change", {"n": 1}, Entitled("deal", None))
    middle = hub.position
    clock += 59
    hub.say("change", {"n": 2}, Entitled("deal", None))
    resumed = hub.join(signed(), begin)
    assert (resumed.missed, waiting(resumed.stream)) == (False, 2)
    clock += 2
    hub.say("change", {"n": 3}, Entitled("deal", None))
    assert hub.join(signed(), begin).missed
    resumed = hub.join(signed(), middle)
    assert (resumed.missed, waiting(resumed.stream)) == (False, 2)


async def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "REMEMBERED_MOST", 10)
    hub = Hub(lambda _: None)
    begin = hub.position
    for _ in range(11):
        hub.say("change", {}, Entitled("deal", None))
    assert hub.join(signed(), begin).missed


async def test_resuming_gives_only_what_one_may_hear_today() -> None:
    hub = Hub(lambda _: None)
    me, begin = salesperson(("deal",)), hub.position
    hub.say("change", {}, Entitled("deal", new_id()))
    hub.say("change", {}, Entitled("task", me.id))
    hub.say("pop", {}, Named(frozenset({new_id()})))
    hub.say("pop", {}, Named(frozenset({me.id})))
    assert waiting(hub.join(signed(me), begin).stream) == 1


async def test_after_a_gap_everybody_loads_anew_and_nobody_resumes() -> None:
    hub = Hub(lambda _: None)
    stream, before = hub.join(signed(), None).stream, hub.position
    hub.say("change", {}, Entitled("deal", None))
    hub.gap()
    frames = [stream.frames.get_nowait() for _ in range(waiting(stream))]
    assert b"event: reset" in frames[-1]
    assert hub.join(signed(), before).missed
    assert not hub.join(signed(), hub.position).missed


async def test_a_session_past_its_end_keeps_no_stream() -> None:
    hub = Hub(lambda _: None)
    stream = hub.join(signed(), None).stream
    hub.end_expired(now())
    assert not stream.over.is_set()
    hub.end_expired(now() + timedelta(hours=2))
    assert stream.over.is_set()


async def _nothing() -> AsyncIterator[bytes]:
    frames: tuple[bytes, ...] = ()
    for frame in frames:
        yield frame


async def test_a_client_that_does_not_read_is_dropped_when_cut() -> None:
    hub = Hub(lambda _: None)
    stream = hub.join(signed(), None).stream
    stuck = asyncio.Event()

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(_: Any) -> None:
        stuck.set()
        await asyncio.Event().wait()

    serving = asyncio.create_task(EventStream(hub, stream, _nothing(), 15)({}, receive, send))
    await stuck.wait()
    for _ in range(BACKLOG + 1):
        hub.say("change", {}, Entitled("deal", None))
    await asyncio.wait_for(serving, 10)
    assert hub.join(stream.signed, None).stream is not stream


async def test_a_silent_stream_beats_and_ends_when_the_client_leaves() -> None:
    hub = Hub(lambda _: None)
    stream = hub.join(signed(), None).stream
    sent: list[bytes] = []
    beaten, leaving = asyncio.Event(), asyncio.Event()

    async def receive() -> Any:
        await leaving.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))
        if sent.count(b":\n\n") == 2:
            beaten.set()

    serving = asyncio.create_task(EventStream(hub, stream, _nothing(), 0.01)({}, receive, send))
    await asyncio.wait_for(beaten.wait(), 10)
    leaving.set()
    await asyncio.wait_for(serving, 10)
    hub.say("change", {}, Entitled("deal", None))
    assert waiting(stream) == 0


async def test_who_is_present_is_named_once_and_not_after_leaving() -> None:
    hub = Hub(lambda _: None)
    anna, boris = salesperson(("deal",)), salesperson(("deal",))
    streams = [hub.join(signed(who), None).stream for who in (anna, anna, boris)]
    assert hub.present() == sorted([anna.id, boris.id])
    hub.leave(streams[0])
    streams[2].cut("slow")
    assert hub.present() == [anna.id]
