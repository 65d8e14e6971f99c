"""Routes: /calls/{id}/recording."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from crm_chassis.clock import now
from crm_chassis.http import Caller, Tx, runtime_of
from crm_chassis.problems import Problem
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse

from crm_telephony.recordings import rules, service
from crm_telephony.recordings.rules import EXTENSIONS, Part
from crm_telephony.recordings.worker import files_of

routes = APIRouter(tags=["calls"])

_SOUND = {"schema": {"type": "string", "format": "binary"}}
_ANSWERS = {
    200: {"description": "The recording", "content": dict.fromkeys(EXTENSIONS, _SOUND)},
    206: {"description": "The part of it that Range asked for", "content": dict.fromkeys(EXTENSIONS, _SOUND)},
}


class NoSuchPart(Problem):
    """None of the bytes asked for are in the file."""

    status, code, title = 416, "no_such_part", "The recording has no such part"


class RecordingLost(Problem):
    """The recording was kept, and its file is not there any more."""

    status, code, title = 410, "recording_lost", "The recording's file is lost"


@routes.get("/calls/{id}/recording", response_class=Response, responses=_ANSWERS)  # type: ignore[arg-type]
async def get_recording(
    request: Request,
    id: UUID,
    caller: Caller,
    tx: Tx,
    asked: Annotated[str | None, Header(alias="Range")] = None,
    if_range: Annotated[str | None, Header()] = None,
) -> Response:
    """What was said, or the part of it that Range asks for; each answer is on record with who heard it."""
    files, at = files_of(runtime_of(request)), now()
    of = await service.to_play(tx, caller, id)
    of_call, recording = of
    key, size, etag = str(recording.id), int(recording.bytes), f'"{recording.sha256}"'
    if await files.size(key) != size:
        raise RecordingLost("Ask the administrator for the folder of recordings.")
    headers = _headers(of_call.started_at, recording.mime, etag)
    part = rules.part_of(asked, size) if rules.still_fits(if_range, etag) else "whole"
    if part == "none":
        raise NoSuchPart(headers={"Content-Range": f"bytes */{size}"})
    given = part if isinstance(part, Part) else Part(0, size - 1)
    await service.played(tx, caller, of, request.headers.get("x-internal-client"), given.first, at)
    headers["Content-Length"] = str(given.length)
    if isinstance(part, Part):
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{size}"
    status = 206 if isinstance(part, Part) else 200
    pieces = files.reading(key, given.first, given.last)
    return StreamingResponse(pieces, status, headers, media_type=recording.mime)


def _headers(started_at: datetime, mime: str, etag: str) -> dict[str, str]:
    name = f"call-{started_at:%Y-%m-%d-%H%M%S}.{EXTENSIONS[mime]}"
    return {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'inline; filename="{name}"',
        "ETag": etag,
    }
