"""Where the contents of files are kept: the port; `folder.py` is the adapter to a folder on disk."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from crm_chassis.problems import Problem


class NoRoom(Problem):
    """There is no room for another file; nothing of it was kept."""

    status, code, title = 507, "insufficient_storage", "There is no room for this file"


class StoreFailed(Exception):
    """The store could not do it; tried again later, it may."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept: its size in bytes, its SHA-256 and how it begins."""

    size: int
    sha256: bytes
    head: bytes


class Store(Protocol):
    """Contents by id. Each is kept once and whole, or not at all, and never changes."""

    async def keep(self, id: UUID, pieces: AsyncIterator[bytes]) -> Kept:
        """All pieces are on disk under this id; nothing when they break off. NoRoom when there is none."""

    async def has(self, id: UUID) -> bool:
        """Whether this content is here."""

    def read(self, id: UUID, start: int, stop: int) -> AsyncIterator[bytes]:
        """Bytes `start` up to, not including, `stop`, piece by piece."""

    async def drop(self, id: UUID) -> None:
        """Nothing is here under this id, nor any part of it. Safe to repeat; StoreFailed when it can not be."""
