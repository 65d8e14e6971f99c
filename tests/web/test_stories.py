"""Whole mornings in a browser: a salesperson's and a sales head's, at a desk and on a phone."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from crm_runner.demo.client import Client, wait_for
from crm_runner.demo.company import LINE_SALES, default_pipeline
from playwright.async_api import Page, expect

from tests.conftest import Town

from .conftest import NARROW, WIDE, Windows
from .test_first_pages import whole

ZONE = ZoneInfo("Europe/Ljubljana")
ANA, MARKO = "ana@okna-novak.example", "marko@okna-novak.example"


def _customer(town: Town, name: str, phone: str, mail: str) -> dict[str, Any]:
    """A customer of Ana's with a deal nobody has begun."""
    ana = town.company.client("Ana")
    body = {"name": name, "phones": [{"raw": phone}], "emails": [{"address": mail}]}
    person: dict[str, Any] = ana.post("/api/v1/people", body)
    ana.post("/api/v1/deals", {"title": f"Windows for {name}", "person_id": person["id"], "amount": "4200.00"})
    return person


async def _write_mail(page: Page, subject: str, text: str) -> None:
    await page.get_by_role("radiogroup").get_by_text("E-mail", exact=True).click()
    await page.get_by_role("textbox", name="Subject").fill(subject)
    await page.get_by_role("textbox", name="Your letter").fill(text)
    await page.get_by_role("button", name="Send the e-mail").click()


async def _move_on(page: Page, title: str, size: tuple[int, int]) -> None:
    """The deal goes one stage on: taken and put down by keys at a desk, sent there on a phone."""
    column = page.get_by_role("region", name="New")
    card = column.locator("[data-rfd-drag-handle-draggable-id]").filter(has_text=title)
    if size == WIDE:
        await card.focus()
        for key in ("Space", "ArrowRight", "Space"):
            await page.keyboard.press(key)
    else:
        await card.get_by_role("button", name="Move to another stage").click()
        await page.get_by_role("dialog").get_by_role("button", name="Contacted").click()
    await expect(page.get_by_role("region", name="Contacted").get_by_label(title)).to_be_visible()


@pytest.mark.parametrize(
    ("size", "name", "phone"), [(WIDE, "Jana Morning", "+38640555301"), (NARROW, "Klara Morning", "+38640555302")]
)
async def test_a_missed_customer_is_called_back_moved_on_and_written_to(
    town: Town, windows: Windows, size: tuple[int, int], name: str, phone: str
) -> None:
    ana, mail = town.company.client("Ana"), f"{name.split()[0].lower()}@morning.example"
    person = _customer(town, name, phone, mail)
    title = f"Windows for {name}"
    async with windows.tab(size) as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        await expect(page.get_by_role("heading", name="Ana")).to_be_visible()
        town.pbx.ring(phone, LINE_SALES, ["101"], "ring-no-answer", ring_s=8)
        pop = page.get_by_role("region", name="Incoming call").filter(has_text=name)
        await pop.get_by_role("link", name="Open the card").click()
        await expect(page.get_by_role("heading", name=name)).to_be_visible()
        back = page.get_by_text(f"Call back +386 40 {phone[6:9]} {phone[9:]}")
        await expect(back).to_be_visible(timeout=30_000)
        await whole(page)

        # The PBX counts whole seconds: a talk of less may be none.
        town.pbx.answer_callbacks(script="answer", ring_s=0.2, talk_s=1.5)
        await page.get_by_role("button", name="Call +386").first.click()
        await expect(back).to_have_count(0, timeout=60_000)

        await page.goto("/deals")
        await _move_on(page, title, size)
        deal = ana.get("/api/v1/deals", person_id=person["id"])["items"][0]
        stages = {stage["id"]: stage["name"] for stage in default_pipeline(ana)["stages"]}
        wait_for("the move", lambda: stages[ana.get(f"/api/v1/deals/{deal['id']}")["stage_id"]] == "Contacted")

        await page.goto(f"/people/{person['id']}")
        await _write_mail(page, "Your windows", "When may we come and measure?")
        history = page.get_by_role("region", name="History").get_by_role("listitem")
        await expect(history.filter(has_text="Your windows").first).to_be_visible()
        (letter,) = wait_for("the letter", lambda: town.mailbox.to(mail), 60)
        assert letter["Subject"] == "Your windows"
        await whole(page)


async def test_a_sales_head_sees_a_win_opens_it_and_looks_back_to_before_it(town: Town, windows: Windows) -> None:
    marko = town.company.client("Marko")
    had = _won_today(marko)
    ana = town.company.client("Ana")
    deal = ana.post("/api/v1/deals", {"title": "Windows for the castle", "amount": "91000.00"})
    won = next(stage["id"] for stage in default_pipeline(ana)["stages"] if stage["kind"] == "won")
    ana.post(f"/api/v1/deals/{deal['id']}/move", {"stage_id": won}, version=deal["version"])

    wait_for("the win to be counted", lambda: _won_today(marko) == had + 1, 60)
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(MARKO, town.company.password)
        await page.get_by_role("link", name="Figures").click()
        await expect(page.get_by_role("heading", name="Funnel")).to_be_visible()
        await (
            page.get_by_role("button", name="Won, Entered").or_(page.get_by_role("button", name="Won: ")).first.click()
        )
        records = page.get_by_role("dialog")
        await expect(records).to_contain_text("Windows for the castle")
        await page.go_back()
        await expect(records).to_have_count(0)

        await page.get_by_label("As of").fill(_day(-1))
        await expect(page.get_by_role("status").filter(has_text="As it stood at the end of")).to_be_visible()
        assert f"asOf={_day(-1)}" in page.url
        await expect(page.get_by_text("€91,000")).to_have_count(0)
        await page.get_by_role("button", name="Back to today").click()
        await expect(page.get_by_text("As it stood at the end of")).to_have_count(0)
        await whole(page)


def _won_today(marko: Client) -> int:
    groups = marko.get("/api/v1/reports/sales", by="none", **{"from": _day(0), "to": _day(0)})["groups"]
    return sum(group["won"]["count"] for group in groups)


def _day(ahead: int) -> str:
    """A day of the company's, counted from its today."""
    return (datetime.now(ZONE).date() + timedelta(days=ahead)).isoformat()
