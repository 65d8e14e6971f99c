"""The global search on the wire. Its parts are the owners' own answers, passed on as they come."""

from typing import Any

from pydantic import BaseModel

from crm_gateway.card.schemas import Notice


class SearchScreen(BaseModel):
    """`contacts` is contacts' answer (people, companies), `deals` that of deals."""

    contacts: dict[str, Any]
    deals: dict[str, Any] | None
    notices: list[Notice]
