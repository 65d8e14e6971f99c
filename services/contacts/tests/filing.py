"""A person who imports files through the service's door, for the tests of its kinds."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import httpx
from crm_chassis.access.principal import Principal
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually

Json = dict[str, Any]


async def hire(harness: Harness, who: Principal, name: str = "Somebody", *, active: bool = True) -> Principal:
    """The copies know this user, and what the role grants."""
    role = f"role-{who.id}"
    await harness.execute(
        "INSERT INTO staff_member VALUES (:id, :team, :role, :active, 'en', :name, :email, 1)",
        id=who.id,
        team=who.team_id,
        role=role,
        active=active,
        name=name,
        email=address_of(who),
    )
    grants = ", ".join(f'"{name}": "{scope}"' for name, scope in who.grants.items())
    await harness.execute(
        "INSERT INTO staff_role VALUES (:id, :role, CAST(:grants AS jsonb), 1)",
        id=new_id(),
        role=role,
        grants=f"{{{grants}}}",
    )
    return who


def address_of(who: Principal) -> str:
    """The address of a user made by `hire`."""
    return f"u{who.id.hex}@example.test"


class Importer:
    """Imports of one person, of one kind, one file after the other."""

    def __init__(self, harness: Harness, caller: Principal, kind: str) -> None:
        self._harness = harness
        self._url = f"/api/v1/imports/{kind}"
        self.caller = caller
        self.job: Json = {}

    async def ask(self, method: str, path: str = "", *, version: bool = True, **more: Any) -> httpx.Response:
        """The answer about the present job."""
        headers = self._harness.headers(self.caller, **({"if_match": str(self.job["version"])} if version else {}))
        return await self._harness.client.request(
            method, f"{self._url}/{self.job['id']}{path}", headers=headers, **more
        )

    async def until(self, *states: str) -> Json:
        """The job in one of the states."""

        async def there() -> bool:
            self.job = (await self.ask("GET", version=False)).json()
            return self.job["state"] in states

        await eventually(there, timeout=60)
        return self.job

    async def upload(self, table: Sequence[Sequence[str]], **options: Any) -> Json:
        """The file, its first line the headers, has been read, and its options are set."""
        text = io.StringIO()
        csv.writer(text).writerows(table)
        answer = await self._harness.client.post(
            self._url,
            params={"file_name": "cards.csv"},
            content=text.getvalue().encode(),
            headers=self._harness.headers(self.caller) | {"Content-Type": "text/csv"},
        )
        assert answer.status_code == 202, answer.text
        self.job = answer.json()
        await self.until("ready", "failed")
        if options:
            answer = await self.ask("PATCH", json={"options": options})
            assert answer.status_code == 200, answer.text
            self.job = answer.json()
        return self.job

    async def act(self, what: str, state: str) -> Json:
        """The counts after `check`, `commit` or `undo` has come to its end."""
        answer = await self.ask("POST", f"/{what}")
        assert answer.status_code == 200, answer.text
        self.job = answer.json()
        await self.until(state, "failed")
        assert self.job["state"] == state, self.job["failure"]
        counts: Json = self.job["counts"]
        return counts

    async def take(self, table: Sequence[Sequence[str]], **options: Any) -> Json:
        """The counts after the file has been tried dry and written."""
        await self.upload(table, **options)
        await self.act("check", "checked")
        return await self.act("commit", "done")

    async def rows(self) -> list[Json]:
        """Number, verdict, end and finding codes of each row."""
        items = (await self.ask("GET", "/rows", params={"limit": 200})).json()["items"]
        return [row | {"codes": [finding["code"] for finding in row["findings"]]} for row in items]
