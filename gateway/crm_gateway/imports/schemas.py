"""The list of all imports on the wire. Its items are the owners' own jobs, passed on as they come."""

from crm_chassis.imports.schemas import ImportOut
from pydantic import BaseModel

from crm_gateway.card.schemas import Notice


class ImportList(BaseModel):
    """One page; `kind` of an item says under which path it lives. `notices` names services that are away: what they
    have is not in the page."""

    items: list[ImportOut]
    next_cursor: str | None
    notices: list[Notice]
