"""The demo's runner, parent of all processes: it alone can take everything away. Asked over a loopback address."""

import aiohttp
from crm_chassis.problems import Conflict, Unavailable

_WITHIN = aiohttp.ClientTimeout(total=5)
_STILL_FILLING = 409


class Runner:
    """Whoever listens at `url` and believes who knows `secret`."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret

    async def leave(self, *, name: str, email: str, locale: str) -> None:
        """The runner has begun to empty the company for this administrator.

        Conflict while it is still filling it, Unavailable when it does not answer.
        """
        who = {"name": name, "email": email, "locale": locale}
        headers = {"Authorization": f"Bearer {self._secret}"}
        try:
            async with (
                aiohttp.ClientSession(timeout=_WITHIN) as client,
                client.post(f"{self._url}/leave", json=who, headers=headers) as answer,
            ):
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable("The demo's runner does not answer.") from error
        if status == _STILL_FILLING:
            raise Conflict("The demo is still being filled; try again in a minute.", code="still_filling")
        if status != 202:
            raise Unavailable("The demo's runner refused.")
