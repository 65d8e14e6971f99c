"""What the long answers of the door have in common."""

from starlette.types import Receive


async def client_left(receive: Receive) -> None:
    """Returns when the client has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass
