"""A file taken in: read, tried dry, written on the bulk lane, given back; with the things of the sample service."""

import csv
import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import sample
from crm_chassis.ids import new_id
from crm_chassis.imports import worker
from crm_chassis.imports.kinds import Judged, Row, Run
from crm_chassis.testing import Harness
from crm_contracts.envelope import Lane
from importing import Importer

pytestmark = pytest.mark.usefixtures("small_steps")


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
    assert [(row["number"], row["ended"]) for row in await importer.rows(about="kept")] == [(2, "kept")]
    left = await harness.rows("SELECT name FROM thing WHERE name LIKE :like", like=f"{name}%")
    assert [row["name"] for row in left] == [f"{name} X"]
    assert [event.data["outcome"] for event in await _finished(harness, job)] == ["done", "undone"]


async def _finished(harness: Harness, job: dict[str, Any]) -> list[Any]:
    return [e for e in await harness.recorded("sample.import.finished.v1") if e.subject_id == UUID(job["id"])]


async def test_what_a_person_asks_for_begins_before_the_next_look_for_work(
    importer: Importer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as seldom:
        seldom.setattr(worker, "POLL_S", 300.0)
        await importer.upload(f"name\n{name}\n")  # at the latest by the look that was due already
        await importer.act("check", "checked")
        await importer.act("commit", "done")
    await importer.act("undo", "undone")


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
    await importer.upload(f"name,after\n{name} 1,nothing\n{name} 2,\n,nobody\n")
    checked = await importer.act("check", "checked")
    (doubtful,) = await importer.rows(about="doubtful")
    assert (doubtful["number"], doubtful["verdict"]) == (2, "create")
    answer = await importer.ask("PATCH", "", json={"skipped_doubts": ["unknown_thing"]})
    importer.job = answer.json()
    # What the rows would do was tried: which of them are left out changes nothing of it.
    assert (importer.job["state"], importer.job["counts"]) == ("checked", checked["counts"])
    job = await importer.act("commit", "done")
    assert job["counts"] == {"create": 1, "skipped": 1, "error": 1} and job["done"] == job["total"] == 3
    assert [row["ended"] for row in await importer.rows()] == ["skipped", "created", "error"]


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
