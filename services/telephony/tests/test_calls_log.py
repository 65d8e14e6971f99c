"""The log of calls answers what a head of sales asks: missed and not called back, to hear, by parts of a number."""

import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from crm_telephony.adapters.emulated.generic_pbx import answered_call, missed_call

from .office import BOSS, Office, Pbx, new_phone


async def tell(office: Office, pbx: Pbx, events: list[dict[str, Any]]) -> None:
    for event in events:
        assert (await office.generic_hook(pbx, event)).status_code == 200
    await office.folded(pbx)


async def test_a_call_names_its_customer_to_who_may_see_the_card(office: Office) -> None:
    ann = await office.user()
    pbx, phone = await office.pbx("generic", desks={"101": ann}), new_phone()
    await office.knows(office.person(f"+{phone}", uuid4()))
    await tell(office, pbx, answered_call(f"+{phone}", pbx.line, ["101"], time.time() - 20, ring_s=2, talk_s=9))
    for who, name in ((BOSS, "Olga"), (ann, None)):
        (call,) = (await office.get("/calls", who, phone=f"+{phone}")).json()["items"]
        assert call["person_name"] == name
        assert (await office.get(f"/calls/{call['id']}", who)).json()["person_name"] == name


async def listed(office: Office, phone: str, **query: Any) -> list[dict[str, Any]]:
    answer = await office.get("/calls", phone_suffix=phone[-7:], **query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def story(office: Office, *told: str) -> tuple[Pbx, str]:
    """A number's calls, one after another and just now, each `missed` or `talked`.

    So short that each is over before the next begins, however fast they are told.
    """
    pbx, phone = await office.pbx("generic", desks={"101": await office.user()}), new_phone()
    for kind in told:
        at = time.time() - 0.01
        if kind == "missed":
            events = missed_call(f"+{phone}", pbx.line, ["101"], at, ring_s=0.002)
        else:
            events = answered_call(f"+{phone}", pbx.line, ["101"], at, ring_s=0.002, talk_s=0.002)
        await tell(office, pbx, events)
    return pbx, phone


async def test_a_missed_call_says_when_somebody_talked_with_the_number_since(office: Office) -> None:
    _, phone = await story(office, "talked", "missed", "missed", "talked", "missed")
    last, talk, second, first, before = await listed(office, phone)
    assert [call["called_back_at"] for call in (last, talk, before)] == [None] * 3
    assert first["called_back_at"] == second["called_back_at"] == talk["answered_at"]
    assert await listed(office, phone, missed="true") == [last, second, first]
    assert await listed(office, phone, missed="false") == [talk, before]
    assert await listed(office, phone, called_back="false") == [last]
    assert await listed(office, phone, called_back="true") == [second, first]


async def test_calls_are_found_by_how_a_number_begins_and_ends(office: Office) -> None:
    _, phone = await story(office, "missed")
    (call,) = await listed(office, phone)
    queries: tuple[dict[str, Any], ...] = (
        {"phone_prefix": f"+{phone[:9]}"},
        {"phone_prefix": f"+{phone}"},
        {"phone_suffix": phone[-9:]},
    )
    for query in queries:
        found = (await office.get("/calls", **query)).json()["items"]
        assert call in found
        assert all(each["phone"].startswith(query.get("phone_prefix", "+")) for each in found)
    assert (await office.get("/calls", phone_prefix=f"+{phone}1")).json()["items"] == []
    refused: tuple[dict[str, Any], ...] = (
        {"phone_prefix": "7916"},
        {"phone_prefix": "+%"},
        {"phone_suffix": "1_"},
        {"phone_suffix": "1"},
    )
    for wrong in refused:
        assert (await office.get("/calls", **wrong)).status_code == 422, wrong


async def test_calls_to_hear_are_those_with_a_kept_recording(office: Office) -> None:
    _, phone = await story(office, "talked", "talked")
    newest, other = await listed(office, phone)
    assert await listed(office, phone, recorded="true") == []
    kept = "UPDATE call SET recording_state = 'stored', recording_duration_s = 9 WHERE id = :id"
    await office.harness.execute(kept, id=UUID(newest["id"]))
    (found,) = await listed(office, phone, recorded="true")
    assert (found["id"], found["recording"]["state"]) == (newest["id"], "stored")
    assert await listed(office, phone, recorded="false") == [other]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({"missed": "true"}, "ix_call_missed"),
        ({"called_back": "false"}, "ix_call_missed"),
        ({"recorded": "true"}, "ix_call_recorded"),
        ({"phone_prefix": "+38640"}, "ix_call_phone_prefix"),
        ({"phone_suffix": "1234567"}, "ix_call_phone_suffix"),
    ],
)
async def test_every_question_is_one_statement_with_an_index_of_its_own(
    office: Office, query: dict[str, Any], index: str
) -> None:
    with office.harness.statements() as statements:
        assert (await office.get("/calls", **query)).status_code == 200
    assert len(statements) == 1, statements
    defined = await office.rows("SELECT indexdef FROM pg_indexes WHERE indexname = :index", index=index)
    assert len(defined) == 1
