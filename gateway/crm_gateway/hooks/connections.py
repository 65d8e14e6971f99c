"""Which connection a token belongs to, remembered for two seconds and believed longer while the database is away."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic

from crm_chassis.database import Database, is_infrastructure

from crm_gateway.hooks import repository

FRESH_S = 2.0
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Connection:
    """What the gateway needs of a PBX connection."""

    active: bool
    answer_body: str
    answer_content_type: str


class Connections:
    """Asked on every hook."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[float, Connection]] = OrderedDict()

    def remembers(self, token: str) -> bool:
        """Whether the token was a connection's when it was last asked for."""
        return hashlib.sha256(token.encode()).hexdigest() in self._known

    async def find(self, database: Database, token: str) -> Connection | None:
        """The connection of a token, None when the copy has none.

        While the database is away the last known answer holds; without one its error is raised.
        """
        key = hashlib.sha256(token.encode()).hexdigest()
        known = self._known.get(key)
        if known is not None and monotonic() - known[0] < FRESH_S:
            return known[1]
        try:
            async with database.read() as reader:
                row = await repository.find(reader, key)
        except Exception as error:
            if known is None or not is_infrastructure(error):
                raise
            return known[1]
        if row is None:
            self._known.pop(key, None)
            return None
        found = Connection(row.active, row.answer_body, row.answer_content_type)
        self._known[key] = (monotonic(), found)
        self._known.move_to_end(key)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return found
