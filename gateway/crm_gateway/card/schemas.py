"""The card on the wire. Its parts are the owners' own answers, passed on as they come."""

from typing import Any

from pydantic import BaseModel


class Notice(BaseModel):
    """A part is missing for now; `code` is stable."""

    code: str
    service: str
    detail: str


class CardScreen(BaseModel):
    """`card` is contacts' answer, `work` that of deals."""

    card: dict[str, Any]
    work: dict[str, Any] | None
    notices: list[Notice]
