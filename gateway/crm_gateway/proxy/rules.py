"""Which service owns a noun, which headers may cross, which paths are no paths. Pure.

Must never know how a request is sent. Hop-by-hop headers: RFC 9110 §7.6.1.
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qs
from uuid import UUID

OWNERS: dict[str, str] = {
    "people": "contacts",
    "companies": "contacts",
    "notes": "contacts",
    "files": "contacts",
    "deals": "deals",
    "tasks": "deals",
    "pipelines": "deals",
    "products": "deals",
    "automation-rules": "deals",
    "automation-runs": "deals",
    "board": "deals",
    "calls": "telephony",
    "connections": "telephony",
    "messages": "notifications",
    "templates": "notifications",
    "notices": "notifications",
    "reports": "reports",
}

# The kinds of rows a file can bring, each read by its owner.
IMPORTS: dict[str, str] = {
    "people": "contacts",
    "companies": "contacts",
    "products": "deals",
    "deals": "deals",
}
MAX_FILE_BYTES = 50 * 1024 * 1024
MAX_CARD_FILE_BYTES = 25 * 1024 * 1024
UPLOADS: dict[str, int] = {
    **{f"/api/v1/imports/{kind}": MAX_FILE_BYTES for kind in IMPORTS},
    "/api/v1/files": MAX_CARD_FILE_BYTES,
}
"""Where a whole file may be posted, with its most bytes: it goes through piece by piece."""

REFERENCES: dict[str, tuple[str, str]] = {
    "person": ("contacts", "people"),
    "company": ("contacts", "companies"),
    "deal": ("deals", "deals"),
}

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NOT_INWARD = HOP_BY_HOP | {
    "authorization",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "x-correlation-id",
}
_NOT_OUTWARD = HOP_BY_HOP | {"date", "server", "set-cookie", "x-correlation-id"}
CLIENT_HEADER = "x-internal-client"
"""In it a service is told its caller's address."""

_OURS = ("x-forwarded-", "x-hook-", "x-internal-")
_ODD_PATH = re.compile(rb"//|/\.{1,2}(?:/|$)|%2e|%2f|%5c|%00|[^!-~]|[\\#?]", re.IGNORECASE)
_ODD_IN_QUERY = re.compile(rb"[^!-~]|[\"<>#]")

Headers = list[tuple[str, str]]


def owner_of(path: str) -> str | None:
    """The service that owns a public path, given from its noun on ("deals/7/move"); None when nobody does."""
    noun, _, rest = path.partition("/")
    return IMPORTS.get(rest.partition("/")[0]) if noun == "imports" else OWNERS.get(noun)


def is_upload(method: str, path: str) -> bool:
    """Whether a whole file is sent by this request."""
    return method == "POST" and path in UPLOADS


def is_plain(raw_path: bytes) -> bool:
    """Whether a path says the same to every parser: no dot segments, no encoded separators, no empty segments."""
    return _ODD_PATH.search(raw_path) is None


def target(raw_path: bytes, query: bytes) -> str:
    """Path and query as they were sent; bytes of the query that have no place in a URL are percent-encoded."""
    path = raw_path.decode("ascii")
    if not query:
        return path
    return f"{path}?{_ODD_IN_QUERY.sub(lambda odd: b'%%%02X' % odd[0][0], query).decode('ascii')}"


def _named_by_connection(headers: Headers) -> frozenset[str]:
    return frozenset(
        token.strip().lower() for name, value in headers if name == "connection" for token in value.split(",")
    )


def _kept(headers: Iterable[tuple[str, str]], dropped: frozenset[str]) -> Headers:
    lowered = [(name.lower(), value) for name, value in headers]
    gone = dropped | _named_by_connection(lowered)
    return [(name, value) for name, value in lowered if name not in gone and not name.startswith(_OURS)]


def inward(headers: Iterable[tuple[str, str]]) -> Headers:
    """A client's headers as a service may see them: no credentials, nothing only the gateway may say."""
    return _kept(headers, _NOT_INWARD)


def outward(headers: Iterable[tuple[str, str]]) -> Headers:
    """A service's headers as the client may see them."""
    return _kept(headers, _NOT_OUTWARD)


def told_reference(target: str) -> tuple[str, UUID] | None:
    """The (noun, id) of another service's thing that the query of an upload says the file is put on."""
    query = parse_qs(target.partition("?")[2])
    try:
        (noun,), (id,) = query["subject"], query["subject_id"]
        return (noun, UUID(id)) if noun in REFERENCES else None
    except (KeyError, ValueError):
        return None


def unknown_reference(document: object) -> tuple[str, UUID] | None:
    """The (noun, id) a 422 problem says is not known yet, when it is a noun we know the owner of."""
    if not isinstance(document, dict) or document.get("code") != "unknown_reference":
        return None
    reference = document.get("reference")
    if not isinstance(reference, dict) or reference.get("noun") not in REFERENCES:
        return None
    try:
        return str(reference["noun"]), UUID(str(reference["id"]))
    except (KeyError, ValueError):
        return None
