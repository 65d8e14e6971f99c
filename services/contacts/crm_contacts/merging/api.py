"""HTTP door of merging."""

from uuid import UUID

from crm_chassis.http import JSON, Caller, Once, Tx
from fastapi import APIRouter

from crm_contacts.merging import service
from crm_contacts.merging.schemas import MergeRequest
from crm_contacts.people.schemas import PersonOut
from crm_contacts.people.service import told

router = APIRouter(tags=["people"])


@router.post("/people/{person_id}/merge", response_model=PersonOut)
async def merge_people(person_id: UUID, body: MergeRequest, caller: Caller, tx: Tx, once: Once) -> JSON:
    """The card in the path after everything of `loser_id` moved to it."""
    person = await service.merge(tx, caller, person_id, body.loser_id)
    return await once.reply(200, told(person), etag=person.version)
