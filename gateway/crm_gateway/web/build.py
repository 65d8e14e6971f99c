"""The build of the web client on disk, read into memory and read anew when it was built anew."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from crm_gateway.web.rules import ENCODINGS, MEDIA_TYPES

INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class File:
    """A file of the build with its compressed forms by encoding."""

    media_type: str
    etag: str
    body: bytes
    compressed: dict[str, bytes]


class Build:
    """What `make web` left in a folder, or nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: tuple[int, int] | None = None
        self._files: dict[str, File] = {}

    def page(self) -> str | None:
        """The client's page; None when there is no build."""
        index = self._current().get(INDEX)
        return index.body.decode() if index else None

    def file(self, name: str) -> File | None:
        """A file of the build by its path in it."""
        return self._current().get(name)

    def _current(self) -> dict[str, File]:
        try:
            index = (self._folder / INDEX).stat()
        except OSError:
            self._made, self._files = None, {}
            return self._files
        made = (index.st_mtime_ns, index.st_ino)
        if made != self._made:
            # Names come from this listing alone, so that no address can reach a file outside the folder.
            self._made, self._files = made, dict(self._read())
        return self._files

    def _read(self) -> Iterator[tuple[str, File]]:
        for path in sorted(self._folder.rglob("*")):
            if path.suffix in MEDIA_TYPES and path.is_file():
                body = path.read_bytes()
                beside = {name: path.with_name(path.name + suffix) for name, suffix in ENCODINGS.items()}
                compressed = {name: other.read_bytes() for name, other in beside.items() if other.is_file()}
                etag = f'"{sha256(body).hexdigest()[:20]}"'
                yield path.relative_to(self._folder).as_posix(), File(MEDIA_TYPES[path.suffix], etag, body, compressed)
