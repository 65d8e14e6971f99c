"""What comes late stands where its place was held: nothing moves under the eyes of who reads already."""

import pytest
from playwright.async_api import expect

from tests.conftest import Town

from .conftest import NARROW, WIDE, Windows

MARKO = "marko@okna-novak.example"
MOST = 0.02
"""Of the layout shift score, which is felt from 0.1 on."""
# The score since the page began, with what moved; the second frame comes after all that the first one shows.
_SHIFTS = """() => new Promise((told) => {
  const shifts = []
  new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({type: 'layout-shift', buffered: true})
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => told(shifts.map((shift) =>
    [shift.value, ...shift.sources.map(({node, previousRect, currentRect}) =>
      `${node?.className}: ${previousRect.y} to ${currentRect.y}`)])))))
})"""


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_figures_move_nothing_when_they_come(town: Town, windows: Windows, size: tuple[int, int]) -> None:
    async with windows.tab(size) as tab:
        await tab.sign_in(MARKO, town.company.password)
        await tab.page.goto("/figures")
        await expect(tab.page.get_by_role("heading", name="Funnel")).to_be_visible()
        shifts = await tab.page.evaluate(_SHIFTS)
        assert sum(value for value, *_ in shifts) <= MOST, shifts
