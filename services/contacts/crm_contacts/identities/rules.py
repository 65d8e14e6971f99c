"""What makes two phones or e-mails the same, and how a card's list becomes another.

Pure. Must never know where cards are kept or how a number is parsed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Kind = Literal["phone", "email"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A phone or e-mail as it was entered.

    `value` is what it is compared by (E.164, lower-cased address); null for a text that is no valid number.
    `label` says which phone it is (mobile, work, …) and is empty for an e-mail.
    """

    kind: Kind
    value: str | None
    raw: str
    label: str = ""

    @property
    def key(self) -> tuple[str, bool, str]:
        """Equal for two entries that are the same phone or e-mail."""
        return (self.kind, self.value is not None, self.value or self.raw)


@dataclass(frozen=True, slots=True)
class Identity:
    """An entry on a card, with its own id."""

    id: UUID
    entry: Entry


def distinct(entries: Iterable[Entry]) -> list[Entry]:
    """The entries in their order, the same one only once: its first spelling stays."""
    seen: dict[tuple[str, bool, str], Entry] = {}
    for entry in entries:
        seen.setdefault(entry.key, entry)
    return list(seen.values())


def reconcile(current: Sequence[Identity], wanted: Sequence[Entry], new_id: Callable[[], UUID]) -> list[Identity]:
    """The wanted list, each entry with the id it already had on the card, or a new one."""
    known = {identity.entry.key: identity.id for identity in current}
    return [Identity(known.get(entry.key) or new_id(), entry) for entry in distinct(wanted)]


def union(winner: Sequence[Identity], loser: Sequence[Identity]) -> list[Identity]:
    """All identities of two cards that become one: the winner's first, the loser's where they add something."""
    have = {identity.entry.key for identity in winner}
    return [*winner, *(identity for identity in loser if identity.entry.key not in have)]


def lock_keys(entries: Iterable[Entry]) -> list[str]:
    """Names to lock before looking for a card by these entries: sorted, so that two seekers never cross."""
    return sorted({f"{entry.kind}:{entry.value or entry.raw}" for entry in entries})
