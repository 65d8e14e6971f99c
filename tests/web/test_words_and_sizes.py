"""Every page in every language: words and no keys, nothing in the console, nothing cut off; no motion unasked."""

import pytest
from playwright.async_api import Route, expect

from .conftest import NARROW, WIDE, Windows
from .furnished import ADMIN, Furnished
from .sight import longer, longer_script, misfits, wordless
from .walk import every_page, of_two

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])


# Anything whose motion a person could see: longer than a frame, on the page as it stands.
_MOVING = """() => document.getAnimations().filter((each) => each.effect.getComputedTiming().activeDuration > 16)
  .map((each) => `${each.animationName ?? each.transitionProperty} of ${each.effect.target?.className}`)"""


@pytest.mark.parametrize("language", ["en", "ru", "sl"])
async def test_every_page_speaks_the_language_and_fits_a_phone(
    furnished: Furnished, windows: Windows, language: str
) -> None:
    async with windows.tab(NARROW, language=language) as tab:
        wrong = []
        async for stop in every_page(tab, furnished, afresh=language == "en"):
            await expect(tab.page.locator(f"html[lang={language}]")).to_have_count(1)
            wrong += [f"{stop.route}: {each}" for each in await wordless(tab.page)]
            wrong += [f"{stop.route}: {each}" for each in await misfits(tab.page)]
        assert not wrong, "\n".join(wrong)


@SIZES
async def test_words_half_as_long_again_fit_every_page(
    furnished: Furnished, windows: Windows, size: tuple[int, int], long_run: bool
) -> None:
    async def answer(route: Route) -> None:
        await route.fulfill(content_type="text/javascript", body=longer_script("en"))

    async with windows.tab(size) as tab:
        await tab.page.route("**/assets/words-in-en-*.js", answer)
        wrong = []
        await tab.page.goto("/sign-in")
        await expect(tab.page.get_by_role("button", name=str(longer("Sign in")), exact=True)).to_be_visible()
        async for stop in every_page(tab, furnished, among=of_two(size == NARROW, long_run)):
            wrong += [f"{stop.route}: {each}" for each in await misfits(tab.page)]
        assert not wrong, "\n".join(wrong)


async def test_who_asks_for_less_motion_sees_none(furnished: Furnished, windows: Windows) -> None:
    async with windows.tab() as tab:
        await tab.page.emulate_media(reduced_motion="reduce")
        await tab.sign_in(ADMIN, furnished.town.company.password)
        async for stop in every_page(tab, furnished):
            assert await tab.page.evaluate(_MOVING) == [], stop.route
        await tab.page.keyboard.press("Control+k")
        await expect(tab.page.get_by_role("dialog")).to_be_visible()
        assert await tab.page.evaluate(_MOVING) == []
