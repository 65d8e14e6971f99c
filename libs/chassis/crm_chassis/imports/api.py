"""HTTP door of imports: /imports/{kind}, the same in every service that imports something."""

import hashlib
import tempfile
from collections.abc import AsyncIterator, Sequence
from typing import IO, Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from crm_chassis import idempotency
from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, IfMatch, Reader, Tx, runtime_of
from crm_chassis.imports import repository, result, service
from crm_chassis.imports.kinds import Kind
from crm_chassis.imports.schemas import (
    ImportOut,
    ImportQuery,
    ImportRow,
    RowQuery,
    Upload,
    change_of,
    row_told,
    told,
)
from crm_chassis.imports.worker import BELL
from crm_chassis.paging import Page
from crm_chassis.problems import FieldError, Invalid, NotFound, TooLarge

_PART = 1024 * 1024
_SPOOLED = 8 * 1024 * 1024
"""Bytes of an upload kept in memory; what is more goes to disk."""
_BINARY = {
    "requestBody": {
        "required": True,
        "content": {
            media: {"schema": {"type": "string", "format": "binary"}}
            for media in (
                "text/csv",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "application/octet-stream",
            )
        },
    }
}
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


async def _at_once(request: Request, tx: Tx) -> None:
    """What is asked for here begins right after its commit."""
    tx.after_commit(runtime_of(request).bell(BELL).set)


_AT_ONCE = [Depends(_at_once)]


def upload_paths(prefix: str, kinds: Sequence[Kind]) -> dict[str, int]:
    """The paths on which a whole file may be sent, each with the most bytes it takes."""
    return {f"{prefix}/imports/{kind.name}": service.MAX_FILE_BYTES for kind in kinds}


def router(kind: Kind) -> APIRouter:
    """Routes of one kind. Everybody sees and changes their own imports only."""
    api = APIRouter(prefix=f"/imports/{kind.name}", tags=["imports"])
    name = kind.name
    Change = change_of(kind)  # noqa: N806 - a class

    @api.get("", response_model=Page[ImportOut], name=f"list_{name}_imports")
    async def list_imports(query: Annotated[ImportQuery, Query()], caller: Caller, reader: Reader) -> JSON:
        """The caller's imports, the newest first."""
        rows, cursor = await repository.page(reader, kind.name, caller.id, query.cursor, query.limit)
        return JSON({"items": [told(row, kind) for row in rows], "next_cursor": cursor})

    @api.post("", status_code=202, response_model=ImportOut, openapi_extra=_BINARY, name=f"upload_{name}_import")
    async def upload(
        request: Request, query: Annotated[Upload, Query()], caller: Caller, idempotency_key: Key = None
    ) -> JSON:
        """A file of up to 50 MB (CSV or XLSX, sent as it is) about to be read."""
        kind.require(caller)
        digest = hashlib.sha256(f"{request.url.path}\n{query.file_name}\n".encode())
        with tempfile.SpooledTemporaryFile(max_size=_SPOOLED) as file:
            size = 0
            async for piece in request.stream():
                size += len(piece)
                if size > service.MAX_FILE_BYTES:
                    raise TooLarge(f"At most {service.MAX_FILE_BYTES} bytes are taken.")
                digest.update(piece)
                file.write(piece)
            if not size:
                raise Invalid([FieldError("body", "empty_file", "Send the file itself: there is nothing in it.")])
            file.seek(0)
            # Not before: a slow client would hold a connection all the while it sends.
            async with runtime_of(request).database.transaction() as tx:
                if idempotency_key:
                    await idempotency.claim(tx, caller.actor, idempotency_key, digest.digest())
                await _at_once(request, tx)
                job = await service.start(tx, caller, kind, query.file_name, size, _parts(file), now())
                answer = JSON(job, 202, etag=job.version)
                if idempotency_key:
                    etag = answer.headers.get("etag")
                    await idempotency.remember(tx, caller.actor, idempotency_key, 202, bytes(answer.body), etag)
        return answer

    @api.get("/{id}", response_model=ImportOut, name=f"get_{name}_import")
    async def get_import(id: UUID, caller: Caller, reader: Reader) -> JSON:
        """The import as it stands now."""
        row = await repository.own(reader, kind.name, caller.id, id)
        if row is None:
            raise NotFound
        return JSON(told(row, kind), etag=row.version)

    @api.patch("/{id}", response_model=ImportOut, name=f"change_{name}_import", dependencies=_AT_ONCE)
    async def change_import(
        id: UUID,
        body: Change,  # type: ignore[valid-type]  # made for this kind just above
        caller: Caller,
        version: IfMatch,
        tx: Tx,
    ) -> JSON:
        """How the file is read, which column is which field, what holds for all rows."""
        return _answer(await service.change(tx, caller, kind, id, version, body))

    @api.post("/{id}/check", response_model=ImportOut, name=f"check_{name}_import", dependencies=_AT_ONCE)
    async def check_import(id: UUID, caller: Caller, version: IfMatch, tx: Tx) -> JSON:
        """Tried dry: every row is judged, nothing is written."""
        return _answer(await service.check(tx, caller, kind, id, version))

    @api.post("/{id}/commit", response_model=ImportOut, name=f"commit_{name}_import", dependencies=_AT_ONCE)
    async def commit_import(id: UUID, caller: Caller, version: IfMatch, tx: Tx) -> JSON:
        """Written in the background; it must have been tried dry as it is."""
        return _answer(await service.commit(tx, caller, kind, id, version))

    @api.post("/{id}/cancel", response_model=ImportOut, name=f"cancel_{name}_import")
    async def cancel_import(id: UUID, caller: Caller, tx: Tx) -> JSON:
        """Stopped where it is; what was written stays until it is undone."""
        return _answer(await service.cancel(tx, caller, kind, id, now()))

    @api.post("/{id}/undo", response_model=ImportOut, name=f"undo_{name}_import", dependencies=_AT_ONCE)
    async def undo_import(id: UUID, caller: Caller, version: IfMatch, tx: Tx) -> JSON:
        """Taken back in the background, but for what somebody has changed since."""
        return _answer(await service.undo(tx, caller, kind, id, version))

    @api.get("/{id}/rows", response_model=Page[ImportRow], name=f"list_{name}_import_rows")
    async def list_rows(id: UUID, query: Annotated[RowQuery, Query()], caller: Caller, reader: Reader) -> JSON:
        """The rows of the file with their verdicts and reasons."""
        if await repository.own(reader, kind.name, caller.id, id) is None:
            raise NotFound
        rows, cursor = await repository.rows_page(
            reader,
            id,
            verdict=query.verdict,
            doubt=query.finding,
            about=query.about,
            cursor=query.cursor,
            limit=query.limit,
        )
        return JSON({"items": [row_told(row) for row in rows], "next_cursor": cursor})

    @api.get(
        "/{id}/result",
        response_class=Response,
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
        name=f"get_{name}_import_result",
    )
    async def get_result(request: Request, id: UUID, caller: Caller) -> StreamingResponse:
        """The whole file as CSV, with two more columns: what became of each row, and why."""
        database = runtime_of(request).database
        async with database.read() as connection:
            row = await repository.own(connection, kind.name, caller.id, id)
        if row is None:
            raise NotFound

        async def body() -> AsyncIterator[bytes]:
            async with database.read() as connection:
                columns = (row.outline or {}).get("columns", [])
                async for piece in result.whole(columns, repository.all_rows(connection, id)):
                    yield piece

        headers = {"Content-Disposition": 'attachment; filename="import-result.csv"'}
        return StreamingResponse(body(), media_type="text/csv; charset=utf-8", headers=headers)

    return api


def _answer(job: ImportOut) -> JSON:
    return JSON(job, etag=job.version)


async def _parts(file: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := file.read(_PART):
        yield piece
