"""The board."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm_deals.board.schemas import Board
from crm_deals.board.service import CARDS, board
from crm_deals.settings import DealsSettings

from .desk import Desk


def column(answer: dict[str, Any], name: str) -> dict[str, Any]:
    """A column by its stage's name."""
    return next(dict(column) for column in answer["columns"] if column["name"] == name)


async def test_the_board_shows_what_one_may_see_with_names_sums_and_next_tasks(desk: Desk) -> None:
    ana, bor = await desk.hire(), await desk.hire("Bor Zupan")
    mine, foreign = await desk.meet(ana.id, "Maja Kos"), await desk.meet(bor.id, "Secret Person")
    first = await desk.deal(ana, amount="10.10", person_id=str(mine))
    second = await desk.deal(ana, amount="500", currency="JPY")
    await desk.deal(bor, amount="99")
    third = await desk.deal(desk.head, amount="1", owner_id=str(ana.id), person_id=str(foreign))
    won = (await desk.move(ana, await desk.deal(ana, amount="7"), "Won")).json()
    late, soon = await desk.task(ana, deal_id=first["id"]), await desk.task(ana, deal_id=first["id"])
    soon_due = (datetime.fromisoformat(soon["due_at"]) - timedelta(hours=2)).isoformat()
    soon = (await desk.patch(ana, f"/tasks/{soon['id']}", 1, {"due_at": soon_due})).json()
    with desk.harness.statements() as statements:
        answer = await desk.get(ana, "/board")
    assert sum("FROM pipeline" in one or "FROM stage" in one for one in statements) == 2
    shown = Board.model_validate(answer.json())
    new = column(answer.json(), "New")
    assert [card["id"] for card in new["cards"]] == [third["id"], second["id"], first["id"]]
    assert (new["count"], new["next_cursor"], new["closed_from"]) == (3, None, None)
    assert new["sums"] == [{"currency": "EUR", "amount": "11.10"}, {"currency": "JPY", "amount": "500"}]
    assert [card["person_name"] for card in new["cards"]] == [None, None, "Maja Kos"]
    assert new["cards"][2]["next_task_due_at"] == soon["due_at"] < late["due_at"]
    assert (new["cards"][2]["amount"], new["cards"][2]["owner_id"]) == ("10.10", str(ana.id))
    assert [card["id"] for card in column(answer.json(), "Won")["cards"]] == [won["id"]]
    assert column(answer.json(), "Lost")["count"] == 0
    assert next(str(one.stage_id) for one in shown.columns) == new["stage_id"]


async def test_a_long_column_goes_on_in_the_list_in_the_same_order(desk: Desk) -> None:
    ana = await desk.hire()
    stages = await desk.stages()
    made = [(await desk.deal(ana, stage_id=stages["Offer"], amount="2"))["id"] for _ in range(CARDS + 3)]
    offer = column((await desk.get(ana, "/board")).json(), "Offer")
    assert (offer["count"], offer["sums"]) == (CARDS + 3, [{"currency": "EUR", "amount": f"{2 * (CARDS + 3)}.00"}])
    assert len(offer["cards"]) == CARDS
    rest = (await desk.get(ana, "/deals", stage_id=offer["stage_id"], cursor=offer["next_cursor"])).json()
    assert [card["id"] for card in offer["cards"]] + [deal["id"] for deal in rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None


async def test_what_was_closed_before_this_month_is_off_the_board(desk: Desk) -> None:
    ana = await desk.hire()
    deal = (await desk.move(ana, await desk.deal(ana), "Lost", loss_reason="Price")).json()
    closed = datetime.fromisoformat(deal["closed_at"])
    zone = DealsSettings().zone
    async with desk.harness.database.read() as connection:
        now = await board(connection, ana, None, zone, closed)
        then = await board(connection, ana, None, zone, closed + timedelta(days=32))
    assert [[card.id for card in one.cards] for one in now.columns if one.kind == "lost"] == [[UUID(deal["id"])]]
    assert [one.count for one in then.columns if one.kind == "lost"] == [0]
    assert [one.cards for one in then.columns if one.kind == "lost"] == [[]]
