"""My day: what waits is done with one press, and a slip is taken back with another."""

import re
from datetime import UTC, datetime

from crm_runner.demo.client import wait_for
from playwright.async_api import expect

from tests.conftest import Town

from .conftest import Windows

ANA = "ana@okna-novak.example"


def _now() -> str:
    """Due at this moment: by tonight, however late it is."""
    return datetime.now(UTC).isoformat()


async def test_a_task_is_done_and_open_again_with_a_press_each(town: Town, windows: Windows) -> None:
    ana = town.company.client("Ana")
    task = ana.post("/api/v1/tasks", {"title": "Order the glass", "due_at": _now()})
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        due = page.get_by_role("region", name="Due by tonight")
        tile = page.get_by_text("Tasks done").locator("xpath=../dd")
        await expect(tile).to_have_text(re.compile(r"\d"))
        before = int(await tile.inner_text())
        await due.get_by_role("button", name="Done: Order the glass").click()
        wait_for("done", lambda: ana.get(f"/api/v1/tasks/{task['id']}")["status"] == "done")
        await expect(tile).to_have_text(str(before + 1))
        await page.get_by_role("button", name="Undo").click()
        wait_for("open", lambda: ana.get(f"/api/v1/tasks/{task['id']}")["status"] == "open")
        await expect(tile).to_have_text(str(before))
        await expect(due.get_by_role("button", name="Done: Order the glass")).to_be_enabled()
        ana.post(f"/api/v1/tasks/{task['id']}/complete", None)
        await page.goto("/tasks?status=done")
        await page.get_by_role("button", name="Open again: Order the glass").click()
        wait_for("open again", lambda: ana.get(f"/api/v1/tasks/{task['id']}")["status"] == "open")


async def test_a_deal_nobody_thinks_of_gets_a_next_step_with_one_press(town: Town, windows: Windows) -> None:
    ana = town.company.client("Ana")
    deal = ana.post("/api/v1/deals", {"title": "Forgotten deal", "amount": "999999"})
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        row = (
            page.get_by_role("region", name="Deals without a next step")
            .get_by_role("listitem")
            .filter(has_text="Forgotten deal")
        )
        await row.get_by_role("button", name="Follow up").click()
        await expect(row).to_have_count(0)
        assert len(ana.get("/api/v1/tasks", deal_id=deal["id"])["items"]) == 1


async def test_a_figure_of_my_day_opens_the_deals_it_counts_by_their_titles(town: Town, windows: Windows) -> None:
    ana = town.company.client("Ana")
    deal = ana.post("/api/v1/deals", {"title": "Deal won today", "amount": "100"})
    stages = {stage["name"]: stage["id"] for stage in ana.get("/api/v1/pipelines")["items"][0]["stages"]}
    ana.post(f"/api/v1/deals/{deal['id']}/move", {"stage_id": stages["Won"]}, version=1)
    wait_for("the figure", lambda: ana.get("/api/v1/reports/day")["won"]["count"] > 0)
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        await page.get_by_role("button", name="Won this month").click()
        await expect(page.get_by_role("dialog").get_by_text("Deal won today")).to_be_visible()
