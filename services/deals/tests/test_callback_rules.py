"""The two folds behind call-backs: no order and no repetition of events may change what they say."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from crm_deals.callbacks.rules import Call, CallBack, Handled, Link, Match, Report, call_backs, matched
from hypothesis import given
from hypothesis import strategies as st

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
PHONE = "+38640111222"
RINGING, RESPONSIBLE, FALLBACK, ANA, BOR = (UUID(int=number) for number in range(1, 6))


def at(minute: int) -> datetime:
    """That many minutes into the story."""
    return MONDAY + timedelta(minutes=minute)


def report(
    sequence: int,
    minute: int,
    *,
    missed: bool = False,
    talk: bool = False,
    ringing: tuple[UUID, ...] = (RINGING,),
    responsible: UUID | None = None,
    phone: str | None = PHONE,
) -> Report:
    """What telephony says of a call that rings at `minute`, for one minute."""
    return Report(
        sequence=sequence,
        phone=phone,
        started_at=at(minute),
        ended_at=at(minute + 1),
        talk_at=at(minute) + timedelta(seconds=20) if talk else None,
        missed=missed,
        ringing_user_ids=ringing,
        responsible_user_id=responsible,
        fallback_user_id=FALLBACK,
        correlation_id=UUID(int=7),
    )


def link(sequence: int, owner: UUID = ANA) -> Link:
    """Contacts' word on whose call it is."""
    return Link(sequence, person_id=UUID(int=99), person_name="Maja Kos", owner_id=owner, owner_source="rule")


def fold(events: list[tuple[int, Report | Link]]) -> dict[UUID, Call]:
    """Calls by id after the events in this order."""
    calls: dict[UUID, Call] = {}
    for number, event in events:
        call = calls.get(UUID(int=number), Call(UUID(int=number)))
        calls[call.id] = call.reported(event) if isinstance(event, Report) else call.linked(event)
    return calls


def needed(*events: tuple[int, Report | Link], handled: tuple[Handled, ...] = ()) -> list[CallBack]:
    """Call-backs after the events."""
    return call_backs(fold(list(events)).values(), handled)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[int, Report | Link]]:
    """Events of up to five calls of one phone; sequences of a call are unique, a miss may be corrected."""
    events: list[tuple[int, Report | Link]] = []
    for number in range(10, 10 + draw(st.integers(1, 5))):
        minute = draw(st.integers(0, 30))
        for sequence in range(1, 1 + draw(st.integers(1, 3))):
            missed = draw(st.booleans())
            talk = not missed and draw(st.booleans())
            events.append((number, report(sequence, minute, missed=missed, talk=talk)))
        owners = draw(st.lists(st.sampled_from([ANA, BOR]), max_size=2))
        events.extend((number, link(sequence, owner)) for sequence, owner in enumerate(owners, 1))
    return events


@given(histories(), st.data())
def test_any_order_and_any_repetition_of_events_gives_the_same_call_backs(
    events: list[tuple[int, Report | Link]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=6))))
    assert needed(*shuffled) == needed(*events)


@given(histories())
def test_every_miss_is_answered_for_once_and_one_call_back_at_most_is_open(
    events: list[tuple[int, Report | Link]],
) -> None:
    calls = fold(events)
    found = call_backs(calls.values())
    answered_for = sorted(call for call_back in found for call in call_back.calls)
    assert answered_for == sorted(call.id for call in calls.values() if call.was_missed)
    assert sum(call_back.closed_at is None for call_back in found) <= 1
    last_talk = max(
        (call.report.talk_at for call in calls.values() if call.report and call.report.talk_at), default=None
    )
    for call in calls.values():
        if call.report and call.report.missed and (last_talk is None or call.report.started_at > last_talk):
            assert any(call.id in one.calls and one.closed_at is None for one in found)


def test_a_missed_call_asks_for_a_call_back() -> None:
    (call_back,) = needed((1, report(1, 0, missed=True)))
    assert (call_back.closed_at, call_back.misses, call_back.missed_at) == (None, 1, at(1))
    assert call_back.person_id is None


def test_three_misses_of_one_number_are_one_call_back_named_by_the_first() -> None:
    (call_back,) = needed(
        (3, report(1, 9, missed=True)), (1, report(1, 0, missed=True)), (2, report(1, 4, missed=True))
    )
    assert (call_back.call_id, call_back.misses, call_back.missed_at) == (UUID(int=1), 3, at(1))


def test_a_conversation_settles_the_misses_before_it_and_none_after() -> None:
    first, second = needed((1, report(1, 0, missed=True)), (2, report(1, 5, talk=True)), (3, report(1, 9, missed=True)))
    assert first.closed_at == at(5) + timedelta(seconds=20)
    assert second.closed_at is None


def test_a_miss_on_one_line_is_settled_when_the_same_ring_was_answered_on_another() -> None:
    (call_back,) = needed((1, report(1, 0, missed=True)), (2, report(1, 0, talk=True)))
    assert call_back.closed_at == at(0) + timedelta(seconds=20)


def test_a_correction_takes_the_miss_back_in_whichever_order_it_comes() -> None:
    missed, corrected = (1, report(3, 0, missed=True)), (1, report(4, 0, talk=True))
    for found in (needed(missed, corrected), needed(corrected, missed)):
        assert [one.closed_at for one in found] == [at(0) + timedelta(seconds=20)]


def test_a_hidden_number_can_not_be_called_back() -> None:
    assert needed((1, report(1, 0, missed=True, phone=None))) == []


def test_a_call_back_ticked_off_by_a_person_settles_the_misses_until_then() -> None:
    events = [(1, report(1, 0, missed=True)), (2, report(1, 3, missed=True)), (3, report(1, 9, missed=True))]
    first, second = needed(*events, handled=(Handled(UUID(int=1), at(5)),))
    assert (first.misses, first.closed_at) == (2, at(5))
    assert (second.misses, second.closed_at) == (1, None)


def test_a_tick_by_a_slow_clock_still_settles_its_own_call() -> None:
    (call_back,) = needed((1, report(1, 5, missed=True)), handled=(Handled(UUID(int=1), at(2)),))
    assert call_back.closed_at == at(5)


def test_the_owner_is_the_linked_one_else_the_first_who_rang_else_responsible_else_the_fallback() -> None:
    def owner(told: Report, *links: tuple[int, Link]) -> UUID:
        (call_back,) = needed((1, told), *links)
        return call_back.owner_id

    assert owner(report(1, 0, missed=True), (1, link(1, ANA))) == ANA
    assert owner(report(1, 0, missed=True), (1, link(1, ANA)), (1, link(2, BOR))) == BOR
    assert owner(report(1, 0, missed=True, ringing=(RINGING, ANA))) == RINGING
    assert owner(report(1, 0, missed=True, ringing=(), responsible=RESPONSIBLE)) == RESPONSIBLE
    assert owner(report(1, 0, missed=True, ringing=())) == FALLBACK


def test_a_task_made_for_a_later_miss_stands_for_the_earlier_one_that_came_late() -> None:
    (both,) = needed((2, report(1, 4, missed=True)), (1, report(1, 0, missed=True)))
    task = UUID(int=50)
    assert matched([both], [(task, UUID(int=2))]) == [Match(task, both)]


def test_a_conversation_heard_of_late_splits_a_call_back_in_two() -> None:
    first, second = needed((1, report(1, 0, missed=True)), (2, report(1, 9, missed=True)), (3, report(1, 5, talk=True)))
    task = UUID(int=50)
    assert matched([first, second], [(task, UUID(int=1))]) == [Match(task, first), Match(None, second)]


def test_a_task_nothing_asks_for_is_closed_before_another_is_opened() -> None:
    (both,) = needed((1, report(1, 0, missed=True)), (2, report(1, 9, missed=True)))
    older, newer = UUID(int=50), UUID(int=51)
    assert matched([both], [(older, UUID(int=1)), (newer, UUID(int=2))]) == [
        Match(newer, None),
        Match(older, both),
    ]
