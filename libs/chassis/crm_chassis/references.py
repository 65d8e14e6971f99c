"""References to another service's nouns: believed when the local copy knows them, or when the gateway vouches."""

from uuid import UUID

from crm_chassis.access.principal import Principal
from crm_chassis.problems import UnknownReference


def require_reference(caller: Principal, noun: str, id: UUID, found: bool) -> None:
    """Returns when `found` or vouched for; raises UnknownReference else, and the gateway asks the owner once."""
    if not found and f"{noun}/{id}" not in caller.refs:
        raise UnknownReference(noun, id)
