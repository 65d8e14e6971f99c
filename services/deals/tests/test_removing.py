# ruff: noqa: S608 # table names and ids in queries are this file's own
"""A deal or product entered by mistake goes for good; one that something hangs on stays."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.testing import eventually, nobody
from crm_contracts import contacts
from crm_contracts.base import Removed
from crm_contracts.deals import DEAL_REMOVED, DEAL_STAGE_CHANGED, PRODUCT_REMOVED, TASK_UPDATED, TaskState
from crm_contracts.envelope import Lane
from crm_contracts.notifications import SEND_MESSAGE
from crm_deals.deals import removing
from crm_deals.deals import repository as deals
from crm_deals.products import repository as products
from crm_deals.products import service as product_service

from .desk import MONDAY, Desk, person_state


async def product(desk: Desk, **more: Any) -> dict[str, Any]:
    """A new product."""
    answer = await desk.post(desk.head, "/products", {"name": "Window", "sku": f"W-{uuid4()}", "price": "10"} | more)
    return dict(answer.json())


async def rows_of(desk: Desk, deal_id: str) -> int:
    """How many rows there are of the deal, its lines, history and runs."""
    (row,) = await desk.harness.rows(
        "SELECT (SELECT count(*) FROM deal WHERE id = :id) + (SELECT count(*) FROM deal_line WHERE deal_id = :id)"
        " + (SELECT count(*) FROM stage_entry WHERE deal_id = :id)"
        " + (SELECT count(*) FROM automation_run WHERE deal_id = :id) AS n",
        id=UUID(deal_id),
    )
    return int(row["n"])


async def test_a_deal_entered_by_mistake_is_gone_with_its_lines_and_history(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana)
    window = await product(desk)
    body = {"lines": [{"product_id": window["id"]}]}
    deal = (await desk.put(ana, f"/deals/{deal['id']}/lines", deal["version"], body)).json()
    deal = (await desk.move(ana, deal, "Contacted")).json()
    answer = await desk.delete(ana, f"/deals/{deal['id']}", deal["version"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert await rows_of(desk, deal["id"]) == 0
    removed = (await desk.told(None, deal["id"]))[-1]
    assert (removed.type, removed.sequence, removed.actor) == (DEAL_REMOVED, deal["version"] + 1, f"user:{ana.id}")
    assert str(removed.correlationid) == deal["correlation_id"]
    assert Removed.model_validate(removed.data) == Removed(id=deal["id"], owner_id=ana.id, version=removed.sequence)
    assert (await desk.get(ana, f"/deals/{deal['id']}")).status_code == 404
    assert (await desk.delete(ana, f"/deals/{deal['id']}", deal["version"])).status_code == 404
    # The line is gone too, so the product may go.
    assert (await desk.delete(desk.admin, f"/products/{window['id']}", 1)).status_code == 204


async def test_a_removal_needs_the_right_and_the_version_it_removes(desk: Desk) -> None:
    deal, window = await desk.deal(desk.head), await product(desk)

    def may(*actions: str) -> Principal:
        nouns = ("deal", "product")
        grants = {f"{noun}:{action}": Scope.ALL for noun in nouns for action in actions}
        return Principal(id=new_id(), role="odd", grants=grants)

    before = await desk.traces()
    for path in (f"/deals/{deal['id']}", f"/products/{window['id']}"):
        answers = [
            await desk.delete(nobody(), path, 1),
            await desk.delete(may("delete"), path, 1),
            await desk.delete(may("read", "update"), path, 1),
            await desk.delete(desk.admin, path, None),
            await desk.delete(desk.admin, path, 7),
            await desk.delete(desk.admin, f"{path[:-36]}{new_id()}", 1),
        ]
        assert [answer.status_code for answer in answers] == [404, 404, 403, 428, 409, 404], path
        assert (answers[4].json()["code"], answers[4].json()["current"]["version"]) == ("stale_version", 1)
    assert await desk.traces() == before


async def test_a_deal_with_an_open_task_stays_and_lets_go_of_those_that_are_done(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana)
    task, done = [await desk.task(ana, deal_id=deal["id"]) for _ in range(2)]
    done = (await desk.post(ana, f"/tasks/{done['id']}/complete")).json()
    before = await desk.traces()
    refused = await desk.delete(ana, f"/deals/{deal['id']}", 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert await desk.traces() == before
    await desk.patch(ana, f"/tasks/{task['id']}", task["version"], {"deal_id": None})
    assert (await desk.delete(ana, f"/deals/{deal['id']}", 1)).status_code == 204
    kept = (await desk.get(ana, f"/tasks/{done['id']}")).json()
    assert kept == done | {"deal_id": None, "version": done["version"] + 1}
    (told,) = await desk.told(TASK_UPDATED, done["id"])
    state = TaskState.model_validate(told.data)
    assert (state.changed, state.deal_id, told.sequence) == (["deal_id"], None, kept["version"])


async def test_a_deal_a_customer_was_written_to_about_stays(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana, person_id=str(await desk.meet(ana.id)))
    deal = (await desk.move(ana, deal, "Measuring")).json()
    await desk.until("SELECT 1 FROM automation_run WHERE deal_id = :id", id=UUID(deal["id"]))
    refused = await desk.delete(ana, f"/deals/{deal['id']}", deal["version"])
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    nobodys = await desk.deal(ana)
    nobodys = (await desk.move(ana, nobodys, "Measuring")).json()
    await desk.until("SELECT 1 FROM automation_run WHERE deal_id = :id", id=UUID(nobodys["id"]))
    assert (await desk.delete(ana, f"/deals/{nobodys['id']}", nobodys["version"])).status_code == 204
    assert await rows_of(desk, nobodys["id"]) == 0


async def test_nobody_is_written_to_about_a_deal_that_is_removed(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana)
    deal = (await desk.move(ana, deal, "Measuring")).json()
    (moved,) = await desk.told(DEAL_STAGE_CHANGED, deal["id"])
    await desk.harness.idle("deals.automation")
    assert (await desk.delete(ana, f"/deals/{deal['id']}", deal["version"])).status_code == 204
    person = await desk.meet(ana.id)
    late = moved.model_copy(update={"id": uuid4(), "data": moved.data | {"person_id": str(person)}})
    await desk.harness.deliver(late, queue="deals.automation")
    await desk.harness.idle("deals.automation")
    assert [one for one in await desk.harness.recorded(SEND_MESSAGE) if one.data["deal_id"] == deal["id"]] == []
    assert await rows_of(desk, deal["id"]) == 0


async def test_history_goes_with_nothing_less_than_its_deal(desk: Desk) -> None:
    deal = await desk.deal(desk.head)
    async with desk.harness.database.engine.connect() as connection:
        await connection.exec_driver_sql(f"DELETE FROM stage_entry WHERE deal_id = '{deal['id']}'")
        with pytest.raises(Exception, match="while its deal stands"):
            await connection.commit()
    assert await rows_of(desk, deal["id"]) == 2


async def test_a_product_that_a_line_names_stays(desk: Desk) -> None:
    ana = await desk.hire()
    sold, wrong = await product(desk), await product(desk)
    deal = await desk.deal(ana)
    await desk.put(ana, f"/deals/{deal['id']}/lines", 1, {"lines": [{"product_id": sold["id"]}]})
    refused = await desk.delete(desk.admin, f"/products/{sold['id']}", 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert (await desk.delete(desk.admin, f"/products/{wrong['id']}", 1)).status_code == 204
    removed = (await desk.told(PRODUCT_REMOVED, wrong["id"]))[-1]
    assert Removed.model_validate(removed.data) == Removed(id=wrong["id"], owner_id=None, version=2)
    assert (await desk.get(ana, f"/products/{wrong['id']}")).status_code == 404
    assert (await product(desk, sku=wrong["sku"]))["sku"] == wrong["sku"]
    unknown = await desk.put(ana, f"/deals/{deal['id']}/lines", 2, {"lines": [{"product_id": wrong["id"]}]})
    assert unknown.json()["errors"][0]["code"] == "unknown_product"


async def test_what_is_named_while_it_goes_is_unknown(desk: Desk) -> None:
    """The removals are not committed yet when somebody names the deal and the product: they wait and are refused."""
    ana = await desk.hire()
    deal, other, window = await desk.deal(ana), await desk.deal(ana), await product(desk)
    async with desk.harness.database.transaction() as tx:
        with telling(Story.of_system("deals")):
            rows = await deals.lock_many(tx, [UUID(deal["id"])])
            assert await removing.remove_deals(tx, rows) == set()
            rows = await products.lock_many(tx, [UUID(window["id"])])
            assert await product_service.remove_products(tx, rows) == set()
        body = {"title": "Late", "due_at": "2100-01-01T09:00:00Z", "deal_id": deal["id"]}
        lines = {"lines": [{"product_id": window["id"]}]}
        late = [
            asyncio.create_task(_of(desk.post(ana, "/tasks", body))),
            asyncio.create_task(_of(desk.put(ana, f"/deals/{other['id']}/lines", 1, lines))),
        ]

        async def waiting() -> bool:
            waits = await desk.harness.rows(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return len(waits) == 2 or any(one.done() for one in late)

        await eventually(waiting)
    codes = [(answer.status_code, answer.json()["errors"][0]["code"]) for answer in await asyncio.gather(*late)]
    assert codes == [(422, "unknown_deal"), (422, "unknown_product")]


async def _of(answer: Any) -> Any:
    return await answer


async def test_many_go_with_as_many_statements_as_one(desk: Desk) -> None:
    ana = await desk.hire()
    made = [await desk.deal(ana) for _ in range(5)]
    used = await desk.deal(ana)
    await desk.task(ana, deal_id=used["id"])
    sold, *unsold = [await product(desk) for _ in range(6)]
    await desk.put(ana, f"/deals/{used['id']}/lines", 1, {"lines": [{"product_id": sold["id"]}]})

    async def removed(repository: Any, remove: Any, ids: list[str]) -> tuple[set[UUID], int]:
        with telling(Story.of_system("deals", lane=Lane.BULK)), desk.harness.statements() as statements:
            async with desk.harness.database.transaction() as tx:
                kept = await remove(tx, await repository.lock_many(tx, [UUID(id) for id in ids]))
        return kept, len(statements)

    for repository, remove, free, kept in (
        (deals, removing.remove_deals, made, used),
        (products, product_service.remove_products, unsold, sold),
    ):
        nothing, few = await removed(repository, remove, [free[0]["id"]])
        assert nothing == set()
        ids = [one["id"] for one in free[1:]]
        assert await removed(repository, remove, [*ids, kept["id"], str(new_id())]) == ({UUID(kept["id"])}, few)
        assert [(await desk.told(None, one["id"]))[-1].lane for one in free] == [Lane.BULK] * 5
    assert [await rows_of(desk, one["id"]) for one in made] == [0] * 5
    assert await rows_of(desk, used["id"]) == 3


@pytest.mark.parametrize("noun", ["person", "company"])
async def test_a_removed_card_leaves_the_copy_and_does_not_come_back(desk: Desk, noun: str) -> None:
    change = {"person": contacts.PERSON_UPDATED, "company": contacts.COMPANY_UPDATED}[noun]
    removal = {"person": contacts.PERSON_REMOVED, "company": contacts.COMPANY_REMOVED}[noun]

    async def hear(id: UUID, version: int, type: str = change) -> None:
        state: Any = person_state(None, f"Version {version}", id=id, version=version)
        if type == removal:
            state = Removed(id=id, owner_id=None, version=version)
        elif noun == "company":
            state = contacts.CompanyState(
                id=id,
                name=f"Version {version}",
                owner_id=None,
                created_at=MONDAY,
                updated_at=MONDAY,
                version=version,
                pii=contacts.CompanyPii(phones=[], emails=[]),
            )
        await desk.hear(type, state, noun, id, queue="deals.cards")

    async def read_up_to_here() -> None:
        probe = new_id()
        await hear(probe, 1)
        await desk.until(f"SELECT 1 FROM {noun}_card WHERE id = :id", id=probe)

    async def kept(id: UUID) -> bool:
        return bool(await desk.harness.rows(f"SELECT 1 FROM {noun}_card WHERE id = :id", id=id))

    known, early = new_id(), new_id()
    await hear(known, 1)
    await read_up_to_here()
    assert await kept(known)
    await hear(known, 4, removal)
    await hear(early, 2, removal)  # before all else that is told of it
    await read_up_to_here()
    assert not await kept(known)
    for late in ((3, change), (1, change), (4, removal)):
        for id in (known, early):
            await hear(id, *late)
        await read_up_to_here()
        assert not await kept(known)
        assert not await kept(early)
