"""The port to where recordings are kept. A kept file is whole and never changes; a half one is never seen."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class FileDamaged(Exception):
    """What stands on the disk is not what was written."""


class Writing(Protocol):
    """A file under way."""

    @property
    def sha256(self) -> str:
        """Of what has been written so far, in lower-case hex."""
        ...

    @property
    def size(self) -> int:
        """How many bytes have been written so far."""
        ...

    async def write(self, piece: bytes) -> None:
        """The piece is the next of the file."""
        ...


class Files(Protocol):
    """A store of files by key."""

    def writing(self, key: str) -> AbstractAsyncContextManager[Writing]:
        """Left without an error, the file stands under its key, whole and checked; else nothing of it does.

        Raises FileDamaged when it can not be read back as it was written.
        """
        ...

    async def size(self, key: str) -> int | None:
        """How many bytes stand under the key; None when nothing does."""
        ...

    def reading(self, key: str, first: int, last: int) -> AsyncIterator[bytes]:
        """The bytes from `first` to `last`, both included."""
        ...
