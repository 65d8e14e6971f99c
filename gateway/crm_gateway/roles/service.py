"""Roles: made once for a new installation, read ever after."""

from crm_chassis.database import Transaction

from crm_gateway.roles import repository
from crm_gateway.roles.rules import BUILT_IN


async def bootstrap(tx: Transaction) -> None:
    """The built-in roles exist; one that is there already keeps the grants it has."""
    for name, grants in BUILT_IN.items():
        if await repository.add_role(tx, name):
            rows = [
                {"role": name, "noun": noun, "action": action, "scope": scope}
                for (noun, action), scope in grants.items()
            ]
            await repository.add_grants(tx, rows)
