"""Signing in, finding somebody, reading their card: with keys and on a phone, in three languages."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Page, Route, expect

from tests.conftest import Town

from .conftest import NARROW, ROOT, Windows

ANA = "ana@okna-novak.example"
# Scrolls to the end of what is there, time and again, until the row is drawn.
SCROLLED_TO = """name => {
    const list = document.querySelector('[role=rowgroup] + div')
    list.scrollTo(0, list.scrollHeight)
    return [...list.querySelectorAll('a, button')].some(each => each.textContent.includes(name))
}"""


@dataclass(frozen=True)
class Customers:
    """Whom the town knows."""

    mojca: str
    others: int


@pytest.fixture(scope="module")
def customers(town: Town) -> Iterator[Customers]:
    """A hundred and thirty people of Ana's; Mojca has an open deal and nothing planned."""
    ana = town.company.client("Ana")
    for n in range(129):
        ana.post("/api/v1/people", {"name": f"Zala Buyer {n:03}", "phones": [{"raw": f"+38631700{n:03}"}]})
    body = {
        "name": "Mojca Golob",
        "phones": [{"raw": "+38640222001"}],
        "emails": [{"address": "mojca@golob.example"}],
    }
    mojca = ana.post("/api/v1/people", body)
    ana.post("/api/v1/deals", {"title": "Windows for the attic", "person_id": mojca["id"], "amount": "2334.00"})
    yield Customers(mojca["id"], 129)


async def whole(page: Page) -> None:
    """Nothing is wider than the screen, and no key of a text stands where its words should."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    words = json.loads((ROOT / "web/src/locales/en/words.json").read_text())
    text = await page.inner_text("body")
    assert [word for word in text.split() if word.partition(".")[0] in words and "." in word.strip(".")] == []


async def test_a_salesperson_finds_a_customer_and_reads_what_is_next(
    town: Town, windows: Windows, customers: Customers
) -> None:
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        await expect(page.get_by_role("heading", name="Ana")).to_be_visible()
        await page.get_by_role("link", name="People").click()
        await expect(page.get_by_role("row").nth(5)).to_be_visible()
        await page.get_by_role("searchbox").fill("mojca")
        await expect(page.get_by_role("link", name="Mojca Golob")).to_be_visible()
        await expect(page.get_by_role("link", name="Zala Buyer")).to_have_count(0)
        await page.wait_for_url("**/people?q=mojca")
        await page.get_by_role("link", name="Mojca Golob").click()

        await expect(page.get_by_role("heading", name="Mojca Golob")).to_be_visible()
        await expect(page.get_by_text("Plan the next step for “Windows for the attic”")).to_be_visible()
        await expect(page.get_by_text("€2,334").first).to_be_visible()
        await expect(page.get_by_text("New deal")).to_be_visible()
        assert await page.title() == "Mojca Golob · Voronka"

        await page.go_back()
        await expect(page.get_by_role("searchbox")).to_have_value("mojca")


async def test_everything_is_reached_by_keys_alone(town: Town, windows: Windows, customers: Customers) -> None:
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        await page.goto("/people")
        await expect(page.get_by_role("row").nth(5)).to_be_visible()
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await expect(page.locator('[data-row="1"] a')).to_be_focused()
        await page.keyboard.press("Control+k")
        await page.get_by_role("combobox", name="Search").fill("222001")
        await expect(page.get_by_role("option", name="Mojca Golob")).to_be_visible()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Mojca Golob")).to_be_visible()
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.keyboard.press("/")
        await expect(page.get_by_role("combobox", name="Search")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_a_long_list_goes_on_as_one_scrolls_and_its_filters_stand_in_the_address(
    town: Town, windows: Windows, customers: Customers
) -> None:
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        await page.goto("/people?owner=me&sort=name")
        await expect(page.get_by_role("button", name="Owner: Me")).to_be_visible()
        await expect(page.get_by_role("row").nth(5)).to_be_visible()
        last = page.get_by_role("link", name="Zala Buyer 128")
        await expect(last).to_have_count(0)
        await page.wait_for_function(SCROLLED_TO, arg="Zala Buyer 128")
        await expect(last).to_be_visible()
        drawn = await page.get_by_role("row").count()
        assert drawn < 60, f"{drawn} rows are drawn of {customers.others}"
        await page.get_by_role("button", name="Take off the filter: Owner").click()
        await page.wait_for_url("**/people?sort=name")


async def test_the_rest_of_a_list_that_could_not_be_had_is_asked_for_by_a_press(
    town: Town, windows: Windows, customers: Customers
) -> None:
    async def away(route: Route) -> None:
        await route.fulfill(status=503, content_type="application/problem+json", body='{"code": "unavailable"}')

    async with windows.tab() as tab:
        page, further = tab.page, re.compile(r"/api/v1/people\?.*cursor=")
        await tab.sign_in(ANA, town.company.password)
        await page.route(further, away)
        await page.goto("/people?owner=me&sort=name")
        await expect(page.get_by_role("row").nth(5)).to_be_visible()
        again = page.get_by_role("alert").get_by_role("button", name="Try again")
        await page.wait_for_function(SCROLLED_TO, arg="Try again")
        await expect(page.get_by_role("alert")).to_contain_text("The rest could not be loaded.")
        assert all("503" in wrong for wrong in tab.wrong), tab.wrong
        tab.wrong.clear()
        await page.unroute(further)
        await again.click()
        await page.wait_for_function(SCROLLED_TO, arg=f"Zala Buyer {customers.others - 1:03d}")


@pytest.mark.parametrize(("language", "heading", "step"), [
    ("en", "People", "Next step"), ("ru", "Люди", "Следующий шаг"), ("sl", "Ljudje", "Naslednji korak"),
])  # fmt: skip
async def test_on_a_phone_in_the_dark_nothing_is_cut_in_any_language(
    town: Town, windows: Windows, customers: Customers, language: str, heading: str, step: str
) -> None:
    async with windows.tab(NARROW, dark=True, language=language) as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        await whole(page)
        await page.goto("/people")
        await expect(page.get_by_role("heading", name=heading)).to_be_visible()
        await expect(page.locator('[data-row="3"]')).to_be_visible()
        await whole(page)
        await page.goto(f"/people/{customers.mojca}")
        await expect(page.get_by_text(step, exact=True)).to_be_visible()
        await whole(page)


async def test_who_is_not_signed_in_comes_back_to_where_they_wanted_to_go(
    town: Town, windows: Windows, customers: Customers
) -> None:
    async with windows.tab() as tab:
        page = tab.page
        await page.goto(f"/people/{customers.mojca}")
        await page.get_by_label("E-mail").fill(ANA)
        await page.get_by_label("Password", exact=True).fill("not the password")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("E-mail and password do not fit")
        assert [wrong for wrong in tab.wrong if "401" not in wrong] == []
        tab.wrong.clear()
        await page.get_by_label("Password", exact=True).fill(town.company.password)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Mojca Golob")).to_be_visible()
