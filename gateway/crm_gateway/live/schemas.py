"""The live stream on the wire, beside the stream itself."""

from uuid import UUID

from pydantic import BaseModel


class Present(BaseModel):
    """Users with an open live stream, each once, in the order of their ids."""

    user_ids: list[UUID]
