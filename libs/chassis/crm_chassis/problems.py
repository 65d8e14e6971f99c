"""Errors as the API tells them: named, with a status and a stable code, as problem+json (RFC 9457)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FieldError:
    """One refused field: `field` is a dotted path, `code` is stable."""

    field: str
    code: str
    message: str

    def as_dict(self) -> dict[str, str]:
        """The entry of the problem's `errors` list."""
        return {"field": self.field, "code": self.code, "message": self.message}


class Problem(Exception):
    """Base of all errors a client may see; `extensions` become members of the problem document."""

    status = 500
    code = "internal_error"
    title = "Something broke on our side"

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.code = code or self.code
        self.headers = dict(headers or {})
        self.extensions = extensions

    def document(self, correlation_id: str | None = None) -> dict[str, Any]:
        """The problem+json document."""
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "code": self.code,
        }
        if self.detail:
            document["detail"] = self.detail
        if correlation_id:
            document["correlation_id"] = correlation_id
        return document | self.extensions


class BadRequest(Problem):
    """The request can not be read at all."""

    status, code, title = 400, "bad_request", "The request can not be read"


class Unauthorized(Problem):
    """Nobody is signed in, or the credentials do not hold."""

    status, code, title = 401, "unauthorized", "Sign in first"


class Forbidden(Problem):
    """Seen but not changeable, or not for this role at all."""

    status, code, title = 403, "forbidden", "You may not do this"


class NotFound(Problem):
    """Absent or invisible; the two can not be told apart."""

    status, code, title = 404, "not_found", "There is no such thing, or you may not see it"


class MethodNotAllowed(Problem):
    """The path is right, the method is not; `Allow` names those it serves."""

    status, code, title = 405, "method_not_allowed", "This method is not for this path"

    def __init__(self, allowed: Iterable[str]) -> None:
        super().__init__(headers={"Allow": ", ".join(sorted(allowed))})


class Conflict(Problem):
    """The state of things does not allow it now."""

    status, code, title = 409, "conflict", "This does not fit the current state"


class StaleVersion(Conflict):
    """Somebody changed it meanwhile; `current` is what it is now."""

    code, title = "stale_version", "It was changed meanwhile"

    def __init__(self, current: Any) -> None:
        super().__init__("Look at the current version and try again.", current=current)


class TooSlow(Problem):
    """The body did not arrive in time."""

    status, code, title = 408, "request_timeout", "The request took too long to arrive"

    def __init__(self) -> None:
        super().__init__(headers={"Connection": "close"})


class TooLarge(Problem):
    """The body is over the limit."""

    status, code, title = 413, "too_large", "The request is too large"


class UnsatisfiableRange(Problem):
    """A part was asked for that begins behind the end; `Content-Range` says how much there is."""

    status, code, title = 416, "range_not_satisfiable", "There are not so many bytes"


class Invalid(Problem):
    """The request is understood and refused; `errors` name the fields."""

    status, code, title = 422, "invalid", "Some fields are not right"

    def __init__(self, errors: Sequence[FieldError], detail: str = "") -> None:
        super().__init__(detail, errors=[error.as_dict() for error in errors])


class UnknownReference(Problem):
    """A body names something of another service which the local copy does not know (yet)."""

    status, code, title = 422, "unknown_reference", "The thing referred to is not known"

    def __init__(self, noun: str, id: UUID) -> None:
        super().__init__(f"There is no {noun} {id}, or you may not see it.", reference={"noun": noun, "id": str(id)})


class PreconditionRequired(Problem):
    """A change must say which version it changes."""

    status, code, title = 428, "if_match_required", "Say which version you change: send If-Match"


class TooMany(Problem):
    """Slow down."""

    status, code, title = 429, "too_many_requests", "Too many requests"

    def __init__(self, retry_after_s: int, detail: str = "") -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_s)})


class Unavailable(Problem):
    """A part this needs is away; nothing was changed."""

    status, code, title = 503, "unavailable", "A part of the system is away; try again shortly"

    def __init__(self, detail: str = "", retry_after_s: int = 2) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_s)})
