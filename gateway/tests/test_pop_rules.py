"""Pops: whatever the order of arrival, the screens end up the same, and only the ringing users see a ring."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from crm_contracts.contacts import CallLinked, CallLinkedPii
from crm_contracts.telephony import CallPii, CallState
from crm_gateway.live.rules import Pop, Pops, Tell
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
CALL, ANNA, BORUT, CILKA, PERSON = (UUID(int=number) for number in range(1, 6))


def call(version: int, phase: str = "ringing", **changes: object) -> CallState:
    """A state of the call."""
    values: dict[str, object] = {
        "id": CALL,
        "connection_id": UUID(int=9),
        "vendor_call_id": "v",
        "direction": "in",
        "phase": phase,
        "result": None,
        "line": "+38614000000",
        "hidden": False,
        "started_at": NOW,
        "answered_at": None,
        "ended_at": None,
        "ring_s": 0,
        "talk_s": 0,
        "hold_s": 0,
        "queue_s": 0,
        "ringing_user_ids": [ANNA, BORUT],
        "answered_by": None,
        "responsible_user_id": None,
        "line_team_id": None,
        "fallback_user_id": CILKA,
        "origin": "pbx",
        "command_id": None,
        "person_hint_id": None,
        "correlation_id": UUID(int=8),
        "version": version,
        "pii": CallPii(phone="+38640111222", phone_raw="040111222"),
    }
    return CallState.model_validate(values | changes)


def link(version: int = 1, name: str = "Novak") -> CallLinked:
    """The card of the call."""
    return CallLinked(
        call_id=CALL,
        person_id=PERSON,
        created=True,
        direction="in",
        line=None,
        started_at=NOW,
        owner_id=ANNA,
        owner_source="rule",
        version=version,
        pii=CallLinkedPii(phone="+38640111222", person_name=name),
    )


def screens(tells: list[Tell]) -> dict[UUID, Pop]:
    """What the users see after hearing all of it; fails on a tell that makes no sense on a screen."""
    shown: dict[UUID, Pop] = {}
    for tell in tells:
        if tell.change == "closed":
            del shown[tell.user_id]
            continue
        assert (tell.user_id in shown) == (tell.change == "updated")
        assert tell.pop is not None
        shown[tell.user_id] = tell.pop
    return shown


def test_a_ring_opens_a_pop_for_the_ringing_users_only() -> None:
    shown = screens(Pops().call(call(1), NOW, NOW))
    assert set(shown) == {ANNA, BORUT}
    assert shown[ANNA].status == "ringing"
    assert shown[ANNA].phone == "+38640111222"


def test_a_ring_at_nobodys_phone_goes_to_the_lines_fallback_user() -> None:
    assert set(screens(Pops().call(call(1, ringing_user_ids=[]), NOW, NOW))) == {CILKA}


def test_the_card_updates_the_pop_in_place_and_overwrites_the_hint() -> None:
    pops = Pops()
    hint = UUID(int=77)
    before = screens(pops.call(call(1, person_hint_id=hint), NOW, NOW))
    assert (before[ANNA].person_id, before[ANNA].person_certain) == (hint, False)
    tells = pops.link(link(), NOW)
    assert {tell.change for tell in tells} == {"updated"}
    assert {tell.user_id for tell in tells} == {ANNA, BORUT}
    assert all(tell.pop and tell.pop.person_id == PERSON and tell.pop.person_certain for tell in tells)


def test_an_answer_closes_the_pop_of_the_others_and_keeps_the_answerers() -> None:
    pops = Pops()
    tells = pops.call(call(1), NOW, NOW) + pops.call(call(2, "talking", answered_by=ANNA), NOW, NOW)
    shown = screens(tells)
    assert set(shown) == {ANNA}
    assert shown[ANNA].status == "talking"


def test_the_end_closes_everything() -> None:
    pops = Pops()
    tells = pops.call(call(1), NOW, NOW) + pops.call(call(2, "ended", result="missed"), NOW, NOW)
    assert screens(tells) == {}
    assert pops.of(ANNA) == []


def test_a_ring_older_than_a_minute_opens_nothing() -> None:
    assert Pops().call(call(1), NOW - timedelta(seconds=61), NOW) == []
    assert Pops().call(call(1), NOW - timedelta(seconds=60), NOW) != []


def test_calls_we_make_and_calls_among_ourselves_pop_nowhere() -> None:
    assert Pops().call(call(1, direction="out"), NOW, NOW) == []
    assert Pops().call(call(1, direction="internal"), NOW, NOW) == []


def test_a_call_nobody_tells_the_end_of_is_closed_after_two_hours() -> None:
    pops = Pops()
    tells = pops.call(call(1), NOW, NOW)
    assert pops.forget(NOW + timedelta(hours=2)) == []
    assert screens(tells + pops.forget(NOW + timedelta(hours=2, seconds=1))) == {}


def test_an_old_ring_after_an_ended_call_was_forgotten_does_not_ring_again() -> None:
    pops = Pops()
    pops.call(call(1), NOW, NOW)
    pops.call(call(2, "ended"), NOW, NOW)
    later = NOW + timedelta(minutes=3)
    pops.forget(later)
    assert pops.call(call(1), NOW, later) == []


FACTS = [
    call(1),
    call(2, ringing_user_ids=[ANNA, BORUT, CILKA]),
    call(3, "talking", answered_by=BORUT),
    call(4, "talking", answered_by=CILKA),
    call(5, "ended", result="answered"),
    link(1),
    link(2, "Novak Janez"),
]


@given(st.lists(st.sampled_from(FACTS), max_size=30))
def test_any_order_and_any_repetition_ends_at_the_newest_known_state(facts: list[CallState | CallLinked]) -> None:
    pops = Pops()
    tells: list[Tell] = []
    for fact in facts:
        tells += pops.call(fact, NOW, NOW) if isinstance(fact, CallState) else pops.link(fact, NOW)
    calls = sorted((fact for fact in facts if isinstance(fact, CallState)), key=lambda fact: fact.version)
    links = sorted((fact for fact in facts if isinstance(fact, CallLinked)), key=lambda fact: fact.version)
    in_order = Pops()
    expected: list[Tell] = []
    for newest in calls[-1:]:
        expected += in_order.call(newest, NOW, NOW)
    for last in links[-1:]:
        expected += in_order.link(last, NOW)
    shown = screens(expected)
    assert screens(tells) == shown
    for user in (ANNA, BORUT, CILKA):
        assert pops.of(user) == ([shown[user]] if user in shown else [])
