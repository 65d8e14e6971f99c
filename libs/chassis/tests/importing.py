"""What tests of imports share: one person's import through the service's door, and somebody who may make one."""

from typing import Any

import httpx
from crm_chassis.access.principal import Principal
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually

NOUNS = ("thing",)


async def hired(harness: Harness, who: Principal) -> Principal:
    """The copies know who this is and what their role may do."""
    role = f"role-{who.id}"
    member = "INSERT INTO staff_member VALUES (:id, NULL, :role, true, 'en', 'X', 'x@example.com', 1)"
    await harness.execute(member, id=who.id, role=role)
    grants = ", ".join(f'"{name}": "{scope}"' for name, scope in who.grants.items())
    await harness.execute(
        "INSERT INTO staff_role VALUES (:id, :role, CAST(:grants AS jsonb), 1)",
        id=new_id(),
        role=role,
        grants=f"{{{grants}}}",
    )
    return who


class Importer:
    """One person's import of one file, through the service's door."""

    def __init__(self, harness: Harness, caller: Principal) -> None:
        self._harness = harness
        self._caller = caller
        self.job: dict[str, Any] = {}

    async def ask(self, method: str, path: str, *, version: bool = True, **more: Any) -> httpx.Response:
        """The answer about this job."""
        tag = {"if_match": str(self.job["version"])} if version else {}
        headers = self._harness.headers(self._caller, **tag) | more.pop("headers", {})
        return await self._harness.client.request(
            method, f"/api/v1/imports/things/{self.job['id']}{path}", headers=headers, **more
        )

    async def upload(self, text: str | bytes, name: str = "things.csv") -> dict[str, Any]:
        """The job, once its file has been read (or could not be)."""
        answer = await self._harness.client.post(
            "/api/v1/imports/things",
            params={"file_name": name},
            content=text if isinstance(text, bytes) else text.encode(),
            headers=self._harness.headers(self._caller) | {"Content-Type": "text/csv"},
        )
        assert answer.status_code == 202, answer.text
        self.job = answer.json()
        return await self.until("ready", "failed")

    async def until(self, *states: str) -> dict[str, Any]:
        """The job in one of the states."""

        async def there() -> bool:
            self.job = (await self.ask("GET", "", version=False)).json()
            return self.job["state"] in states

        await eventually(there)
        return self.job

    async def act(self, what: str, state: str) -> dict[str, Any]:
        """The job after `check`, `commit` or `undo` has come to its end."""
        answer = await self.ask("POST", f"/{what}")
        assert answer.status_code == 200, answer.text
        self.job = answer.json()
        return await self.until(state)

    async def rows(self, **query: str) -> list[dict[str, Any]]:
        """The rows of the file."""
        items: list[dict[str, Any]] = (await self.ask("GET", "/rows", params=query)).json()["items"]
        return items
