"""The client can be put on a phone's first screen. There is no service worker: it works on what the server says now."""

import struct

from playwright.async_api import Page

from tests.conftest import Town

from .conftest import Windows

ANA = "ana@okna-novak.example"
_PNG = b"\x89PNG\r\n\x1a\n"
_COLOURS = """() => {
  const frames = [...document.querySelectorAll('meta[name=theme-color]')]
  const paint = document.createElement('i')
  paint.style.background = frames.find((each) => matchMedia(each.media).matches).content
  document.body.append(paint)
  return [paint, document.documentElement].map((each) => getComputedStyle(each).backgroundColor)
}"""


async def _size(page: Page, path: str) -> str:
    """A picture's size as its own first bytes tell it."""
    answer = await page.request.get(path)
    assert answer.headers["content-type"] == "image/png"
    head = (await answer.body())[:24]
    assert head.startswith(_PNG)
    wide, high = struct.unpack(">II", head[16:24])
    return f"{wide}x{high}"


async def test_the_browser_offers_to_install_it_with_icons_of_the_sizes_they_claim(
    town: Town, windows: Windows
) -> None:
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        debugger = await page.context.new_cdp_session(page)
        told = await debugger.send("Page.getAppManifest")
        assert (told["errors"], told["url"].endswith("/app.webmanifest")) == ([], True)
        # A tab of a test is a private one, where nothing is ever installed; all else must be right.
        errors = (await debugger.send("Page.getInstallabilityErrors"))["installabilityErrors"]
        assert [error["errorId"] for error in errors if error["errorId"] != "in-incognito"] == []
        manifest = await (await page.request.get("/app.webmanifest")).json()
        pictures = {icon["src"]: icon for icon in manifest["icons"] if icon["type"] == "image/png"}
        assert {icon["purpose"] for icon in pictures.values()} == {"any", "maskable"}
        for path, icon in pictures.items():
            assert (path, await _size(page, path)) == (path, icon["sizes"])
        apple = await page.locator("link[rel=apple-touch-icon]").get_attribute("href")
        assert await _size(page, apple or "") == "180x180"


async def test_the_frame_of_the_window_has_the_colour_of_the_page(town: Town, windows: Windows) -> None:
    for dark in (False, True):
        async with windows.tab(dark=dark) as tab:
            await tab.page.goto("/sign-in")
            frame, page = await tab.page.evaluate(_COLOURS)
            assert frame == page
