"""Use cases of PBX connections."""

import hashlib
import secrets as randomness
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import require, visible
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.problems import FieldError, Invalid, NotFound, StaleVersion
from crm_chassis.references import require_reference
from crm_contracts.telephony import CONNECTION_CHANGED, ConnectionState
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_telephony.arrivals import service as arrivals
from crm_telephony.arrivals.schemas import Arrivals
from crm_telephony.connections import repository, schemas
from crm_telephony.connections.repository import Row
from crm_telephony.numbers.rules import line_key
from crm_telephony.vault import Vault
from crm_telephony.vendors import VENDORS
from crm_telephony.vendors.port import Secrets

TOKEN_BYTES = 32
_UNOWNED = sa.cast(sa.null(), PG_UUID(as_uuid=True))


def token_sha256(token: str) -> str:
    """What is kept of a path token."""
    return hashlib.sha256(token.encode()).hexdigest()


def readable(caller: Principal) -> sa.ColumnElement[bool]:
    """The condition under which the caller sees connections; they belong to nobody."""
    return visible(caller, "connection", "read", _UNOWNED)


async def listed(
    connection: AsyncConnection, caller: Principal, vault: Vault, cursor: str | None, limit: int
) -> tuple[list[schemas.WatchedConnection], str | None]:
    """A page of connections, oldest first."""
    statement = repository.ORDER.apply(repository.LIST.where(readable(caller)), cursor, limit)
    rows, following = repository.ORDER.page((await connection.execute(statement)).all(), limit)
    ids = [row.id for row in rows]
    lines = await repository.lines_of(connection, ids)
    came = await arrivals.of(connection, ids)
    return [_watched(shown(row, lines[row.id], vault), came[row.id]) for row in rows], following


async def got(connection: AsyncConnection, caller: Principal, vault: Vault, id: UUID) -> schemas.WatchedConnection:
    """One connection; NotFound when absent or not to be seen."""
    row = await repository.by_id(connection, id)
    if row is None or caller.scope("connection", "read") is None:
        raise NotFound
    came = await arrivals.of(connection, [id])
    return _watched(shown(row, (await repository.lines_of(connection, [id]))[id], vault), came[id])


async def create(
    tx: Transaction,
    caller: Principal,
    vault: Vault,
    body: schemas.NewConnection,
    *,
    region: str,
    zone: str,
    at: datetime,
) -> tuple[schemas.Connection, str]:
    """The connection exists; the path token is returned here and never again."""
    require(caller, "connection", "create")
    await _check_people(tx, caller, [body.fallback_user_id], body.lines)
    shared = Secrets(**{name: getattr(body, name) or "" for name in schemas.SECRET_FIELDS})
    networks = [str(network) for network in body.trusted_networks]
    _check_secrets(body.vendor, shared, networks)
    token = randomness.token_urlsafe(TOKEN_BYTES)
    id = new_id()
    row = {
        "id": id,
        "name": body.name,
        "vendor": body.vendor,
        "token_sha256": token_sha256(token),
        "secrets": vault.lock(shared),
        "api_url": str(body.api_url) if body.api_url else None,
        "trusted_networks": networks,
        "default_region": body.default_region or region,
        "zone": body.zone or zone,
        "fallback_user_id": body.fallback_user_id,
        "active": body.active,
        "created_at": at,
        "updated_at": at,
        "version": 1,
    }
    await repository.insert(tx, row)
    await repository.replace_lines(tx, id, _line_rows(id, body.lines, body.default_region or region))
    made = await repository.by_id(tx.connection, id)
    assert made is not None
    _tell(tx, made, sorted(row))
    return shown(made, (await repository.lines_of(tx.connection, [id]))[id], vault), token


async def patch(
    tx: Transaction,
    caller: Principal,
    vault: Vault,
    id: UUID,
    version: int,
    body: schemas.ConnectionPatch,
    at: datetime,
) -> schemas.Connection:
    """The connection is changed as the merge patch says."""
    row = await _changeable(tx, caller, id, version)
    given = body.model_fields_set
    lines = body.lines if "lines" in given and body.lines is not None else None
    people = [body.fallback_user_id] if body.fallback_user_id else []
    await _check_people(tx, caller, people, lines or [])
    shared = vault.open(row.secrets)
    changes = {name: getattr(body, name) or "" for name in schemas.SECRET_FIELDS if name in given}
    shared = shared.model_copy(update=changes)
    values: dict[str, Any] = {
        name: getattr(body, name)
        for name in ("name", "fallback_user_id", "default_region", "zone", "active")
        if name in given
    }
    if "api_url" in given:
        values["api_url"] = str(body.api_url) if body.api_url else None
    if body.trusted_networks is not None:
        values["trusted_networks"] = [str(network) for network in body.trusted_networks]
    _check_secrets(row.vendor, shared, values.get("trusted_networks", row.trusted_networks))
    if changes:
        values["secrets"] = vault.lock(shared)
    changed = await repository.update(tx, id, values | {"version": version + 1, "updated_at": at})
    if lines is not None:
        await repository.replace_lines(tx, id, _line_rows(id, lines, changed.default_region))
    elif "default_region" in values:
        kept = (await repository.lines_of(tx.connection, [id]))[id]
        rows = [schemas.LineBody(**_line(row).model_dump()) for row in kept]
        await repository.replace_lines(tx, id, _line_rows(id, rows, changed.default_region))
    _tell(tx, changed, sorted(given))
    return shown(changed, (await repository.lines_of(tx.connection, [id]))[id], vault)


async def rotate_token(
    tx: Transaction, caller: Principal, vault: Vault, id: UUID, version: int, at: datetime
) -> tuple[schemas.Connection, str]:
    """The old path token leads nowhere; the new one is returned here and never again."""
    await _changeable(tx, caller, id, version)
    token = randomness.token_urlsafe(TOKEN_BYTES)
    values = {"token_sha256": token_sha256(token), "version": version + 1, "updated_at": at}
    row = await repository.update(tx, id, values)
    _tell(tx, row, ["token_sha256"])
    return shown(row, (await repository.lines_of(tx.connection, [id]))[id], vault), token


async def resync(tx: Transaction, to_queue: str, after: UUID | None) -> UUID | None:
    """The current state of every connection is on its way to `to_queue`, as bulk; there are few."""
    for row in (await tx.execute(repository.LIST)).all():
        tx.redirect(
            to_queue,
            CONNECTION_CHANGED,
            subject="connection",
            id=row.id,
            sequence=row.version,
            data=state(row, []),
        )
    return None


def state(row: Row, changed: Sequence[str]) -> ConnectionState:
    """What other services may know of a connection."""
    vendor = VENDORS[row.vendor]
    return ConnectionState(
        id=row.id,
        token_sha256=row.token_sha256,
        vendor=row.vendor,
        answer_body=vendor.answer_body,
        answer_content_type=vendor.answer_content_type,
        active=row.active,
        version=row.version,
        changed=list(changed),
    )


def shown(row: Row, lines: Sequence[Row], vault: Vault) -> schemas.Connection:
    """What an admin sees of a connection: which secrets are set, not what they are."""
    shared = vault.open(row.secrets)
    return schemas.Connection(
        **{name: getattr(row, name) for name in _SHOWN},
        lines=[_line(line) for line in lines],
        secrets_set=[name for name in schemas.SECRET_FIELDS if getattr(shared, name)],
    )


def _watched(connection: schemas.Connection, came: Arrivals) -> schemas.WatchedConnection:
    return schemas.WatchedConnection(**dict(connection), arrivals=came)


_SHOWN = (
    "id",
    "name",
    "vendor",
    "fallback_user_id",
    "default_region",
    "zone",
    "api_url",
    "trusted_networks",
    "active",
    "created_at",
    "updated_at",
    "version",
)


def _line(row: Row) -> schemas.LineAnswer:
    return schemas.LineAnswer(number=row.number, team_id=row.team_id, fallback_user_id=row.fallback_user_id)


async def _changeable(tx: Transaction, caller: Principal, id: UUID, version: int) -> Row:
    row = await repository.locked(tx, id)
    if row is None or caller.scope("connection", "read") is None:
        raise NotFound
    require(caller, "connection", "update")
    if row.version != version:
        raise StaleVersion(current={"id": str(id), "version": row.version})
    return row


async def _check_people(
    tx: Transaction, caller: Principal, users: Sequence[UUID], lines: Sequence[schemas.LineBody]
) -> None:
    wanted = {*users, *(line.fallback_user_id for line in lines if line.fallback_user_id)}
    known = await repository.known_users(tx, wanted)
    for user in sorted(wanted):
        require_reference(caller, "user", user, user in known)
    teams = {line.team_id for line in lines if line.team_id}
    known = await repository.known_teams(tx, teams)
    for team in sorted(teams):
        require_reference(caller, "team", team, team in known)


def _check_secrets(vendor: str, shared: Secrets, networks: Sequence[str]) -> None:
    missing = [name for name in VENDORS[vendor].needs if not getattr(shared, name)]
    if missing:
        raise Invalid([FieldError(name, "secret_required", f"{vendor} signs with it") for name in missing])
    if vendor == "generic" and not shared.hook_secret and not (shared.hook_api_key and networks):
        why = "Webhooks must be provable: a hook_secret, or a hook_api_key with trusted_networks"
        raise Invalid([FieldError("hook_secret", "secret_required", why)])


def _line_rows(id: UUID, lines: Sequence[schemas.LineBody], region: str) -> list[Mapping[str, Any]]:
    rows: dict[str, Mapping[str, Any]] = {}
    for position, line in enumerate(lines):
        key = line_key(line.number, region)
        if key in rows:
            raise Invalid([FieldError(f"lines.{position}.number", "named_twice", "The line is named twice")])
        rows[key] = {
            "connection_id": id,
            "key": key,
            "number": line.number,
            "position": position,
            "team_id": line.team_id,
            "fallback_user_id": line.fallback_user_id,
        }
    return list(rows.values())


def _tell(tx: Transaction, row: Row, changed: Sequence[str]) -> None:
    tx.record(
        CONNECTION_CHANGED,
        subject="connection",
        id=row.id,
        sequence=row.version,
        data=state(row, changed),
    )
