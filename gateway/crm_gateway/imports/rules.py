"""Many lists of jobs as one, the newest first. Pure.

Must never know who keeps which list: each answers "the newest `limit` of the caller's after this place".
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

Job = dict[str, Any]
Place = tuple[datetime, UUID]


def place_of(job: Job) -> Place:
    """Where a job stands: the newest first, and of those of one moment the greatest id."""
    return datetime.fromisoformat(job["created_at"]), UUID(job["id"])


def merged(lists: Iterable[tuple[list[Job], bool]], limit: int) -> tuple[list[Job], Place | None]:
    """The newest `limit` jobs of all lists, and after which place the next page begins (None on the last).

    Each list is its newest `limit` jobs and whether it has more.
    """
    jobs: list[Job] = []
    more = False
    for items, goes_on in lists:
        jobs += items
        more = more or goes_on
    jobs.sort(key=place_of, reverse=True)
    shown = jobs[:limit]
    more = more or len(jobs) > limit
    return shown, place_of(shown[-1]) if more and shown else None
