"""The doors of imports: who may, what is refused by name, what is kept for how long and what it costs."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.imports import repository
from crm_chassis.testing import Harness, admin, eventually, nobody
from importing import NOUNS, Importer, hired
from sqlalchemy.pool import QueuePool

pytestmark = pytest.mark.usefixtures("small_steps")


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
    await hired(harness, newcomer._caller)
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
    stranger = Importer(harness, await hired(harness, admin(NOUNS)))
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
