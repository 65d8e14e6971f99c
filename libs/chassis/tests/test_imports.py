"""A file taken in: read, tried dry, written on the bulk lane, given back; with the things of the sample service."""

import csv
import io
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import sample
from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.ids import new_id
from crm_chassis.imports import repository, steps
from crm_chassis.imports.kinds import Judged, Row, Run
from crm_chassis.testing import Harness, admin, eventually, nobody
from crm_contracts.envelope import Lane
from sqlalchemy.pool import QueuePool

NOUNS = ("thing",)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of two rows, and no patience with what is waited for."""
    monkeypatch.setattr(steps, "CHUNK", 2)
    monkeypatch.setattr(steps, "TRIES", 3)
    monkeypatch.setattr(steps, "RETRY", timedelta(milliseconds=200))


@pytest.fixture
async def caller(harness: Harness) -> Principal:
    """Somebody the copies know, who may do everything with things."""
    return await _hired(harness, admin(NOUNS))


async def _hired(harness: Harness, who: Principal) -> Principal:
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


@pytest.fixture
def importer(harness: Harness, caller: Principal) -> Importer:
    """The caller's next import."""
    return Importer(harness, caller)


@pytest.fixture
def name() -> Iterator[str]:
    """A word no other test uses for its things."""
    yield f"t{new_id().hex[-12:]}"


async def test_a_file_is_tried_dry_written_and_given_back(harness: Harness, importer: Importer, name: str) -> None:
    job = await importer.upload(f"Naziv;mine\n{name} 1;\n{name} 2;x\n;x\n{name} 1;x\n")
    assert (job["mapping"], job["total"], job["format"]["delimiter"]) == ({"name": 0, "mine": 1}, 4, ";")

    job = await importer.act("check", "checked")
    assert job["counts"] == {"create": 2, "error": 1, "duplicate": 1}
    assert not await harness.rows("SELECT 1 FROM thing WHERE name LIKE :like", like=f"{name}%")
    (twice,) = await importer.rows(verdict="duplicate")
    assert (twice["number"], twice["findings"][0]["message"]) == (5, "Row 2 of this file is the same.")

    job = await importer.act("commit", "done")
    assert job["counts"] == {"create": 2, "error": 1, "duplicate": 1} and job["done"] == 4
    made = await harness.rows("SELECT * FROM thing WHERE name LIKE :like ORDER BY name", like=f"{name}%")
    assert [row["name"] for row in made] == [f"{name} 1", f"{name} 2"]
    told = [event for event in await harness.recorded(sample.CHANGED) if event.data["name"].startswith(name)]
    assert {(event.lane, event.actor) for event in told} == {(Lane.BULK, f"user:{importer._caller.id}")}
    (finished,) = await _finished(harness, job)
    assert (finished.lane, finished.data["outcome"]) == (Lane.LIVE, "done")
    assert {event.correlationid for event in told} == {finished.correlationid}

    result = await importer.ask("GET", "/result")
    lines = list(csv.reader(io.StringIO(result.content.decode("utf-8-sig"))))
    assert lines[0] == ["Naziv", "mine", "import_result", "import_reason"]
    assert [line[2] for line in lines[1:]] == ["created", "created", "error", "duplicate"]

    await harness.execute("UPDATE thing SET version = 7, name = :new WHERE id = :id", id=made[0]["id"], new=f"{name} X")
    job = await importer.act("undo", "undone")
    assert job["counts"] == {"removed": 1, "kept": 1}
    left = await harness.rows("SELECT name FROM thing WHERE name LIKE :like", like=f"{name}%")
    assert [row["name"] for row in left] == [f"{name} X"]
    assert [event.data["outcome"] for event in await _finished(harness, job)] == ["done", "undone"]


async def _finished(harness: Harness, job: dict[str, Any]) -> list[Any]:
    return [e for e in await harness.recorded("sample.import.finished.v1") if e.subject_id == UUID(job["id"])]


async def test_the_same_file_again_creates_nothing(harness: Harness, importer: Importer, name: str) -> None:
    for counts in ({"create": 3}, {"same": 3}):
        await importer.upload(f"name\n{name} 1\n{name} 2\n{name} 3\n")
        await importer.act("check", "checked")
        assert (await importer.act("commit", "done"))["counts"] == counts
    assert len(await harness.rows("SELECT 1 FROM thing WHERE name LIKE :like", like=f"{name}%")) == 3


async def test_an_update_is_undone_to_what_stood_before(harness: Harness, importer: Importer, name: str) -> None:
    await harness.execute("INSERT INTO thing VALUES (:id, :name, NULL, 1)", id=new_id(), name=name)
    await importer.upload(f"name,mine\n{name},yes\n")
    await importer.act("check", "checked")
    assert (await importer.act("commit", "done"))["counts"] == {"update": 1}
    owner = "SELECT owner_id FROM thing WHERE name = :name"
    assert (await harness.rows(owner, name=name))[0]["owner_id"] == importer._caller.id
    assert (await importer.act("undo", "undone"))["counts"] == {"restored": 1}
    assert (await harness.rows(owner, name=name))[0]["owner_id"] is None


async def test_a_row_waits_for_what_it_names_and_is_doubtful_when_it_never_comes(
    harness: Harness, importer: Importer, name: str
) -> None:
    await importer.upload(f"name,after\n{name} 1,{name} 2\n{name} 2,\n{name} 3,{name} never\n")
    job = await importer.act("check", "checked")
    assert job["counts"] == {"create": 3, "doubt:unknown_thing": 2, "doubt:any": 2}
    job = await importer.act("commit", "done")
    assert job["counts"] == {"create": 3, "doubt:unknown_thing": 1, "doubt:any": 1}
    (doubtful,) = await importer.rows(finding="unknown_thing")
    assert (doubtful["number"], doubtful["ended"]) == (4, "created")


async def test_doubtful_rows_are_left_out_when_asked(harness: Harness, importer: Importer, name: str) -> None:
    await importer.upload(f"name,after\n{name} 1,nothing\n{name} 2,\n")
    answer = await importer.ask("PATCH", "", json={"skipped_doubts": ["unknown_thing"]})
    importer.job = answer.json()
    await importer.act("check", "checked")
    await importer.act("commit", "done")
    assert [row["ended"] for row in await importer.rows()] == ["skipped", "created"]


async def test_a_row_that_can_not_be_written_keeps_no_other_out(
    harness: Harness, importer: Importer, name: str
) -> None:
    await importer.upload(f"name\n{name} 1\ntoo much\n{name} 2\n")
    await importer.act("check", "checked")
    job = await importer.act("commit", "done")
    assert job["counts"] == {"create": 2, "error": 1}
    (refused,) = await importer.rows(verdict="error")
    assert refused["findings"] == [
        {"level": "error", "code": "too_much", "message": "This is too much.", "field": None}
    ]
    told = [e.data["name"] for e in await harness.recorded(sample.CHANGED)]
    assert sorted(n for n in told if n.startswith(name)) == [f"{name} 1", f"{name} 2"] and "too much" not in told


async def test_a_step_that_breaks_off_is_done_again_and_doubles_nothing(
    harness: Harness, importer: Importer, name: str
) -> None:
    await importer.upload("name\n" + "".join(f"{name} {n}\n" for n in range(7)))
    await importer.act("check", "checked")
    sample.Things.failures.extend([asyncpg.DeadlockDetectedError(), asyncpg.CannotConnectNowError()])
    assert (await importer.act("commit", "done"))["counts"] == {"create": 7}
    assert len(await harness.rows("SELECT 1 FROM thing WHERE name LIKE :like", like=f"{name}%")) == 7
    told = [e.data["name"] for e in await harness.recorded(sample.CHANGED) if e.data["name"].startswith(name)]
    assert len(told) == 7


async def test_a_job_stops_where_it_is_and_what_it_wrote_can_be_taken_back(
    harness: Harness, importer: Importer, name: str
) -> None:
    await importer.upload(f"name\n{name} 1\n")
    await importer.act("check", "checked")
    # Somebody else's transaction holds the job: it can be asked to stop before its first step.
    importer.job = (await importer.ask("POST", "/commit")).json()
    importer.job = (await importer.ask("POST", "/cancel", version=False)).json()
    assert importer.job["state"] in ("cancelled", "done")
    await importer.act("undo", "undone")
    assert not await harness.rows("SELECT 1 FROM thing WHERE name = :name", name=f"{name} 1")


async def test_a_job_that_can_not_go_on_fails_lets_others_pass_and_what_it_wrote_is_taken_back(
    harness: Harness, importer: Importer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await importer.upload("name\n" + "".join(f"{name} {n}\n" for n in range(4)))
    await importer.act("check", "checked")
    judge = sample.Things.judge

    async def broken(kind: sample.Things, run: Run, rows: Sequence[Row]) -> list[Judged]:
        if run.job_id == UUID(importer.job["id"]) and rows[0].number > 2:
            raise ValueError("nobody thought of this")
        return await judge(kind, run, rows)

    monkeypatch.setattr(sample.Things, "judge", broken)
    job = await importer.act("commit", "failed")
    assert (job["failure"]["code"], job["counts"]) == ("internal_error", {"create": 2})
    assert (await importer.ask("PATCH", "", json={"format": {"header_row": 0}})).json()["code"] == "not_now"

    other = Importer(harness, importer._caller)
    await other.upload(f"name\n{name} other\n")
    await other.act("check", "checked")
    assert (await importer.act("undo", "undone"))["counts"] == {"removed": 2}
    assert not await harness.rows("SELECT 1 FROM thing WHERE name LIKE :like", like=f"{name}%")


async def test_an_upload_holds_no_connection_while_it_is_sent(harness: Harness, caller: Principal, name: str) -> None:
    pool = harness.database.engine.pool
    assert isinstance(pool, QueuePool)
    standing = pool.checkedout()  # the relay keeps one
    sent: list[str] = []

    async def slowly() -> AsyncIterator[bytes]:
        yield b"name\n"
        await eventually(lambda: pool.checkedout() <= standing)
        sent.append(name)
        yield name.encode()

    path = "/api/v1/imports/things?file_name=slow.csv"
    answer = await harness.client.post(path, content=slowly(), headers=harness.headers(caller))
    assert (answer.status_code, sent) == (202, [name])


async def test_whole_files_are_forgotten_after_their_time(harness: Harness, importer: Importer, name: str) -> None:
    job = await importer.upload(f"name\n{name}\n")
    await importer.act("check", "checked")
    for later, left in ((timedelta(days=89), True), (timedelta(days=91), False)):
        async with harness.database.transaction() as tx:
            await repository.forget(tx, now() + later, timedelta(days=90))
        for table in ("import_part", "import_row", "import_key"):
            found = await harness.rows(f"SELECT 1 FROM {table} WHERE job_id = :id LIMIT 1", id=job["id"])  # noqa: S608
            assert bool(found) is left, table


async def test_whoever_leaves_ends_their_imports(harness: Harness, importer: Importer, name: str) -> None:
    await importer.upload(f"name\n{name}\n")
    await harness.execute("UPDATE staff_member SET active = false WHERE id = :id", id=importer._caller.id)
    job = await importer.act("check", "failed")
    assert job["failure"]["code"] == "user_gone"


async def test_an_import_waits_while_the_copies_lack_who_imports_or_their_role(harness: Harness, name: str) -> None:
    newcomer = Importer(harness, admin(NOUNS))
    await newcomer.upload(f"name\n{name}\n")
    newcomer.job = (await newcomer.ask("POST", "/check")).json()
    waits = "SELECT 1 FROM import_job WHERE id = :id AND state = 'checking' AND wake_at > created_at"
    await eventually(lambda: harness.rows(waits, id=newcomer.job["id"]))
    await _hired(harness, newcomer._caller)
    assert (await newcomer.until("checked"))["counts"] == {"create": 1}


async def test_rights_taken_away_meanwhile_end_the_import(harness: Harness, importer: Importer, name: str) -> None:
    await importer.upload(f"name\n{name}\n")
    await importer.act("check", "checked")
    await harness.execute("UPDATE staff_role SET grants = '{}' WHERE name = :role", role=f"role-{importer._caller.id}")
    job = await importer.act("commit", "failed")
    assert job["failure"]["code"] == "forbidden"
    assert not await harness.rows("SELECT 1 FROM thing WHERE name = :name", name=name)


async def test_an_import_is_seen_and_moved_by_nobody_else(harness: Harness, importer: Importer, name: str) -> None:
    job = await importer.upload(f"name\n{name}\n")
    stranger = Importer(harness, await _hired(harness, admin(NOUNS)))
    stranger.job = job
    for method, path in (("GET", ""), ("GET", "/rows"), ("GET", "/result"), ("POST", "/check"), ("POST", "/cancel")):
        assert (await stranger.ask(method, path)).status_code == 404
    listed = await harness.client.get("/api/v1/imports/things", headers=harness.headers(stranger._caller))
    assert listed.json() == {"items": [], "next_cursor": None}
    refused = await harness.client.post(
        "/api/v1/imports/things?file_name=x.csv", content=b"name\nx\n", headers=harness.headers(nobody())
    )
    assert refused.status_code == 403


async def test_what_does_not_fit_is_refused_by_name(harness: Harness, importer: Importer, name: str) -> None:
    await importer.upload(f"something,else\n{name},1\n")
    assert importer.job["mapping"] == {}
    lacking = await importer.ask("POST", "/check")
    assert (lacking.status_code, lacking.json()["errors"][0]["field"]) == (422, "mapping.name")
    too_early = await importer.ask("POST", "/commit")
    assert (too_early.status_code, too_early.json()["code"]) == (409, "not_now")
    for body, field in (
        ({"mapping": {"nothing": 0}}, "mapping.nothing"),
        ({"mapping": {"name": 7}}, "mapping.name"),
        ({"options": {"colour": "red"}}, "options.colour"),
    ):
        answer = await importer.ask("PATCH", "", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    importer.job["version"] -= 1
    assert (await importer.ask("PATCH", "", json={"mapping": {"name": 0}})).status_code == 409


async def test_a_file_that_can_not_be_read_says_why_and_can_be_read_otherwise(
    harness: Harness, importer: Importer, name: str
) -> None:
    url = "/api/v1/imports/things?file_name=empty.csv"
    answer = await harness.client.post(url, content=b"", headers=harness.headers(importer._caller))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "empty_file")
    job = await importer.upload(b"\n\n", "empty.csv")
    assert (job["state"], job["failure"]["code"]) == ("failed", "empty_file")
    job = await importer.upload(f"# a note\nname\n{name}\n")
    importer.job = (await importer.ask("PATCH", "", json={"format": {"header_row": 2}})).json()
    job = await importer.until("ready")
    assert (job["total"], job["mapping"]) == (1, {"name": 0})


async def test_an_upload_repeated_under_its_key_is_one_import_and_a_large_one_is_refused(
    harness: Harness, caller: Principal, name: str
) -> None:
    headers = harness.headers(caller) | {"Idempotency-Key": name}
    path = "/api/v1/imports/things?file_name=x.csv"
    first = await harness.client.post(path, content=b"name\nx\n", headers=headers)
    again = await harness.client.post(path, content=b"name\nx\n", headers=headers)
    other = await harness.client.post(path, content=b"name\ny\n", headers=headers)
    assert first.json()["id"] == again.json()["id"]
    assert (again.headers["idempotency-replayed"], other.status_code) == ("true", 422)
    large = await harness.client.post(path, content=b"x" * (50 * 1024 * 1024 + 1), headers=harness.headers(caller))
    assert large.status_code == 413


async def test_no_route_takes_more_statements_for_a_longer_file_or_for_more_imports(
    harness: Harness, caller: Principal, name: str
) -> None:
    async def counted(rows: int) -> dict[str, int]:
        one, found = Importer(harness, caller), dict[str, int]()

        async def ask(what: str, method: str, path: str, *states: str, **more: Any) -> None:
            with harness.statements() as seen:
                answer = await one.ask(method, path, **more)
            assert answer.status_code == 200, answer.text
            found[what] = len(seen)
            if states:
                one.job = answer.json()
                await one.until(*states)

        headers = harness.headers(caller)
        file = "name\n" + "".join(f"{name} {rows} {n}\n" for n in range(rows))
        with harness.statements() as seen:
            sent = await harness.client.post("/api/v1/imports/things?file_name=x", content=file, headers=headers)
        one.job, found["upload"] = sent.json(), len(seen)
        await one.until("ready")
        await ask("change", "PATCH", "", "ready", json={"options": {"prefix": "x"}})
        await ask("check", "POST", "/check", "checked")
        await ask("commit", "POST", "/commit", "done")
        await ask("read", "GET", "")
        await ask("rows", "GET", "/rows")
        await ask("some rows", "GET", "/rows", params={"verdict": "create", "limit": 2})
        await ask("undo", "POST", "/undo", "undone")
        await one.upload(file)
        await ask("cancel", "POST", "/cancel")
        with harness.statements() as seen:
            listed = await harness.client.get("/api/v1/imports/things", headers=headers)
        assert listed.status_code == 200
        return found | {"list": len(seen)}

    short = await counted(1)
    assert await counted(12) == short
    assert max(short.values()) <= 4, short
