"""Routes: POST /calls/past."""

from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, Tx
from fastapi import APIRouter, Response

from crm_telephony.past_calls import schemas, service

routes = APIRouter(tags=["calls"])


@routes.post("/calls/past", response_model=schemas.Taken)
async def take_past_calls(body: schemas.PastCalls, caller: Caller, tx: Tx) -> Response:
    """Calls of an old system stand in history and figures as of their own time; nobody is called back for them.

    A call is its customer's when exactly one card has the number by then. What was sent before is let be.
    """
    return JSON(await service.take(tx, caller, body, now()))
