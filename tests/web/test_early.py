"""The door is seen before the program that opens it is here, in its place and in one's language; and only the door."""

import asyncio
import json

import pytest
from playwright.async_api import Page, Route, expect

from tests.conftest import Town

from .conftest import NARROW, ROOT, WIDE, Windows

ANA = "ana@okna-novak.example"
# Where each part of the door stands, from the top down, by its left upper corner and its size.
_PLACES = """(under) => [...document.querySelectorAll(`${under} .door-box *`)]
  .filter((each) =>
    each.matches('.door-box > svg, img, .door-title, .door-text, i, b, [class*=Input-wrapper], [type=submit]'))
  .map((each) => each.checkVisibility() && each.getBoundingClientRect())
  .filter(Boolean)
  .map(({x, y, width, height}) => [x, y, width, height].map(Math.round).join(' '))"""


class Held:
    """The client's first script is on its way until `here`."""

    def __init__(self) -> None:
        self.here = asyncio.Event()

    async def __call__(self, route: Route) -> None:
        await asyncio.wait_for(self.here.wait(), 30)
        await route.continue_()


async def held(page: Page) -> Held:
    """From now on."""
    script = Held()
    await page.route("**/assets/first-*.js", script)
    return script


@pytest.mark.parametrize(
    ("language", "size", "dark"), [("en", WIDE, False), ("ru", NARROW, False), ("sl", NARROW, True)]
)
async def test_the_door_is_seen_at_once_and_nothing_moves_when_it_opens(
    windows: Windows, language: str, size: tuple[int, int], dark: bool
) -> None:
    words = json.loads((ROOT / f"web/src/locales/{language}/words.json").read_text())["door"]
    async with windows.tab(size, language=language, dark=dark) as tab:
        page = tab.page
        script = await held(page)
        await page.goto("/people", wait_until="commit")
        await expect(page.locator("#early .door-title:visible")).to_have_text(words["title"])
        await expect(page.locator("#early .door-text:visible")).to_have_text(words["text"])
        await page.evaluate("document.fonts.ready.then(() => true)")
        seen = await page.evaluate(_PLACES, "#early")
        script.here.set()
        await expect(page.locator("input[name=email]")).to_be_focused()
        await expect(page.locator("#early")).to_have_count(0)
        assert len(seen) == 6 and seen == await page.evaluate(_PLACES, "#root")


async def test_who_is_in_sees_no_door(town: Town, windows: Windows) -> None:
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        script = await held(page)
        await page.goto("/people", wait_until="commit")
        await page.locator("#early").wait_for(state="attached")
        await expect(page.locator("#early")).to_be_hidden()
        script.here.set()
        await expect(page.get_by_role("heading", name="People")).to_be_visible()
        await expect(page.locator("#early")).to_have_count(0)
