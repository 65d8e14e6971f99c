"""`make bench-web`: what the web client asks of a browser — weight, first paint, inputs, a drag, a long list, a pop.

Own servers and programs in a temporary folder, Chromium beside them. Medians of five. Prints a table with bars and
writes build/bench-web-<date>.json. Asserts nothing.
"""

import argparse
import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import aiohttp
from crm_runner.demo.company import found
from crm_runner.environment import NO_RATE_LIMITS
from crm_runner.signals import one_interrupt
from crm_runner.stack import Stack
from crm_telephony.adapters.emulated import generic_pbx
from playwright.async_api import Browser, Page, Request, ViewportSize, async_playwright

from tests.bench import seed
from tests.bench.beside import ROOT
from tests.bench.ground import SECRET, Ground, ground
from tests.bench.web_probe import SLOWER, WATCH, inputs, largest, late_frames, seen, slowed, watch_pops
from tests.bench.web_table import Figure, kept, middle, plain, worst_of_95

PASSWORD = "bench-password"
HEAD = "marko@okna-novak.example"
CALLED = "ana@okna-novak.example"
PAGES = ("/sign-in", "/day", "/people", "/deals", "/tasks", "/companies", "/figures")
_DIST = ROOT / "web/dist"
_QUIET_LIMIT_S = 7_200.0
_WIDE: ViewportSize = {"width": 1440, "height": 900}
_STILL = (
    "() => !document.querySelector('[aria-busy=true], .mantine-Skeleton-root') && document.querySelector('h1, form')"
)
_ROWS = """() => [...document.querySelectorAll('[data-row]')].map((row) => Number(row.dataset.row))"""


@dataclass(frozen=True)
class Asked:
    """How large the run is: cards in the lists, repetitions, rings, how far the list is scrolled; which pages."""

    people: int = 100_000
    deals: int = 2_000
    runs: int = 5
    rings: int = 40
    scrolled: int = 100_000
    pages: tuple[str, ...] = PAGES


def say(text: str) -> None:
    """A line of progress, with the time."""
    print(f"{time.strftime('%H:%M:%S')} bench-web: {text}", flush=True)


class Screen:
    """Tabs at the gateway of the company."""

    def __init__(self, browser: Browser, on: Ground, password: str) -> None:
        self._browser = browser
        self.on = on
        self._password = password

    @asynccontextmanager
    async def tab(self, email: str | None = HEAD) -> AsyncIterator[Page]:
        """A tab with nothing kept from before, in which somebody is signed in."""
        context = await self._browser.new_context(base_url=self.on.url, viewport=_WIDE, locale="en")
        context.set_default_timeout(60_000)
        await context.add_init_script(WATCH)
        page = await context.new_page()
        if email is not None:
            await page.goto("/sign-in")
            await page.locator("input[name=email]").fill(email)
            await page.locator("input[name=password]").fill(self._password)
            await page.keyboard.press("Enter")
            await page.get_by_role("navigation").wait_for()
        yield page
        await context.close()

    async def weights(self, pages: Sequence[str]) -> list[Figure]:
        """Kilobytes of script (gzip) each page asks for when it is the first."""
        figures = []
        for path in pages:
            async with self.tab(None if path == "/sign-in" else HEAD) as page:
                if path != "/sign-in":
                    await _still(page)
                files = await _asked_for(page, path)
                figures.append(Figure(f"script of {path}", round(sum(map(_zipped, files)) / 1000), 250, "kB"))
        return figures

    async def paints(self, runs: int) -> list[Figure]:
        """When the largest thing was painted on a slow machine: signing in for the first time, the day once more.

        The door is painted before it can be opened; when that is, stands beside it.
        """
        cold, usable, warm = [], [], []
        for _ in range(runs):
            async with self.tab(None) as page:
                slow = await slowed(page)
                await page.goto("/sign-in")
                await _still(page)
                usable.append(await page.evaluate("performance.now()") / 1000)
                cold.append(await largest(page))
                await slow.detach()
            async with self.tab() as page:
                await page.goto("/day")
                await _still(page)
                slow = await slowed(page)
                await page.reload()
                await _still(page)
                warm.append(await largest(page))
                await slow.detach()
        name = f"largest paint at {SLOWER}×:"
        return [
            Figure(f"{name} sign-in, cold", _round(middle(cold), 2), 1.5, "s"),
            Figure(f"fields at {SLOWER}×: sign-in, cold", _round(middle(usable), 2), 1.5, "s"),
            Figure(f"{name} my day, warm", _round(middle(warm), 2), 1.5, "s"),
        ]

    async def shifts(self, pages: Sequence[str]) -> list[Figure]:
        """How much of each page moves while it comes."""
        figures = []
        async with self.tab() as page:
            for path in pages[1:]:
                await page.goto(path)
                await _still(page)
                figures.append(Figure(f"shift of {path}", _round((await seen(page))["cls"], 4), 0.02, ""))
        return figures

    async def typed(self, runs: int) -> Figure:
        """From a key in the search of people to the next paint, on a slow machine."""
        taken = []
        async with self.tab() as page:
            await page.goto("/people")
            await _still(page)
            slow = await slowed(page)
            box = page.get_by_role("searchbox")
            for number in range(runs):
                await box.fill("")
                await _still(page)
                taken.append(await inputs(page, partial(box.press_sequentially, "novak"[: number % 5 + 1])))
            await slow.detach()
        return Figure(f"key → paint at {SLOWER}×, people", middle(taken), 200, "ms")

    async def dragged(self, runs: int) -> list[Figure]:
        """A card dragged over the board: late frames at full speed, its pick-up and drop on a slow machine."""
        async with self.tab() as page:
            await page.goto("/deals")
            await _still(page)
            cards = page.locator("[data-rfd-draggable-id]")
            await cards.first.wait_for()  # cards can be dragged a little after they are there
            shown = await cards.count()
            late = [await late_frames(page, partial(_drag, page), 1_500) for _ in range(runs)]
            slow = await slowed(page)
            taken = [await inputs(page, partial(_drag, page)) for _ in range(runs)]
            await slow.detach()
        return [
            Figure("frames over 20 ms in a drag", _round(middle(late), 1), 10, "%", f"{shown} cards drawn"),
            Figure(f"drag → paint at {SLOWER}×", middle(taken), 200, "ms"),
        ]

    async def scrolled(self, rows: int) -> Figure:
        """How many rows of the list of people were never drawn though it was scrolled past them."""
        drawn: set[int] = set()
        began = time.monotonic()
        async with self.tab() as page:
            await page.goto("/people?sort=name")
            await _still(page)
            box = page.locator("[role=rowgroup] + div")
            while max(drawn, default=-1) < rows - 1:
                found = set(await page.evaluate(_ROWS))
                if found <= drawn:
                    await page.wait_for_function(f"(last) => ({_ROWS})().some((row) => row > last)", arg=max(drawn))
                    found = set(await page.evaluate(_ROWS))
                drawn |= found
                await box.evaluate("(list) => list.scrollBy(0, list.clientHeight)")
        missing = max(drawn) + 1 - len(drawn)
        rate = len(drawn) / (time.monotonic() - began)
        return Figure("rows missing in the list", missing, 0, "rows", f"{len(drawn)} drawn, {rate:.0f} a second")

    async def popped(self, rings: int) -> Figure:
        """From the webhook's first byte to the pop's paint."""
        taken = []
        async with self.tab(CALLED) as page, aiohttp.ClientSession() as client:
            await _still(page)
            await watch_pops(page)
            for number in range(rings):
                phone = f"+3864055{number:04d}"
                at = time.time()
                event = generic_pbx.event("call.ringing", f"w-{phone}", at, direction="in", to="101", extension="101")
                request = generic_pbx.signed(event | {"from": phone}, SECRET, at)
                began = time.time() * 1000
                async with client.post(self.on.hook_url, data=request.body, headers=request.headers) as answer:
                    answer.raise_for_status()
                painted = await page.wait_for_function(
                    "(digits) => Object.entries(window.__seen.pops).find(([seen]) => seen.includes(digits))?.[1]",
                    arg=phone[1:],
                )
                taken.append(float(await painted.json_value()) - began)
                await page.locator("[role=log] section button").first.click()
        return Figure("ring → pop painted, p95", _round(worst_of_95(taken), 0), 300, "ms", f"{len(taken)} rings")


async def _asked_for(page: Page, path: str) -> set[str]:
    """The paths of all that the page at this address asked for."""
    asked: list[Request] = []
    # Playwright leaves a mark on the function, which a list's own method does not take.
    page.on("request", lambda request: asked.append(request))
    await page.goto(path)
    await _still(page)
    return {urlparse(request.url).path for request in asked}


async def _still(page: Page) -> None:
    await page.wait_for_function(_STILL)


async def _drag(page: Page) -> None:
    box = await page.locator("[data-rfd-draggable-id]").first.bounding_box()
    assert box is not None
    x, y = box["x"] + 20, box["y"] + 10
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 700, y + 200, steps=60)
    await page.mouse.move(x + 20, y + 20, steps=30)
    await page.mouse.up()


def _zipped(path: str) -> int:
    file = _DIST / path.removeprefix("/")
    if file.suffix != ".js":
        return 0
    zipped = file.with_name(file.name + ".gz")
    return (zipped if zipped.is_file() else file).stat().st_size


def _round(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


async def seeded(on: Ground, asked: Asked, folder: Path) -> None:
    """The lists and the board are as long as asked, everywhere."""
    for kind, count in (("people", asked.people), ("deals", asked.deals)):
        say(f"seeding {count} {kind}")
        say(f"  {await seed.by_import(on, kind, count, asked.people, folder)}")
        await on.drained(_QUIET_LIMIT_S)


async def measured(browser: Browser, on: Ground, asked: Asked, password: str) -> list[Figure]:
    """All figures."""
    figures: list[Figure] = []
    screen = Screen(browser, on, password)
    for what, measure in (
        ("weights", screen.weights(asked.pages)),
        ("first paints", screen.paints(asked.runs)),
        ("shifts", screen.shifts(asked.pages)),
        ("keys", screen.typed(asked.runs)),
        ("drags", screen.dragged(asked.runs)),
        ("pops", screen.popped(asked.rings)),
        ("the long list", screen.scrolled(min(asked.scrolled, asked.people))),
    ):
        say(what)
        told: Any = await measure
        figures += told if isinstance(told, list) else [told]
    return figures


async def _in_a_browser(on: Ground, asked: Asked) -> list[Figure]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-background-networking"]
        )
        figures = await measured(browser, on, asked, PASSWORD)
        await browser.close()
    return figures


def main() -> None:
    """Start everything, fill it, measure, print, keep, stop."""
    options = argparse.ArgumentParser()
    for name, value in vars(Asked()).items():
        if isinstance(value, int):
            options.add_argument(f"--{name}", type=int, default=value)
    asked = Asked(**vars(options.parse_args()))
    with one_interrupt(), tempfile.TemporaryDirectory(prefix="crm-bench-web-") as folder:
        say("starting everything in a temporary folder")
        with Stack(Path(folder), {"CRM_LOG_LEVEL": "warning"} | NO_RATE_LIMITS, ephemeral=True) as stack:
            company = found(stack, password=PASSWORD, pbx_api_url="http://127.0.0.1:9/vpbx", customers=False)
            on = ground(stack, company)
            asyncio.run(seeded(on, asked, Path(folder)))
            figures = asyncio.run(_in_a_browser(on, asked))
            company.close()
    print(plain(figures))
    kept_in = ROOT / f"build/bench-web-{datetime.now(UTC):%Y-%m-%dT%H%M}.json"
    kept_in.parent.mkdir(exist_ok=True)
    kept_in.write_text(json.dumps({"asked": vars(asked), "figures": kept(figures)}, indent=1) + "\n")
    say(f"kept in {kept_in.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
