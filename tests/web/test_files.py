"""A file dropped on a card is on every screen that shows the card, whole, and on no other."""

import base64
import hashlib
from typing import Any

from crm_runner.demo.client import wait_for
from playwright.async_api import Page, expect

from tests.conftest import Town

from .conftest import Windows

ANA, MARKO, CENE = (f"{name}@okna-novak.example" for name in ("ana", "marko", "cene"))
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGNgGAWjYBSMAggAAARMAAGkdyEUAAAAAElFTkSuQmCC"
)
DROP = """([name, type, text]) => {
  const bytes = Uint8Array.from(atob(text), (each) => each.charCodeAt(0))
  const dataTransfer = new DataTransfer()
  dataTransfer.items.add(new File([bytes], name, { type }))
  for (const kind of ['dragenter', 'dragover', 'drop'])
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }))
}"""


def _person(town: Town, name: str) -> dict[str, Any]:
    made: dict[str, Any] = town.company.client("Ana").post("/api/v1/people", {"name": name})
    return made


async def _drop(page: Page, name: str, type: str, content: bytes) -> None:
    await page.evaluate(DROP, [name, type, base64.b64encode(content).decode()])


async def test_a_dropped_file_is_on_the_other_screen_at_once_and_comes_back_byte_for_byte(
    town: Town, windows: Windows
) -> None:
    person = _person(town, "Filip Filed")
    body = bytes(range(256)) * 4096
    async with windows.tab() as ana, windows.tab() as head, windows.tab() as cene:
        await ana.sign_in(ANA, town.company.password)
        await head.sign_in(MARKO, town.company.password)
        for tab in (ana, head):
            await tab.page.goto(f"/people/{person['id']}")
            await expect(tab.page.get_by_role("heading", name="Filip Filed")).to_be_visible()
        await _drop(ana.page, "Načrt terase.bin", "application/octet-stream", body)
        for tab in (ana, head):
            files = tab.page.get_by_role("region", name="Files")
            await expect(files.get_by_role("link", name="Načrt terase.bin")).to_be_visible()
            history = tab.page.get_by_role("region", name="History").get_by_role("listitem")
            await expect(history.filter(has_text="Načrt terase.bin")).to_be_visible()
        async with head.page.expect_download() as saved:
            await head.page.get_by_role("region", name="Files").get_by_role("link", name="Načrt terase.bin").click()
        download = await saved.value
        assert download.suggested_filename == "Načrt terase.bin"
        content = (await download.path()).read_bytes()
        assert hashlib.sha256(content).hexdigest() == hashlib.sha256(body).hexdigest()
        # Who may not see the card gets nothing of its files.
        query = {"subject": "person", "subject_id": person["id"]}
        (file,) = town.company.client("Ana").get("/api/v1/files", **query)["items"]
        await cene.sign_in(CENE, town.company.password)
        assert town.company.client("Cene").get("/api/v1/files", **query)["items"] == []
        refused = await cene.page.goto(f"/api/v1/files/{file['id']}/content")
        assert refused is not None and refused.status == 404
        cene.wrong.clear()


async def test_a_file_is_renamed_and_deleted_on_its_card_and_a_refusal_is_said_in_words(
    town: Town, windows: Windows
) -> None:
    person = _person(town, "Rok Renaming")
    ana = town.company.client("Ana")
    async with windows.tab((360, 740)) as tab:
        page = tab.page
        await tab.sign_in(ANA, town.company.password)
        await page.goto(f"/people/{person['id']}")
        files = page.get_by_role("region", name="Files")
        await expect(files).to_contain_text("No files yet")
        await _drop(page, "photo.png", "image/png", PNG)
        await expect(files.get_by_role("link", name="photo.png")).to_be_visible()
        await expect(files.locator("img")).to_have_js_property("naturalWidth", 10)
        await _drop(page, "empty.txt", "text/plain", b"")
        await expect(files.get_by_role("alert")).to_contain_text("There is nothing in this file")
        await files.get_by_role("button", name="Put empty.txt away").click()
        await files.get_by_role("button", name="What can be done with photo.png").click()
        await page.get_by_role("menuitem", name="Rename").click()
        await files.get_by_role("textbox", name="Name of the file").fill("Terrace.png")
        await page.keyboard.press("Enter")
        await expect(files.get_by_role("link", name="Terrace.png")).to_be_visible()
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360
        await files.get_by_role("button", name="What can be done with Terrace.png").click()
        await page.get_by_role("menuitem", name="Delete").click()
        await files.get_by_role("button", name="Delete").click()
        await expect(files).to_contain_text("No files yet")

        def gone() -> bool:
            return not ana.get("/api/v1/files", subject="person", subject_id=person["id"])["items"]

        wait_for("the end of the file", gone)
