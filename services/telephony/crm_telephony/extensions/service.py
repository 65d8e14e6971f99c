"""Use cases of the phone map. It has no version of its own: the connection's guards it."""

from datetime import datetime
from uuid import UUID

from crm_chassis.access.policy import require
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.problems import Conflict, FieldError, Invalid, NotFound
from crm_chassis.references import require_reference
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_telephony.connections import repository as connections
from crm_telephony.extensions import repository, schemas


async def shown(connection: AsyncConnection, caller: Principal, id: UUID) -> schemas.ExtensionsAnswer:
    """The map with its history; NotFound when the connection is not to be seen."""
    if caller.scope("connection", "read") is None or await connections.by_id(connection, id) is None:
        raise NotFound
    rows = await repository.of_connection(connection, id)
    return schemas.ExtensionsAnswer(
        items=[
            schemas.ExtensionAnswer(
                extension=row.extension,
                user_id=row.user_id,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
            )
            for row in rows
        ]
    )


async def replace(
    tx: Transaction, caller: Principal, id: UUID, body: schemas.ExtensionsBody, at: datetime
) -> schemas.ExtensionsAnswer:
    """From `at` on the map is as given; what changed keeps its history, what did not is not touched.

    Conflict when it is not the map that was to be replaced.
    """
    if caller.scope("connection", "read") is None or await connections.locked(tx, id) is None:
        raise NotFound
    require(caller, "connection", "update")
    wanted: dict[str, UUID] = {}
    for position, entry in enumerate(body.extensions):
        if entry.extension in wanted:
            why = "An extension belongs to one user"
            raise Invalid([FieldError(f"extensions.{position}.extension", "named_twice", why)])
        wanted[entry.extension] = entry.user_id
    known = await connections.known_users(tx, set(wanted.values()))
    for user_id in sorted(set(wanted.values())):
        require_reference(caller, "user", user_id, user_id in known)
    kept = {}
    ended = []
    holding = await repository.current(tx, id)
    if body.replaces is not None:
        seen = {(entry.extension, entry.user_id) for entry in body.replaces}
        if seen != {(row.extension, row.user_id) for row in holding}:
            raise Conflict("Somebody has changed the phone map meanwhile.", code="phone_map_changed")
    for row in holding:
        if wanted.get(row.extension) == row.user_id:
            kept[row.extension] = row.user_id
        else:
            ended.append(row.id)
    await repository.close(tx, ended, at)
    begun = [(extension, user) for extension, user in wanted.items() if extension not in kept]
    await repository.open_all(tx, id, begun, at)
    return await shown(tx.connection, caller, id)
