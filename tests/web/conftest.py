"""A browser that notices what a person would not: errors in the console, requests that failed."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, Response, async_playwright, expect

from tests.conftest import Town

from .furnished import Furnished, furnish

ROOT = Path(__file__).parents[2]
# The same engine without windows of its own, where the system has it: they cost more than our pages.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    "--disable-sync",
]
expect.set_options(timeout=15_000)
WIDE, NARROW = (1440, 900), (360, 740)


@pytest.fixture(scope="session")
def built() -> None:
    """The web client is built."""
    if not (ROOT / "web/dist/index.html").exists():
        subprocess.run(["make", "web"], cwd=ROOT, check=True)


@pytest.fixture(scope="package")
async def chromium(built: None) -> AsyncIterator[Browser]:
    """A headless browser."""
    if CHROMIUM is None:
        # Where every test must run, one that is left out unseen would be worse than a failure.
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@dataclass
class Tab:
    """One tab, and all that went wrong in it."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    def heard(self, message: ConsoleMessage) -> None:
        """An error or a warning of the console is wrong."""
        if message.type in ("error", "warning"):
            self.wrong.append(f"console: {message.text}")

    def failed(self, request: Request) -> None:
        """A request that got no answer is wrong, unless its page was left meanwhile."""
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"failed: {request.url} {request.failure}")

    def answered(self, response: Response) -> None:
        """A refusal is wrong."""
        if response.status >= 400:
            self.wrong.append(f"{response.status} {response.request.method} {response.url}")

    async def sign_in(self, email: str, password: str) -> None:
        """Through the sign-in page, as a person does; whoever was signed in before is not any more."""
        await self.page.goto("/sign-in")
        await self.page.context.clear_cookies()
        await self.page.locator("input[name=email]").fill(email)
        await self.page.locator("input[name=password]").fill(password)
        await self.page.keyboard.press("Enter")
        await self.page.get_by_role("navigation").wait_for()


class Windows:
    """Opens tabs at the town's gateway; each must have gone without anything wrong."""

    def __init__(self, browser: Browser, town: Town) -> None:
        self._browser = browser
        self._town = town

    @asynccontextmanager
    async def tab(
        self, size: tuple[int, int] = WIDE, *, dark: bool = False, language: str = "en"
    ) -> AsyncIterator[Tab]:
        """A tab of a browser in which nothing but the language was ever chosen."""
        context = await self._browser.new_context(
            base_url=self._town.company.gateway_url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale=language,
            timezone_id="Europe/Ljubljana",  # the company's: what is today must not hang on the machine's
        )
        await context.add_init_script(f"localStorage.setItem('voronka.language', '{language}')")
        context.set_default_timeout(15_000)
        tab = Tab(await context.new_page())
        tab.page.on("console", tab.heard)
        tab.page.on("pageerror", lambda error: tab.wrong.append(f"page: {error}"))
        tab.page.on("requestfailed", tab.failed)
        tab.page.on("response", tab.answered)
        yield tab
        assert tab.wrong == []
        await context.close()


@pytest.fixture
def windows(chromium: Browser, town: Town) -> Windows:
    """Tabs at the town."""
    return Windows(chromium, town)


@pytest.fixture(scope="package")
def furnished(town: Town) -> Furnished:
    """The town, at work."""
    return furnish(town)
