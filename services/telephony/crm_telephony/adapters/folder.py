"""Files in a folder of this machine: written beside, synced, read back, renamed into their place."""

import asyncio
import hashlib
import os
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from crm_telephony.recordings.port import FileDamaged

_PIECE = 64 * 1024
_KEY = re.compile(r"[0-9a-f][0-9a-f-]{2,63}")
_INCOMING = "incoming"


class FolderWriting:
    """A file under way, in a name nobody reads."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._size = 0

    @property
    def size(self) -> int:
        """How many bytes have been written so far."""
        return self._size

    @property
    def sha256(self) -> str:
        """Of what has been written so far, in lower-case hex."""
        return self._digest.hexdigest()

    async def write(self, piece: bytes) -> None:
        """The piece is the next of the file."""
        self._digest.update(piece)
        self._size += len(piece)
        await asyncio.to_thread(self._file.write, piece)


class Folder:
    """The store in `root`; several processes may share it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @asynccontextmanager
    async def writing(self, key: str) -> AsyncIterator[FolderWriting]:
        """The file stands under its key, whole and checked, or nothing of it does."""
        place = self._place(key)
        beside = self._root / _INCOMING / f"{key}.{uuid4().hex}"
        file = await asyncio.to_thread(_begin, beside)
        try:
            writing = FolderWriting(file)
            yield writing
            await asyncio.to_thread(_finish, file, beside, place, writing.sha256)
        finally:
            file.close()
            with suppress(FileNotFoundError):
                await asyncio.to_thread(beside.unlink)

    async def size(self, key: str) -> int | None:
        """How many bytes stand under the key; None when nothing does."""
        try:
            return (await asyncio.to_thread(self._place(key).stat)).st_size
        except FileNotFoundError:
            return None

    async def reading(self, key: str, first: int, last: int) -> AsyncIterator[bytes]:
        """The bytes from `first` to `last`, both included."""
        file = await asyncio.to_thread(self._place(key).open, "rb")
        with file:
            await asyncio.to_thread(file.seek, first)
            left = last - first + 1
            while left > 0:
                piece = await asyncio.to_thread(file.read, min(_PIECE, left))
                if not piece:
                    raise FileDamaged(f"{left} bytes are missing")
                left -= len(piece)
                yield piece

    async def sweep(self, older_than_s: float) -> None:
        """What a killed process left under way so long ago is gone."""
        await asyncio.to_thread(self._sweep, time.time() - older_than_s)

    def _sweep(self, before: float) -> None:
        for left in (self._root / _INCOMING).glob("*"):
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < before:
                    left.unlink()

    def _place(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError("a key of a file is lower-case hex and hyphens")
        # By its end: the ids are ordered by time, so their beginnings are all alike.
        return self._root / key[-2:] / key


def _begin(beside: Path) -> BinaryIO:
    beside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return beside.open("xb")


def _finish(file: BinaryIO, beside: Path, place: Path, sha256: str) -> None:
    file.flush()
    os.fsync(file.fileno())
    with beside.open("rb") as written:
        if hashlib.file_digest(written, "sha256").hexdigest() != sha256:
            raise FileDamaged("the file does not read as it was written")
    place.parent.mkdir(exist_ok=True, mode=0o700)
    beside.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
