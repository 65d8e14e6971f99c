"""No rule of axe is broken on any page: wide and narrow, light and dark, on the page and in what opens over it.

Every page is looked at; `make test-web` looks at each of them wide and narrow, the short form at one wide, the next
narrow.
"""

from functools import lru_cache

import pytest
from playwright.async_api import Page, expect

from .conftest import NARROW, ROOT, WIDE, Tab, Windows
from .furnished import ADMIN, Furnished
from .walk import every_page, of_two, settled

AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
# The rules that compare colours; all others fall out the same in the dark.
_RULES = {"light": None, "dark": ["color-contrast", "link-in-text-block"]}
_RUN = """async (rules) => {
  const found = await axe.run(document, {resultTypes: ['violations'], ...(rules && {runOnly: rules})})
  return found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary.split('\\n').slice(1)}`))
}"""
# Colours that are still on their way from one scheme to the other would be judged as neither.
_AT_REST = """() => new Promise((rested) => requestAnimationFrame(() => requestAnimationFrame(() => {
  const ends = (each) => each.effect.getTiming().iterations !== Infinity
  rested(document.getAnimations().every((each) => each.playState !== 'running' || !ends(each)))
})))"""


SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])


@lru_cache
def _axe() -> str:
    return AXE.read_text()


async def broken(page: Page) -> list[str]:
    """What axe finds wrong in what is shown, in light and in dark."""
    # Evaluated over the debugger, which the page's policy does not bind: the policy itself stays as users have it.
    await page.evaluate(_axe())
    found: list[str] = []
    for scheme, rules in _RULES.items():
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        await expect(page.locator(f"html[data-mantine-color-scheme={scheme}]")).to_have_count(1)
        wrong: list[str] = []
        for _ in range(3):  # what comes while axe looks is judged half drawn; what is broken stays so
            await page.wait_for_function(_AT_REST)
            wrong = await page.evaluate(_RUN, rules)
            if not wrong:
                break
        found += [f"{scheme}: {each}" for each in wrong]
    return found


@SIZES
async def test_axe_finds_nothing_on_any_page(
    furnished: Furnished, windows: Windows, size: tuple[int, int], long_run: bool
) -> None:
    async with windows.tab(size) as tab:
        found: list[str] = []
        async for stop in every_page(tab, furnished, among=of_two(size == NARROW, long_run)):
            found += [f"{stop.route} {each}" for each in await broken(tab.page)]
        assert not found, "\n".join(found)


async def _menu(tab: Tab) -> None:
    await tab.page.locator("nav button[aria-haspopup=menu]").click()
    await expect(tab.page.get_by_role("menu")).to_be_visible()


async def _search(tab: Tab) -> None:
    await tab.page.keyboard.press("Control+k")
    await tab.page.get_by_role("combobox", name="Search").fill("mojca")
    await expect(tab.page.get_by_role("option", name="Mojca Kranjc").first).to_be_visible()


async def _filter(tab: Tab) -> None:
    await tab.page.get_by_role("button", name="Owner", exact=True).click()
    await expect(tab.page.get_by_role("listbox")).to_be_visible()


async def _new(tab: Tab) -> None:
    await tab.page.get_by_role("button", name="New person").click()
    await expect(tab.page.get_by_role("dialog")).to_be_visible()


@SIZES
async def test_axe_finds_nothing_in_what_opens_over_a_page(
    furnished: Furnished, windows: Windows, size: tuple[int, int]
) -> None:
    async with windows.tab(size) as tab:
        await tab.sign_in(ADMIN, furnished.town.company.password)
        found: list[str] = []
        for opened in (_menu, _search, _filter, _new):
            await tab.page.goto("/people")
            await settled(tab.page)
            await opened(tab)
            found += [f"{opened.__name__} {each}" for each in await broken(tab.page)]
        assert not found, "\n".join(found)
