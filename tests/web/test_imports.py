"""Files taken in through the wizard: in odd letters, stopped midway, as a workbook, unreadable, and by whom not."""

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from crm_runner.demo.client import Client
from playwright.async_api import Locator, Page, expect

from tests.conftest import Town

from .conftest import NARROW, Tab, Windows
from .test_first_pages import whole

NADJA = "nadja@okna-novak.example"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DOCUMENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"


@pytest.fixture(scope="module")
def reader(town: Town) -> Iterator[str]:
    """The address of somebody who may read people and nothing more."""
    admin = town.company.client("Nadja")
    admin.post("/api/v1/roles", {"name": "reader", "grants": {"person:read": "all", "task:read": "own"}})
    email = "bralec@okna-novak.example"
    user = admin.post("/api/v1/users", {"email": email, "name": "Bralec", "role": "reader"})
    first = admin.post(f"/api/v1/users/{user['id']}/one-time-password", None)["password"]
    own = Client.sign_in(town.company.gateway_url, email, first)
    body = {"current_password": first, "new_password": town.company.password}
    own.post("/api/v1/users/me/password", body)
    own.close()
    yield email


def text_of(rows: list[list[str]]) -> str:
    """The rows as programs of a country with decimal commas write them."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    return text.getvalue()


def workbook(rows: list[list[str]]) -> bytes:
    """A workbook of one sheet, as small as one can be."""
    lines = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>" for row in rows
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{DOCUMENT}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{DOCUMENT}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{RELATED}">'
        '<sheets><sheet name="Stranke" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{RELATED}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEET}"><sheetData>{lines}</sheetData></worksheet>',
    }
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as package:
        for name, content in files.items():
            package.writestr(name, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{content}')
    return book.getvalue()


async def begin(tab: Tab, town: Town, kind: str, file: Path) -> Page:
    """Signed in as the administrator, with the file sent and read."""
    page = tab.page
    await tab.sign_in(NADJA, town.company.password)
    await page.goto("/imports/new")
    await page.get_by_role("radio", name=kind).check(force=True)
    await page.locator("input[type=file]").set_input_files(file)
    await expect(page.get_by_role("heading", name="Which column is what?")).to_be_focused()
    return page


def tile(page: Page, word: str) -> Locator:
    """The figure under this word."""
    return page.locator(f'[data-word="{word}"] dd')


async def test_people_in_odd_letters_are_taken_in_but_for_three_rows_and_taken_back(
    town: Town, windows: Windows, tmp_path: Path
) -> None:
    tag = f"t{uuid4().hex[:6]}"  # digits alone would be searched for among the numbers
    rows = [
        ["Ime in priimek", "Telefon", "E-pošta", "Šifra"],
        [f"Žiga Čuček {tag}", "+38640500001", f"ziga.{tag}@example.com", "1"],
        ["", "+38640500002", "", "2"],
        [f"Špela Šuštar {tag}", "+38640500003", "this is no address", "3"],
        [f"Aljoša Žnidaršič {tag}", "+38640500004", "", "4"],
        [f"Črt Železnik {tag}", "+38640500005", "again@@example.com", "5"],
    ]
    file = tmp_path / "stranke.csv"
    # The guess takes these few Slovenian letters for what they are; a person who knows better is believed.
    file.write_bytes(text_of(rows).replace(";", "|").encode("cp1250"))
    async with windows.tab() as tab:
        page = await begin(tab, town, "People", file)
        await expect(page.get_by_text(f"Žiga Čuček {tag}")).to_be_visible()
        await expect(page.get_by_role("combobox", name="Between columns")).to_have_value("Bar |")
        await page.get_by_role("combobox", name="Letters").click()
        await page.get_by_role("option", name="Windows-1251").click()
        await expect(page.get_by_text(f"Žiga Čuček {tag}")).to_have_count(0)
        await page.reload()
        await page.get_by_role("combobox", name="Letters").click()
        await page.get_by_role("option", name="Windows-1250").click()
        await expect(page.get_by_text(f"Žiga Čuček {tag}")).to_be_visible()

        name = page.get_by_role("combobox", name="Field for the column Ime in priimek")
        await expect(name).to_have_value("Name")
        await page.get_by_role("button", name="Try it").click()
        await expect(page.get_by_role("heading", name="This is what would happen")).to_be_focused()
        await expect(tile(page, "create")).to_have_text("2")
        await expect(tile(page, "error")).to_have_text("3")
        listed = page.get_by_role("region", name="Refused").get_by_role("listitem").filter(has=page.locator("ul"))
        await expect(listed).to_have_count(3)
        for row, number, why in zip(
            (2, 3, 5), (3, 4, 6), ("Name: It is missing", *["E-mail: This is no e"] * 2), strict=True
        ):
            line = listed.filter(has_text=rows[row][0] or rows[row][1])
            await expect(line).to_contain_text(str(number))
            await expect(line).to_contain_text(why)

        await page.get_by_role("button", name="Take in 2 rows").click()
        await expect(page.get_by_role("heading", name="The file is taken in")).to_be_focused()
        await page.get_by_role("link", name="See the people").click()
        await page.get_by_role("searchbox").fill(tag)
        await expect(page.get_by_role("link", name=f"Žiga Čuček {tag}")).to_be_visible()
        await expect(page.get_by_role("link", name=f"Aljoša Žnidaršič {tag}")).to_be_visible()
        await expect(page.get_by_role("link", name=f"Črt Železnik {tag}")).to_have_count(0)

        await page.get_by_role("link", name="Imports").click()
        await page.get_by_role("link", name="stranke.csv").first.click()
        await page.get_by_role("button", name="Take it back").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("2 new records are removed.")
        await dialog.get_by_role("button", name="Take it back").click()
        await expect(page.get_by_role("heading", name="The import was taken back")).to_be_visible()
        await expect(tile(page, "removed")).to_have_text("2")
        await page.goto(f"/people?source=import&since=today&q={tag}")
        await expect(page.get_by_text(f"Nothing is found for “{tag}”")).to_be_visible()


async def test_an_import_is_stopped_midway_and_says_how_far_it_came(
    town: Town, windows: Windows, tmp_path: Path
) -> None:
    tag = uuid4().hex[:6]
    rows = [["Naziv"], *([f"Podjetje {tag} {n}"] for n in range(20_000))]
    file = tmp_path / "many.csv"
    file.write_text(text_of(rows))
    async with windows.tab() as tab:
        page = await begin(tab, town, "Companies", file)
        await page.get_by_role("button", name="Try it").click()
        await page.get_by_role("button", name="Take in 20000 rows").click(timeout=120_000)
        await expect(page.get_by_role("heading", name="The rows are being taken in")).to_be_visible()
        await page.get_by_role("button", name="Stop").click()
        await expect(page.get_by_role("heading", name="The import was stopped")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("heading", name="The import was stopped")).to_be_visible()


async def test_a_workbook_on_a_phone_is_taken_in_and_what_was_edited_stays(
    town: Town, windows: Windows, tmp_path: Path
) -> None:
    tag = uuid4().hex[:6]
    file = tmp_path / "stranke.xlsx"
    file.write_bytes(workbook([["Name", "Phone"], [f"Ana {tag}", "+38640600001"], [f"Bor {tag}", "nobody"]]))
    async with windows.tab(NARROW) as tab:
        page = await begin(tab, town, "People", file)
        await whole(page)
        await page.get_by_role("button", name="Try it").click()
        await expect(page.get_by_role("heading", name="This is what would happen")).to_be_visible()
        await expect(page.get_by_role("region", name="Doubtful", exact=True)).to_contain_text(
            "This is no valid phone number"
        )
        await whole(page)
        await page.get_by_role("button", name="Take in 2 rows").click()
        await expect(page.get_by_role("heading", name="The file is taken in")).to_be_visible()
        admin = town.company.client("Nadja")
        (ana,) = admin.get("/api/v1/people", phone="+38640600001")["items"]
        admin.patch(f"/api/v1/people/{ana['id']}", {"name": f"Ana Changed {tag}"}, version=ana["version"])
        await page.get_by_role("button", name="Take it back").click()
        await page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
        await expect(page.get_by_text("1 row was left as it is")).to_be_visible()
        kept = page.get_by_role("region", name="Left as they are")
        await expect(kept).to_contain_text("Somebody has changed it since.")
        await whole(page)
        await kept.get_by_role("link", name=f"Ana {tag}").click()
        await expect(page.get_by_role("heading", name=f"Ana Changed {tag}")).to_be_visible()


async def test_a_file_that_can_not_be_read_says_why(town: Town, windows: Windows, tmp_path: Path) -> None:
    async with windows.tab(NARROW, dark=True) as tab:
        page = tab.page
        await tab.sign_in(NADJA, town.company.password)
        await page.goto("/imports/new?kind=teams")
        await expect(page.get_by_role("radio", name="Teams")).to_be_checked()
        await page.locator("input[type=file]").set_input_files(
            {"name": "empty.csv", "mimeType": "text/csv", "buffer": b""}
        )
        await expect(page.get_by_role("alert")).to_contain_text("There is nothing in this file.")
        await page.locator("input[type=file]").set_input_files(
            {"name": "picture.csv", "mimeType": "text/csv", "buffer": b"\x89PNG\r\n\x1a\n" + b"\0" * 99}
        )
        await expect(page.get_by_role("alert")).to_contain_text("This is neither a CSV nor an XLSX file.")
        await whole(page)


async def test_who_may_add_nothing_sees_no_imports_and_is_told_why(town: Town, windows: Windows, reader: str) -> None:
    async with windows.tab() as tab:
        page = tab.page
        await tab.sign_in(reader, town.company.password)
        await expect(page.get_by_role("link", name="People")).to_be_visible()
        await expect(page.get_by_role("link", name="Imports")).to_have_count(0)
        for path in ("/imports", "/imports/new"):
            await page.goto(path)
            await expect(page.get_by_text("Imports are not for your role")).to_be_visible()
