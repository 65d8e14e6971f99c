"""Which pages there are, asked of the client itself, and how each is visited: a new page is walked untold."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from playwright.async_api import Page

from .conftest import Tab
from .furnished import ADMIN, ANA, Furnished

ALL = slice(None)
# Before signing in; and where one is sent from at once.
OUTSIDE = ("/sign-in",)
NOWHERE = ("/",)
# What is another page for a salesperson than for who may see everything.
OF_A_SALESPERSON = ("/day", "/tasks", "/deals", "/people", "/people/$id")

_ROUTES = "() => Object.keys(window.__TSR_ROUTER__.routesByPath)"
_STILL = """() => {
  const waiting = [...document.querySelectorAll('[aria-busy="true"], .mantine-Skeleton-root, .mantine-Loader-root')]
  return document.fonts.status === 'loaded' && document.querySelector('h1, [role=alert], form') !== null
    && waiting.every((each) => each.closest('[data-sample]'))
}"""

# As a link of the client leads there: the page is drawn anew, the program is not loaded anew.
_GO = "(address) => window.__TSR_ROUTER__.history.push(address)"
_THERE = """() => {
  const { history, state } = window.__TSR_ROUTER__
  return state.status === 'idle' && state.resolvedLocation?.href === history.location.href
}"""


@dataclass(frozen=True)
class Stop:
    """One page of a walk: its route, an address of it, and whose screen it is looked at on."""

    route: str
    address: str
    email: str | None


async def stops_of(page: Page, names: Mapping[str, str]) -> Sequence[Stop]:
    """Every page of the client. A route with a parameter that nothing fills is an error: say in `furnish` what does."""
    await page.goto("/sign-in")
    await page.wait_for_function("() => window.__TSR_ROUTER__")
    routes: list[str] = await page.evaluate(_ROUTES)
    unfilled = [route for route in routes if "$" in route and route not in names]
    assert unfilled == [], f"no name in tests/web/furnished.py fills {unfilled}"
    found = []
    for route in sorted(routes):
        if route not in NOWHERE:
            head, _, _ = route.partition("$")
            address = head + names[route] if "$" in route else route
            whose = (None,) if route in OUTSIDE else (ADMIN, ANA) if route in OF_A_SALESPERSON else (ADMIN,)
            found += [Stop(route, address, email) for email in whose]
    # Signed out first, then person by person: each signs in once.
    return sorted(found, key=lambda stop: (stop.email or "", stop.route))


async def every_page(
    tab: Tab, furnished: Furnished, *, afresh: bool = False, among: slice = ALL
) -> AsyncIterator[Stop]:
    """Each page of the client in turn, settled, on the screen of whom it is for; `afresh` as who reloads gets it.

    `among` leaves pages to another walk.
    """
    signed_in: str | None = None
    page = tab.page
    for stop in (await stops_of(page, furnished.names))[among]:
        if stop.email is not None and stop.email != signed_in:
            await tab.sign_in(stop.email, furnished.town.company.password)
            signed_in = stop.email
        if afresh:
            await page.goto(stop.address)
        else:
            await page.evaluate(_GO, stop.address)
            await page.wait_for_function(_THERE)
        await settled(page)
        yield stop


def of_two(narrow: bool, whole: bool) -> slice:
    """The part of two walks that share the pages between them, one wide and one narrow; each all, when `whole`."""
    return ALL if whole else slice(int(narrow), None, 2)


async def settled(page: Page) -> None:
    """Nothing on the page is still on its way."""
    await page.wait_for_function(_STILL)
