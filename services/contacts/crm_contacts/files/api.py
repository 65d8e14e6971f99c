"""HTTP door of files."""

import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from crm_chassis import idempotency, ranges
from crm_chassis.http import JSON, Caller, IdempotencyKey, IfMatch, Reader, Tx, runtime_of
from crm_chassis.paging import Page
from crm_chassis.problems import FieldError, Invalid, NotFound, TooLarge, UnsatisfiableRange
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from crm_contacts import subjects
from crm_contacts.files import repository, rules, service
from crm_contacts.files.schemas import FileOut, FilePatch, FilesQuery, FileUpload
from crm_contacts.files.store import Store

MAX_BYTES = 25 * 1024 * 1024

_BINARY: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def router(store: Store) -> APIRouter:
    """Routes of files; their contents are kept in `store`."""
    api = APIRouter(prefix="/files", tags=["files"])

    @api.get("", response_model=Page[FileOut])
    async def list_files(query: Annotated[FilesQuery, Query()], caller: Caller, reader: Reader) -> JSON:
        """Files on one person, company or deal, newest first; none when the caller may not see it."""
        subject_id = await subjects.living(reader, query.subject, query.subject_id)
        files, cursor = await repository.page(reader, caller, query.subject, subject_id, query.cursor, query.limit)
        return JSON({"items": [service.told(file) for file in files], "next_cursor": cursor})

    @api.post(
        "",
        status_code=201,
        response_model=FileOut,
        openapi_extra={"requestBody": {"required": True, "content": _BINARY}},
    )
    async def add_file(
        request: Request, query: Annotated[FileUpload, Query()], caller: Caller, idempotency_key: IdempotencyKey = None
    ) -> JSON:
        """A new file of up to 25 MB, sent as it is: the body is the file."""
        database = runtime_of(request).database
        async with database.transaction() as tx:
            id = await service.expect(tx, caller, query)
        # No transaction meanwhile: a slow client would hold a connection all the while it sends.
        kept = await store.keep(id, _pieces(request))
        async with database.transaction() as tx:
            try:
                if idempotency_key:
                    digest = hashlib.sha256(f"{request.url.path}?{query.model_dump_json()}".encode() + kept.sha256)
                    await idempotency.claim(tx, caller.actor, idempotency_key, digest.digest())
                file = await service.add(tx, caller, query, id, kept)
                answer = JSON(file, 201, etag=file.version)
                if idempotency_key:
                    etag = answer.headers["etag"]
                    await idempotency.remember(tx, caller.actor, idempotency_key, 201, bytes(answer.body), etag)
            except Exception:
                # Not around the commit: where that breaks off, nobody knows whether the file is there.
                await store.drop(id)
                raise
        return answer

    @api.get("/{file_id}", response_model=FileOut)
    async def get_file(file_id: UUID, caller: Caller, reader: Reader) -> JSON:
        """What is known of the file."""
        file = await repository.one(reader, caller, file_id)
        if file is None:
            raise NotFound
        return JSON(service.told(file), etag=file.version)

    @api.get(
        "/{file_id}/content",
        response_class=Response,
        responses={200: {"content": _BINARY}, 206: {"description": "The part asked for", "content": _BINARY}},
    )
    async def get_file_content(
        file_id: UUID,
        caller: Caller,
        reader: Reader,
        part: Annotated[str | None, Header(alias="Range")] = None,
        if_range: Annotated[str | None, Header()] = None,
    ) -> Response:
        """What is in the file, or the part of it that `Range` names. Only images and PDFs are meant to be shown."""
        file = await repository.one(reader, caller, file_id)
        if file is None:
            raise NotFound
        if not await store.has(file_id):
            raise NotFound("The file is known, its content is not in the store.", code="content_missing")
        etag = f'"{file.sha256.hex()}"'
        plan = ranges.plan(part if if_range in (None, etag) else None, file.size)
        if plan.status == 416:
            raise UnsatisfiableRange(headers=plan.headers)
        headers = plan.headers | {
            "ETag": etag,
            "Content-Disposition": rules.disposition(file.name, file.media_type),
            "Content-Security-Policy": rules.guard(file.media_type),
            "X-Content-Type-Options": "nosniff",
        }
        content = store.read(file_id, plan.start, plan.stop)
        return StreamingResponse(content, plan.status, headers, media_type=file.media_type)

    @api.patch("/{file_id}", response_model=FileOut)
    async def change_file(file_id: UUID, patch: FilePatch, version: IfMatch, caller: Caller, tx: Tx) -> JSON:
        """The file after a JSON merge patch; for who added it, and for who may change what it is on."""
        file = await service.change(tx, caller, file_id, patch, version)
        return JSON(file, etag=file.version)

    @api.delete("/{file_id}", status_code=204)
    async def remove_file(file_id: UUID, version: IfMatch, caller: Caller, tx: Tx) -> Response:
        """The file is gone; for who added it, and for who may change what it is on."""
        await service.remove(tx, caller, file_id, version)
        return Response(status_code=204)

    return api


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > MAX_BYTES:
            raise TooLarge(f"At most {MAX_BYTES} bytes are taken.")
        if piece:
            yield piece
    if not size:
        raise Invalid([FieldError("body", "empty_file", "Send the file itself: there is nothing in it.")])
