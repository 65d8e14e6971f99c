"""Routes: /users."""

from typing import Annotated, Any
from uuid import UUID

from crm_chassis.access.policy import admits, require, visible
from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.filters import Filters, equals, prefix
from crm_chassis.http import JSON, Caller, IfMatch, Once, Reader, Tx, runtime_of
from crm_chassis.paging import ListQuery, Page
from crm_chassis.problems import NotFound, TooMany
from crm_chassis.text import Line
from fastapi import APIRouter, Query, Request, Response

from crm_gateway.guesses import service as guesses
from crm_gateway.guesses.rules import own_password
from crm_gateway.passwords import Passwords
from crm_gateway.roles.service import must_hold_role
from crm_gateway.sessions.directory import SessionDirectory
from crm_gateway.sessions.door import SignedIn
from crm_gateway.users import repository, schemas, service
from crm_gateway.users.models import user_account
from crm_gateway.users.rights import changeable, placeable

FILTERS = Filters(
    {
        "role": equals(user_account.c.role),
        "team_id": equals(user_account.c.team_id),
        "active": equals(user_account.c.active),
        "name": prefix(user_account.c.name),
    }
)


class UserQuery(ListQuery):
    """Filters of the list of users; `name` is a prefix."""

    role: Line | None = None
    team_id: UUID | None = None
    active: bool | None = None
    name: Line | None = None


def router(directory: SessionDirectory, passwords: Passwords) -> APIRouter:
    """Users: colleagues for everybody's pickers, changed by administrators only."""
    routes = APIRouter(tags=["users"])

    @routes.get("/users", response_model=Page[schemas.User])
    async def list_users(caller: Caller, reader: Reader, query: Annotated[UserQuery, Query()]) -> Response:
        """Colleagues by name, those who left included unless `active` is asked for."""
        statement = FILTERS.apply(repository.LIST, query).where(visible(caller, "user", "read", user_account.c.id))
        statement = repository.ORDER.apply(statement, query.cursor, query.limit)
        rows, following = repository.ORDER.page((await reader.execute(statement)).all(), query.limit)
        return JSON({"items": [_user(row, caller) for row in rows], "next_cursor": following})

    @routes.get("/users/{user_id}", response_model=schemas.User)
    async def get_user(caller: Caller, reader: Reader, user_id: UUID) -> Response:
        """One colleague."""
        row = await repository.get(reader, user_id)
        if row is None or not admits(caller, "user", "read", row.id, row.team_id):
            raise NotFound
        return JSON(_user(row, caller), etag=row.version)

    @routes.post("/users", status_code=201, response_model=schemas.User)
    async def create_user(caller: Caller, tx: Tx, once: Once, body: schemas.UserCreate) -> Response:
        """A new colleague; give them a one-time password next."""
        require(caller, "user", "create")
        await must_hold_role(tx, caller, body.role)
        row = await service.create(tx, body.model_dump(), now())
        tx.after_commit(lambda: directory.user_changed(row.id))
        return await once.reply(201, _user(row, caller), etag=row.version)

    @routes.patch("/users/{user_id}", response_model=schemas.User)
    async def change_user(caller: Caller, tx: Tx, version: IfMatch, user_id: UUID, body: schemas.UserPatch) -> Response:
        """The colleague after a merge patch; `active: false` ends their sessions at once."""
        await changeable(tx, caller, user_id, "update")
        values = body.model_dump(exclude_unset=True)
        await placeable(tx, caller, user_id, values)
        row = await service.change(tx, user_id, version, values, now())
        tx.after_commit(lambda: directory.user_changed(user_id))
        return JSON(_user(row, caller), etag=row.version)

    @routes.delete("/users/{user_id}", status_code=204)
    async def remove_user(caller: Caller, tx: Tx, version: IfMatch, user_id: UUID) -> Response:
        """There is no such user any more. 409 `user_in_use` for one who has ever signed in: they leave instead."""
        await changeable(tx, caller, user_id, "delete")
        await service.remove(tx, user_id, version, now())
        tx.after_commit(lambda: directory.user_changed(user_id))
        return Response(status_code=204)

    @routes.post("/users/{user_id}/one-time-password", status_code=201, response_model=schemas.OneTimePassword)
    async def one_time_password(caller: Caller, tx: Tx, user_id: UUID) -> Response:
        """A password shown this once; it must be changed after signing in. The user's sessions end."""
        await changeable(tx, caller, user_id, "update")
        password = await service.make_one_time_password(tx, passwords, user_id, now())
        tx.after_commit(lambda: directory.user_changed(user_id))
        return JSON({"password": password}, 201)

    @routes.put("/users/me/locale", status_code=204)
    async def change_own_locale(signed: SignedIn, tx: Tx, body: schemas.LocaleChange) -> Response:
        """You are written to in this language from now on."""
        user_id = signed.principal.id
        await service.set_locale(tx, user_id, body.locale, now())
        tx.after_commit(lambda: directory.user_changed(user_id))
        return Response(status_code=204)

    @routes.post("/users/me/password", status_code=204)
    async def change_own_password(request: Request, signed: SignedIn, body: schemas.PasswordChange) -> Response:
        """You sign in with the new password from now on; your other sessions end."""
        user_id, database = signed.principal.id, runtime_of(request).database
        counted = own_password(user_id)
        async with database.transaction() as tx:
            wait_s = await guesses.begin(tx, counted, now())
        if wait_s:
            raise TooMany(wait_s, "Too many wrong passwords; wait a little.")
        before, after = await service.own_password(
            database, passwords, user_id, body.current_password, body.new_password
        )
        async with database.transaction() as tx:
            await service.set_own_password(tx, user_id, signed.session_id, before, after, now())
            await guesses.succeeded(tx, counted, now())
        directory.user_changed(user_id)
        return Response(status_code=204)

    return routes


def _user(row: Any, caller: Principal) -> schemas.User:
    # Names are for everybody's pickers; how and when one signs in is for oneself and administrators.
    sees_sign_in = row.id == caller.id or admits(caller, "user", "update", row.id, row.team_id)
    return schemas.User(
        id=row.id,
        name=row.name,
        email=row.email if sees_sign_in else None,
        role=row.role,
        team_id=row.team_id,
        locale=row.locale,
        active=row.active,
        last_signed_in_at=row.last_signed_in_at if sees_sign_in else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )
