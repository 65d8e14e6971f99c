"""What is in a file: whole or not there, never in memory, given as what it is, and gone from the disk in time."""

import asyncio
import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually
from crm_contacts.files.api import MAX_BYTES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .attaching import HEAD, PIECE, PNG, ask, content, contents, listed, on_disk, pieces, post, put


@pytest.mark.parametrize(
    ("body", "name", "kind"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg", "text/plain; charset=utf-8"),
        (b"<!doctype html><script>alert(1)</script>", "photo.png", "text/plain; charset=utf-8"),
        (b"PK\x03\x04\x14\0", "a.png", "application/zip"),
        (b"MZ\x90\0\x03\0", "holiday.jpg", "application/octet-stream"),
    ],
)
async def test_what_is_no_image_is_saved_never_shown_whatever_it_calls_itself(
    contacts: Harness, enter: Any, body: bytes, name: str, kind: str
) -> None:
    person = await enter(HEAD)
    file = await put(contacts, HEAD, "person", person["id"], body, name=name, content_type="image/png")
    answer = await content(contacts, HEAD, file)
    assert (answer.content, answer.headers["content-type"]) == (body, kind)
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_a_part_of_a_file_is_given_as_asked_for(contacts: Harness, enter: Any) -> None:
    person = await enter(HEAD)
    file = await put(contacts, HEAD, "person", person["id"])
    size = len(PNG)

    @settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, size + 10), st.integers(0, size + 10))
    def some(first: int, last: int) -> None:
        asked.append((first, last))

    asked: list[tuple[int, int]] = []
    some()
    for first, last in asked:
        answer = await content(contacts, HEAD, file, range=f"bytes={first}-{last}")
        if last < first:
            assert (answer.status_code, answer.content) == (200, PNG)
        elif first >= size:
            assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")
            assert answer.json()["code"] == "range_not_satisfiable"
        else:
            assert (answer.status_code, answer.content) == (206, PNG[first : last + 1])
            assert answer.headers["content-range"] == f"bytes {first}-{min(last, size - 1)}/{size}"
            assert answer.headers["content-length"] == str(len(answer.content))
    etag = f'"{file["sha256"]}"'
    same = await content(contacts, HEAD, file, range="bytes=5-", if_range=etag)
    assert (same.status_code, same.headers["etag"], same.content) == (206, etag, PNG[5:])
    other = await content(contacts, HEAD, file, range="bytes=5-", if_range='"of another file"')
    assert (other.status_code, other.content) == (200, PNG)


async def test_twenty_five_megabytes_pass_without_being_in_memory_and_no_more_are_taken(
    contacts: Harness, enter: Any, files_dir: Path
) -> None:
    person = await enter(HEAD)
    count = MAX_BYTES // len(PIECE)
    tracemalloc.start()
    try:
        file = await put(contacts, HEAD, "person", person["id"], pieces(count))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * 1024 * 1024
    assert (file["size"], file["sha256"]) == (MAX_BYTES, hashlib.sha256(PIECE * count).hexdigest())
    digest = hashlib.sha256()
    url = f"/api/v1/files/{file['id']}/content"
    async with contacts.client.stream("GET", url, headers=contacts.headers(HEAD)) as answer:
        async for piece in answer.aiter_bytes():
            digest.update(piece)
    assert digest.hexdigest() == file["sha256"]
    stored = contents(files_dir)
    told = await post(contacts, HEAD, "person", person["id"], b"x", content_length=str(MAX_BYTES + 1))
    untold = await post(contacts, HEAD, "person", person["id"], pieces(count + 1))
    for refused in (told, untold):
        assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert contents(files_dir) == stored


async def test_an_empty_file_and_a_name_that_is_a_path_are_refused_by_name(
    contacts: Harness, enter: Any, files_dir: Path
) -> None:
    person = await enter(HEAD)
    stored = contents(files_dir)
    empty = await post(contacts, HEAD, "person", person["id"], b"")
    assert (empty.status_code, empty.json()["errors"][0]["code"]) == (422, "empty_file")
    for name, code in (
        ("../a.png", "path_in_name"),
        ("a\\b.png", "path_in_name"),
        ("..", "path_in_name"),
        ("a\0b.png", "control_character"),
        (" ", "blank"),
        ("", "too_short"),
        ("x" * 201, "too_long"),
    ):
        refused = await post(contacts, HEAD, "person", person["id"], name=name)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
    assert contents(files_dir) == stored
    assert (await listed(contacts, HEAD, "person", person["id"]))["items"] == []


async def test_the_same_upload_sent_twice_under_one_key_is_one_file(
    contacts: Harness, enter: Any, files_dir: Path
) -> None:
    person = await enter(HEAD)
    first = await post(contacts, HEAD, "person", person["id"], idempotency_key="once")
    stored = contents(files_dir)
    again = await post(contacts, HEAD, "person", person["id"], idempotency_key="once")
    assert (again.status_code, again.json()) == (201, first.json())
    other = await post(contacts, HEAD, "person", person["id"], PNG + b"more", idempotency_key="once")
    assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")
    assert [file["id"] for file in (await listed(contacts, HEAD, "person", person["id"]))["items"]] == [
        first.json()["id"]
    ]
    assert contents(files_dir) == stored


async def test_a_card_that_goes_while_its_file_arrives_keeps_none_of_it(
    contacts: Harness, enter: Any, files_dir: Path
) -> None:
    person = await enter(HEAD)
    stored = contents(files_dir)

    async def slowly() -> AsyncIterator[bytes]:
        yield PNG
        url = f"/api/v1/people/{person['id']}"
        answer = await contacts.client.delete(url, headers=contacts.headers(HEAD, if_match="1"))
        assert answer.status_code == 204
        yield PNG

    refused = await post(contacts, HEAD, "person", person["id"], slowly())
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_reference")
    assert contents(files_dir) == stored


async def test_an_upload_that_breaks_off_leaves_nothing_and_would_be_dropped_if_it_did(
    contacts: Harness, enter: Any, files_dir: Path
) -> None:
    person = await enter(HEAD)
    stored = contents(files_dir)
    begun = asyncio.Event()

    async def for_ever() -> AsyncIterator[bytes]:
        yield PNG
        begun.set()
        await asyncio.Event().wait()

    upload = asyncio.create_task(post(contacts, HEAD, "person", person["id"], for_ever()))
    await begun.wait()
    (part,) = await eventually(lambda: [*(files_dir / "arriving").iterdir()])
    due = await contacts.rows("SELECT key FROM due_work WHERE kind = 'files.drop' AND due_at > now()")
    assert UUID(part.name) in {UUID(row["key"]) for row in due}
    upload.cancel()
    await asyncio.gather(upload, return_exceptions=True)
    assert contents(files_dir) == stored


@pytest.mark.parametrize("where", ["arriving", "settled"])
async def test_what_a_killed_process_left_behind_is_dropped_when_its_day_has_come(
    contacts: Harness, files_dir: Path, where: str
) -> None:
    id = new_id()
    path = files_dir / ("arriving" if where == "arriving" else id.hex[-2:]) / id.hex
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PNG)
    await contacts.execute(
        "INSERT INTO due_work (kind, key, due_at, payload, correlation_id)"
        " VALUES ('files.drop', :id, now(), '{}', gen_random_uuid())",
        id=str(id),
    )
    await eventually(lambda: not path.exists())


async def test_a_content_that_is_not_in_the_store_is_said_to_be_missing(
    contacts: Harness, enter: Any, files_dir: Path
) -> None:
    person = await enter(HEAD)
    file = await put(contacts, HEAD, "person", person["id"])
    (path,) = on_disk(files_dir, file)
    path.unlink()
    answer = await content(contacts, HEAD, file)
    assert (answer.status_code, answer.json()["code"]) == (404, "content_missing")
    assert (await ask(contacts, HEAD, file, "DELETE")).status_code == 204
