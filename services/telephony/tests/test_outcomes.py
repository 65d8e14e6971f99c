"""What came of a call, as its employee says: a word of the list and a note, told and kept whatever the PBX adds."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.ids import new_id
from crm_chassis.testing import nobody, team_lead
from crm_contracts.telephony import CALL_ENDED, CALL_MISSED, CALL_UPDATED

from .office import BOSS, NOUNS, Office, Pbx, call_event, new_phone


async def patch(
    office: Office, call: dict[str, Any], by: Principal, version: int | None = None, **body: Any
) -> httpx.Response:
    wanted = call["version"] if version is None else version
    headers = office.harness.headers(by, if_match=str(wanted))
    return await office.client.patch(f"/api/v1/calls/{call['id']}", json=body, headers=headers)


async def missed(office: Office, pbx: Pbx, phone: str = "79161234567") -> dict[str, Any]:
    """A call nobody took."""
    caller = {"from": {"number": phone}}
    await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1") | caller)
    await office.hook(pbx, "events/call", call_event(pbx, "Disconnected", entry="E1", seq=2) | caller)
    summary = {
        "entry_id": "E1",
        "call_direction": 1,
        "from": {"number": phone},
        "to": {"extension": "101"},
        "line_number": pbx.line,
        "create_time": 1_700_000_000,
        "forward_time": 1_700_000_000,
        "talk_time": 0,
        "end_time": 1_700_000_020,
        "entry_result": 0,
        "disconnect_reason": 1110,
    }
    await office.hook(pbx, "events/summary", summary)
    call = await office.call(pbx, phase="ended")
    await office.folded(pbx)
    return await office.call(pbx, phase="ended", id=call["id"])


async def talking(office: Office, pbx: Pbx, phone: str = "79161234567") -> dict[str, Any]:
    """A call desk 101 has answered."""
    caller = {"from": {"number": phone}}
    await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1") | caller)
    await office.hook(pbx, "events/call", call_event(pbx, "Connected", entry="E1", seq=2) | caller)
    await office.folded(pbx)
    return await office.call(pbx, phase="talking")


async def test_an_outcome_is_told_in_full_and_stays_when_the_pbx_tells_more(office: Office) -> None:
    ann = await office.user()
    pbx = await office.pbx(desks={"101": ann})
    call = await talking(office, pbx)
    answer = await patch(office, call, ann, outcome="booked", outcome_note="Monday at nine\n<b>ring twice</b>")
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert answer.headers["etag"] == f'"{call["version"] + 1}"'
    assert (shown["outcome"], shown["outcome_note"]) == ("booked", "Monday at nine\n<b>ring twice</b>")
    assert (shown["outcome_by"], shown["version"]) == (str(ann.id), call["version"] + 1)
    told = (await office.news(call["id"]))[-1]
    assert (told.type, told.sequence, told.actor) == (CALL_UPDATED, call["version"] + 1, f"user:{ann.id}")
    assert told.correlationid == call["correlation_id"]
    assert told.data["changed"] == ["outcome", "outcome_note"]
    assert (told.data["outcome"], told.data["phase"], told.data["answered_by"]) == ("booked", "talking", str(ann.id))
    assert told.data["pii"]["outcome_note"] == shown["outcome_note"] and "outcome_note" not in told.data

    end = call_event(pbx, "Disconnected", entry="E1", seq=3)
    await office.hook(pbx, "events/call", end | {"disconnect_reason": 1110})
    summary = {"entry_id": "E1", "call_direction": 1, "from": {"number": "79161234567"}, "to": {"extension": "101"}}
    times = {"create_time": 1_700_000_000, "forward_time": 1_700_000_001, "talk_time": 1_700_000_002}
    more = {"line_number": pbx.line, "end_time": 1_700_000_020, "entry_result": 1, "disconnect_reason": 1110}
    await office.hook(pbx, "events/summary", summary | times | more)
    ended = await office.call(pbx, phase="ended")
    assert (ended["outcome"], ended["outcome_note"]) == ("booked", shown["outcome_note"])
    last = (await office.news(call["id"]))[-1]
    assert (last.type, last.data["outcome"]) == (CALL_ENDED, "booked")
    assert last.data["pii"]["outcome_note"] == shown["outcome_note"]


async def test_what_changes_nothing_leaves_no_trace_and_an_outcome_can_be_taken_back(office: Office) -> None:
    ann = await office.user()
    pbx = await office.pbx(desks={"101": ann})
    call = await talking(office, pbx)
    for nothing in ({}, {"outcome": None}, {"outcome_note": ""}):
        assert (await patch(office, call, ann, **nothing)).json()["version"] == call["version"]
    assert CALL_UPDATED not in {event.type for event in await office.news(call["id"])}
    said = (await patch(office, call, ann, outcome="reached")).json()
    assert (said["outcome"], said["outcome_by"]) == ("reached", str(ann.id))
    assert (await patch(office, said, ann, outcome="reached")).json() == said
    stale = await patch(office, call, ann, outcome="booked")
    assert (stale.status_code, stale.json()["current"]["outcome"]) == (409, "reached")
    back = (await patch(office, said, ann, outcome=None)).json()
    assert (back["outcome"], back["outcome_by"], back["outcome_at"]) == (None, None, None)
    told = [event.data["outcome"] for event in await office.news(call["id"]) if event.type == CALL_UPDATED]
    assert told == ["reached", None]


async def test_what_the_telephone_tells_meanwhile_takes_nobodys_answer_away(office: Office) -> None:
    ann = await office.user()
    pbx = await office.pbx(desks={"101": ann})
    answering = await talking(office, pbx)
    end = call_event(pbx, "Disconnected", entry="E1", seq=3)
    await office.hook(pbx, "events/call", end | {"disconnect_reason": 1110})
    await office.folded(pbx)
    ended = await office.call(pbx, phase="ended")
    assert ended["version"] > answering["version"]
    said = await patch(office, answering, ann, outcome="booked")
    assert (said.status_code, said.json()["phase"], said.json()["outcome"]) == (200, "ended", "booked")
    assert said.headers["etag"] == f'"{ended["version"] + 1}"'
    for version in (answering["version"], ended["version"], ended["version"] + 2):
        assert (await patch(office, ended, ann, version=version, outcome="reached")).status_code == 409


async def test_an_outcome_is_for_the_calls_employee_and_the_lead(office: Office) -> None:
    team = new_id()
    ann, bob = await office.user(team_id=team), await office.user()
    pbx = await office.pbx(desks={"101": ann})
    call = await talking(office, pbx)
    lead, other = team_lead(NOUNS, team), team_lead(NOUNS, new_id())
    reader = Principal(id=new_id(), role="reader", grants={"call:read": Scope.ALL})
    answers = [await patch(office, call, by, outcome="reached") for by in (bob, other, nobody(), reader)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 403]
    unversioned = await office.client.patch(
        f"/api/v1/calls/{call['id']}", json={"outcome": "reached"}, headers=office.harness.headers(ann)
    )
    assert unversioned.status_code == 428
    assert (await patch(office, {**call, "id": new_id()}, BOSS, outcome="reached")).status_code == 404
    assert (await office.call(pbx))["version"] == call["version"]
    assert (await patch(office, call, lead, outcome="reached")).status_code == 200


async def test_of_a_missed_call_whoever_has_the_card_says_what_came_of_it(office: Office) -> None:
    ann, bob = await office.user(), await office.user()
    pbx = await office.pbx(desks={"101": bob})
    phone = new_phone()
    await office.knows(office.person(f"+{phone}", ann.id))
    call = await missed(office, pbx, phone)
    assert [event.type for event in await office.news(call["id"])][-1] == CALL_MISSED
    assert (await patch(office, call, bob, outcome="wrong_number")).status_code == 404
    assert (await patch(office, call, ann, outcome="wrong_number")).status_code == 200


async def test_nobody_can_say_what_comes_of_a_call_that_rings(office: Office) -> None:
    ann = await office.user()
    pbx = await office.pbx(desks={"101": ann})
    await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1"))
    call = await office.call(pbx, phase="ringing")
    refused = await patch(office, call, BOSS, outcome="reached")
    assert (refused.status_code, refused.json()["code"]) == (409, "still_ringing")
    assert (await office.call(pbx))["version"] == call["version"]


async def test_calls_are_listed_by_outcome_from_an_index_and_a_change_costs_the_same_however_many(
    office: Office,
) -> None:
    ann = await office.user()
    costs, ids = [], list[UUID]()
    phone = new_phone()
    for _ in range(3):
        call = await talking(office, await office.pbx(desks={"101": ann}), phone)
        with office.harness.statements() as statements:
            assert (await patch(office, call, ann, outcome="not_interested")).status_code == 200
        costs.append(len(statements))
        ids.append(call["id"])
    assert len(set(costs)) == 1
    found = (await office.get("/calls", phone=phone, outcome="not_interested")).json()["items"]
    assert {item["id"] for item in found} == {str(id) for id in ids}
    assert (await office.get("/calls", phone=phone, outcome="booked")).json()["items"] == []
    assert (await office.get("/calls", outcome="sold")).status_code == 422
    plan = await office.harness.rows(
        "EXPLAIN SELECT id FROM \"call\" WHERE outcome = 'booked' ORDER BY started_at DESC, id DESC LIMIT 50"
    )
    assert any("ix_call_outcome_started_at" in str(line) for line in plan), plan


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "sold"},
        {"outcome_note": None},
        {"outcome_note": "a\x00b"},
        {"outcome_note": "x" * 2_001},
        {"result": "answered"},
        {"outcome_by": str(new_id())},
    ],
)
async def test_what_is_no_outcome_is_refused(office: Office, body: dict[str, Any]) -> None:
    ann = await office.user()
    pbx = await office.pbx(desks={"101": ann})
    call = await talking(office, pbx)
    assert (await patch(office, call, ann, **body)).status_code == 422
    assert (await office.call(pbx))["version"] == call["version"]
