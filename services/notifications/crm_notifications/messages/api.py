"""/messages: what was and will be said to customers."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from crm_chassis.access.policy import require
from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, IfMatch, Once, Reader, Tx
from crm_chassis.paging import Page
from crm_chassis.problems import NotFound
from fastapi import APIRouter, Query

from crm_notifications.house import House
from crm_notifications.messages import repository, service
from crm_notifications.messages.schemas import (
    MessageOut,
    MessageQuery,
    NewMessage,
    PartsOut,
    PartsRequest,
    Resolution,
)
from crm_notifications.sms.rules import segment

_SHOWN_CHARACTERS = 20


def messages_router(house: House, wake: Callable[[], None]) -> APIRouter:
    """The routes of /messages; `wake` is called once a message is there to be sent."""
    router = APIRouter(prefix="/messages", tags=["messages"])

    @router.get("", response_model=Page[MessageOut])
    async def list_messages(caller: Caller, connection: Reader, query: Annotated[MessageQuery, Query()]) -> JSON:
        """Messages, newest first. `submitting` is a message being sent this moment."""
        rows, cursor = await repository.page(connection, query, service.readable(caller))
        return JSON({"items": [service.out(row) for row in rows], "next_cursor": cursor})

    @router.post("", status_code=201, response_model=MessageOut)
    async def send_message(caller: Caller, tx: Tx, once: Once, body: NewMessage) -> JSON:
        """A message to a person of the caller's cards: queued now, sent in a moment."""
        row = await service.queue_by_hand(tx, house, caller, body, now())
        tx.after_commit(wake)
        return await once.reply(201, service.out(row), etag=row.version)

    @router.post("/sms-parts", response_model=PartsOut)
    async def count_sms_parts(caller: Caller, body: PartsRequest) -> JSON:
        """How a text would be cut and billed as SMS; nothing is stored or sent."""
        require(caller, "message", "create")
        cut = segment(body.text)
        return JSON(
            PartsOut(
                encoding=cut.encoding,
                units=cut.units,
                parts=len(cut.parts),
                remaining=cut.remaining,
                outside_gsm7=list(cut.outside_gsm7[:_SHOWN_CHARACTERS]),
            )
        )

    @router.get("/{message_id}", response_model=MessageOut)
    async def get_message(caller: Caller, connection: Reader, message_id: UUID) -> JSON:
        """One message."""
        row = await repository.find(connection, message_id, service.readable(caller))
        if row is None:
            raise NotFound
        return JSON(service.out(row), etag=row.version)

    @router.post("/{message_id}/resolve", response_model=MessageOut)
    async def resolve_message(
        caller: Caller, tx: Tx, version: IfMatch, once: Once, message_id: UUID, body: Resolution
    ) -> JSON:
        """A person's decision about an uncertain message: it was `sent`, it `failed`, or `resend` it."""
        row = await service.resolve_uncertain(tx, caller, message_id, version, body.decision, now())
        tx.after_commit(wake)
        return await once.reply(200, service.out(row), etag=row.version)

    return router
