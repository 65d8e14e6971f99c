"""From webhooks to calls and news, on the real database; and who may see them."""

import json
import random
import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from crm_chassis.testing import eventually, nobody, team_lead
from crm_contracts.telephony import CALL_ANSWERED, CALL_ENDED, CALL_MISSED, CALL_RANG, CallState
from crm_telephony.adapters.emulated.mango_pbx import MangoPbx
from sqlalchemy import text

from .office import BOSS, KEY, NOUNS, SALT, Office, Pbx, call_event, gateway_to, new_phone, together


def state(event: object) -> CallState:
    return CallState.model_validate(event.data)  # type: ignore[attr-defined]


async def test_a_ring_pops_up_before_anything_else_is_known(office: Office) -> None:
    ann = await office.user()
    pbx = await office.pbx(desks={"101": ann})
    story = uuid4()
    phone = new_phone()
    ring = call_event(pbx, "Appeared", entry="E1") | {"from": {"number": phone}}
    await office.hook(pbx, "events/call", ring, x_correlation_id=str(story))
    call = await office.call(pbx, phase="ringing")
    (event,) = await eventually(lambda: office.news(call["id"]))
    told = state(event)
    assert (event.type, event.sequence, event.correlationid, event.actor) == (CALL_RANG, 1, story, "system:telephony")
    assert told.ringing_user_ids == [ann.id]
    assert (told.pii.phone, told.line, told.direction) == (f"+{phone}", f"+{pbx.line}", "in")
    assert told.vendor_call_id == "E1"


async def test_a_ring_on_an_unmapped_phone_names_the_lines_user_or_the_connections(office: Office) -> None:
    line_user, team = await office.user(), uuid4()
    pbx = await office.pbx()
    await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1"))
    call = await office.call(pbx)
    assert call["ringing_user_ids"] == []
    (shown,) = await office.rows("SELECT fallback_user_id FROM pbx_connection WHERE id = :id", id=pbx.id)
    assert call["fallback_user_id"] == shown["fallback_user_id"]
    (event,) = await eventually(lambda: office.news(call["id"]))
    assert event.type == CALL_RANG, "it rings, if only for the fallback user"
    await office.team(team)
    other = await office.pbx()
    lines = [{"number": f"+{other.line}", "fallback_user_id": str(line_user.id), "team_id": str(team)}]
    headers = office.harness.headers(BOSS, if_match="1")
    path = f"/api/v1/connections/{other.id}"
    assert (await office.client.patch(path, json={"lines": lines}, headers=headers)).status_code == 200
    await office.hook(other, "events/call", call_event(other, "Appeared", entry="E1"))
    call = await office.call(other)
    assert (call["fallback_user_id"], call["line_team_id"]) == (line_user.id, team)


async def test_later_webhooks_belong_to_the_story_of_the_first(office: Office) -> None:
    pbx = await office.pbx()
    story = uuid4()
    await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1"), x_correlation_id=str(story))
    await office.call(pbx, phase="ringing")
    later = call_event(pbx, "Connected", entry="E1", seq=2)
    await office.hook(pbx, "events/call", later, x_correlation_id=str(uuid4()))
    call = await office.call(pbx, phase="talking")
    news = await eventually(lambda: office.news(call["id"]))
    assert [event.type for event in news] == [CALL_RANG, CALL_ANSWERED]
    assert {event.correlationid for event in news} == {story}


@pytest.mark.parametrize("delivery", ["live", "thrice-reversed"])
@pytest.mark.parametrize(
    ("script", "result", "news"),
    [
        ("ring-no-answer", "missed", CALL_MISSED),
        ("answer", "answered", CALL_ENDED),
        ("hang-up-in-queue", "abandoned_in_queue", CALL_MISSED),
        ("transfer", "answered", CALL_ENDED),
    ],
)
async def test_mangos_own_webhooks_make_one_call(
    office: Office, script: str, result: str, news: str, delivery: str
) -> None:
    ann, bob = await office.user(), await office.user()
    pbx = await office.pbx(desks={"101": ann, "102": bob})
    phone = new_phone()
    async with gateway_to(office) as client:
        mango = MangoPbx(hook_url=pbx.hook, api_key=KEY, salt=SALT, client=client, delivery=delivery)  # type: ignore[arg-type]
        placed = mango.ring(phone, pbx.line, ["101", "102"], script, ring_s=0.4, talk_s=0.4)  # type: ignore[arg-type]
        await eventually(lambda: placed.state == "over")
    assert {answer for webhook in placed.webhooks for answer in webhook["answers"]} == {200}
    await office.folded(pbx)
    call = await office.call(pbx, phase="ended")
    assert (call["result"], call["phone_e164"]) == (result, f"+{phone}")
    told = await office.news(call["id"])
    assert told[-1].type == news
    first = told[0].sequence
    assert [event.sequence for event in told] == list(range(first, first + len(told)))
    assert state(told[-1]).model_dump(exclude={"changed"})["result"] == result
    if result == "answered":
        assert call["answered_by"] == ann.id
        assert call["responsible_user_id"] == (bob.id if script == "transfer" else ann.id)
    if delivery == "thrice-reversed":
        assert CALL_RANG not in {event.type for event in told}, "an ended call rings no more"


async def test_webhooks_in_any_order_leave_the_same_call(office: Office) -> None:
    """The same eight webhooks, live on one PBX and shuffled on another."""
    ann, bob = await office.user(), await office.user()
    phone = new_phone()
    placed = None
    async with gateway_to(office) as client:
        live = await office.pbx(desks={"101": ann, "102": bob})
        mango = MangoPbx(hook_url=live.hook, api_key=KEY, salt=SALT, client=client)
        placed = mango.ring(phone, live.line, ["101", "102"], "answer", ring_s=0.3, talk_s=1.2)
        await eventually(lambda: placed.state == "over")
    expected = await office.call(live, phase="ended")
    for seed in range(3):
        pbx = await office.pbx(desks={"101": ann, "102": bob})
        webhooks = [*placed.webhooks, *placed.webhooks]
        random.Random(seed).shuffle(webhooks)
        for webhook in webhooks:
            body = json_with_line(webhook["json"], live, pbx)
            assert (await office.hook(pbx, webhook["path"], body)).status_code == 200
        await office.folded(pbx)
        call = await office.call(pbx, phase="ended")
        same = ("result", "talk_s", "ring_s", "queue_s", "answered_by", "responsible_user_id", "ringing_user_ids")
        assert {name: call[name] for name in same} == {name: expected[name] for name in same}


def json_with_line(body: dict[str, object], old: Pbx, new: Pbx) -> dict[str, object]:
    changed: dict[str, object] = json.loads(json.dumps(body).replace(old.line, new.line))
    return changed


async def test_a_correction_is_told_again_and_an_echo_is_not(office: Office) -> None:
    ann = await office.user()
    pbx = await office.pbx(desks={"101": ann})
    at = int(time.time())
    summary = {
        "entry_id": "E1",
        "call_direction": 1,
        "from": {"number": "79161234567"},
        "to": {"extension": "101"},
        "line_number": pbx.line,
        "create_time": at - 9,
        "talk_time": 0,
        "end_time": at,
        "entry_result": 1,
    }
    await office.hook(pbx, "events/summary", summary)
    call = await office.call(pbx, phase="ended")
    assert call["result"] == "missed", "no talk is no talk, whatever entry_result says"
    late = call_event(pbx, "Appeared", entry="E1", timestamp=at - 6)
    await office.hook(pbx, "events/call", late)
    await office.folded(pbx)
    told = await office.news(call["id"])
    assert [event.type for event in told] == [CALL_MISSED, CALL_MISSED]
    assert "ring_s" in state(told[1]).changed
    assert (await office.call(pbx))["phase"] == "ended"
    await office.hook(pbx, "events/call", late)
    await office.hook(pbx, "events/call", call_event(pbx, "Disconnected", entry="E1", seq=3, timestamp=at))
    await office.folded(pbx)
    assert len(await office.news(call["id"])) == 2


async def test_legs_that_all_ended_end_the_call_when_no_final_word_comes(office: Office) -> None:
    pbx = await office.pbx()
    await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1"))
    await office.hook(pbx, "events/call", call_event(pbx, "Disconnected", entry="E1", seq=2, disconnect_reason=1110))
    call = await office.call(pbx, phase="ended")
    assert (call["result"], call["closed"]) == ("missed", "settled")
    assert await office.rows("SELECT 1 FROM due_work WHERE key = :key", key=str(call["id"])) == []


async def test_a_call_nobody_tells_the_end_of_is_closed_as_unknown_and_corrected_later(office: Office) -> None:
    pbx = await office.pbx()
    await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1"))
    call = await office.call(pbx, phase="ringing")
    await office.folded(pbx)
    async with office.harness.database.transaction() as tx:
        await tx.execute(text("UPDATE due_work SET due_at = now() WHERE key = :key"), {"key": str(call["id"])})
    swept = await office.call(pbx, phase="ended")
    assert (swept["result"], swept["closed"]) == ("unknown", "swept")
    await office.hook(pbx, "events/call", call_event(pbx, "Disconnected", entry="E1", seq=2))
    await office.call(pbx, result="missed")


async def test_a_known_number_is_hinted_at_and_an_ambiguous_one_is_not(office: Office) -> None:
    owner = await office.user()
    phone = new_phone()
    olga = office.person(f"+{phone}", owner.id)
    await office.knows(olga)
    pbx = await office.pbx()
    await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1") | {"from": {"number": phone}})
    assert (await office.call(pbx))["person_hint_id"] == olga.id
    await office.knows(office.person(f"+{phone}", owner.id))
    other = await office.pbx()
    await office.hook(other, "events/call", call_event(other, "Appeared", entry="E1") | {"from": {"number": phone}})
    assert (await office.call(other))["person_hint_id"] is None


async def test_fifty_first_rings_at_once_are_fifty_calls_told_once_each(office: Office) -> None:
    ann = await office.user()
    pbxs = [await office.pbx(desks={"101": ann}) for _ in range(2)]
    phone = new_phone()
    rings = [
        office.hook(
            pbxs[number % 2],
            "events/call",
            call_event(pbxs[number % 2], "Appeared", entry=f"E{number}", leg=f"L{number}")
            | {"from": {"number": phone}},
        )
        for number in range(50)
    ]
    assert {answer.status_code for answer in await together(*rings)} == {200}
    for pbx in pbxs:
        await office.folded(pbx)
    calls = await office.rows('SELECT id FROM "call" WHERE phone_e164 = :phone', phone=f"+{phone}")
    told = [event for event in await office.harness.recorded(CALL_RANG) if event.data["pii"]["phone"] == f"+{phone}"]
    assert len(calls) == 50
    assert sorted(event.subject_id for event in told) == sorted(call["id"] for call in calls)


async def test_who_may_see_a_call(office: Office) -> None:
    team = uuid4()
    ann = await office.user(team_id=team)
    stranger = await office.user()
    lead = team_lead(NOUNS, team)
    pbx = await office.pbx(desks={"101": ann})
    await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1"))
    call = await office.call(pbx, phase="ringing")
    path = f"/calls/{call['id']}"
    assert (await office.get(path, by=stranger)).status_code == 200, "nobody's yet"
    await office.hook(pbx, "events/call", call_event(pbx, "Connected", entry="E1", seq=2))
    await office.call(pbx, phase="talking", responsible_user_id=ann.id)
    for principal, status in ((ann, 200), (lead, 200), (BOSS, 200), (stranger, 404), (nobody(), 404)):
        assert (await office.get(path, by=principal)).status_code == status
    mine = {"responsible_user_id": str(ann.id)}
    for principal, count in ((ann, 1), (lead, 1), (BOSS, 1), (stranger, 0), (nobody(), 0)):
        assert len((await office.get("/calls", by=principal, **mine)).json()["items"]) == count


async def test_a_call_is_shown_with_its_legs(office: Office) -> None:
    ann = await office.user()
    pbx = await office.pbx(desks={"101": ann})
    await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1"))
    call = await office.call(pbx, phase="ringing")
    answer = await office.get(f"/calls/{call['id']}")
    shown = answer.json()
    assert answer.headers["etag"] == '"1"'
    (leg,) = shown["legs"]
    assert (leg["extension"], leg["user_id"], leg["end"]) == ("101", str(ann.id), None)
    assert shown["correlation_id"] == str(call["correlation_id"])
    assert (await office.get(f"/calls/{uuid4()}")).status_code == 404


async def test_calls_are_listed_by_page_and_filter_at_the_same_cost(office: Office) -> None:
    ann = await office.user()
    pbx = await office.pbx(desks={"101": ann})
    phone = new_phone()

    async def make(number: int) -> None:
        ring = call_event(pbx, "Appeared", entry=f"P{number}", leg=f"P{number}") | {"from": {"number": phone}}
        await office.hook(pbx, "events/call", ring)

    await make(0)
    await office.folded(pbx)
    with office.harness.statements() as one:
        assert len((await office.get("/calls", phone=phone)).json()["items"]) == 1
    for number in range(1, 7):
        await make(number)
    await office.folded(pbx)
    with office.harness.statements() as many:
        assert len((await office.get("/calls", phone=f"+{phone}")).json()["items"]) == 7
    assert len(one) == len(many)
    seen: list[UUID] = []
    cursor = None
    while True:
        query: dict[str, Any] = {"phone": phone, "limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await office.get("/calls", **query)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7
    asked: list[tuple[dict[str, Any], int]] = [
        ({"direction": "in"}, 7),
        ({"direction": "out"}, 0),
        ({"result": "missed"}, 0),
        ({"phase": "ringing"}, 7),
        ({"started_before": "2020-01-01T00:00:00Z"}, 0),
        ({"started_from": "2020-01-01T00:00:00Z"}, 7),
        ({"person_id": str(uuid4())}, 0),
    ]
    for query, count in asked:
        assert len((await office.get("/calls", phone=phone, **query)).json()["items"]) == count, query


@pytest.mark.parametrize(
    "query",
    [
        {"phone": "abc"},
        {"colour": "red"},
        {"direction": "up"},
        {"limit": 201},
        {"cursor": "x"},
        {"started_from": "now"},
    ],
)
async def test_a_filter_that_is_none_is_refused(office: Office, query: dict[str, Any]) -> None:
    assert (await office.get("/calls", **query)).status_code == 422


async def test_calls_inside_the_company_are_listed_only_when_asked_for(office: Office) -> None:
    ann, bob = await office.user(), await office.user()
    pbx = await office.pbx(desks={"101": ann, "102": bob})
    inside = {"from": {"extension": "102", "number": "sip:user102@demo.mangosip.ru"}}
    await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1") | inside)
    call = await office.call(pbx, direction="internal")
    assert (call["phone_e164"], call["responsible_user_id"]) == (None, bob.id)
    assert (await office.get("/calls", responsible_user_id=str(bob.id))).json()["items"] == []
    listed = await office.get("/calls", responsible_user_id=str(bob.id), direction="internal")
    assert len(listed.json()["items"]) == 1
