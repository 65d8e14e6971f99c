"""What an event states, judged alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from crm_chassis.ids import new_id
from crm_contracts import deals, gateway, telephony
from crm_contracts.catalogue import EVENTS
from crm_contracts.envelope import Envelope
from crm_reports.archive.rules import split_personal
from crm_reports.projections.facts import CallFact, DealFact, PipelineFact, StageChangeFact, UserFact
from crm_reports.projections.rules import Archived, project

from .company import Call, Deal, Pipeline, User

NOON = datetime(2026, 5, 4, 10, tzinfo=UTC)
READ = {
    deals.DEAL_CREATED: DealFact,
    deals.DEAL_STAGE_CHANGED: StageChangeFact,
    deals.PIPELINE_CHANGED: PipelineFact,
    telephony.CALL_ENDED: CallFact,
    gateway.USER_UPDATED: UserFact,
}


def archived(event: Envelope) -> Archived:
    """The event as the archive gives it back."""
    data, _ = split_personal(event.data)
    return Archived(event.id, event.type, event.time, event.recordedtime, NOON, event.sequence, data)


def only(event: Envelope, table: str) -> dict[str, Any]:
    """The values of the one row the event makes in a projection."""
    (row,) = [row for row in project(archived(event)) if row.table == table]
    return row.values


@pytest.mark.parametrize(("type_", "fact"), READ.items())
def test_what_figures_read_is_in_the_producers_contract(type_: str, fact: type[Any]) -> None:
    promised = EVENTS[type_].model.model_fields
    assert set(fact.model_fields) <= set(promised)
    assert "pii" not in fact.model_fields


def test_a_deal_created_and_a_stage_changed_are_entries_credited_to_the_owner_of_the_time() -> None:
    deal = Deal(Pipeline(), new_id(), Decimal("12.30"))
    created = only(deal.created(NOON), "stage_entry")
    assert created["owner_id"] == deal.owner_id
    first_owner, deal.owner_id = deal.owner_id, new_id()
    moved = only(deal.moved("Lost", NOON + timedelta(days=1)), "stage_entry")
    assert (created["owner_id"], moved["owner_id"]) == (first_owner, deal.owner_id)
    assert (created["outcome"], moved["outcome"]) == (None, "lost")
    assert moved["amount"] == Decimal("12.30")
    assert isinstance(moved["amount"], Decimal)


def test_an_entry_names_the_slip_it_takes_back() -> None:
    deal = Deal(Pipeline(), new_id())
    deal.created(NOON)
    slip = only(deal.moved("Won", NOON), "stage_entry")
    back = only(deal.taken_back("New"), "stage_entry")
    assert (slip["corrects"], back["corrects"]) == (None, slip["stage_entry_id"])
    assert (back["entered_at"], back["outcome"]) == (NOON, None)


def test_a_deal_updated_is_a_version_and_no_entry() -> None:
    deal = Deal(Pipeline(), new_id())
    deal.created(NOON)
    assert [row.table for row in project(archived(deal.worth("7", NOON)))] == ["deal_version"]


def test_a_call_counts_as_answered_while_it_goes_on_and_by_its_result_once_it_ended() -> None:
    user = new_id()
    assert not only(Call(user, NOON).rang(), "call_version")["answered"]
    assert only(Call(user, NOON).answered(user, 5), "call_version")["answered"]
    assert only(Call(user, NOON).ended(user, 5, 60), "call_version")["answered"]
    assert not only(Call(user, NOON).missed(), "call_version")["answered"]


@pytest.mark.parametrize("result", ["missed", "abandoned_in_queue", "abandoned_in_ivr", "voicemail"])
def test_what_makes_a_call_back_is_a_missed_call(result: telephony.Result) -> None:
    assert only(Call(new_id(), NOON).missed(result), "call_version")["missed"]


@pytest.mark.parametrize("result", ["busy", "no_answer", "cancelled", "failed", "unknown"])
def test_a_call_that_did_not_come_about_is_neither_answered_nor_missed(result: telephony.Result) -> None:
    call = only(Call(new_id(), NOON, "out").missed(result), "call_version")
    assert not call["missed"]
    assert not call["answered"]


def test_only_inbound_answered_callers_waited_for_us() -> None:
    user = new_id()
    assert only(Call(user, NOON).ended(user, 12, 60), "call_version")["wait_s"] == 12
    assert only(Call(user, NOON, "out").ended(user, 12, 60), "call_version")["wait_s"] is None
    assert only(Call(user, NOON).missed(), "call_version")["wait_s"] is None
    assert only(Call(user, NOON).missed("voicemail"), "call_version")["wait_s"] is None


def test_a_call_is_credited_to_who_answered_else_to_the_fallback_never_to_nobody() -> None:
    fallback, answerer = new_id(), new_id()
    assert only(Call(fallback, NOON).missed(), "call_version")["user_id"] == fallback
    assert only(Call(fallback, NOON).ended(answerer, 1, 1), "call_version")["user_id"] == answerer


def test_events_no_figure_reads_make_no_row() -> None:
    event = replace(archived(User().told(NOON)), type="contacts.person.created.v1")
    assert project(event) == []


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e400000", "ten", None, "12.34567"])
def test_a_state_that_breaks_the_contract_is_set_aside_with_its_reason(amount: Any) -> None:
    event = archived(Deal(Pipeline(), new_id()).created(NOON))
    (row,) = project(replace(event, data=dict(event.data) | {"amount": amount}))
    assert row.table == "projection_reject"
    assert row.values["reason"].startswith("amount: ")
