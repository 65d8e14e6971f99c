"""The use case of click-to-call: the call and the order are committed before any PBX hears of them."""

from datetime import datetime, timedelta
from uuid import UUID

from crm_chassis.access.policy import admits, require
from crm_chassis.access.principal import Principal
from crm_chassis.context import current
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.problems import Conflict, FieldError, Invalid, TooMany, UnknownReference
from crm_chassis.schedule import schedule

from crm_telephony.calls import repository as calls
from crm_telephony.calls.folding import SWEEP, Patience
from crm_telephony.dialing import repository, rules, schemas
from crm_telephony.dialing.repository import Row
from crm_telephony.numbers.rules import normalise
from crm_telephony.phone_index import repository as phone_index
from crm_telephony.vendors import DIALLERS


async def order(tx: Transaction, caller: Principal, body: schemas.NewCall, patience: Patience, at: datetime) -> UUID:
    """The call is requested, its order queued, its end of waiting set; returns the call's id.

    Raises Forbidden, UnknownReference, Invalid, Conflict (`no_extension`, `call_in_progress`) or TooMany.
    """
    require(caller, "call", "dial")
    e164 = await _card_number(tx, caller, body) if body.number is None else None
    if body.number is not None:
        require(caller, "call", "dial_raw")
    await repository.lock_user(tx, caller.id)
    pause = rules.wait_s(await repository.last_requested_at(tx, caller.id), at)
    if pause:
        raise TooMany(pause, "One call in three seconds.")
    if await repository.has_live_call(tx, caller.id):
        raise Conflict("End the call you have ordered first.", code="call_in_progress")
    desk = await _desk(tx, caller, body.connection_id)
    if body.number is not None:
        e164 = normalise(body.number, desk.default_region).e164
    if e164 is None:
        field = "number" if body.number is not None else "phone_id"
        raise Invalid([FieldError(field, "no_number", "This is no valid telephone number.")])
    call_id, command_id = new_id(), new_id()
    await calls.insert_call(
        tx,
        {
            "id": call_id,
            "connection_id": desk.id,
            "command_id": command_id,
            "origin": "api",
            "direction": "out",
            "phase": "requested",
            "fallback_user_id": desk.fallback_user_id,
            "hidden": False,
            "phone_e164": e164,
            "phone_raw": e164,
            "person_hint_id": body.person_id,
            "started_at": at,
            "responsible_user_id": caller.id,
            "correlation_id": current().correlation_id,
            "updated_at": at,
            "version": 1,
        },
    )
    await repository.insert(
        tx,
        {
            "id": command_id,
            "call_id": call_id,
            "connection_id": desk.id,
            "user_id": caller.id,
            "extension": desk.extension,
            "to_e164": e164,
            "state": "queued",
            "requested_at": at,
        },
    )
    await schedule(tx, SWEEP, str(call_id), at + timedelta(seconds=patience.request_s))
    return call_id


async def _card_number(tx: Transaction, caller: Principal, body: schemas.NewCall) -> str | None:
    """The number by the copy; a card the caller may not see is an unknown one."""
    assert body.person_id is not None and body.phone_id is not None
    person = await phone_index.person(tx, body.person_id)
    if person is None:
        raise UnknownReference("person", body.person_id)
    team = await repository.team_of(tx, person.owner_id) if person.owner_id else None
    if not admits(caller, "person", "read", person.owner_id, team):
        raise UnknownReference("person", body.person_id)
    phone = await phone_index.phone(tx, body.person_id, body.phone_id)
    if phone is None:
        raise Invalid([FieldError("phone_id", "unknown_phone", "The person has no such phone.")])
    number: str | None = phone.e164
    return number


async def _desk(tx: Transaction, caller: Principal, connection_id: UUID | None) -> Row:
    """The connection that can dial for the caller, with the caller's extension there."""
    for desk in await repository.desks(tx, caller.id):
        if connection_id in (None, desk.id) and desk.vendor in DIALLERS and desk.api_url:
            return desk
    raise Conflict("You have no extension on a PBX that can dial.", code="no_extension")
