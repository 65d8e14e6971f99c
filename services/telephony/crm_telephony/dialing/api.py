"""Routes: POST /calls."""

from crm_chassis.clock import now
from crm_chassis.http import Caller, Once, Tx, runtime_of
from fastapi import APIRouter, Request, Response

from crm_telephony.calls import service as calls
from crm_telephony.calls.schemas import CallWithLegs
from crm_telephony.calls.worker import patience_of
from crm_telephony.dialing import schemas, service
from crm_telephony.dialing.worker import BELL

routes = APIRouter(tags=["calls"])


@routes.post("/calls", status_code=201, response_model=CallWithLegs)
async def dial_call(request: Request, body: schemas.NewCall, caller: Caller, tx: Tx, once: Once) -> Response:
    """The caller's own phone rings, then the customer's. `command.state` tells how far the order got."""
    runtime = runtime_of(request)
    call_id = await service.order(tx, caller, body, patience_of(runtime.settings), now())
    tx.after_commit(runtime.bell(BELL).set)
    shown = await calls.ordered(tx.connection, caller, call_id)
    return await once.reply(201, shown, etag=shown["version"])
