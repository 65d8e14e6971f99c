"""Users as a file names them: by their address or their name; and to whom the caller may give cards."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import admits
from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.imports.mapping import plain
from crm_chassis.tables import staff_member

_ALL = sa.select(*(staff_member.c[name] for name in ("id", "team_id", "active", "name", "email")))
Noun = Literal["person", "company"]


class Colleagues:
    """Everybody the copy knows, for one chunk of rows."""

    def __init__(self, rows: Iterable[sa.Row[Any]]) -> None:
        self._known = {row.id: row for row in rows}
        self._by_text: dict[str, list[sa.Row[Any]]] = defaultdict(list)
        for row in self._known.values():
            self._by_text[row.email.strip().lower()].append(row)
            self._by_text[plain(row.name)].append(row)

    @classmethod
    async def read(cls, tx: Transaction) -> "Colleagues":
        """As the copy knows them now."""
        return cls((await tx.execute(_ALL)).all())

    def called(self, text: str) -> list[sa.Row[Any]]:
        """Users with this address or name, in any spelling of it: those at work, else those who have left."""
        found = self._by_text.get(text.strip().lower() if "@" in text else plain(text), [])
        return [row for row in found if row.active] or found

    def may_reach(self, caller: Principal, noun: Noun, action: str, owner_id: UUID | None) -> bool:
        """Whether the caller may `action` a card of this owner: the policy, as `visible` has it in SQL."""
        owner = self._known.get(owner_id) if owner_id else None
        return admits(caller, noun, action, owner_id, owner.team_id if owner else None)

    def may_give(self, caller: Principal, noun: Noun, action: Literal["create", "update"], owner_id: UUID) -> bool:
        """Whether the caller may let a card belong to this user, as `policy.allowed_owner` has it."""
        owner = self._known.get(owner_id)
        if owner is None or not owner.active:
            return owner is None and owner_id == caller.id and admits(caller, noun, action, owner_id)
        return admits(caller, noun, action, owner_id, owner.team_id)
