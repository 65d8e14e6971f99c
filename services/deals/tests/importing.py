"""Imports as tests do them: rows straight to a kind, or a file through the service's door."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from crm_chassis.access.principal import Principal
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.imports.files.shape import DateOrder, Format
from crm_chassis.imports.kinds import Judged, Kind, Row, Run, Undone, Written
from crm_chassis.testing import eventually
from crm_contracts.envelope import Lane
from crm_deals.imports.deals import Deals
from crm_deals.imports.products import Products
from crm_deals.settings import DealsSettings

from .desk import Desk

_SETTINGS = DealsSettings()
DEALS = Deals(_SETTINGS.currency, _SETTINGS.zone)
PRODUCTS = Products(_SETTINGS.currency)
CHUNK = 500


@dataclass
class Taken:
    """What became of a file."""

    judged: list[Judged] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)

    @property
    def verdicts(self) -> list[str]:
        """Of each row."""
        return [each.verdict for each in self.judged]

    def doubtful(self, code: str) -> list[int]:
        """Numbers of the rows with this doubt."""
        return [each.row.number for each in self.judged if code in each.doubts]

    @property
    def codes(self) -> list[list[str]]:
        """Of each row's findings."""
        return [sorted(finding.code for finding in each.findings) for each in self.judged]


class Importing:
    """Imports of one person."""

    def __init__(self, desk: Desk, caller: Principal) -> None:
        self.desk = desk
        self.caller = caller

    async def take(
        self,
        kind: Kind,
        rows: Sequence[Mapping[str, str]],
        *,
        last_try: bool = True,
        date_order: DateOrder = "ymd",
        columns: Sequence[str] | None = None,
        dry: bool = False,
        **options: Any,
    ) -> Taken:
        """The rows judged and written in chunks; the first one is row 2, as in a file."""
        names = columns or sorted({name for row in rows for name in row})
        file = Format("csv", "utf-8", ",", None, 1, date_order, ".")
        numbered = [Row(n, {k: v for k, v in row.items() if v}, last_try) for n, row in enumerate(rows, 2)]
        taken = Taken()
        for start in range(0, len(numbered), CHUNK):
            async with self.desk.harness.database.transaction() as tx:
                run = Run(
                    tx,
                    self.caller,
                    kind.options.model_validate(options),
                    file,
                    new_id(),
                    mapping={name: place for place, name in enumerate(names)},
                )
                with telling(self._story()):
                    judged = await kind.judge(run, numbered[start : start + CHUNK])
                    taken.judged += judged
                    if not dry:
                        todo = [each for each in judged if each.verdict in ("create", "update")]
                        taken.written += await kind.write(run, todo)
        return taken

    async def undo(self, kind: Kind, written: Sequence[Written]) -> list[Undone]:
        """What was written, taken back from its last row on, in chunks; `before` comes back from JSON."""
        back = [
            Written(w.number, w.subject_id, w.after_version, orjson.loads(orjson.dumps(w.before)))
            for w in reversed(written)
        ]
        undone: list[Undone] = []
        for start in range(0, len(back), CHUNK):
            async with self.desk.harness.database.transaction() as tx:
                file = Format("csv", "utf-8", ",", None, 1, "ymd", ".")
                run = Run(tx, self.caller, kind.options.model_validate({}), file, new_id())
                with telling(self._story()):
                    undone += await kind.undo(run, back[start : start + CHUNK])
        return undone

    def _story(self) -> Story:
        return Story(actor=f"user:{self.caller.id}", correlation_id=new_id(), lane=Lane.BULK)

    async def through_the_door(
        self, kind: str, text: str, *, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """A file uploaded, tried dry and written: the job as it was checked and as it was done."""
        path = f"/api/v1/imports/{kind}"
        headers = self.desk.harness.headers(self.caller)
        client = self.desk.harness.client
        answer = await client.post(f"{path}?file_name=old.csv", content=text.encode(), headers=headers)
        assert answer.status_code == 202, answer.text
        job = await self.until(kind, answer.json()["id"], "ready", "failed")
        if options:
            answer = await client.patch(
                f"{path}/{job['id']}", json={"options": options}, headers=headers | {"If-Match": f'"{job["version"]}"'}
            )
            assert answer.status_code == 200, answer.text
            job = answer.json()
        checked = await self.act(kind, job, "check", "checked")
        return checked, await self.act(kind, checked, "commit", "done")

    async def act(self, kind: str, job: dict[str, Any], what: str, state: str) -> dict[str, Any]:
        """The job after check, commit or undo."""
        headers = self.desk.harness.headers(self.caller, if_match=f'"{job["version"]}"')
        answer = await self.desk.harness.client.post(f"/api/v1/imports/{kind}/{job['id']}/{what}", headers=headers)
        assert answer.status_code == 200, answer.text
        return await self.until(kind, job["id"], state)

    async def until(self, kind: str, id: str, *states: str) -> dict[str, Any]:
        """The job in one of the states."""
        job: dict[str, Any] = {}

        async def there() -> bool:
            nonlocal job
            headers = self.desk.harness.headers(self.caller)
            job = (await self.desk.harness.client.get(f"/api/v1/imports/{kind}/{id}", headers=headers)).json()
            return job["state"] in states

        await eventually(there, timeout=60)
        return job


async def employ(desk: Desk, name: str, *, email: str = "", who: Principal | None = None, active: bool = True) -> UUID:
    """Somebody in the copy of staff; with `who`, that person with their rights in a role of their own."""
    id = who.id if who else new_id()
    role = f"role-{id}"
    member = "INSERT INTO staff_member VALUES (:id, NULL, :role, :active, 'en', :name, :email, 1)"
    await desk.harness.execute(member, id=id, role=role, name=name, email=email or f"{id}@example.com", active=active)
    if who:
        grants = orjson.dumps({key: str(scope) for key, scope in who.grants.items()}).decode()
        granted = "INSERT INTO staff_role VALUES (:id, :role, CAST(:grants AS jsonb), 1)"
        await desk.harness.execute(granted, id=new_id(), role=role, grants=grants)
    return id


async def company(desk: Desk, name: str, owner_id: UUID | None = None) -> UUID:
    """A company in the copy of contacts."""
    id = new_id()
    statement = "INSERT INTO company_card VALUES (:id, :name, CAST(:owner AS uuid), 1)"
    await desk.harness.execute(statement, id=id, name=name, owner=owner_id)
    return id
