"""What becomes of a message when reports are doubled, reordered, late or missing."""

from datetime import timedelta
from itertools import permutations

import pytest
from crm_notifications.messages.rules import (
    Answer,
    KnownPhone,
    Receipt,
    Status,
    after_answer,
    after_decision,
    after_receipt,
    pause_before,
    sms_number,
)
from hypothesis import given
from hypothesis import strategies as st

STATUS = st.sampled_from(list(Status))
RECEIPTS: st.SearchStrategy[list[Receipt]] = st.lists(st.sampled_from(["sent", "failed", "delivered"]), max_size=5)


def fold(status: Status, receipts: list[Receipt]) -> Status:
    for receipt in receipts:
        status = after_receipt(status, receipt)
    return status


@given(STATUS, RECEIPTS, st.randoms())
def test_receipts_in_any_order_come_to_the_same(status: Status, receipts: list[Receipt], random: object) -> None:
    shuffled = list(receipts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(status, shuffled) == fold(status, receipts)


@given(STATUS, RECEIPTS)
def test_receipts_told_twice_change_nothing(status: Status, receipts: list[Receipt]) -> None:
    assert fold(status, receipts + receipts) == fold(status, receipts)


@given(STATUS, RECEIPTS)
def test_a_delivered_message_is_never_sent_again(status: Status, receipts: list[Receipt]) -> None:
    reached = fold(status, [*receipts, "delivered"])
    assert reached is Status.DELIVERED
    for answer in Answer:
        assert after_answer(reached, answer, latest_attempt=True, may_retry=True) is Status.DELIVERED


@given(st.permutations(["answer", "receipt"]), st.booleans())
def test_a_receipt_may_overtake_the_answer_of_the_gateway(order: list[str], delivered: bool) -> None:
    status = Status.SUBMITTING
    receipt: Receipt = "delivered" if delivered else "failed"
    for step in order:
        if step == "answer":
            status = after_answer(status, Answer.ACCEPTED, latest_attempt=True, may_retry=True)
        else:
            status = after_receipt(status, receipt)
    assert status == Status(receipt)


def test_only_a_message_under_way_and_deferred_goes_back_into_the_queue() -> None:
    """The one way to a second send without a person: everything else would risk sending twice."""
    for status in Status:
        for answer in Answer:
            for latest in (True, False):
                for may_retry in (True, False):
                    after = after_answer(status, answer, latest_attempt=latest, may_retry=may_retry)
                    if after is Status.QUEUED and status is not Status.QUEUED:
                        assert (status, answer, latest, may_retry) == (Status.SUBMITTING, Answer.DEFERRED, True, True)


@pytest.mark.parametrize(
    ("answer", "may_retry", "expected"),
    [
        (Answer.ACCEPTED, True, Status.SENT),
        (Answer.REFUSED, True, Status.FAILED),
        (Answer.DEFERRED, True, Status.QUEUED),
        (Answer.DEFERRED, False, Status.FAILED),
        (Answer.UNKNOWN, True, Status.UNCERTAIN),
    ],
)
def test_each_answer_ends_an_attempt_in_its_way(answer: Answer, may_retry: bool, expected: Status) -> None:
    assert after_answer(Status.SUBMITTING, answer, latest_attempt=True, may_retry=may_retry) is expected


def test_an_answer_after_the_lease_settles_what_was_uncertain() -> None:
    settle = {answer: after_answer(Status.UNCERTAIN, answer, latest_attempt=True, may_retry=True) for answer in Answer}
    assert settle == {
        Answer.ACCEPTED: Status.SENT,
        Answer.REFUSED: Status.FAILED,
        Answer.DEFERRED: Status.UNCERTAIN,
        Answer.UNKNOWN: Status.UNCERTAIN,
    }


def test_a_late_acceptance_cancels_a_resend_still_waiting() -> None:
    assert after_answer(Status.QUEUED, Answer.ACCEPTED, latest_attempt=False, may_retry=True) is Status.SENT


def test_a_late_answer_never_touches_the_attempt_under_way() -> None:
    for answer in Answer:
        after = after_answer(Status.SUBMITTING, answer, latest_attempt=False, may_retry=True)
        assert after is Status.SUBMITTING


def test_an_old_attempts_failure_does_not_cancel_a_resend_but_its_delivery_does() -> None:
    assert after_receipt(Status.QUEUED, "failed", latest_attempt=False) is Status.QUEUED
    assert after_receipt(Status.QUEUED, "sent", latest_attempt=False) is Status.QUEUED
    assert after_receipt(Status.QUEUED, "delivered", latest_attempt=False) is Status.DELIVERED


def test_a_person_decides_about_an_uncertain_message() -> None:
    assert [after_decision(d) for d in ("sent", "failed", "resend")] == [Status.SENT, Status.FAILED, Status.QUEUED]


def test_pauses_grow_and_end() -> None:
    pauses = (timedelta(seconds=30), timedelta(minutes=2))
    assert [pause_before(attempt, pauses) for attempt in (1, 2, 3)] == [pauses[0], pauses[1], None]


def test_a_mobile_is_preferred_for_sms_whatever_the_order() -> None:
    phones = [KnownPhone(None, "mobile"), KnownPhone("+38614000000", "work"), KnownPhone("+38640111222", "mobile")]
    for order in permutations(phones):
        assert sms_number(order) == "+38640111222"
    assert sms_number(phones[:2]) == "+38614000000"
    assert sms_number(phones[:1]) is None
