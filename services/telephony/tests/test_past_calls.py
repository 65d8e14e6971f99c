"""Calls of an old system: they stand as of their own time, and nothing is done about them any more."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.testing import nobody
from crm_contracts.envelope import Lane
from crm_contracts.telephony import CALL_ENDED, CALL_MISSED, CALL_UPDATED

from .office import Office, Pbx, new_phone
from .storehouse import storehouse


def past(user: Principal, **more: Any) -> dict[str, Any]:
    """A customer who was talked to for two minutes last year."""
    return {
        "id": uuid4().hex,
        "direction": "in",
        "result": "answered",
        "phone": f"+{new_phone()}",
        "user_id": str(user.id),
        "started_at": "2025-06-03T08:00:00+00:00",
        "ring_s": 9,
        "talk_s": 120,
    } | more


def body(pbx: Pbx, *calls: dict[str, Any]) -> dict[str, Any]:
    return {"connection_id": str(pbx.id), "calls": list(calls)}


async def test_a_past_call_is_told_once_at_its_own_time_and_as_nothing_to_act_on(office: Office) -> None:
    ann, pbx = await office.user(), await office.pbx()
    olga = office.person(f"+{new_phone()}", uuid4())
    await office.knows(olga)
    phone = olga.pii.phones[0].e164
    talk = past(ann, phone=phone, line=pbx.line, outcome="booked", outcome_note="Measuring on Monday")
    miss = past(ann, phone=phone, result="missed", talk_s=0)
    stranger = past(ann, direction="out", result="no_answer", talk_s=0)
    answer = await office.post("/calls/past", body(pbx, talk, miss, stranger))
    assert (answer.status_code, answer.json()) == (200, {"taken": 3, "without_card": 1, "known": 0})
    again = await office.post("/calls/past", body(pbx, talk, past(ann)))
    assert again.json() == {"taken": 1, "without_card": 1, "known": 1}

    rows = (await office.get("/calls", phone=phone)).json()["items"]
    began = datetime.fromisoformat("2025-06-03T08:00:00+00:00")
    shown = {row["result"]: row for row in rows}
    assert len(rows) == 2
    assert {row["person_hint_id"] for row in rows} == {str(olga.id)}
    assert datetime.fromisoformat(shown["answered"]["answered_at"]) == began + timedelta(seconds=9)
    assert datetime.fromisoformat(shown["answered"]["ended_at"]) == began + timedelta(seconds=129)
    assert shown["answered"]["responsible_user_id"] == shown["answered"]["outcome_by"] == str(ann.id)
    assert shown["missed"]["responsible_user_id"] == str(olga.owner_id), "a miss is the card owner's"
    (told,) = await office.news(shown["answered"]["id"])
    assert (told.type, told.lane, told.time) == (CALL_ENDED, Lane.BULK, began + timedelta(seconds=129))
    (told,) = await office.news(shown["missed"]["id"])
    assert (told.type, told.lane, told.data["origin"]) == (CALL_MISSED, Lane.BULK, "past")


async def test_a_past_call_is_heard_from_where_its_pbx_keeps_it(office: Office) -> None:
    async with storehouse() as house:
        ann, pbx = await office.user(), await office.pbx(api_url=house.url)
        spoken = past(ann, recording="past-1")
        for counted in ("taken", "known"):
            assert (await office.post("/calls/past", body(pbx, spoken))).json()[counted] == 1
        call = await office.call(pbx, recording_state="stored")
        (asked,) = house.asked
    assert asked.startswith("/queries/recording/link/past-1/play/")
    assert call["vendor_call_id"] == f"past:{spoken['id']}"
    first, last = await office.news(call["id"])
    assert (first.type, first.data["recording"]["state"]) == (CALL_ENDED, "pending")
    assert (last.type, last.data["recording"]["state"]) == (CALL_UPDATED, "stored")


async def test_a_call_sent_before_gets_no_recording_later(office: Office) -> None:
    ann, pbx = await office.user(), await office.pbx()
    spoken = past(ann)
    await office.post("/calls/past", body(pbx, spoken))
    assert (await office.post("/calls/past", body(pbx, spoken | {"recording": "past-2"}))).json()["known"] == 1
    assert await office.rows("SELECT 1 FROM call_recording WHERE connection_id = :id", id=pbx.id) == []


async def test_five_hundred_calls_cost_as_many_statements_as_one(office: Office) -> None:
    ann, pbx = await office.user(), await office.pbx()
    costs = []
    for count in (2, 100):
        with office.harness.statements() as statements:
            answer = await office.post("/calls/past", body(pbx, *(past(ann) for _ in range(count))))
        assert answer.json()["taken"] == count
        costs.append(len(statements))
    assert costs[0] == costs[1]


async def test_what_can_not_have_been_is_refused_whole(office: Office) -> None:
    ann, pbx = await office.user(), await office.pbx()
    soon = (now() + timedelta(hours=1)).isoformat()
    for wrong, code in (
        (past(ann, started_at=soon), "in_the_future"),
        (past(ann, result="busy", talk_s=0), "impossible_result"),
        (past(ann, result="missed"), "not_talked"),
        (past(ann, result="missed", talk_s=0, recording="r"), "not_recorded"),
        (past(ann, user_id=str(uuid4())), "unknown_reference"),
    ):
        answer = await office.post("/calls/past", body(pbx, past(ann), wrong))
        assert answer.status_code == 422 and code in answer.text, answer.text
    elsewhere = body(pbx, past(ann)) | {"connection_id": str(uuid4())}
    assert "unknown_connection" in (await office.post("/calls/past", elsewhere)).text
    assert await office.rows('SELECT 1 FROM "call" WHERE connection_id = :id', id=pbx.id) == []


async def test_who_may_not_make_calls_of_a_colleague_moves_none_in(office: Office) -> None:
    ann, bea, pbx = await office.user(), await office.user(), await office.pbx()
    for caller in (nobody(), bea):
        answer = await office.post("/calls/past", body(pbx, past(bea), past(ann)), caller)
        assert answer.status_code == 403, answer.text
    guessed = body(pbx, past(bea)) | {"connection_id": str(uuid4())}
    assert (await office.post("/calls/past", guessed, nobody())).status_code == 403, "which connections there are"
    assert (await office.post("/calls/past", body(pbx, past(bea)), bea)).json()["taken"] == 1
