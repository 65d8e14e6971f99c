"""The HTTP edge of a service: dependencies of its routes and how answers and errors look."""

import hashlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import structlog
from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException

from crm_chassis import idempotency
from crm_chassis.access.principal import Principal
from crm_chassis.context import begin, current
from crm_chassis.database import Transaction, is_infrastructure
from crm_chassis.problems import (
    BadRequest,
    FieldError,
    Invalid,
    MethodNotAllowed,
    PreconditionRequired,
    Problem,
    Unauthorized,
    Unavailable,
)

if TYPE_CHECKING:
    from crm_chassis.runtime import Runtime

log = structlog.get_logger()

_ETAG = re.compile(r'(?:W/)?"([0-9]{1,18})"|([0-9]{1,18})')


def dumps(body: Any) -> bytes:
    """JSON bytes of models, dicts (also rows: their keys are no plain str), lists; UTC with Z, Decimals as strings."""
    return orjson.dumps(body, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)


class JSON(Response):
    """A JSON answer rendered once, by orjson; `etag` is the version of the subject."""

    media_type = "application/json"

    def __init__(
        self,
        body: Any,
        status: int = 200,
        *,
        etag: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        merged = dict(headers or {})
        if etag is not None:
            merged["ETag"] = f'"{etag}"'
        super().__init__(body if isinstance(body, bytes) else dumps(body), status, merged)


def runtime_of(request: Request) -> "Runtime[Any]":
    """The running service behind a request."""
    runtime: Runtime[Any] = request.app.state.runtime
    return runtime


async def _caller(request: Request) -> Principal:
    principal: Principal = await request.app.state.authenticate(request)
    begin(replace(current(), actor=principal.actor))
    return principal


async def bearer_principal(request: Request) -> Principal:
    """Whom the internal token in `Authorization` names; Unauthorized without a valid one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("This service is reached through the gateway.")
    return runtime_of(request).verifier.verify(token)


async def _transaction(request: Request) -> AsyncIterator[Transaction]:
    async with runtime_of(request).database.transaction() as tx:
        yield tx


async def _read(request: Request) -> AsyncIterator[AsyncConnection]:
    async with runtime_of(request).database.read() as connection:
        yield connection


Caller = Annotated[Principal, Depends(_caller)]
# scope="function": the commit comes before the answer, so a failed commit is an error the client sees.
Tx = Annotated[Transaction, Depends(_transaction, scope="function")]
Reader = Annotated[AsyncConnection, Depends(_read, scope="function")]


async def _if_match(if_match: Annotated[str | None, Header()] = None) -> int:
    if if_match is None:
        raise PreconditionRequired("The version is in the ETag of the answer you read.")
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise BadRequest('If-Match is a version, as in "3".', code="bad_if_match")
    return int(match.group(1) or match.group(2))


IfMatch = Annotated[int, Depends(_if_match)]
IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


class OnceOnly:
    """Answers a repeated Idempotency-Key with the first answer; kept in the transaction of the effect."""

    def __init__(self, tx: Transaction, principal: Principal, key: str | None) -> None:
        self._tx = tx
        self._principal = principal
        self._key = key

    async def reply(self, status: int, body: Any, *, etag: int | None = None) -> JSON:
        """The answer, remembered under the key when the client gave one."""
        answer = JSON(body, status, etag=etag)
        if self._key:
            await idempotency.remember(
                self._tx,
                self._principal.actor,
                self._key,
                status,
                bytes(answer.body),
                answer.headers.get("etag"),
            )
        return answer


async def _once(
    request: Request,
    caller: Caller,
    tx: Tx,
    idempotency_key: IdempotencyKey = None,
) -> OnceOnly:
    if idempotency_key:
        digest = hashlib.sha256()
        digest.update(f"{request.method} {request.url.path}\n".encode())
        digest.update(await request.body())
        await idempotency.claim(tx, caller.actor, idempotency_key, digest.digest())
    return OnceOnly(tx, caller, idempotency_key)


Once = Annotated[OnceOnly, Depends(_once)]


def problem_response(problem: Problem) -> Response:
    """The problem as application/problem+json."""
    try:
        correlation = str(current().correlation_id)
    except LookupError:
        correlation = None
    body = dumps(problem.document(correlation))
    return Response(body, problem.status, problem.headers, media_type="application/problem+json")


def install_error_handlers(app: FastAPI) -> None:
    """Errors with a name are problem documents; what has none is `middleware.LastResort`'s."""

    async def on_problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return problem_response(error)

    async def on_replayed(_: Request, error: Exception) -> Response:
        assert isinstance(error, idempotency.AlreadyAnswered)
        headers = {"Idempotency-Replayed": "true"} | ({"ETag": error.etag} if error.etag else {})
        return Response(error.body, error.status, headers, media_type="application/json")

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        allowed = app.state.methods.at(request.url.path)
        if request.method not in allowed:
            # A looser route took the path: GET /things/sums was read as the thing called "sums".
            return problem_response(MethodNotAllowed(allowed))
        return problem_response(Invalid(field_errors(error.errors())))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 405:
            return problem_response(MethodNotAllowed(app.state.methods.at(request.url.path)))
        if isinstance(error.__cause__, Problem):
            # FastAPI wraps what is raised while it reads a body (the body cap) into a 400 of its own.
            return problem_response(error.__cause__)
        problem = Problem(
            str(error.detail), code=_HTTP_CODES.get(error.status_code, "http_error"), headers=error.headers
        )
        problem.status, problem.title = error.status_code, str(error.detail)
        return problem_response(problem)

    async def on_database(_: Request, error: Exception) -> Response:
        if is_infrastructure(error):
            log.warning("database away", reason=type(error).__name__)
            return problem_response(Unavailable("The database is away."))
        log.error("database refused", exc_info=error)
        return problem_response(Problem())

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(idempotency.AlreadyAnswered, on_replayed)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(DBAPIError, on_database)


_HTTP_CODES = {400: "bad_request", 404: "not_found", 415: "unsupported_media_type"}


def field_errors(errors: Sequence[Any]) -> list[FieldError]:
    """Pydantic's errors in our shape, without the values that were sent."""
    found = []
    for error in errors:
        path = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
        found.append(FieldError(".".join(path) or "body", str(error["type"]), str(error["msg"])))
    return found
