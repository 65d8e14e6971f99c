"""The live stream over a real socket: pops for the ringing users, hints for those who may see, nothing for others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import aiohttp
import orjson
import pytest
from aiohttp import web
from crm_chassis.clock import now
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually
from crm_contracts import contacts, deals, notifications, telephony
from crm_contracts.envelope import Envelope, Lane

from .conftest import Colleague, FakeService, Staff
from .test_pop_rules import call, link

Services = dict[str, FakeService]


class Screen:
    """What one browser heard."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.heard: list[tuple[str, Any, str | None]] = []
        self.comments = 0
        self.over = False

    async def listen(self) -> None:
        """Hear until the stream ends."""
        try:
            buffer = b""
            async for chunk in self.response.content.iter_any():
                buffer += chunk
                while b"\n\n" in buffer:
                    block, _, buffer = buffer.partition(b"\n\n")
                    self._take(block.decode())
        except aiohttp.ClientError:
            pass
        finally:
            self.over = True

    def _take(self, block: str) -> None:
        fields = dict(line.partition(": ")[::2] for line in block.split("\n"))
        if "event" in fields:
            self.heard.append((fields["event"], orjson.loads(fields["data"]), fields.get("id")))
        elif block.startswith(":"):
            self.comments += 1

    def all(self, event: str) -> list[Any]:
        """The bodies of one kind of event."""
        return [body for name, body, _ in self.heard if name == event]

    @property
    def last_id(self) -> str:
        """As a browser would send it back."""
        return next(str(id_) for _, _, id_ in reversed(self.heard) if id_)


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP client that streams."""
    async with aiohttp.ClientSession() as session:
        yield session


@asynccontextmanager
async def watching(
    browser: aiohttp.ClientSession, address: str, who: Colleague, last_id: str | None = None
) -> AsyncIterator[Screen]:
    """A screen of `who`, past its snapshot."""
    headers = who.headers | ({"Last-Event-ID": last_id} if last_id else {})
    async with browser.get(f"{address}/api/v1/live", headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        screen = Screen(response)
        listening = asyncio.create_task(screen.listen())
        await eventually(lambda: screen.all("snapshot"))
        yield screen
        listening.cancel()


def rang(gateway: Harness, call_id: UUID, users: list[UUID], version: int = 1, **changes: Any) -> Envelope:
    """A call rings at the users' phones."""
    changes = {"id": call_id, "ringing_user_ids": users, "started_at": now(), **changes}
    state = call(version, **changes)
    types = {"ringing": telephony.CALL_RANG, "talking": telephony.CALL_ANSWERED, "ended": telephony.CALL_ENDED}
    return gateway.event(types[state.phase], state, subject="call", id=call_id, sequence=version)


def deal_event(gateway: Harness, owner: UUID | None, **changes: Any) -> Envelope:
    """A deal of `owner` changed."""
    deal_id = new_id()
    data = {"id": str(deal_id), "owner_id": str(owner) if owner else None, "pii": {"title": "Kitchen for Novak"}}
    return gateway.event(deals.DEAL_UPDATED, data, subject="deal", id=deal_id, sequence=3, **changes)


async def settled(gateway: Harness, *screens: Screen) -> None:
    """Everything delivered before has reached the screens: a deal of nobody's, which all may see, has come through."""
    marker = deal_event(gateway, None)
    await gateway.deliver(marker)
    for screen in screens:

        def through(heard: Screen = screen) -> bool:
            return any(hint["id"] == str(marker.subject_id) for hint in heard.all("change"))

        await eventually(through)


async def test_a_ring_pops_on_the_ringing_users_screen_only_and_the_card_follows(
    gateway: Harness, staff: Staff, services: Services, browser: aiohttp.ClientSession, address: str
) -> None:
    anna, borut, boss = await staff.hire(), await staff.hire(), await staff.hire("admin")
    call_id = new_id()
    async with (
        watching(browser, address, anna) as hers,
        watching(browser, address, borut) as his,
        watching(browser, address, boss) as all_seeing,
    ):
        await gateway.deliver(rang(gateway, call_id, [anna.id]))
        await eventually(lambda: hers.all("pop"))
        linked = link().model_copy(update={"call_id": call_id})
        await gateway.deliver(gateway.event(contacts.CALL_LINKED, linked, subject="call", id=call_id))
        await eventually(lambda: len(hers.all("pop")) == 2)
        await gateway.deliver(rang(gateway, call_id, [], version=2, phase="ended", result="missed"))
        await eventually(lambda: len(hers.all("pop")) == 3)
        await settled(gateway, his, all_seeing)
        opened, updated, closed = hers.all("pop")
        assert (opened["change"], opened["call_id"], opened["pop"]["person_id"]) == ("opened", str(call_id), None)
        assert (updated["change"], updated["pop"]["person_name"]) == ("updated", "Novak")
        assert (closed["change"], closed["pop"]) == ("closed", None)
        assert his.all("pop") == all_seeing.all("pop") == []


async def test_an_old_bulk_or_replayed_ring_pops_nowhere(
    gateway: Harness, staff: Staff, services: Services, browser: aiohttp.ClientSession, address: str
) -> None:
    anna, boss = await staff.hire(), await staff.hire("admin")
    async with watching(browser, address, anna) as hers, watching(browser, address, boss) as all_seeing:
        old = rang(gateway, new_id(), [anna.id]).model_copy(update={"time": now() - timedelta(seconds=61)})
        bulk = rang(gateway, new_id(), [anna.id]).model_copy(update={"lane": Lane.BULK})
        again = rang(gateway, new_id(), [anna.id]).model_copy(update={"replay": True})
        await gateway.deliver(old, bulk, again)
        await settled(gateway, hers, all_seeing)
        assert hers.all("pop") == []
        hinted = {hint["id"] for hint in all_seeing.all("change")}
        assert str(old.subject_id) in hinted
        assert not {str(bulk.subject_id), str(again.subject_id)} & hinted


async def test_hints_reach_those_whose_rights_reach_the_owner_and_carry_ids_only(
    gateway: Harness, staff: Staff, services: Services, browser: aiohttp.ClientSession, address: str
) -> None:
    team = await staff.team()
    owner, mate, lead = await staff.hire("salesperson", team), await staff.hire("salesperson", team), None
    lead, stranger = await staff.hire("team_lead", team), await staff.hire("team_lead", await staff.team())
    boss = await staff.hire("sales_head")
    async with (
        watching(browser, address, owner) as owners,
        watching(browser, address, mate) as mates,
        watching(browser, address, lead) as leads,
        watching(browser, address, stranger) as strangers,
        watching(browser, address, boss) as bosses,
    ):
        theirs = deal_event(gateway, owner.id)
        nobodys = deal_event(gateway, None)
        await gateway.deliver(theirs, nobodys)
        await settled(gateway, owners, mates, leads, strangers, bosses)
        seen = {
            name: [hint["id"] for hint in screen.all("change")][:2]
            for name, screen in {"owner": owners, "mate": mates, "lead": leads, "stranger": strangers}.items()
        }
        both = [str(theirs.subject_id), str(nobodys.subject_id)]
        assert seen["owner"] == seen["lead"] == both
        assert str(theirs.subject_id) not in seen["mate"] + seen["stranger"]
        assert owners.all("change")[0] == {
            "type": deals.DEAL_UPDATED,
            "subject": "deal",
            "id": str(theirs.subject_id),
            "version": 3,
            "owner": str(owner.id),
        }


async def test_what_came_of_a_call_is_news_for_those_who_may_see_the_call_and_of_an_unknown_ones_for_nobody(
    gateway: Harness, staff: Staff, services: Services, browser: aiohttp.ClientSession, address: str
) -> None:
    owner, stranger = await staff.hire(), await staff.hire()

    def said(responsible: UUID | None) -> Envelope:
        call_id = new_id()
        state = call(
            7, id=call_id, phase="ended", responsible_user_id=responsible, started_at=now() - timedelta(days=1)
        )
        return gateway.event(telephony.CALL_UPDATED, state, subject="call", id=call_id, sequence=7)

    async with watching(browser, address, owner) as owners, watching(browser, address, stranger) as strangers:
        hers, somebodys = said(owner.id), said(None)
        await gateway.deliver(hers, somebodys)
        await settled(gateway, owners, strangers)
        assert [hint["id"] for hint in owners.all("change")][:-1] == [str(hers.subject_id)]
        assert [hint["id"] for hint in strangers.all("change")][:-1] == []
        assert owners.all("pop") == []


def file_event(gateway: Harness, subject: str, owner: UUID | None) -> Envelope:
    file_id = new_id()
    on = {"subject": subject, "subject_id": str(new_id()), "owner_id": str(owner) if owner else None}
    data = {"id": str(file_id), **on, "pii": {"name": "Plan of the terrace.pdf"}}
    return gateway.event(contacts.FILE_ADDED, data, subject="file", id=file_id)


def note_event(gateway: Harness, subject: str, owner: UUID | None) -> Envelope:
    note_id = new_id()
    on = {"subject": subject, "subject_id": str(new_id()), "owner_id": str(owner) if owner else None}
    data = {"id": str(note_id), **on, "pii": {"text": "Wants the terrace too"}}
    return gateway.event(contacts.NOTE_CREATED, data, subject="note", id=note_id)


async def test_a_note_is_news_for_those_who_may_see_what_it_is_on(
    gateway: Harness, staff: Staff, services: Services, browser: aiohttp.ClientSession, address: str
) -> None:
    owner, stranger = await staff.hire(), await staff.hire()
    async with watching(browser, address, owner) as owners, watching(browser, address, stranger) as strangers:
        hers = [note_event(gateway, subject, owner.id) for subject in ("person", "company", "deal")]
        open_card, whose = note_event(gateway, "person", None), note_event(gateway, "deal", None)
        await gateway.deliver(*hers, open_card, whose)
        await settled(gateway, owners, strangers)
        ids = {screen: [hint["id"] for hint in screen.all("change")][:-1] for screen in (owners, strangers)}
        assert ids[owners] == [str(event.subject_id) for event in (*hers, open_card)]
        assert ids[strangers] == [str(open_card.subject_id)]
        assert "terrace" not in str(owners.heard)


async def test_a_file_is_news_for_those_who_may_see_what_it_is_on(
    gateway: Harness, staff: Staff, services: Services, browser: aiohttp.ClientSession, address: str
) -> None:
    owner, stranger = await staff.hire(), await staff.hire()
    async with watching(browser, address, owner) as owners, watching(browser, address, stranger) as strangers:
        hers = [file_event(gateway, subject, owner.id) for subject in ("person", "company", "deal")]
        open_card, whose = file_event(gateway, "person", None), file_event(gateway, "deal", None)
        await gateway.deliver(*hers, open_card, whose)
        await settled(gateway, owners, strangers)
        ids = {screen: [hint["id"] for hint in screen.all("change")][:-1] for screen in (owners, strangers)}
        assert ids[owners] == [str(event.subject_id) for event in (*hers, open_card)]
        assert ids[strangers] == [str(open_card.subject_id)]
        assert "terrace" not in str(owners.heard)


async def test_a_notice_reaches_its_user_and_nobody_else(
    gateway: Harness, staff: Staff, services: Services, browser: aiohttp.ClientSession, address: str
) -> None:
    anna, boss = await staff.hire(), await staff.hire("admin")
    async with watching(browser, address, anna) as hers, watching(browser, address, boss) as all_seeing:
        notice = new_id()
        data = {"id": str(notice), "user_id": str(anna.id), "pii": {"params": {"name": "Novak"}}}
        await gateway.deliver(gateway.event(notifications.NOTICE_CREATED, data, subject="notice", id=notice))
        await eventually(lambda: hers.all("notice"))
        await settled(gateway, hers, all_seeing)
        assert [body["id"] for body in hers.all("notice")] == [str(notice)]
        assert all_seeing.all("notice") == []
        assert "Novak" not in str(hers.heard)


async def test_the_snapshot_tells_what_rings_now_and_how_much_is_unread(
    gateway: Harness, staff: Staff, services: Services, browser: aiohttp.ClientSession, address: str
) -> None:
    anna = await staff.hire()

    async def notices(_: web.Request) -> web.Response:
        return web.json_response({"items": [{}, {}], "next_cursor": None})

    services["notifications"].answer = notices
    call_id = new_id()
    async with watching(browser, address, anna) as early:
        await gateway.deliver(rang(gateway, call_id, [anna.id]))
        await eventually(lambda: early.all("pop"))
    async with watching(browser, address, anna) as screen:
        (snapshot,) = screen.all("snapshot")
        assert [pop["call_id"] for pop in snapshot["pops"]] == [str(call_id)]
        assert snapshot["unread_notices"] == {"count": 2, "more": False}
        assert services["notifications"].requests[-1].principal.id == anna.id
    await services["notifications"].stop()
    async with watching(browser, address, anna) as screen:
        assert screen.all("snapshot")[0]["unread_notices"] is None


async def test_who_comes_back_within_a_minute_hears_what_they_missed_once(
    gateway: Harness, staff: Staff, services: Services, browser: aiohttp.ClientSession, address: str
) -> None:
    anna, boss = await staff.hire(), await staff.hire("admin")
    async with watching(browser, address, boss) as all_seeing:
        async with watching(browser, address, anna) as hers:
            first = deal_event(gateway, anna.id)
            await gateway.deliver(first)
            await eventually(lambda: hers.all("change"))
            last_id = hers.last_id
        missed, foreign = deal_event(gateway, anna.id), deal_event(gateway, boss.id)
        await gateway.deliver(missed, foreign)
        await settled(gateway, all_seeing)
        async with watching(browser, address, anna, last_id) as again:
            await eventually(lambda: again.all("change"))
            ids = [hint["id"] for hint in again.all("change")]
            assert ids[0] == str(missed.subject_id)
            assert str(foreign.subject_id) not in ids
            assert again.all("reset") == []
        for unknown in ("nonsense", f"{new_id().hex}-1", last_id.partition("-")[0] + "-999999"):
            async with watching(browser, address, anna, unknown) as lost:
                assert [name for name, _, _ in lost.heard][:2] == ["reset", "snapshot"]


async def test_a_newer_stream_of_a_session_replaces_the_older(
    gateway: Harness, staff: Staff, services: Services, browser: aiohttp.ClientSession, address: str
) -> None:
    anna = await staff.hire()
    async with watching(browser, address, anna) as older, watching(browser, address, anna) as newer:
        await eventually(lambda: older.over)
        assert older.all("replaced") == [{}]
        await gateway.deliver(deal_event(gateway, anna.id))
        await eventually(lambda: newer.all("change"))
        assert older.all("change") == []


async def test_streams_end_at_once_with_their_session(
    gateway: Harness, staff: Staff, services: Services, browser: aiohttp.ClientSession, address: str
) -> None:
    admin, leaver, out, promoted = [await staff.hire(role) for role in ("admin", *["salesperson"] * 3)]
    async with (
        watching(browser, address, leaver) as first,
        watching(browser, address, out) as second,
        watching(browser, address, promoted) as third,
        watching(browser, address, admin) as stays,
    ):
        headers = admin.headers | {"If-Match": "1"}
        await gateway.client.patch(f"/api/v1/users/{leaver.id}", json={"active": False}, headers=headers)
        await gateway.client.delete("/api/v1/sessions/current", headers=out.headers)
        await gateway.client.patch(f"/api/v1/users/{promoted.id}", json={"role": "team_lead"}, headers=headers)
        await eventually(lambda: first.over and second.over and third.over, timeout=3)
        assert not stays.over
    async with browser.get(f"{address}/api/v1/live", headers=leaver.headers) as refused:
        assert refused.status == 401


async def test_nobody_signed_in_hears_nothing(
    gateway: Harness, services: Services, browser: aiohttp.ClientSession, address: str
) -> None:
    async with browser.get(f"{address}/api/v1/live") as refused:
        assert refused.status == 401
