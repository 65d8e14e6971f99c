"""`make screens`: every page of the demo company in build/screens, wide and narrow, light and dark, in three languages.

Own servers and programs in a temporary folder. Languages but English are pictured wide in the light and narrow in the
dark, which shows what a language can break in half the time.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from pathlib import Path

from crm_runner.demo.site import Site
from crm_runner.demo.year.shape import FULL
from crm_runner.signals import one_interrupt
from playwright.async_api import Error, Page, async_playwright

from .conftest import CHROMIUM, NARROW, QUIET, ROOT, WIDE, Tab
from .furnished import imported
from .walk import OUTSIDE, Stop, settled, stops_of

OUT = ROOT / "build/screens"
WAYS = (
    *(("en", size, scheme) for size in (WIDE, NARROW) for scheme in ("light", "dark")),
    *((language, size, scheme) for language in ("ru", "sl") for size, scheme in ((WIDE, "light"), (NARROW, "dark"))),
)
_PAGE_MS = 15_000


def names_in(site: Site) -> dict[str, str]:
    """What fills the parameters of addresses: cards of the demo company on which much has happened."""
    assert site.company is not None
    head = site.company.client("Marko")
    deals = site.company.client("Ana").get("/api/v1/deals", limit=100)["items"]  # a card that she may see
    person = next(deal["person_id"] for deal in deals if deal["person_id"])
    company = head.get("/api/v1/companies", limit=1)["items"][0]["id"]
    admin = site.company.client("Nadja")
    connection = admin.get("/api/v1/connections")["items"][0]["id"]
    return {
        "/people/$id": person,
        "/companies/$id": company,
        "/imports/$kind/$id": imported(site.company),
        "/settings/connections/$id": connection,
    }


async def picture(page: Page, stop: Stop, name: str) -> str | None:
    """The page as a file; what went wrong instead."""
    try:
        await page.goto(stop.address, timeout=_PAGE_MS)
        await settled(page)
        await page.screenshot(path=OUT / f"{name}.png")
    except Error as error:
        return f"{name}: {error.message.splitlines()[0]}"
    return None


async def pictures(url: str, password: str, names: dict[str, str], only: str) -> list[str]:
    """Every page in every way; what could not be pictured."""
    failed = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for language, size, scheme in WAYS:
            context = await browser.new_context(
                base_url=url,
                viewport={"width": size[0], "height": size[1]},
                color_scheme="dark" if scheme == "dark" else "light",
                reduced_motion="reduce",
                locale=language,
            )
            context.set_default_timeout(_PAGE_MS)
            await context.add_init_script(f"localStorage.setItem('voronka.language', '{language}')")
            tab = Tab(await context.new_page())
            signed_in = None
            for stop in await stops_of(tab.page, names):
                page = stop.route.strip("/").replace("/$", "-").replace("/", "-")
                if only not in stop.route:
                    continue
                if stop.email is not None and stop.email != signed_in:
                    await tab.sign_in(stop.email, password)
                    signed_in = stop.email
                whose = f"-{stop.email.partition('@')[0]}" if stop.email and stop.route not in OUTSIDE else ""
                wrong = await picture(tab.page, stop, f"{page}{whose}-{language}-{size[0]}-{scheme}")
                failed += [wrong] if wrong else []
            await context.close()
        await browser.close()
    return failed


def main() -> None:
    """The company stands, has had its year, and is pictured."""
    options = argparse.ArgumentParser()
    options.add_argument("--only", default="", help="routes that hold this text")
    only = options.parse_args().only
    began = time.monotonic()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with (
        one_interrupt(),
        tempfile.TemporaryDirectory(prefix="crm-screens-") as folder,
        Site(Path(folder), ephemeral=True) as site,
    ):
        site.open()
        site.fill(FULL)
        failed = asyncio.run(pictures(site.stack.gateway_url, site.password, names_in(site), only))
    for each in failed:
        print(f"screens: {each}")
    print(f"screens: {len(list(OUT.iterdir()))} in {OUT.relative_to(ROOT)} after {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
