"""Every file that was ever thought of to hurt an import, sent through the door of a service: all of it or nothing."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from crm_chassis.access.principal import Principal
from crm_chassis.imports import worker
from crm_chassis.imports.files.shape import REFUSALS
from crm_chassis.testing import Harness, admin, eventually
from crm_contacts.imports.columns import PERSON
from files.expected import Refused
from files.hostile import HOSTILE

from .filing import hire

NOUNS = ("person", "company")
URL = "/api/v1/imports/people"
PATIENCE_S = 120.0
Json = dict[str, Any]
ends: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def said_at_the_end() -> Iterator[None]:
    """How many files went through, and what became of them."""
    yield
    print(f"\nhostile files sent: {ends.total()} of {len(HOSTILE)}: {dict(ends)}")  # noqa: T201 - to be read with -s


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that looks for work all the time."""
    monkeypatch.setattr(worker, "POLL_S", 0.02)


@pytest.fixture(scope="module")
async def sender(contacts: Harness) -> AsyncIterator[Principal]:
    """Somebody who may do everything with people and companies."""
    yield await hire(contacts, admin(NOUNS))


class Sender:
    """Sends one file; every answer is one the service thought of."""

    def __init__(self, contacts: Harness, caller: Principal) -> None:
        self._contacts = contacts
        self._caller = caller
        self.job: Json = {}

    async def ask(self, method: str, path: str = "", **more: Any) -> httpx.Response:
        """The answer about the job; never a fault of ours."""
        headers = self._contacts.headers(self._caller, if_match=str(self.job.get("version", 1)))
        target = f"{URL}/{self.job['id']}{path}" if self.job else URL
        answer = await self._contacts.client.request(method, target, headers=headers, **more)
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            assert answer.json()["code"], answer.text
        return answer

    async def become(self, answer: httpx.Response, *states: str) -> str:
        """The job in one of the states."""
        assert answer.status_code in (200, 202), answer.text
        self.job = answer.json()

        async def there() -> bool:
            self.job = (await self.ask("GET")).json()
            return self.job["state"] in states

        await eventually(there, PATIENCE_S)
        return str(self.job["state"])

    async def numbers(self) -> list[int]:
        """The numbers of all rows, page by page."""
        found: list[int] = []
        query: Json = {"limit": 200}
        while True:
            page = (await self.ask("GET", "/rows", params=query)).json()
            found += [row["number"] for row in page["items"]]
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]


def mapping_of(job: Json) -> dict[str, int]:
    """Each column a field, the name the first: whatever stands in it is read as something."""
    wanted = ["name", *(field.name for field in PERSON if field.name != "name")]
    return dict(zip(wanted, (column["index"] for column in job["columns"]), strict=False))


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_file_is_refused_with_a_code_or_taken_in_to_its_last_row(
    contacts: Harness, sender: Principal, name: str
) -> None:
    hostile, one = HOSTILE[name], Sender(contacts, sender)
    before = await _cards(contacts)
    sent = await one.ask("POST", params={"file_name": hostile.file}, content=hostile.make())
    if sent.status_code in (413, 422):
        why = {413: "file_too_large", 422: "empty_file"}[sent.status_code]
        assert hostile.expected == Refused(why) and await _cards(contacts) == before
        ends["refused at the door"] += 1
        return
    if await one.become(sent, "ready", "failed") == "failed":
        assert one.job["failure"]["code"] in REFUSALS
        assert await one.numbers() == [] and await _cards(contacts) == before
        assert (await one.ask("POST", "/check")).status_code == 409
        ends["refused as it is read"] += 1
        return
    numbers = await one.numbers()
    assert len(numbers) == one.job["total"] and numbers == sorted(set(numbers))

    options = {"create_companies": True, "update": "overwrite"}
    changed = await one.ask("PATCH", json={"mapping": mapping_of(one.job), "options": options})
    await one.become(changed, "ready")
    tried = await one.ask("POST", "/check")
    if tried.status_code == 422:
        assert not one.job["columns"] and await _cards(contacts) == before
        ends["without a column"] += 1
        return
    await one.become(tried, "checked")
    assert await _cards(contacts) == before
    await one.become(await one.ask("POST", "/commit"), "done")
    counts = {verdict: count for verdict, count in one.job["counts"].items() if not verdict.startswith("doubt:")}
    assert sum(counts.values()) == one.job["total"] == one.job["done"], counts
    assert await _cards(contacts) - before == counts.get("create", 0)
    result = await one.ask("GET", "/result")
    assert result.content.startswith(b"\xef\xbb\xbf")
    await one.become(await one.ask("POST", "/undo"), "undone")
    assert await _cards(contacts) == before
    ends["taken in and given back"] += 1


async def _cards(contacts: Harness) -> int:
    (row,) = await contacts.rows("SELECT count(*) AS many FROM person")
    return int(row["many"])
