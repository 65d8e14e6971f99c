"""Which card a row of a file is about, and what the row changes on it.

Pure. Must never know where cards are kept or who asks: what the caller may see and change is told.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from crm_contacts.identities.rules import Entry, Identity

Update = Literal["fill", "overwrite"]

# What programs put between several phones or e-mails of one cell; Google writes three colons.
_BETWEEN = re.compile(r"[;,\r\n]|:::")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A visible card a row may be about; `bare` when nothing on it tells it from a namesake."""

    id: UUID
    may_change: bool
    bare: bool


def several(cell: str) -> list[str]:
    """The phones or e-mails that stand in one cell."""
    return [text for text in (part.strip() for part in _BETWEEN.split(cell)) if text]


def full_name(values: Mapping[str, str]) -> str:
    """What the row calls its person: the whole name, else its parts; empty when there is nothing."""
    parts = (values.get(part, "") for part in ("first_name", "middle_name", "last_name"))
    return values.get("name") or " ".join(part for part in parts if part)


def reach_key(entry: Entry) -> str | None:
    """What a card is recognised by. None for a text that is no number: many people have the phone `n/a`."""
    return f"{entry.kind}:{entry.value}" if entry.value else None


def chosen(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The cards the row may mean: those the caller may change come before others, the rest counts only without them."""
    found = sorted(candidates, key=lambda card: card.id)
    return [card for card in found if card.may_change] or found[:1]


def namesakes(candidates: Iterable[Candidate]) -> list[Candidate]:
    """As `chosen`, for a row without phone and e-mail: a card that has none either is nearer."""
    found = chosen(candidates)
    return [card for card in found if card.bare] or found


def differing(current: Mapping[str, Any], wanted: Mapping[str, Any], update: Update) -> dict[str, Any]:
    """The fields that become what the file says: the empty ones, or with `overwrite` all that differ."""
    return {
        name: value
        for name, value in wanted.items()
        if value is not None and value != current[name] and (update == "overwrite" or current[name] is None)
    }


def extended(own: Sequence[Identity], given: Iterable[Entry], new_id: Callable[[], UUID]) -> tuple[Identity, ...]:
    """The card's phones and then e-mails, those of the row that it lacks added at the end of each."""
    known = {identity.entry.key for identity in own}
    added = []
    for entry in given:
        if entry.key not in known:
            known.add(entry.key)
            added.append(Identity(new_id(), entry))
    return tuple(sorted([*own, *added], key=lambda identity: identity.entry.kind, reverse=True))


def memory(
    before: Mapping[str, Any], after: Mapping[str, Any], own: Sequence[Identity], extended: Sequence[Identity]
) -> dict[str, Any]:
    """What an undo of this change needs, as JSON: what each field was and became, which identities came."""
    had = {identity.id for identity in own}
    return {
        "fields": {
            name: {"was": _plain(before[name]), "set": _plain(value)}
            for name, value in after.items()
            if value != before[name]
        },
        "added": {str(each.id): each.entry.raw for each in extended if each.id not in had},
    }


def taken_back(
    current: Mapping[str, Any], own: Sequence[Identity], remembered: Mapping[str, Any], lost: Collection[str] = ()
) -> tuple[dict[str, Any], tuple[Identity, ...], bool]:
    """The fields that go back to what they were, the identities that stay, and whether all of it could go back.

    What somebody has changed since stays; so does what would go back to something `lost`.
    """
    back, whole = {}, True
    for name, change in remembered["fields"].items():
        was = change["was"]
        if _plain(current[name]) == change["set"] and was not in lost:
            back[name] = UUID(was) if was is not None and name.endswith("_id") else was
        else:
            whole = False
    added = remembered["added"]
    stay = []
    for identity in own:
        if str(identity.id) not in added:
            stay.append(identity)
        elif added[str(identity.id)] != identity.entry.raw:
            stay.append(identity)
            whole = False
    return back, tuple(stay), whole


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value
