"""Contents of files in a folder: written beside, then put in their place at once.

Owns the folder; a file's name never becomes a path, its id does.
"""

import asyncio
import errno
import hashlib
import io
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from crm_contacts.files.rules import HEAD_BYTES
from crm_contacts.files.store import Kept, NoRoom, StoreFailed

_PIECE = 256 * 1024
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Folder:
    """A `Store` in `path`, made on first use; `spare` bytes of its disk are left free."""

    def __init__(self, path: Path, spare: int = 0) -> None:
        self._path = path
        self._spare = spare

    async def keep(self, id: UUID, pieces: AsyncIterator[bytes]) -> Kept:
        """As the port says; what it takes to survive a power cut is done before it returns."""
        part = self._part(id)
        try:
            kept = await self._write(part, pieces)
            await asyncio.to_thread(_settle, part, self._place(id))
        except OSError as error:
            if error.errno in _FULL:
                raise NoRoom from error
            raise
        finally:
            # What is in its place is no part any more. Not in a thread: a cancelled upload leaves nothing either.
            part.unlink(missing_ok=True)
        return kept

    async def has(self, id: UUID) -> bool:
        """As the port says."""
        return await asyncio.to_thread(self._place(id).is_file)

    async def read(self, id: UUID, start: int, stop: int) -> AsyncIterator[bytes]:
        """As the port says."""
        with await asyncio.to_thread(self._place(id).open, "rb") as content:
            content.seek(start)
            while start < stop:
                piece = await asyncio.to_thread(content.read, min(_PIECE, stop - start))
                if not piece:
                    raise StoreFailed(f"{id} ends before its time")
                start += len(piece)
                yield piece

    async def drop(self, id: UUID) -> None:
        """As the port says."""
        try:
            for path in (self._part(id), self._place(id)):
                await asyncio.to_thread(path.unlink, missing_ok=True)
        except OSError as error:
            raise StoreFailed(str(id)) from error

    async def _write(self, part: Path, pieces: AsyncIterator[bytes]) -> Kept:
        digest, size, head = hashlib.sha256(), 0, b""
        with await asyncio.to_thread(self._open, part) as file:
            async for piece in pieces:
                await asyncio.to_thread(file.write, piece)
                digest.update(piece)
                size += len(piece)
                head += piece[: HEAD_BYTES - len(head)]
            await asyncio.to_thread(os.fsync, file.fileno())
        return Kept(size, digest.digest(), head)

    def _open(self, part: Path) -> io.FileIO:
        part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(part.parent).free < self._spare:
            raise NoRoom
        return io.FileIO(part, "xb")

    def _part(self, id: UUID) -> Path:
        return self._path / "arriving" / id.hex

    def _place(self, id: UUID) -> Path:
        # The end of an id is random, its beginning is the time.
        return self._path / id.hex[-2:] / id.hex


def _settle(part: Path, place: Path) -> None:
    """The part is in its place, and stays there when the power goes."""
    new = not place.parent.exists()
    place.parent.mkdir(exist_ok=True, mode=0o700)
    part.replace(place)
    for folder in (place.parent, *((place.parent.parent,) if new else ())):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
