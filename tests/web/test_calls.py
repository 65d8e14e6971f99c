"""The log of calls: what was said is heard, what came of it is said in one key, who waits is called back."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from crm_runner.demo.client import wait_for
from crm_runner.demo.company import API_KEY, LINE_SALES
from crm_runner.demo.sounds import lay_out
from playwright.async_api import Page, Response, expect

from tests.conftest import Town

from .conftest import NARROW, Windows

ANA = "ana@okna-novak.example"


@pytest.fixture(scope="module")
async def recording_pbx(town: Town, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[None]:
    """The PBX records what is talked."""
    town.pbx.stop()
    sounds = lay_out(Path(tmp_path_factory.mktemp("sounds")))
    town.pbx.start(hook_url=town.company.hook_url, api_key=API_KEY, salt=town.company.salt, recordings=sounds)
    yield
    town.deliver("live")


def _person(town: Town, name: str, phone: str) -> dict[str, Any]:
    made: dict[str, Any] = town.company.client("Ana").post("/api/v1/people", {"name": name, "phones": [{"raw": phone}]})
    return made


def _call_of(town: Town, phone: str, **wanted: Any) -> dict[str, Any]:
    """The number's only call, once it is as wanted."""

    def there() -> dict[str, Any] | None:
        items = town.company.client("Marko").get("/api/v1/calls", phone=phone)["items"]
        return items[0] if items and all(items[0][name] == value for name, value in wanted.items()) else None

    found: dict[str, Any] = wait_for("the call", there, 60)
    return found


def _row(page: Page, name: str) -> Any:
    return page.get_by_role("row").filter(has_text=name)


@pytest.mark.usefixtures("recording_pbx")
async def test_a_talk_is_asked_about_in_one_key_and_heard_on_the_log(town: Town, windows: Windows) -> None:
    person = _person(town, "Rok Recorded", "+38640555101")
    note = {"subject": "person", "subject_id": person["id"], "text": "Likes oak"}
    town.company.client("Ana").post("/api/v1/notes", note)
    async with windows.tab() as tab:
        page, parts = tab.page, list[Response]()
        page.on("response", lambda answer: parts.append(answer) if answer.url.endswith("/recording") else None)
        await tab.sign_in(ANA, town.company.password)
        await page.goto("/calls")
        town.pbx.ring("+38640555101", LINE_SALES, ["101"], "answer", ring_s=1, talk_s=6)
        talk = page.get_by_role("region", name="Talking now").filter(has_text="Rok Recorded")
        await expect(talk.get_by_role("list", name="What was before")).to_contain_text("Likes oak")
        over = page.get_by_role("region", name="Call ended").filter(has_text="Rok Recorded")
        await expect(over).to_be_visible(timeout=60_000)
        await page.keyboard.press("6")
        await expect(over).to_have_count(0)
        _call_of(town, "+38640555101", outcome="booked")

        row = _row(page, "Rok Recorded")
        await expect(row).to_contain_text("Booked")
        await expect(row).to_contain_text("Answered")
        await row.get_by_role("button", name="Play").click(timeout=60_000)
        await expect(row.get_by_role("button", name="Pause")).to_be_visible()
        place = row.get_by_role("slider", name="Place in the recording")
        # The button turns when play is asked for; it is heard when the place moves by itself.
        await expect(place).not_to_have_attribute("aria-valuetext", "0:00", timeout=15_000)
        await page.keyboard.press("Space")
        await expect(row.get_by_role("button", name="Play")).to_be_visible()
        await place.fill("2.5")
        await expect(place).to_have_attribute("aria-valuetext", "0:02")
        await page.keyboard.press("ArrowRight")
        await expect(place).to_have_attribute("aria-valuetext", re.compile(r"0:0[3-9]"))
        await row.get_by_role("button", name="Speed").click()
        await expect(row).to_contain_text("1.5×")
        assert {answer.status for answer in parts} == {206}
        assert all(answer.headers["cache-control"] == "private, no-store" for answer in parts)

        await page.goto(f"/people/{person['id']}")
        history = page.get_by_role("region", name="History")
        await expect(history.get_by_role("button", name="Play")).to_be_visible()


async def test_a_ring_from_a_number_of_two_names_them_both(town: Town, windows: Windows) -> None:
    couple = {name: _person(town, name, "+38640555105") for name in ("Tina Shared", "Tone Shared")}
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        town.pbx.ring("+38640555105", LINE_SALES, ["101"], "ring-no-answer", ring_s=20)
        pop = page.get_by_role("region", name="Incoming call").filter(has_text="Shared")
        opened = await pop.get_by_role("link", name="Open the card").get_attribute("href")
        (other,) = [name for name, person in couple.items() if not str(opened).endswith(person["id"])]
        await expect(pop).to_contain_text(f"Also with this number: {other}")
        await pop.get_by_role("link", name=other).click()
        await expect(page.get_by_role("heading", name=other)).to_be_visible()
    _call_of(town, "+38640555105", result="missed")


async def test_a_missed_call_waits_in_the_log_until_somebody_calls_back(town: Town, windows: Windows) -> None:
    _person(town, "Mira Missed", "+38640555102")
    town.pbx.ring("+38640555102", LINE_SALES, ["101"], "ring-no-answer", ring_s=0.5)
    _call_of(town, "+38640555102", result="missed")
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        await page.goto("/calls?what=waiting")
        row = _row(page, "Mira Missed")
        await expect(row).to_contain_text("Missed")
        town.pbx.answer_callbacks(script="answer", ring_s=0.2, talk_s=1.5)
        await row.get_by_role("button", name="Call +386 40 555 102").click()
        await expect(row).to_have_count(0, timeout=60_000)
        await page.get_by_role("button", name="Take off the filter: Which").click()
        await expect(row.filter(has_text="Called back")).to_be_visible()


async def test_the_log_is_narrowed_by_a_part_of_a_number_and_fits_a_phone(town: Town, windows: Windows) -> None:
    town.pbx.ring("+38640555103", LINE_SALES, ["101"], "ring-no-answer", ring_s=0.2)
    _call_of(town, "+38640555103", result="missed")
    async with windows.tab(NARROW) as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        await page.goto("/calls")
        await page.get_by_role("searchbox").fill("555 103")
        await expect(page).to_have_url(re.compile("number="))
        await expect(page.get_by_role("row").filter(has_text="Missed")).to_have_count(1)
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROW[0]
        await page.get_by_role("searchbox").fill("987654321")
        await expect(page.get_by_text("Nothing fits these filters")).to_be_visible()
