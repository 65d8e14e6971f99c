"""The generic webhook as other PBXs and connectors speak it."""

import json
import time
from typing import Any

import pytest
from crm_contracts.telephony import CALL_MISSED, CALL_RANG
from crm_telephony.adapters.emulated.generic_pbx import answered_call, event, missed_call
from crm_telephony.calls.fold import Folded, fold
from crm_telephony.vendors import VENDORS
from crm_telephony.vendors.port import MalformedError, Seen

from .office import Office, new_phone

AT = 1_795_284_000.0
CUSTOMER, LINE = "+79161234567", "+74950000001"


def told(*events: dict[str, Any]) -> Folded:
    seen: list[Seen] = []
    for number, one in enumerate(events):
        seen += VENDORS["generic"].parse("", json.dumps(one).encode(), AT + number).seen
    return fold(seen)


def test_a_group_nobody_answers_is_one_missed_call() -> None:
    call = told(*missed_call(CUSTOMER, LINE, ["101", "102"], AT, ring_s=8))
    assert (call.direction, call.result, call.ring_s) == ("in", "missed", 8)
    assert [ring.extension for ring in call.rung] == ["101", "102"]


def test_an_answered_call_lasts_from_answer_to_end() -> None:
    call = told(*answered_call(CUSTOMER, LINE, ["101", "102"], AT, ring_s=5, talk_s=60))
    assert (call.result, call.talk_s) == ("answered", 60)
    assert call.answered_by is not None and call.answered_by.extension == "101"


def test_a_call_that_began_and_rang_nobody_was_given_up_in_the_menu() -> None:
    common = {"from": CUSTOMER, "to": LINE, "direction": "in"}
    call = told(event("call.started", "c", AT, **common), event("call.ended", "c", AT + 3, **common))
    assert call.result == "abandoned_in_ivr"


@pytest.mark.parametrize(("code", "result"), [(486, "busy"), (480, "no_answer"), (487, "cancelled"), (503, "failed")])
def test_why_a_call_out_failed_is_read_from_its_sip_code(code: int, result: str) -> None:
    common = {"from": "101", "to": CUSTOMER}
    call = told(
        event("call.ringing", "c", AT, **common), event("call.failed", "c", str(AT + 9), sip_code=code, **common)
    )
    assert (call.direction, call.result, call.client, call.caller) == ("out", result, CUSTOMER, "101")


def test_legs_with_ids_of_their_own_end_on_their_own() -> None:
    common = {"from": CUSTOMER, "to": LINE, "direction": "in"}
    call = told(
        event("call.ringing", "c", AT, leg_id="a", extension="101", **common),
        event("call.ringing", "c", AT, leg_id="b", extension="102", **common),
        event("call.ended", "c", AT + 4, leg_id="a", extension="101", **common),
    )
    assert (call.phase, call.all_legs_ended) == ("ringing", False)


def test_hold_and_transfer_are_understood() -> None:
    common = {"from": CUSTOMER, "to": LINE, "direction": "in"}
    call = told(
        event("call.answered", "c", AT, extension="101", **common),
        event("call.held", "c", AT + 10, extension="101", **common),
        event("call.resumed", "c", AT + 15, extension="101", **common),
        event("call.transferred", "c", AT + 20, extension="102", **common),
        event("call.answered", "c", AT + 22, extension="102", **common),
        event("call.ended", "c", AT + 40, **common),
    )
    assert (call.talk_s, call.hold_s, call.direction) == (40, 5, "in")
    assert [ring.extension for ring in call.rung] == ["101", "102"]


def test_a_call_between_desks_is_internal() -> None:
    assert told(event("call.ringing", "c", AT, **{"from": "101", "to": "102"})).direction == "internal"


def test_a_finished_recording_says_nothing_of_the_state_of_its_call() -> None:
    ready = event("recording.ready", "c", AT, recording_url="https://pbx.example.com/1.wav")
    parsed = VENDORS["generic"].parse("", json.dumps(ready).encode(), AT)
    assert (parsed.call_key, parsed.seen) == ("c", ())


def test_a_direction_that_is_none_is_refused() -> None:
    with pytest.raises(MalformedError):
        told(event("call.ringing", "c", AT, direction="up", **{"from": "101", "to": "102"}))


async def test_a_missed_call_of_a_generic_pbx_is_told(office: Office) -> None:
    ann = await office.user()
    pbx = await office.pbx("generic", desks={"101": ann})
    phone, at = new_phone(), time.time()
    *rings, end = missed_call(f"+{phone}", pbx.line, ["101"], at - 5, ring_s=5)
    for one in rings:
        assert (await office.generic_hook(pbx, one)).status_code == 200
    call = await office.call(pbx, phase="ringing")
    answer = await office.generic_hook(pbx, end)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    await office.call(pbx, result="missed")
    told_of = await office.news(call["id"])
    assert told_of[0].type == CALL_RANG
    assert told_of[-1].type == CALL_MISSED
