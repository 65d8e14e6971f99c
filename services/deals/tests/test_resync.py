"""A reader that starts anew gets everything from its owner."""

from crm_chassis.ids import new_id
from crm_chassis.testing import eventually
from crm_contracts.deals import DealState, PipelineState, ProductState
from crm_contracts.envelope import Envelope
from crm_contracts.resync import Resync
from pydantic import BaseModel

from .desk import Desk

ARCHIVE = "reports.archive"


async def resynced(desk: Desk, noun: str, count: int) -> list[Envelope]:
    """What a resync of a noun sends to the archive, once so much has been sent."""
    order = desk.harness.event(
        "deals.resync", Resync(noun=noun, to_queue=ARCHIVE), subject="command", id=new_id(), sequence=0
    )
    await desk.harness.deliver(order, queue="deals.resync")
    query = (
        "SELECT event_id FROM (SELECT event_id, queue, bulk, body FROM outbox"
        " UNION ALL SELECT event_id, queue, bulk, body FROM outbox_sent) sent"
        " WHERE queue = :queue AND bulk AND position(convert_to(:subject, 'UTF8') IN body) > 0"
    )

    async def complete() -> list[dict[str, object]]:
        rows = await desk.harness.rows(query, queue=ARCHIVE, subject=f'"subject":"{noun}/')
        return rows if len(rows) >= count else []

    ids = {row["event_id"] for row in await eventually(complete)}
    return [event for event in await desk.harness.recorded() if event.id in ids]


async def test_every_subject_is_sent_to_the_one_reader_as_it_is_now(own_desk: Desk) -> None:
    desk = own_desk
    deals = [await desk.deal(desk.head, title=f"Deal {number}") for number in range(3)]
    deals[0] = (await desk.move(desk.head, deals[0], "Offer")).json()
    product = (await desk.post(desk.head, "/products", {"name": "Sill", "sku": "S-1", "price": "9"})).json()
    known = {deal["id"]: (deal["version"], deal["stage_id"]) for deal in deals}
    sent = [(event.sequence, DealState.model_validate(event.data)) for event in await resynced(desk, "deal", 3)]
    assert {str(state.id): (sequence, str(state.stage_id)) for sequence, state in sent} == known
    await _one(desk, "product", ProductState, product["id"])
    pipeline = (await desk.get(desk.admin, "/pipelines")).json()["items"][0]
    await _one(desk, "pipeline", PipelineState, pipeline["id"])


async def _one(desk: Desk, noun: str, model: type[BaseModel], id: str) -> None:
    (event,) = await resynced(desk, noun, 1)
    assert str(event.subject_id) == id
    assert model.model_validate(event.data)
