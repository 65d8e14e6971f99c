"""Which addresses are the web client's, how its files may be kept, and what its page may do. Pure.

Owns what a browser is told about the client; must never know where the files lie.
"""

from pathlib import PurePosixPath

# Other doors of ours: an unknown address under them is refused, never answered with the client's page.
NOT_PAGES = ("api", "hooks", "health", "assets")
FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
# Best first; the build writes each beside the file under this suffix.
ENCODINGS = {"br": ".br", "gzip": ".gz"}


def is_page(path: str, accept: str) -> bool:
    """Whether an unknown address is one of the client's own pages: a browser asks for a document, not under a door."""
    return "text/html" in accept and path.strip("/").partition("/")[0] not in NOT_PAGES


def is_hashed(name: str) -> bool:
    """Whether a file's name changes with its content."""
    return PurePosixPath(name).parts[0] == "assets"


def encoding_of(accepted: str, there: frozenset[str]) -> str | None:
    """The best encoding that is there and accepted; None for the file as it is."""
    wanted = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        wanted[name.strip()] = weight.replace(" ", "") not in ("q=0", "q=0.0")
    return next((name for name in ENCODINGS if name in there and wanted.get(name)), None)


def policy(nonce: str) -> str:
    """The Content-Security-Policy of the client's page: our own files, and style elements that carry the nonce."""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
