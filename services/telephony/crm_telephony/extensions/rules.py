"""Whose extension it was at a moment. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

TOLERANCE = timedelta(seconds=120)
"""PBXs tell whole seconds of a clock that may be off (as fold.SKEW_S): a mapping this fresh counts already."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """An extension belonged to a user from `valid_from` until before `valid_to` (null: still does)."""

    extension: str
    user_id: UUID
    valid_from: datetime
    valid_to: datetime | None


def user_of(mappings: Iterable[Mapping], extension: str, at: datetime) -> UUID | None:
    """The user of the extension at that moment, None when nobody was mapped."""
    own = [mapping for mapping in mappings if mapping.extension == extension]
    for mapping in own:
        if mapping.valid_from <= at and (mapping.valid_to is None or at < mapping.valid_to):
            return mapping.user_id
    fresh = [mapping for mapping in own if at < mapping.valid_from <= at + TOLERANCE]
    return min(fresh, key=lambda mapping: mapping.valid_from).user_id if fresh else None
