"""What the webhooks of a call come to, in whatever order and however often they come."""

import random
from dataclasses import replace
from typing import Any

import pytest
from crm_telephony.adapters.emulated.mango_script import CallbackScript, Script, callback, inbound
from crm_telephony.calls.fold import Folded, Ordered, fold
from crm_telephony.vendors.port import CallOver, Cause, Kind, LegSeen, Party, Seen, Side
from hypothesis import given
from hypothesis import strategies as st

from .stories import BEGAN, told

CUSTOMER, LINE = "79161234567", "74950000001"
DESKS = ["101", "102", "103", "104", "105"]


def call_in(script: Script, desks: list[str] = DESKS, *, caller: str = CUSTOMER) -> list[Seen]:
    return told(inbound("E1", caller, LINE, desks, script, 6.0, 30.0))


def call_out(script: CallbackScript) -> list[Seen]:
    return told(callback("E2", "00000000-0000-7000-8000-000000000001", "101", CUSTOMER, LINE, script, 4.0, 30.0))


ORDER = Ordered(extension="101", to_number="+79161234567", requested_at=BEGAN - 0.5)

CALLS: dict[str, tuple[list[Seen], Ordered | None]] = {
    "nobody answers": (call_in("ring-no-answer"), None),
    "one of five answers": (call_in("answer"), None),
    "on hold for a while": (call_in("answer-and-hold"), None),
    "handed over": (call_in("transfer"), None),
    "gave up in the queue": (call_in("hang-up-in-queue"), None),
    "gave up in the menu": (call_in("hang-up-in-ivr"), None),
    "hidden": (call_in("ring-no-answer", caller=""), None),
    "ordered and answered": (call_out("answer"), ORDER),
    "ordered, another's order": (call_out("answer"), None),
    "ordered, no answer": (call_out("no-answer"), ORDER),
    "ordered, busy": (call_out("busy"), ORDER),
    "ordered, nobody at the desk": (call_out("agent-away"), ORDER),
}


@given(st.sampled_from(sorted(CALLS)), st.randoms(use_true_random=False), st.integers(1, 8))
def test_any_order_and_any_number_of_copies_make_the_same_call(name: str, dice: random.Random, copies: int) -> None:
    seen, ordered = CALLS[name]
    shuffled = [item for item in seen for _ in range(dice.randint(1, copies))]
    dice.shuffle(shuffled)
    assert fold(shuffled, ordered=ordered) == fold(seen, ordered=ordered)


@given(st.sampled_from(sorted(CALLS)), st.data())
def test_a_part_of_the_webhooks_never_says_more_than_all_of_them(name: str, data: st.DataObject) -> None:
    seen, ordered = CALLS[name]
    part = data.draw(st.sets(st.sampled_from(seen), min_size=1))
    some, whole = fold(part, ordered=ordered), fold(seen, ordered=ordered)
    assert {ring.extension for ring in some.rung} <= {ring.extension for ring in whole.rung} | {"101"}
    if some.phase == "ended":
        assert whole.phase == "ended"


events = st.builds(
    LegSeen,
    kind=st.sampled_from(list(Kind)),
    leg=st.sampled_from(["a", "b", "c"]),
    at=st.integers(0, 600).map(lambda s: BEGAN + s),
    arrived=st.integers(0, 900).map(lambda s: BEGAN + s),
    seq=st.integers(0, 5),
    party=st.sampled_from([*Party, None]),
    caller=st.builds(Side, st.sampled_from(["", "101"]), st.sampled_from(["", CUSTOMER])),
    callee=st.builds(Side, st.sampled_from(["", "102", "103"]), st.sampled_from(["", LINE])),
    line=st.sampled_from(["", LINE]),
    direction=st.sampled_from(["in", "out", "internal", None]),
    cause=st.sampled_from([*Cause, None]),
    taken_from=st.sampled_from(["", "a"]),
)
endings = st.builds(
    CallOver,
    at=st.integers(0, 600).map(lambda s: BEGAN + s),
    arrived=st.integers(0, 900).map(lambda s: BEGAN + s),
    authority=st.booleans(),
    started_at=st.none() | st.just(BEGAN),
    talked_at=st.none() | st.just(BEGAN + 5),
    direction=st.sampled_from(["in", "out", None]),
    cause=st.sampled_from([*Cause, None]),
)


@given(st.lists(events | endings, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_even_nonsense_folds_the_same_in_any_order(seen: list[Seen], dice: random.Random) -> None:
    again = seen * 2
    dice.shuffle(again)
    assert fold(again) == fold(seen)
    call = fold(seen)
    assert min(call.talk_s, call.ring_s, call.hold_s, call.queue_s) >= 0


def folded(name: str) -> Folded:
    seen, ordered = CALLS[name]
    return fold(seen, ordered=ordered)


def test_five_phones_nobody_picks_up_are_one_missed_call() -> None:
    call = folded("nobody answers")
    assert (call.direction, call.phase, call.result) == ("in", "ended", "missed")
    assert [ring.extension for ring in call.rung] == DESKS
    assert (call.ring_s, call.talk_s) == (6, 0)
    assert (call.client, call.line) == (CUSTOMER, LINE)
    assert {leg.end for leg in call.legs if leg.party is Party.EXTENSION} == {"no_answer"}


def test_when_one_answers_the_others_were_elsewhere_and_missed_nothing() -> None:
    call = folded("one of five answers")
    assert (call.phase, call.result, call.talk_s) == ("ended", "answered", 30)
    assert call.answered_by is not None and call.answered_by.extension == "101"
    ends = {leg.extension: leg.end for leg in call.legs if leg.party is Party.EXTENSION}
    assert ends == {"101": "answered", "102": "elsewhere", "103": "elsewhere", "104": "elsewhere", "105": "elsewhere"}
    assert call.queue_s == 6


def test_time_on_hold_is_counted_within_the_talk() -> None:
    call = folded("on hold for a while")
    assert (call.talk_s, call.hold_s) == (30, 10)


def test_a_call_handed_over_belongs_to_the_last_who_spoke() -> None:
    call = folded("handed over")
    assert call.answered_by is not None and call.answered_by.extension == "101"
    assert call.responsible is not None and call.responsible.extension == "102"
    assert call.talk_s == 30


def test_who_gives_up_in_queue_or_menu_rang_nobody() -> None:
    assert folded("gave up in the queue").result == "abandoned_in_queue"
    assert folded("gave up in the queue").queue_s == 6
    assert folded("gave up in the menu").result == "abandoned_in_ivr"
    assert not folded("gave up in the menu").person_rang


def test_a_hidden_caller_has_no_number() -> None:
    assert folded("hidden").client == ""
    assert folded("hidden").result == "missed"


def test_an_ordered_call_is_outbound_although_our_own_phone_rings_first() -> None:
    call = folded("ordered and answered")
    assert (call.direction, call.result, call.talk_s) == ("out", "answered", 30)
    assert call.started_at == ORDER.requested_at
    assert call.answered_by is not None and call.answered_by.extension == "101"


def test_an_order_of_another_system_is_outbound_too() -> None:
    call = folded("ordered, another's order")
    assert (call.direction, call.result, call.client) == ("out", "answered", CUSTOMER)


def test_our_own_pickup_is_no_answer_of_the_customer() -> None:
    ringing = [item for item in call_out("answer") if isinstance(item, LegSeen)][:3]
    call = fold(ringing, ordered=ORDER)
    assert [item.kind for item in ringing] == [Kind.RINGING, Kind.ANSWERED, Kind.RINGING]
    assert (call.phase, call.answered_at) == ("ringing", None)


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("ordered, no answer", "no_answer"),
        ("ordered, busy", "busy"),
        ("ordered, nobody at the desk", "cancelled"),
    ],
)
def test_why_an_ordered_call_came_to_nothing(name: str, result: str) -> None:
    assert folded(name).result == result


def test_a_refused_order_has_failed_unless_the_pbx_told_of_the_call() -> None:
    refused = Ordered(ORDER.extension, ORDER.to_number, ORDER.requested_at, refused=True)
    assert (fold([], ordered=refused).phase, fold([], ordered=refused).result) == ("ended", "failed")
    assert fold(call_out("answer"), ordered=refused).result == "answered"
    assert fold([], ordered=ORDER).phase == "requested"


def leg(kind: Kind, at: float, leg: str = "L", seq: int = 0, **more: Any) -> LegSeen:
    common: dict[str, Any] = {
        "party": Party.EXTENSION,
        "caller": Side(number=CUSTOMER),
        "callee": Side(extension="101"),
        "direction": "in",
    }
    return LegSeen(kind=kind, leg=leg, at=BEGAN + at, arrived=BEGAN + at, seq=seq, **(common | more))


def over(at: float, talked: float | None, **more: Any) -> CallOver:
    common: dict[str, Any] = {"authority": True, "started_at": BEGAN, "direction": "in"}
    talked_at = None if talked is None else BEGAN + talked
    return CallOver(at=BEGAN + at, arrived=BEGAN + at, talked_at=talked_at, **(common | more))


def test_the_final_record_outweighs_the_legs_on_whether_there_was_a_talk() -> None:
    legs = [leg(Kind.RINGING, 0, seq=1), leg(Kind.ANSWERED, 4, seq=2), leg(Kind.ENDED, 9, seq=3)]
    assert fold(legs, closed="settled").result == "answered"
    silent = fold([*legs, over(9, None)])
    assert (silent.result, silent.talk_s, silent.answered_at) == ("missed", 0, None)
    assert fold([*legs, over(20, 4)]).talk_s == 16


def test_a_late_ring_does_not_reopen_an_ended_call() -> None:
    ended = [over(9, None, callee=Side(extension="101"))]
    assert fold(ended).result == "missed"
    late = fold([*ended, leg(Kind.RINGING, 0, leg="L2", callee=Side(extension="102"))])
    assert (late.phase, late.result) == ("ended", "missed")


def test_the_end_before_the_start_is_understood() -> None:
    call = fold([leg(Kind.ENDED, 9, seq=3), leg(Kind.ANSWERED, 4, seq=2)], closed="settled")
    assert (call.result, call.talk_s) == ("answered", 5)


def test_legs_that_have_ended_do_not_end_the_call_before_its_final_word() -> None:
    legs = [leg(Kind.RINGING, 0, seq=1), leg(Kind.ENDED, 4, seq=2)]
    assert (fold(legs).phase, fold(legs).all_legs_ended) == ("ringing", True)
    assert fold(legs, closed="settled").result == "missed"


def test_a_call_whose_end_was_never_told_has_an_unknown_result_until_it_is() -> None:
    legs = [leg(Kind.RINGING, 0, seq=1)]
    assert fold(legs, closed="swept").result == "unknown"
    assert fold([*legs, over(30, 10)], closed="swept").result == "answered"


def test_a_chain_of_three_transfers_is_one_talk_of_all_three() -> None:
    legs: list[Seen] = []
    for number, desk in enumerate(["101", "102", "103"]):
        common: dict[str, Any] = {"leg": desk, "callee": Side(extension=desk), "taken_from": "before" if number else ""}
        start = number * 30.0
        legs += [leg(kind, start + after, **common) for kind, after in ((Kind.ANSWERED, 0), (Kind.ENDED, 30))]
    call = fold(legs, closed="settled")
    assert (call.talk_s, call.direction) == (90, "in")
    assert call.answered_by is not None and call.answered_by.extension == "101"
    assert call.responsible is not None and call.responsible.extension == "103"


def test_an_outbound_call_handed_to_a_colleague_stays_outbound() -> None:
    dialled: dict[str, Any] = {
        "party": Party.PHONE,
        "caller": Side("101"),
        "callee": Side("", CUSTOMER),
        "direction": "out",
    }
    legs = [
        leg(Kind.ANSWERED, 0, leg="a", **dialled),
        leg(Kind.ENDED, 30, leg="a", **dialled),
        leg(Kind.ANSWERED, 30, leg="b", callee=Side("102"), taken_from="a"),
        leg(Kind.ENDED, 50, leg="b", callee=Side("102"), taken_from="a"),
    ]
    call = fold(legs, closed="settled")
    assert (call.direction, call.talk_s, call.client) == ("out", 50, CUSTOMER)
    assert call.responsible is not None and call.responsible.extension == "102"


def test_a_colleague_asked_aside_does_not_make_the_talk_longer() -> None:
    aside: dict[str, Any] = {
        "leg": "c",
        "caller": Side("101"),
        "callee": Side("102"),
        "direction": "internal",
        "taken_from": "L",
    }
    legs = [
        leg(Kind.ANSWERED, 0),
        leg(Kind.HELD, 10),
        leg(Kind.ANSWERED, 12, **aside),
        leg(Kind.ENDED, 18, **aside),
        leg(Kind.RESUMED, 20),
        leg(Kind.ENDED, 40),
    ]
    call = fold(legs, closed="settled")
    assert (call.direction, call.talk_s, call.hold_s) == ("in", 40, 10)
    assert call.responsible is not None and call.responsible.extension == "101"


def test_a_call_between_two_desks_is_internal_and_has_no_customer() -> None:
    inside: dict[str, Any] = {"caller": Side("101"), "callee": Side("102"), "direction": "internal"}
    call = fold([leg(Kind.RINGING, 0, **inside), leg(Kind.ANSWERED, 3, **inside), leg(Kind.ENDED, 9, **inside)])
    assert (call.direction, call.client, call.caller) == ("internal", "", "101")


@pytest.mark.parametrize("skew", [-600, -90, 90, 600, 10_800])
def test_a_wrong_clock_of_the_pbx_moves_no_call_in_time_and_changes_no_duration(skew: float) -> None:
    right = folded("one of five answers")
    wrong = fold(told(inbound("E1", CUSTOMER, LINE, DESKS, "answer", 6.0, 30.0), skew=skew))
    assert (wrong.talk_s, wrong.ring_s, wrong.result) == (right.talk_s, right.ring_s, right.result)
    assert abs(wrong.started_at - right.started_at) <= 1
    assert wrong.clock_offset == pytest.approx(-skew, abs=1)


def test_one_webhook_held_up_on_its_way_does_not_move_the_call_in_time() -> None:
    seen = call_in("answer")
    late = [replace(item, arrived=item.arrived + 600) if item is seen[0] else item for item in seen]
    assert fold(late).clock_offset == 0
    assert fold(late).started_at == fold(seen).started_at


def test_a_phone_that_stopped_ringing_because_another_was_picked_up_missed_nothing() -> None:
    other: dict[str, Any] = {"leg": "M", "callee": Side(extension="102")}
    legs = [leg(Kind.ANSWERED, 3), leg(Kind.RINGING, 0, **other), leg(Kind.ENDED, 3, cause=Cause.NORMAL, **other)]
    ends = {one.extension: one.end for one in fold(legs).legs}
    assert ends == {"101": None, "102": "elsewhere"}
