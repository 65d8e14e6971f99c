"""Deals through the API."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.testing import nobody
from crm_contracts.deals import DEAL_CREATED, DEAL_STAGE_CHANGED, DEAL_UPDATED, DealStageChanged, DealState
from crm_deals.deals.schemas import DealOut
from sqlalchemy.exc import DBAPIError

from .desk import Desk


async def test_a_new_deal_begins_in_the_first_stage_and_is_told_whole(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana, amount="1200.5", expected_close_on="2026-12-24")
    (event,) = await desk.told(None, deal["id"])
    state = DealState.model_validate(event.data)
    assert deal["stage_id"] == (await desk.stages())["New"]
    assert (deal["amount"], deal["currency"], deal["outcome"], deal["version"]) == ("1200.50", "EUR", None, 1)
    assert event.type == DEAL_CREATED
    assert (event.sequence, event.actor, str(event.correlationid)) == (1, f"user:{ana.id}", deal["correlation_id"])
    assert (str(state.owner_id), state.expected_close_on) == (str(ana.id), "2026-12-24")
    assert "title" not in event.data
    assert state.pii.title == "Windows for a flat"
    history = await desk.harness.rows("SELECT * FROM stage_entry WHERE deal_id = :id", id=deal["id"])
    assert [(row["from_stage_id"], str(row["id"])) for row in history] == [(None, deal["stage_entry_id"])]


async def test_the_same_request_twice_makes_one_deal(desk: Desk) -> None:
    ana = await desk.hire()
    key = str(uuid4())
    first = await desk.post(ana, "/deals", {"title": "Door"}, idempotency_key=key)
    second = await desk.post(ana, "/deals", {"title": "Door"}, idempotency_key=key)
    other = await desk.post(ana, "/deals", {"title": "Gate"}, idempotency_key=key)
    assert (first.status_code, second.status_code, other.status_code) == (201, 201, 422)
    assert first.json() == second.json()
    assert first.headers["etag"] == second.headers["etag"] == '"1"'
    assert len((await desk.get(ana, "/deals", owner_id=str(ana.id))).json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": "A", "owner": "me"}, "owner"),
        ({"title": ""}, "title"),
        ({"title": "A\u0000B"}, "title"),
        ({"title": "A", "amount": 12.5}, "amount"),
        ({"title": "A", "amount": "-1"}, "amount"),
        ({"title": "A", "amount": "1e3"}, "amount"),
        ({"title": "A", "amount": "1.005"}, "amount"),
        ({"title": "A", "currency": "eur"}, "currency"),
        ({"title": "A", "stage_id": str(uuid4())}, "stage_id"),
        ({"title": "A", "pipeline_id": str(uuid4())}, "pipeline_id"),
        ({"title": "A", "owner_id": str(uuid4())}, "owner_id"),
    ],
)
async def test_a_refused_deal_leaves_no_row_and_no_event(desk: Desk, body: dict[str, Any], field: str) -> None:
    ana = await desk.hire()
    before = await desk.traces()
    answer = await desk.post(ana, "/deals", body)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await desk.traces() == before


async def test_a_deal_can_not_begin_closed(desk: Desk) -> None:
    stages = await desk.stages()
    answer = await desk.post(desk.head, "/deals", {"title": "A", "stage_id": stages["Won"]})
    assert answer.json()["errors"][0]["code"] == "closed_stage"
    assert (await desk.deal(desk.head, stage_id=stages["Offer"]))["stage_id"] == stages["Offer"]


async def test_a_patch_changes_what_it_names_and_tells_the_whole_deal(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana, amount="10", expected_close_on="2026-12-24")
    answer = await desk.patch(ana, f"/deals/{deal['id']}", 1, {"title": "Doors", "expected_close_on": None})
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
    assert answer.json() == deal | {"title": "Doors", "expected_close_on": None, "version": 2}
    (event,) = await desk.told(DEAL_UPDATED, deal["id"])
    state = DealState.model_validate(event.data)
    assert (event.sequence, state.changed, state.pii.title) == (2, ["title", "expected_close_on"], "Doors")
    assert state.amount == "10.00"
    assert str(event.correlationid) == deal["correlation_id"]


async def test_a_patch_that_changes_nothing_tells_nothing(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana)
    answer = await desk.patch(ana, f"/deals/{deal['id']}", 1, {"title": deal["title"]})
    assert answer.json() == deal
    assert await desk.told(DEAL_UPDATED, deal["id"]) == []


async def test_of_two_editors_the_second_learns_the_current_version(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana)
    path = f"/deals/{deal['id']}"
    await desk.patch(ana, path, 1, {"title": "First"})
    before = await desk.traces()
    stale = await desk.patch(ana, path, 1, {"title": "Second"})
    blind = await desk.patch(ana, path, None, {"title": "Second"})
    nulled = await desk.patch(ana, path, 2, {"title": None})
    assert (stale.status_code, blind.status_code, nulled.status_code) == (409, 428, 422)
    assert (stale.json()["code"], stale.json()["current"]["title"]) == ("stale_version", "First")
    assert stale.json()["current"]["version"] == 2
    assert await desk.traces() == before


async def test_nobody_and_a_foreign_salesperson_see_nothing_and_change_nothing(desk: Desk) -> None:
    ana, bor = await desk.hire(), await desk.hire("Bor Zupan")
    deal = await desk.deal(ana, title="Secret garden house")
    path = f"/deals/{deal['id']}"
    before = await desk.traces()
    for stranger in (bor, nobody()):
        assert (await desk.get(stranger, path)).status_code == 404
        assert (await desk.get(stranger, "/deals")).json()["items"] == []
        assert (await desk.get(stranger, "/search", q="garden")).json()["deals"] == []
        assert (await desk.patch(stranger, path, 1, {"title": "Mine"})).status_code == 404
        assert (await desk.move(stranger, deal, "Offer")).status_code == 404
        assert (await desk.put(stranger, f"{path}/lines", 1, {"lines": []})).status_code == 404
    assert (await desk.post(nobody(), "/deals", {"title": "Mine"})).status_code == 403
    assert await desk.traces() == before


async def test_what_is_seen_but_not_ones_own_can_not_be_changed(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana)
    reader = Principal(id=uuid4(), role="reader", grants={"deal:read": Scope.ALL, "deal:update": Scope.OWN})
    before = await desk.traces()
    assert (await desk.get(reader, f"/deals/{deal['id']}")).status_code == 200
    assert (await desk.patch(reader, f"/deals/{deal['id']}", 1, {"title": "Mine"})).status_code == 403
    assert (await desk.move(reader, deal, "Offer")).status_code == 403
    assert (await desk.put(reader, f"/deals/{deal['id']}/lines", 1, {"lines": []})).status_code == 403
    assert await desk.traces() == before


async def test_a_salesperson_keeps_or_gets_deals_but_can_not_give_them_away(desk: Desk) -> None:
    ana, bor = await desk.hire(), await desk.hire("Bor Zupan")
    deal = await desk.deal(ana)
    path = f"/deals/{deal['id']}"
    assert (await desk.post(ana, "/deals", {"title": "A", "owner_id": str(bor.id)})).status_code == 422
    assert (await desk.patch(ana, path, 1, {"owner_id": str(bor.id)})).status_code == 422
    given = await desk.patch(desk.head, path, 1, {"owner_id": str(bor.id)})
    assert given.json()["owner_id"] == str(bor.id)
    assert (await desk.get(ana, path)).status_code == 404


async def test_a_deal_moves_stage_by_stage_and_keeps_its_history(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana)
    moved = (await desk.move(ana, deal, "Contacted")).json()
    won = await desk.move(ana, moved, "Won")
    stages = await desk.stages()
    assert won.headers["etag"] == '"3"'
    assert (won.json()["outcome"], won.json()["closed_at"]) == ("won", won.json()["stage_entered_at"])
    history = await desk.harness.rows(
        "SELECT from_stage_id, to_stage_id, actor FROM stage_entry WHERE deal_id = :id ORDER BY recorded_at",
        id=deal["id"],
    )
    path = [None, stages["New"], stages["Contacted"], stages["Won"]]
    steps = [(row["from_stage_id"] and str(row["from_stage_id"]), str(row["to_stage_id"])) for row in history]
    assert steps == list(pairwise(path))
    assert {row["actor"] for row in history} == {f"user:{ana.id}"}
    first, second = await desk.told(DEAL_STAGE_CHANGED, deal["id"])
    told = DealStageChanged.model_validate(second.data)
    assert (first.sequence, second.sequence, told.outcome) == (2, 3, "won")
    assert (str(told.from_stage_id), str(told.to_stage_id)) == (stages["Contacted"], stages["Won"])
    assert told.stage_entered_at == second.time
    assert str(told.stage_entry_id) == won.json()["stage_entry_id"]


async def test_stage_history_can_only_be_added_to(desk: Desk) -> None:
    deal = await desk.deal(desk.head)
    for statement in ("UPDATE stage_entry SET happened_at = now()", "DELETE FROM stage_entry"):
        with pytest.raises(DBAPIError, match="only ever added to"):
            await desk.harness.rows(f"{statement} WHERE deal_id = :id", id=UUID(deal["id"]))


async def test_moves_that_make_no_sense_are_refused_and_leave_nothing(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana)
    before = await desk.traces()
    same = await desk.move(ana, deal, "New")
    lost = await desk.move(ana, deal, "Lost")
    odd = await desk.move(ana, deal, "Lost", loss_reason="Moon phase")
    elsewhere = await desk.post(ana, f"/deals/{deal['id']}/move", {"stage_id": str(uuid4())}, if_match="1")
    stale = await desk.move(ana, deal | {"version": 7}, "Offer")
    codes = [(answer.status_code, _code(answer.json())) for answer in (same, lost, odd, elsewhere, stale)]
    assert codes == [
        (409, "same_stage"),
        (422, "loss_reason_needed"),
        (422, "loss_reason_unknown"),
        (422, "other_pipeline"),
        (409, "stale_version"),
    ]
    assert await desk.traces() == before


def _code(problem: dict[str, Any]) -> str:
    return str(problem["errors"][0]["code"] if "errors" in problem else problem["code"])


async def test_a_lost_deal_says_why_and_only_the_right_reopens_it(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana)
    lost = (await desk.move(ana, deal, "Lost", loss_reason="Price")).json()
    assert (lost["outcome"], lost["loss_reason"]) == ("lost", "Price")
    refused = await desk.move(ana, lost, "Offer")
    assert (refused.status_code, refused.json()["code"]) == (403, "reopen_not_allowed")
    reopened = (await desk.move(desk.head, lost, "Offer")).json()
    assert (reopened["outcome"], reopened["loss_reason"], reopened["closed_at"]) == (None, None, None)


async def test_when_a_deal_moved_is_said_only_with_the_right_and_only_of_the_past(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana)
    entered = datetime.fromisoformat(deal["stage_entered_at"])
    after = (entered + timedelta(microseconds=1)).isoformat()
    assert (await desk.move(ana, deal, "Offer", happened_at=after)).status_code == 403
    future = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    past = (entered - timedelta(minutes=5)).isoformat()
    assert _code((await desk.move(desk.head, deal, "Offer", happened_at=future)).json()) == "in_the_future"
    assert _code((await desk.move(desk.head, deal, "Offer", happened_at=past)).json()) == "before_the_present_stage"
    moved = await desk.move(desk.head, deal, "Offer", happened_at=after)
    assert moved.status_code == 200
    (event,) = await desk.told(DEAL_STAGE_CHANGED, deal["id"])
    assert event.time == entered + timedelta(microseconds=1)
    assert event.recordedtime > event.time


async def test_a_deal_is_tied_only_to_people_one_may_see_or_the_gateway_vouches_for(desk: Desk) -> None:
    ana, bor = await desk.hire(), await desk.hire("Bor Zupan")
    mine, foreign, fresh = await desk.meet(ana.id), await desk.meet(bor.id), uuid4()
    assert (await desk.deal(ana, person_id=str(mine)))["person_id"] == str(mine)
    for unknown in (foreign, fresh):
        answer = await desk.post(ana, "/deals", {"title": "A", "person_id": str(unknown)})
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_reference")
        assert answer.json()["reference"] == {"noun": "person", "id": str(unknown)}
    vouched = Principal(id=ana.id, role=ana.role, grants=ana.grants, refs=frozenset({f"person/{fresh}"}))
    assert (await desk.deal(vouched, person_id=str(fresh)))["person_id"] == str(fresh)
    deal = await desk.deal(ana)
    patched = await desk.patch(ana, f"/deals/{deal['id']}", 1, {"person_id": str(foreign)})
    assert patched.json()["code"] == "unknown_reference"


async def test_the_list_pages_by_keyset_and_filters(desk: Desk) -> None:
    ana = await desk.hire()
    person = await desk.meet(ana.id)
    deals = [await desk.deal(ana, title=f"Deal {number}") for number in range(5)]
    lost = (await desk.move(ana, deals[0], "Lost", loss_reason="Price")).json()
    tied = await desk.deal(ana, person_id=str(person))
    expected = [tied["id"], lost["id"], *(deal["id"] for deal in reversed(deals[1:]))]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while len(seen) <= len(expected):
        page = (await desk.get(ana, "/deals", limit=2, **cursor)).json()
        seen += [DealOut.model_validate(item).id.hex for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == [UUID(id).hex for id in expected]

    async def found(**filters: Any) -> list[str]:
        return [item["id"] for item in (await desk.get(ana, "/deals", **filters)).json()["items"]]

    stages = await desk.stages()
    assert await found(outcome="lost") == [lost["id"]]
    assert await found(stage_id=stages["Lost"]) == [lost["id"]]
    assert await found(person_id=str(person)) == [tied["id"]]
    assert await found(closed_from=lost["closed_at"]) == [lost["id"]]
    assert await found(created_before=deals[1]["created_at"]) == [lost["id"]]
    assert await found(company_id=str(uuid4())) == []
    assert (await desk.get(ana, "/deals", sort="title")).status_code == 422
    assert (await desk.get(ana, "/deals", cursor="nonsense")).status_code == 422


async def test_a_list_costs_one_statement_however_long_it_is(desk: Desk) -> None:
    ana = await desk.hire()
    await desk.deal(ana)
    with desk.harness.statements() as few:
        await desk.get(ana, "/deals", owner_id=str(ana.id))
    for _ in range(15):
        await desk.deal(ana)
    with desk.harness.statements() as many:
        assert len((await desk.get(ana, "/deals", owner_id=str(ana.id))).json()["items"]) == 16
    assert _of_deals(few) == _of_deals(many) == 1


def _of_deals(statements: list[str]) -> int:
    """Statements about deals; timers and the relay look at their own tables meanwhile."""
    return sum("FROM deal" in statement for statement in statements)
