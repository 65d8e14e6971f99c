"""HTTP door of notes."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from crm_chassis.http import JSON, Caller, IfMatch, Once, Reader, Tx
from crm_chassis.paging import Page
from crm_chassis.problems import NotFound
from fastapi import APIRouter, Query, Response

from crm_contacts import subjects
from crm_contacts.notes import repository, service
from crm_contacts.notes.schemas import NoteCreate, NoteOut, NotePatch, NotesQuery

router = APIRouter(prefix="/notes", tags=["notes"])


@router.get("", response_model=Page[NoteOut])
async def list_notes(query: Annotated[NotesQuery, Query()], caller: Caller, reader: Reader) -> JSON:
    """Notes on one person, company or deal, newest first; none when the caller may not see it."""
    subject_id = await subjects.living(reader, query.subject, query.subject_id)
    rows, cursor = await repository.page(reader, caller, query.subject, subject_id, query.cursor, query.limit)
    return JSON({"items": [dict(row._mapping) for row in rows], "next_cursor": cursor})


@router.post("", status_code=201, response_model=NoteOut)
async def create_note(body: NoteCreate, caller: Caller, tx: Tx, once: Once) -> JSON:
    """A new note of the caller."""
    note = await service.create(tx, caller, body)
    return await once.reply(201, note, etag=note.version)


@router.get("/{note_id}", response_model=NoteOut)
async def get_note(note_id: UUID, caller: Caller, reader: Reader) -> JSON:
    """The note."""
    note = await repository.one(reader, caller, note_id)
    if note is None:
        raise NotFound
    return JSON(asdict(note), etag=note.version)


@router.patch("/{note_id}", response_model=NoteOut)
async def change_note(note_id: UUID, patch: NotePatch, version: IfMatch, caller: Caller, tx: Tx) -> JSON:
    """The note after a JSON merge patch; its author's alone to change."""
    note = await service.change(tx, caller, note_id, patch, version)
    return JSON(note, etag=note.version)


@router.delete("/{note_id}", status_code=204)
async def remove_note(note_id: UUID, version: IfMatch, caller: Caller, tx: Tx) -> Response:
    """The note is gone; for its author, and for who may change what it is on."""
    await service.remove(tx, caller, note_id, version)
    return Response(status_code=204)
