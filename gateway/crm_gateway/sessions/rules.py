"""Which writes a browser may send. Pure.

Must never know who is signed in.
"""

from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def same_site(origin: str | None, host: str | None, public_origin: str) -> bool:
    """Whether a browser's write comes from our own pages.

    `origin` is the Origin header: it must be the public address, or name the very host the request was sent to.
    """
    if not origin or origin == "null":
        return False
    if origin == public_origin:
        return True
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and bool(host) and parts.netloc == host


def allowed_sign_in(origin: str | None, host: str | None, public_origin: str) -> bool:
    """Whether a sign-in may set a cookie: from our own pages, or from a client that is no browser."""
    return origin is None or same_site(origin, host, public_origin)
