"""The zip a workbook is packed in, and its XML: read as a stream, within bounds, with nothing declared or fetched."""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from xml.parsers import expat

from crm_chassis.imports.files.shape import Unreadable

# 200,000 rows of 40 full cells unpack to about this; more is refused before a byte of it is unpacked.
MAX_UNPACKED = 400 * 1024 * 1024
# Sheets pack 5 to 40 times, 100 times when every row is alike; deflate itself ends at 1,032.
MAX_RATIO = 200
# Below this size no ratio is looked at: a small file of one repeated sign is only funny.
_SMALL = 20 * 1024 * 1024
# A workbook has some dozens of parts, one with a picture in each row some thousands.
_MAX_PARTS = 20_000
_CHUNK = 256 * 1024
_ENCRYPTED = 0x1


class Package:
    """An open zip whose declared sizes were checked; zipfile never unpacks more than a part declares."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
            raise Unreadable("broken_file", "the file is cut off or damaged") from error
        parts = self._zip.infolist()
        packed = max(path.stat().st_size, 1)
        unpacked = sum(part.file_size for part in parts)
        if unpacked > MAX_UNPACKED or (unpacked > _SMALL and unpacked > packed * MAX_RATIO) or len(parts) > _MAX_PARTS:
            raise Unreadable("too_large_unpacked", f"it would unpack to {unpacked:,} bytes in {len(parts)} parts")
        if any(part.flag_bits & _ENCRYPTED for part in parts):
            raise Unreadable("password_protected", "the file is protected by a password")
        # A name is only ever looked up here, never on the disk: "../../etc/passwd" is just a part nobody asks for.
        self._parts = {part.filename.lstrip("/").lower(): part for part in parts}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A part as a stream; whatever is wrong with its bytes is Unreadable(broken_file)."""
        part = self._parts.get(name.lower())
        if part is None or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable("broken_file", f"the part {name[:100]} is missing")
        try:
            with self._zip.open(part) as stream:
                yield stream
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise Unreadable("broken_file", f"the part {name[:100]} is damaged") from error


def beside(part: str, target: str) -> str:
    """The name of the part a relation of `part` points at."""
    if target.startswith("/"):
        return posixpath.normpath(target).lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target)).lstrip("/")


def local(name: str) -> str:
    """A name without its namespace prefix: writers choose it freely."""
    return name.rpartition(":")[2]


def parser() -> expat.XMLParserType:
    """An XML parser that refuses any document type: no entity is declared, expanded or fetched."""

    def refuse(*_: object) -> None:
        raise Unreadable("broken_file", "it declares a document type, which no workbook does")

    made = expat.ParserCreate()
    made.buffer_text = True
    made.StartDoctypeDeclHandler = refuse
    made.EntityDeclHandler = refuse
    return made


def parse(stream: IO[bytes], through: expat.XMLParserType) -> Iterator[None]:
    """Feeds the stream piece by piece; the handlers have seen each piece when control comes back."""
    try:
        while piece := stream.read(_CHUNK):
            through.Parse(piece, False)
            yield
        through.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        if error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]:
            raise MemoryError from None
        raise Unreadable("broken_file", f"its XML is damaged: {expat.ErrorString(error.code)}") from None
    except (UnicodeError, ValueError, LookupError) as error:
        raise Unreadable("broken_file", "its XML is damaged") from error


def elements(stream: IO[bytes]) -> Iterator[tuple[str, dict[str, str] | None]]:
    """Each element of a small part as it opens, with its attributes, and with None as it closes."""
    met: list[tuple[str, dict[str, str] | None]] = []
    xml = parser()
    xml.StartElementHandler = lambda name, found: met.append(
        (local(name), {local(key): value for key, value in found.items()})
    )
    xml.EndElementHandler = lambda name: met.append((local(name), None))
    for _ in parse(stream, xml):
        yield from met
        met.clear()
