"""A person who puts files on cards through the service's door."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

from crm_chassis.access.principal import Principal
from crm_chassis.testing import Harness, admin, eventually
from crm_contracts.envelope import Envelope

Json = dict[str, Any]
NOUNS = ("person", "company", "call", "deal", "task", "message")
HEAD = admin(NOUNS, "person:merge")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
PIECE = bytes(range(256)) * 256


async def post(
    contacts: Harness, by: Principal, subject: str, id: object, content: Any = PNG, name: str = "plan.png", **more: str
) -> Any:
    query = {"subject": subject, "subject_id": str(id), "file_name": name}
    headers = contacts.headers(by, **more)
    return await contacts.client.post("/api/v1/files", params=query, content=content, headers=headers)


async def put(contacts: Harness, by: Principal, subject: str, id: object, content: Any = PNG, **more: str) -> Json:
    answer = await post(contacts, by, subject, id, content, **more)
    assert answer.status_code == 201, answer.text
    file: Json = answer.json()
    return file


async def ask(
    contacts: Harness, by: Principal, file: Json, method: str = "GET", version: int | None = 1, **body: Any
) -> Any:
    named = {} if version is None else {"if_match": str(version)}
    return await contacts.client.request(
        method, f"/api/v1/files/{file['id']}", headers=contacts.headers(by, **named), json=body or None
    )


async def content(contacts: Harness, by: Principal, file: Json, **headers: str) -> Any:
    url = f"/api/v1/files/{file['id']}/content"
    return await contacts.client.get(url, headers=contacts.headers(by, **headers))


async def listed(contacts: Harness, by: Principal, subject: str, id: object, **query: Any) -> Json:
    params = {"subject": subject, "subject_id": str(id)} | query
    answer = await contacts.client.get("/api/v1/files", params=params, headers=contacts.headers(by))
    assert answer.status_code == 200, answer.text
    page: Json = answer.json()
    return page


async def told(contacts: Harness, file: Json) -> list[Envelope]:
    """The events of the file, oldest first."""
    return [event for event in await contacts.recorded() if str(event.subject_id) == file["id"]]


async def lines(contacts: Harness, card: object, by: Principal = HEAD, noun: str = "people") -> list[Json]:
    """The files on the card's timeline, once everything told has arrived."""
    await contacts.idle("contacts.timeline")
    answer = await contacts.client.get(f"/api/v1/{noun}/{card}/timeline", headers=contacts.headers(by))
    assert answer.status_code == 200, answer.text
    return [item for item in answer.json()["items"] if item["kind"] == "file"]


async def gone(contacts: Harness, files_dir: Path, *files: Json) -> None:
    """Nothing is left of these files: no row, no line, and soon no byte."""
    for file in files:
        (row,) = await contacts.rows(
            "SELECT (SELECT count(*) FROM file WHERE id = :id)"
            " + (SELECT count(*) FROM timeline_item WHERE id = :id) AS n",
            id=UUID(file["id"]),
        )
        assert row["n"] == 0
        await eventually(lambda: not on_disk(files_dir, file))  # noqa: B023 - asked at once


def contents(files_dir: Path) -> set[Path]:
    """All that lies in the folder, whole or not."""
    return {path for path in files_dir.rglob("*") if path.is_file()}


def on_disk(files_dir: Path, file: Json) -> list[Path]:
    return list(files_dir.rglob(UUID(file["id"]).hex))


async def pieces(count: int) -> AsyncIterator[bytes]:
    """A file of so many pieces, whose length is not told."""
    for _ in range(count):
        yield PIECE
