"""When a call is news, whose extension rang, when a click may dial."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from crm_contracts.telephony import CALL_ANSWERED, CALL_ENDED, CALL_MISSED, CALL_RANG, CallPii, CallState
from crm_telephony.calls.rules import announce, changed
from crm_telephony.dialing.rules import is_too_late, wait_s
from crm_telephony.extensions.rules import Mapping, user_of

NOW = datetime(2026, 11, 21, 18, 42, tzinfo=UTC)
ANN, BOB = uuid4(), uuid4()
ID = uuid4()


def call(phase: str, **more: object) -> CallState:
    known: dict[str, object] = {
        "id": ID,
        "connection_id": ID,
        "vendor_call_id": "E1",
        "direction": "in",
        "phase": phase,
        "result": None,
        "line": "+74950000001",
        "hidden": False,
        "started_at": NOW,
        "answered_at": None,
        "ended_at": None,
        "ring_s": 0,
        "talk_s": 0,
        "hold_s": 0,
        "queue_s": 0,
        "ringing_user_ids": [],
        "answered_by": None,
        "responsible_user_id": None,
        "line_team_id": None,
        "fallback_user_id": BOB,
        "origin": "pbx",
        "command_id": None,
        "person_hint_id": None,
        "correlation_id": ID,
        "version": 1,
        "pii": CallPii(phone="+79161234567", phone_raw="79161234567"),
    }
    return CallState.model_validate(known | more)


WAITING = call("ringing")
RINGING = call("ringing", ringing_user_ids=[ANN])
TALKING = call("talking", ringing_user_ids=[ANN], answered_by=ANN, responsible_user_id=ANN, answered_at=NOW)
MISSED = call("ended", ringing_user_ids=[ANN], result="missed", ended_at=NOW)
ENDED = call("ended", ringing_user_ids=[ANN], result="answered", ended_at=NOW, answered_by=ANN)


def told(before: CallState | None, after: CallState) -> str | None:
    """As the fold asks: phones of known users are all that rings."""
    rang_before = before is not None and bool(before.ringing_user_ids)
    return announce(before, after, rang_before=rang_before, rings=bool(after.ringing_user_ids))


@pytest.mark.parametrize(
    ("before", "after", "news"),
    [
        (None, WAITING, None),
        (None, RINGING, CALL_RANG),
        (WAITING, RINGING, CALL_RANG),
        (RINGING, RINGING, None),
        (RINGING, call("ringing", ringing_user_ids=[ANN, BOB]), CALL_RANG),
        (RINGING, TALKING, CALL_ANSWERED),
        (TALKING, TALKING, None),
        (TALKING, TALKING.model_copy(update={"responsible_user_id": BOB}), CALL_ANSWERED),
        (TALKING, TALKING.model_copy(update={"ringing_user_ids": [ANN, BOB]}), CALL_RANG),
        (RINGING, MISSED, CALL_MISSED),
        (None, MISSED, CALL_MISSED),
        (TALKING, ENDED, CALL_ENDED),
        (ENDED, ENDED, None),
        (MISSED, ENDED, CALL_ENDED),
        (ENDED, ENDED.model_copy(update={"talk_s": 31}), CALL_ENDED),
        (MISSED, MISSED.model_copy(update={"ring_s": 9}), CALL_MISSED),
        (ENDED, ENDED.model_copy(update={"person_hint_id": BOB}), None),
        (None, call("requested", direction="out"), None),
        (call("requested", direction="out"), call("ringing", direction="out"), CALL_RANG),
        (call("ringing", direction="out"), call("ringing", direction="out"), None),
        (call("requested", direction="out"), call("ended", direction="out", result="failed"), CALL_ENDED),
        (None, call("ringing", direction="out"), CALL_RANG),
    ],
)
def test_only_a_change_of_state_is_news(before: CallState | None, after: CallState, news: str | None) -> None:
    assert told(before, after) == news


def test_a_phone_nobody_is_mapped_to_rings_once() -> None:
    assert announce(None, WAITING, rang_before=False, rings=True) == CALL_RANG
    assert announce(WAITING, WAITING, rang_before=False, rings=True) == CALL_RANG
    assert announce(WAITING, WAITING, rang_before=True, rings=True) is None


def test_a_caller_known_better_while_it_rings_is_told_again() -> None:
    named = RINGING.model_copy(update={"pii": CallPii(phone=None, phone_raw="")})
    assert announce(named, RINGING, rang_before=True, rings=True) == CALL_RANG


def test_what_changed_is_named() -> None:
    assert changed(RINGING, TALKING) == ["answered_at", "answered_by", "phase", "responsible_user_id"]


@pytest.mark.parametrize("result", ["missed", "abandoned_in_queue", "abandoned_in_ivr", "voicemail"])
def test_every_way_to_lose_a_customer_is_a_missed_call(result: str) -> None:
    assert told(RINGING, call("ended", result=result)) == CALL_MISSED


@pytest.mark.parametrize("result", ["answered", "busy", "no_answer", "cancelled", "failed", "unknown"])
def test_other_ends_are_ends(result: str) -> None:
    assert told(RINGING, call("ended", result=result)) == CALL_ENDED


def test_an_extension_is_whose_it_was_when_it_rang() -> None:
    moved = NOW + timedelta(days=1)
    history = [Mapping("101", ANN, NOW, moved), Mapping("101", BOB, moved, None), Mapping("102", BOB, NOW, None)]

    def whose(extension: str, at: datetime) -> UUID | None:
        return user_of(history, extension, at)

    assert whose("101", NOW) == ANN
    assert whose("101", moved - timedelta(seconds=1)) == ANN
    assert whose("101", moved) == BOB
    assert whose("103", NOW) is None
    assert whose("101", NOW - timedelta(days=1)) is None
    assert whose("101", NOW - timedelta(seconds=1)) == ANN, "a PBX tells whole seconds"


def test_a_user_dials_once_in_three_seconds() -> None:
    assert wait_s(None, NOW) == 0
    assert wait_s(NOW, NOW) == 3
    assert wait_s(NOW, NOW - timedelta(seconds=1)) == 3, "clicks at once"
    assert wait_s(NOW, NOW + timedelta(seconds=2.5)) == 1
    assert wait_s(NOW, NOW + timedelta(seconds=3)) == 0


def test_nobody_is_rung_for_an_order_half_a_minute_old() -> None:
    assert not is_too_late(NOW, NOW + timedelta(seconds=30))
    assert is_too_late(NOW, NOW + timedelta(seconds=31))
