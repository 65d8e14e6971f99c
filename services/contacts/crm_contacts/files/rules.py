"""What a file is by its content, how a browser may be given it, and which names files may have. Pure."""

from pathlib import PurePosixPath
from urllib.parse import quote

UNKNOWN = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"
ZIP = "application/zip"

SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})
"""What a browser may show itself; everything else, SVG and HTML above all, it is told to save."""

HEAD_BYTES = 4096
"""So many of a file's first bytes tell what it is."""

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", ZIP),
)
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
# Archives by their content; the name tells which program opens them, and none of them is ever shown.
_IN_ZIP = {
    ".docx": f"{_OPEN_XML}wordprocessingml.document",
    ".xlsx": f"{_OPEN_XML}spreadsheetml.sheet",
    ".pptx": f"{_OPEN_XML}presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}
_CONTROLS = frozenset(range(32)) - set(b"\t\n\f\r")
# They turn a name around in the eyes of who reads it: "photo[U+202E]gpj.exe" looks like a photo.
_TURNING = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "_")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !#$&'()+,-.=@[]^_`{}~")


def media_type(head: bytes, name: str) -> str:
    """What a file is by its first bytes, which are told by nobody but the file itself."""
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return _IN_ZIP.get(PurePosixPath(name).suffix.lower(), ZIP) if kind == ZIP else kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return TEXT if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    if not _CONTROLS.isdisjoint(head):
        return False
    # The last character may be cut off by the end of the head.
    for cut in range(4):
        try:
            head[: len(head) - cut].decode()
        except UnicodeDecodeError:
            continue
        return cut == 0 or len(head) == HEAD_BYTES
    return False


def disposition(name: str, media_type: str) -> str:
    """The `Content-Disposition` of a file (RFC 6266, its name also by RFC 8187): to be shown only if it is safe."""
    shown = name.translate(_TURNING)
    plain = "".join(char if char in _PLAIN else "_" for char in shown)
    kind = "inline" if media_type in SHOWN else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(shown, safe='')}"


def guard(media_type: str) -> str:
    """The `Content-Security-Policy` of a file that is opened by itself: it runs nothing and reaches nothing."""
    if media_type == "application/pdf":
        # Browsers refuse to open their own viewers in a sandbox; these need their style and the document itself.
        return "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return "default-src 'none'; frame-ancestors 'none'; sandbox"
