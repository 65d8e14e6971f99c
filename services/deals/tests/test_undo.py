"""A move made by a slip is taken back by who made it; the history keeps both."""

from datetime import timedelta
from typing import Any

import pytest
from crm_chassis.testing import nobody
from crm_contracts.deals import DEAL_STAGE_CHANGED, DealStageChanged
from httpx import Response

from .desk import Desk

Json = dict[str, Any]


async def undo(desk: Desk, who: Any, deal: Json) -> Response:
    """The deal's last move, taken back by somebody who has seen the deal like this."""
    return await desk.post(who, f"/deals/{deal['id']}/undo-move", if_match=str(deal["version"]))


@pytest.mark.parametrize(("stage", "reason"), [("Offer", {}), ("Won", {}), ("Lost", {"loss_reason": "Price"})])
async def test_a_slip_is_taken_back_without_the_right_to_reopen_and_named_in_the_history(
    desk: Desk, stage: str, reason: Json
) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana)
    moved = (await desk.move(ana, deal, stage, **reason)).json()
    answer = await undo(desk, ana, moved)
    assert answer.status_code == 200, answer.text
    back = answer.json()
    own = {"version": 3, "stage_entry_id": back["stage_entry_id"], "stage_entered_at": moved["stage_entered_at"]}
    assert back == deal | own
    assert (await desk.get(ana, f"/deals/{deal['id']}")).json() == back
    history = await desk.harness.rows(
        "SELECT id, corrects, happened_at, actor FROM stage_entry WHERE deal_id = :id ORDER BY id", id=deal["id"]
    )
    assert [str(row["id"]) for row in history] == [one["stage_entry_id"] for one in (deal, moved, back)]
    assert [row["corrects"] and str(row["corrects"]) for row in history] == [None, None, moved["stage_entry_id"]]
    event = (await desk.told(DEAL_STAGE_CHANGED, deal["id"]))[-1]
    state = DealStageChanged.model_validate(event.data)
    assert (event.sequence, event.time) == (3, history[1]["happened_at"])
    assert str(state.corrects_entry_id) == moved["stage_entry_id"]
    assert (str(state.from_stage_id), str(state.to_stage_id)) == (moved["stage_id"], deal["stage_id"])


async def test_only_ones_own_last_move_out_of_an_open_stage_is_a_slip_and_only_for_minutes(desk: Desk) -> None:
    ana, bor = await desk.hire(), await desk.hire("Bor")
    deal = await desk.deal(ana)

    async def refused(who: Any, deal: Json) -> tuple[int, str]:
        before = await desk.traces()
        answer = await undo(desk, who, deal)
        assert await desk.traces() == before
        return answer.status_code, answer.json()["code"]

    assert await refused(ana, deal) == (409, "nothing_to_undo")
    moved = (await desk.move(ana, deal, "Won")).json()
    assert await refused(bor, moved) == (404, "not_found")
    assert await refused(nobody(), moved) == (404, "not_found")
    assert await refused(desk.head, moved) == (409, "another_moved_it")
    assert await refused(ana, deal) == (409, "stale_version")
    back = (await undo(desk, ana, moved)).json()
    assert await refused(ana, back) == (409, "nothing_to_undo")
    won = (await desk.move(desk.head, back, "Won")).json()
    reopened = (await desk.move(desk.head, won, "Offer")).json()
    assert await refused(desk.head, reopened) == (409, "nothing_to_undo")
    late = await desk.deal(ana)
    moved = (await desk.move(ana, late, "Offer")).json()
    await desk.harness.execute("ALTER TABLE stage_entry DISABLE TRIGGER USER")
    await desk.harness.execute(
        "UPDATE stage_entry SET recorded_at = recorded_at - CAST(:ago AS interval) WHERE id = :id",
        ago=timedelta(minutes=10),
        id=moved["stage_entry_id"],
    )
    await desk.harness.execute("ALTER TABLE stage_entry ENABLE TRIGGER USER")
    assert await refused(ana, moved) == (409, "too_late_to_undo")
