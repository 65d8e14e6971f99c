"""The first minute in the demo: picked somebody, the telephone rings, and a customer is called back."""

import re

import pytest
from crm_runner.demo.client import wait_for
from crm_runner.demo.site import Site
from playwright.async_api import Browser, expect

from tests.conftest import Town
from tests.web.conftest import NARROW, WIDE, Windows

WITHIN_MS = 30_000


@pytest.fixture
def demo(chromium: Browser, site: Site) -> Windows:
    """Tabs at the demo."""
    assert site.company is not None
    return Windows(chromium, Town(site.stack, site.company, site.pbx, site.mailbox))


async def test_within_a_minute_a_visitor_has_called_a_customer_back(demo: Windows, site: Site) -> None:
    assert site.company is not None
    ana = site.company.client("Ana")
    async with demo.tab() as tab:
        page, clicks = tab.page, 0
        await page.goto("/")
        await page.get_by_role("button", name="Look around as Ana Kovac").click()
        pop = page.get_by_role("region", name="Incoming call")
        await expect(pop).to_be_visible(timeout=WITHIN_MS)

        await pop.get_by_role("link", name="Open the card").click()
        clicks += 1
        await expect(page.get_by_text("Next step", exact=True)).to_be_visible()
        person = page.url.rpartition("/")[2]
        back = page.get_by_text("Call back +386")
        await expect(back).to_be_visible(timeout=WITHIN_MS)
        callbacks = ana.get("/api/v1/tasks", kind="callback", status="open", person_id=person)["items"]
        assert len(callbacks) == 1

        await page.get_by_role("button", name="Call +386").first.click()
        clicks += 1
        await expect(back).to_have_count(0, timeout=WITHIN_MS)

        def done() -> bool:
            return bool(ana.get(f"/api/v1/tasks/{callbacks[0]['id']}")["status"] == "done")

        wait_for("the call-back being done", done)
        assert clicks <= 3


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_way_out_asks_for_a_word_and_is_an_administrators_alone(demo: Windows, size: tuple[int, int]) -> None:
    for name, may in (("Nadja Novak", True), ("Ana Kovac", False)):
        async with demo.tab(size) as tab:
            page = tab.page
            await page.goto("/sign-in")
            await page.get_by_role("button", name=f"Look around as {name}").click()
            await page.get_by_role("button", name=re.compile(f"{name}.*look, language, sign out")).first.click()
            out = page.get_by_role("menuitem", name="Start with an empty company")
            await expect(page.get_by_role("menuitem", name="Sign out")).to_be_visible()
            await expect(out).to_have_count(1 if may else 0)
            if may:
                await out.click()
                go = page.get_by_role("button", name="Start with an empty company")
                await expect(go).to_be_disabled()
                await page.get_by_role("textbox").fill("Empty")
                await expect(go).to_be_enabled()
