"""How a request shows who sent it: a bearer token, or the cookie together with our own Origin on writes."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from crm_chassis.access.principal import Principal
from crm_chassis.http import Caller, runtime_of
from crm_chassis.problems import Forbidden, Unauthorized
from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from crm_gateway.rates.limits import Limits
from crm_gateway.sessions.directory import SessionDirectory, Signed
from crm_gateway.sessions.rules import SAFE_METHODS, same_site

COOKIE = "crm_session"
_ONE_TIME_MAY = ("/api/v1/sessions/current", "/api/v1/users/me/password")


def shown_token(request: HTTPConnection) -> tuple[str, str]:
    """What is shown and how: ("bearer" | "cookie" | another scheme, token); the token may be empty."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return (scheme.lower(), token) if token else ("cookie", request.cookies.get(COOKIE, ""))


def authenticator(
    directory: SessionDirectory, public_origin: str, limits: Limits
) -> Callable[[Request], Awaitable[Principal]]:
    """The `authenticate` of the gateway's wiring.

    It raises Unauthorized without a live session, Forbidden for a cookie-borne write from another site's page and,
    until the one-time password is changed, for everything but that; TooMany beyond the caller's rate.
    """

    async def authenticate(request: Request) -> Principal:
        scheme, token = shown_token(request)
        by_cookie = scheme == "cookie"
        if scheme not in ("bearer", "cookie"):
            raise Unauthorized("Send a bearer token or the session cookie.", headers={"WWW-Authenticate": "Bearer"})
        if not token:
            raise Unauthorized(headers={"WWW-Authenticate": "Bearer"})
        signed = await directory.signed_in(runtime_of(request).database, token)
        # A cookie is good only for what signed in with a cookie, so that no page can ride on an API client's token.
        if signed is None or (by_cookie and signed.transport != "cookie"):
            raise Unauthorized("The session has ended.", headers={"WWW-Authenticate": "Bearer"})
        if request.scope.get("state", {}).pop("stranger", False):
            limits.no_stranger(limits.address(request))
        if by_cookie:
            limits.user(signed.principal.id)
        else:
            limits.token(signed.session_id)
        if by_cookie and request.method not in SAFE_METHODS:
            origin, host = request.headers.get("origin"), request.headers.get("host")
            if not same_site(origin, host, public_origin):
                raise Forbidden("A browser's change must come from our own pages.", code="foreign_origin")
        if signed.password_change_required and request.url.path not in _ONE_TIME_MAY:
            raise Forbidden("Choose your own password first.", code="password_change_required")
        request.state.signed = signed
        return signed.principal

    return authenticate


async def _signed(request: Request, _: Caller) -> Signed:
    signed: Signed = request.state.signed
    return signed


SignedIn = Annotated[Signed, Depends(_signed)]
