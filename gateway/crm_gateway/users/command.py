"""A user from the command line. Imports no web framework: it starts quickly."""

import argparse
import asyncio
import sys

from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.database import Database, Transaction
from crm_chassis.problems import Conflict, Invalid
from pydantic import ValidationError

from crm_gateway.passwords import Passwords
from crm_gateway.roles.service import bootstrap
from crm_gateway.settings import GatewaySettings
from crm_gateway.teams import repository as team_repository
from crm_gateway.teams import service as teams
from crm_gateway.users import repository as user_repository
from crm_gateway.users import service as users
from crm_gateway.users.schemas import UserCreate


def user_add(arguments: list[str]) -> int:
    """A user who can sign in. The password goes to standard output, all else to standard error.

    Without --password it is a one-time one, to be changed after signing in. Returns 1 when the address is in use
    or something is not right. The database must be migrated.
    """
    parser = argparse.ArgumentParser(prog="python -m crm_gateway user-add")
    parser.add_argument("--email", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--role", required=True)
    parser.add_argument("--team", help="name of the team; made when there is none")
    parser.add_argument("--password", help="a lasting password; without it a one-time password is made")
    parser.add_argument("--locale", default="en")
    given = parser.parse_args(arguments)
    try:
        body = UserCreate(email=given.email, name=given.name, role=given.role, locale=given.locale)
        password = asyncio.run(_add(body, given.team, given.password))
    except ValidationError as error:
        for problem in error.errors():
            _tell(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}")
        return 1
    except Invalid as error:
        for problem in error.extensions["errors"]:
            _tell(f"{problem['field']}: {problem['message']}")
        return 1
    except Conflict as error:
        _tell(error.detail)
        return 1
    kind = "password" if given.password else "one-time password"
    _tell(f"{body.email} signs in with this {kind}:")
    sys.stdout.write(f"{password}\n")
    return 0


async def _add(body: UserCreate, team: str | None, given_password: str | None) -> str:
    settings = GatewaySettings.load()
    database = Database(settings.service_database_url(), "gateway", pool_size=1, pool_overflow=0)
    passwords = Passwords(settings.password_memory_mib)
    password = given_password or passwords.invent()
    kept = await passwords.hash(password)
    try:
        with telling(Story.of_system("gateway")):
            async with database.transaction() as tx:
                await bootstrap(tx, now())
                team_id = await _team(tx, team) if team else None
                row = await users.create(tx, body.model_dump() | {"team_id": team_id}, now())
                await user_repository.set_password(tx, row.id, kept, one_time=given_password is None, now=now())
    finally:
        await database.close()
    return password


async def _team(tx: Transaction, name: str) -> object:
    found = await team_repository.by_name(tx, name)
    if found is not None:
        return found
    return (await teams.create(tx, {"name": name, "lead_id": None, "office": None}, now())).id


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
