"""An administrator at work: somebody new comes, a team is made, telephones are connected and heard; others stay out."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import httpx
from crm_runner.demo.client import Client, wait_for
from crm_runner.errors import RunnerError
from crm_telephony.adapters.emulated.generic_pbx import event, signed
from playwright.async_api import Page, expect

from tests.conftest import Town

from .conftest import NARROW, Tab, Windows
from .test_first_pages import whole

ANA, NADJA = "ana@okna-novak.example", "nadja@okna-novak.example"
EMAIL = "zoja@okna-novak.example"


async def _line(page: Page, name: str) -> str:
    """What a line to be copied says."""
    return await page.get_by_role("group", name=name).locator("code").inner_text()


def _only(tab: Tab, *codes: int) -> None:
    """Nothing else went wrong in the tab than answers of these statuses."""
    assert [wrong for wrong in tab.wrong if not any(str(code) in wrong for code in codes)] == []
    tab.wrong.clear()


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    return httpx.post(url, content=body, headers=dict(headers), timeout=10).status_code


async def _choose(page: Page, label: str, option: str) -> None:
    """Picks an option of a list by its words."""
    await page.get_by_role("combobox", name=label).click()
    await page.get_by_role("option", name=option, exact=True).click()


def _deal_of(nadja: Client, owner: Mapping[str, Any], title: str) -> dict[str, Any] | None:
    """A deal of this user's; None as long as deals has not heard of them."""
    try:
        made: dict[str, Any] = nadja.post("/api/v1/deals", {"title": title, "owner_id": owner["id"]})
    except RunnerError as refused:
        assert "owner_not_allowed" in str(refused)
        return None
    return made


async def test_somebody_new_signs_in_with_the_one_time_password_and_sees_what_their_role_may(
    town: Town, windows: Windows
) -> None:
    async with windows.tab() as admin, windows.tab() as other:
        page = admin.page
        await admin.sign_in(NADJA, town.company.password)
        await page.get_by_role("link", name="Settings").click()
        await page.get_by_role("link", name="People of the company").first.click()
        await page.get_by_role("button", name="Add somebody").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("textbox", name="Name").fill("Zoja Novak")
        await dialog.get_by_role("textbox", name="E-mail").fill(EMAIL)
        await _choose(page, "Team", "Maribor")
        await expect(dialog).to_contain_text("Sees their own and nobody’s: people, companies, deals and calls")
        await dialog.get_by_role("button", name="Add somebody").click()
        password = await _line(page, "One-time password")
        assert await _line(page, "E-mail") == EMAIL
        await page.get_by_role("button", name="I have passed it on").click()
        await expect(page.get_by_role("row", name="Zoja Novak")).to_contain_text("Not yet")
        assert password not in await page.content()

        seller = other.page
        await seller.goto("/")
        await seller.get_by_label("E-mail").fill(EMAIL)
        await seller.get_by_label("Password", exact=True).fill(password)
        await seller.keyboard.press("Enter")
        await seller.get_by_label("One-time password").fill(password)
        await seller.get_by_label("New password").fill("my own long password")
        await seller.get_by_role("button", name="Use this password").click()
        await expect(seller.get_by_role("heading", name="Zoja")).to_be_visible()
        await expect(seller.get_by_role("link", name="People")).to_be_visible()
        await expect(seller.get_by_role("link", name="Settings")).to_have_count(0)
        await seller.goto("/settings/users")
        await expect(seller.get_by_text("Settings are for administrators")).to_be_visible()

        await page.reload()
        await expect(page.get_by_role("row", name="Zoja Novak")).to_contain_text("today")
        await page.get_by_role("link", name="Zoja Novak").click()
        await page.get_by_role("button", name="Let them leave").click()
        await expect(page.get_by_role("dialog", name="Zoja Novak leaves")).to_contain_text("No open deals")
        await page.get_by_role("dialog", name="Zoja Novak leaves").get_by_role("button", name="Let them leave").click()
        await expect(page.get_by_role("button", name="Bring back")).to_be_visible()
        await expect(seller.get_by_role("button", name="Sign in")).to_be_visible()
        _only(other, 401)


async def test_who_leaves_hands_over_what_they_have_open(town: Town, windows: Windows) -> None:
    nadja, ana = town.company.client("Nadja"), town.company.client("Ana")
    body = {"name": "Leo Leaving", "email": "leo@okna-novak.example", "role": "salesperson"}
    leo = nadja.post("/api/v1/users", body)
    deals = [wait_for("deals to know Leo", partial(_deal_of, nadja, leo, f"Of Leo {n}")) for n in range(2)]
    due = {"due_at": "2100-01-01T09:00:00Z"}
    nadja.post("/api/v1/tasks", {"title": "Of Leo", "owner_id": leo["id"], **due})
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(NADJA, town.company.password)
        await page.goto(f"/settings/users?user={leo['id']}")
        await page.get_by_role("button", name="Let them leave").click()
        leaving = page.get_by_role("dialog", name="Leo Leaving leaves")
        await expect(leaving).to_contain_text("2 open deals, 1 open task")
        await _choose(page, "Open deals and tasks go to", "Ana Kovac")
        await leaving.get_by_role("button", name="Let them leave").click()
        await expect(page.get_by_role("button", name="Bring back")).to_be_visible()
    now = [nadja.get(f"/api/v1/deals/{deal['id']}")["owner_id"] for deal in deals]
    assert now == [ana.id, ana.id]
    assert nadja.get("/api/v1/tasks", owner_id=leo["id"])["items"] == []


async def test_what_two_change_of_a_user_at_once_is_shown_to_the_second(town: Town, windows: Windows) -> None:
    nadja = town.company.client("Nadja")
    user = nadja.post("/api/v1/users", {"name": "Tea Twice", "email": "tea@okna-novak.example", "role": "salesperson"})
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(NADJA, town.company.password)
        await page.goto(f"/settings/users?user={user['id']}")
        name = page.get_by_role("textbox", name="Name")
        await name.fill("Tea Mine")
        nadja.patch(f"/api/v1/users/{user['id']}", {"name": "Tea Theirs", "locale": "sl"}, version=user["version"])
        await page.get_by_role("button", name="Save").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Tea Theirs")
        await expect(dialog).to_contain_text("Tea Mine")
        _only(tab, 409)
        await page.get_by_role("button", name="Keep mine").click()
        await expect(page.get_by_role("row", name="Tea Mine")).to_be_visible()
    now = nadja.get(f"/api/v1/users/{user['id']}")
    assert (now["name"], now["locale"]) == ("Tea Mine", "sl")


async def test_a_team_is_made_with_its_lead_and_members_and_goes_only_when_empty(town: Town, windows: Windows) -> None:
    nadja = town.company.client("Nadja")
    user = nadja.post("/api/v1/users", {"name": "Tim Member", "email": "tim@okna-novak.example", "role": "salesperson"})
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(NADJA, town.company.password)
        await page.goto("/settings/teams")
        await expect(page.get_by_role("region", name="Ljubljana")).to_contain_text("Petra Kos")
        await page.get_by_role("button", name="Add a team").click()
        await page.get_by_role("textbox", name="Name").fill("Koper")
        await page.get_by_role("textbox", name="Office").fill("Port")
        await _choose(page, "Lead", "Tim Member")
        await page.get_by_role("combobox", name="Members").click()
        await page.get_by_role("option", name="Tim Member").last.click()
        await page.keyboard.press("Escape")
        await page.get_by_role("dialog").get_by_role("button", name="Add a team").click()
        team = page.get_by_role("region", name="Koper")
        await expect(team).to_contain_text("Port · 1 person")
        await expect(team).to_contain_text("Tim Member")
        await expect(team.get_by_role("button", name="Remove Koper")).to_have_count(0)
        (made,) = nadja.get("/api/v1/teams", name="Koper")["items"]
        assert made["lead_id"] == user["id"]

        await team.get_by_role("button", name="Change Koper").click()
        await page.get_by_role("combobox", name="Members").press("Backspace")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Save").click()
        await team.get_by_role("button", name="Remove Koper").click()
        await expect(team).to_have_count(0)


async def test_a_connection_waits_for_its_first_event_and_says_why_one_is_refused(town: Town, windows: Windows) -> None:
    secret = "a-secret-of-the-generic-hook"
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(NADJA, town.company.password)
        await page.goto("/settings/connections")
        await expect(page.get_by_role("link", name="Okna Novak PBX")).to_contain_text("Mango")
        await page.get_by_role("button", name="Connect telephones").click()
        await page.get_by_text("Any other system", exact=True).click()
        await page.get_by_role("textbox", name="Name").fill("Workshop")
        await _choose(page, "Who gets what nobody else gets", "Petra Kos")
        await page.get_by_label("Secret for signatures").fill(secret)
        await page.get_by_role("dialog").get_by_role("button", name="Connect telephones").click()
        await expect(page.get_by_role("heading", name="Waiting for the first event")).to_be_visible()
        url = await _line(page, "Address for its events")
        assert secret not in await page.content()

        ring: dict[str, Any] = {"direction": "in", "from": "+38640555901", "extension": "700"}
        started = event("call.ringing", "wait-1", time.time(), **ring)
        forged = signed(started, "another secret", time.time())
        assert _post(url, forged.body, forged.headers) == 401
        await expect(page.get_by_role("heading", name="Something comes, but is refused")).to_be_visible()
        await expect(page.get_by_text("The signature is wrong").first).to_be_visible()
        stale = signed(started, secret, time.time() - 900)
        assert _post(url, stale.body, stale.headers) == 401
        await expect(page.get_by_text("The clock is wrong").first).to_be_visible()

        good = signed(started, secret, time.time())
        assert _post(url, good.body, good.headers) == 200
        await expect(page.get_by_role("heading", name="It works")).to_be_visible()
        await expect(page.get_by_text("Last: a phone rings, now")).to_be_visible()
        await expect(page.get_by_text("+38640555901")).to_have_count(0)
        over = event("call.ended", "wait-1", time.time(), **ring)
        hung_up = signed(over, secret, time.time())
        assert _post(url, hung_up.body, hung_up.headers) == 200

        await page.get_by_role("button", name="Switch off").click()
        await expect(page.get_by_role("heading", name="Switched off")).to_be_visible()
        wait_for("the door to close", lambda: _post(url, good.body, good.headers) == 404)
        await page.get_by_role("link", name="All telephones").click()
        await expect(page.get_by_role("link", name="Workshop")).to_contain_text("Switched off")


async def test_lines_and_extensions_are_given_to_people_and_a_lost_address_is_replaced(
    town: Town, windows: Windows
) -> None:
    nadja, petra = town.company.client("Nadja"), town.company.client("Petra")
    wanted = {"name": "Cellar", "vendor": "generic", "hook_secret": "secret-of-cellar", "fallback_user_id": petra.id}
    made = nadja.post("/api/v1/connections", wanted)
    old = town.company.gateway_url + made["hook_path"]
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(NADJA, town.company.password)
        await page.goto(f"/settings/connections/{made['id']}")
        await page.get_by_role("button", name="Add a number").click()
        await page.get_by_role("textbox", name="Number").fill("+386 1 555 03 00")
        await _choose(page, "Team", "Maribor")
        await page.get_by_role("button", name="Save").first.click()
        await expect(page.get_by_text("Saved")).to_be_visible()

        await page.get_by_role("button", name="Add an extension").click()
        await page.get_by_role("textbox", name="Extension").fill("301")
        await _choose(page, "Whose", "Cene Hribar")
        theirs = {"extensions": [{"extension": "302", "user_id": petra.id}]}
        nadja.put(f"/api/v1/connections/{made['id']}/extensions", theirs)
        await page.get_by_role("button", name="Save").last.click()
        await expect(page.get_by_role("textbox", name="Extension")).to_have_count(2)
        _only(tab, 409)

        await page.get_by_role("button", name="New address").click()
        await page.get_by_role("button", name="Make a new address").click()
        url = await _line(page, "Address for its events")
        assert url != old
    now = nadja.get(f"/api/v1/connections/{made['id']}/extensions")["items"]
    assert {(each["extension"], each["user_id"]) for each in now if each["valid_to"] is None} == {
        ("301", town.company.client("Cene").id),
        ("302", petra.id),
    }
    (line,) = nadja.get(f"/api/v1/connections/{made['id']}")["lines"]
    assert (line["number"], bool(line["team_id"])) == ("+386 1 555 03 00", True)


async def test_on_a_phone_settings_are_whole_and_others_are_told_whose_they_are(town: Town, windows: Windows) -> None:
    connection = town.company.client("Nadja").get("/api/v1/connections")["items"][0]["id"]
    async with windows.tab(NARROW, dark=True) as tab:
        page = tab.page
        await tab.sign_in(NADJA, town.company.password)
        for path, text in (
            ("", "Telephones"),
            ("/users", "Ana Kovac"),
            ("/teams", "Petra Kos"),
            ("/connections", "numbers"),
            (f"/connections/{connection}", "Numbers and people"),
        ):
            await page.goto(f"/settings{path}")
            await expect(page.get_by_text(text).first).to_be_visible()
            await whole(page)
    async with windows.tab() as tab:
        await tab.sign_in(ANA, town.company.password)
        await tab.page.goto(f"/settings/connections/{connection}")
        await expect(tab.page.get_by_text("Settings are for administrators")).to_be_visible()
