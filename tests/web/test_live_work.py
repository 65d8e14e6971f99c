"""What rings, moves and is changed by two: on the screen at once, and nothing lost."""

from typing import Any

from crm_runner.demo.client import wait_for
from crm_runner.demo.company import LINE_SALES
from playwright.async_api import expect

from tests.conftest import Town

from .conftest import Windows

ANA, BORIS = "ana@okna-novak.example", "boris@okna-novak.example"


def _person(town: Town, name: str, phone: str) -> dict[str, Any]:
    made: dict[str, Any] = town.company.client("Ana").post("/api/v1/people", {"name": name, "phones": [{"raw": phone}]})
    return made


async def test_a_ring_pops_up_for_who_is_rung_and_one_key_opens_the_card(town: Town, windows: Windows) -> None:
    _person(town, "Vesna Ringing", "+38640555001")
    async with windows.tab() as ana, windows.tab() as boris:
        await ana.sign_in(ANA, town.company.password)
        await boris.sign_in(BORIS, town.company.password)
        await expect(ana.page.get_by_role("heading", name="Ana")).to_be_visible()
        town.pbx.ring("+38640555001", LINE_SALES, ["101"], "answer", ring_s=8, talk_s=1.5)
        pop = ana.page.get_by_role("region", name="Incoming call")
        await expect(pop).to_contain_text("Vesna Ringing")
        await expect(boris.page.get_by_role("region", name="Incoming call")).to_have_count(0)
        await ana.page.keyboard.press("p")
        await expect(ana.page.get_by_role("heading", name="Vesna Ringing")).to_be_visible()
        await expect(pop).to_have_count(0, timeout=30_000)
        await expect(ana.page.get_by_text("Answered").first).to_be_visible()


async def test_a_deal_is_moved_by_keys_and_the_server_agrees(town: Town, windows: Windows) -> None:
    ana = town.company.client("Ana")
    deal = ana.post("/api/v1/deals", {"title": "Windows to move", "amount": "1200.00"})
    stages = {stage["name"]: stage["id"] for stage in ana.get("/api/v1/pipelines")["items"][0]["stages"]}
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        await page.goto("/deals")
        await page.locator("[data-movable]").wait_for()
        card = page.get_by_role("region", name="New").get_by_label("Windows to move")
        await card.focus()
        for key in ("Space", "ArrowRight", "Space"):
            await page.keyboard.press(key)
        await expect(page.get_by_role("region", name="Contacted").get_by_label("Windows to move")).to_be_visible()

        def moved() -> bool:
            return bool(ana.get(f"/api/v1/deals/{deal['id']}")["stage_id"] == stages["Contacted"])

        wait_for("the move", moved)


async def test_what_two_change_at_once_is_shown_to_the_second_and_nothing_is_lost(town: Town, windows: Windows) -> None:
    person = _person(town, "Nika Twice", "+38640555002")
    ana = town.company.client("Ana")
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        await page.goto(f"/people/{person['id']}")
        await page.get_by_role("button", name="Change", exact=True).click()
        name = page.get_by_role("textbox", name="Name")
        await name.fill("Nika Mine")
        theirs = {"name": "Nika Theirs", "emails": [{"address": "nika@twice.example"}]}
        ana.patch(f"/api/v1/people/{person['id']}", theirs, version=person["version"])
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("dialog")).to_contain_text("Nika Theirs")
        await expect(page.get_by_role("dialog")).to_contain_text("Nika Mine")
        assert [wrong for wrong in tab.wrong if "409" not in wrong] == []
        tab.wrong.clear()
        await page.get_by_role("button", name="Keep mine").click()
        await expect(page.get_by_role("heading", name="Nika Mine")).to_be_visible()
        await expect(page.get_by_role("link", name="nika@twice.example")).to_be_visible()


async def test_a_card_open_in_two_browsers_follows(town: Town, windows: Windows) -> None:
    person = _person(town, "Oskar Followed", "+38640555003")
    async with windows.tab() as tab:
        await tab.sign_in(ANA, town.company.password)
        await tab.page.goto(f"/people/{person['id']}")
        await expect(tab.page.get_by_role("heading", name="Oskar Followed")).to_be_visible()
        town.company.client("Ana").patch(
            f"/api/v1/people/{person['id']}", {"name": "Oskar Renamed"}, version=person["version"]
        )
        await expect(tab.page.get_by_role("heading", name="Oskar Renamed")).to_be_visible()


async def test_a_note_is_written_with_one_stroke_and_stands_in_the_history(town: Town, windows: Windows) -> None:
    person = _person(town, "Pia Noted", "+38640555004")
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        await page.goto(f"/people/{person['id']}")
        box = page.get_by_role("textbox", name="What is worth remembering?")
        await box.fill("Wants wood on the lake side <b>only</b>")
        await page.keyboard.press("Control+Enter")
        history = page.get_by_role("region", name="History").get_by_role("listitem")
        await expect(history.filter(has_text="<b>only</b>")).to_be_visible()
        await expect(box).to_have_value("")
