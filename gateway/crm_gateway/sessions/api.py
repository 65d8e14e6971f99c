"""Routes: /sessions."""

from crm_chassis.clock import now
from crm_chassis.http import JSON, Tx, runtime_of
from crm_chassis.metrics import counter
from crm_chassis.problems import Forbidden, TooMany, Unauthorized
from fastapi import APIRouter, Request, Response

from crm_gateway.guesses import service as guesses
from crm_gateway.guesses.rules import counters
from crm_gateway.passwords import Passwords
from crm_gateway.rates.limits import Limits
from crm_gateway.sessions import repository, schemas, service
from crm_gateway.sessions.directory import SessionDirectory, Signed
from crm_gateway.sessions.door import COOKIE, SignedIn
from crm_gateway.sessions.rules import allowed_sign_in
from crm_gateway.settings import GatewaySettings

SIGN_INS = counter("sign_ins", "Sign-ins by result", ["result"])


def router(settings: GatewaySettings, directory: SessionDirectory, passwords: Passwords, limits: Limits) -> APIRouter:
    """Signing in, who am I, signing out."""
    routes = APIRouter(tags=["sessions"])
    secure = settings.public_origin.startswith("https://")

    @routes.post("/sessions", status_code=201, response_model=schemas.Session)
    async def sign_in(request: Request, body: schemas.SignIn) -> Response:
        """A session begins: as an HttpOnly cookie, or with the token in the answer (`transport: bearer`)."""
        origin, host = request.headers.get("origin"), request.headers.get("host")
        if body.transport == "cookie" and not allowed_sign_in(origin, host, settings.public_origin):
            raise Forbidden("Sign in from our own pages.", code="foreign_origin")
        address, email = limits.address(request), body.email.strip().lower()
        database = runtime_of(request).database
        async with database.transaction() as tx:
            familiar = await repository.is_familiar(tx.connection, email, address)
            counted = counters(address, email, familiar=familiar)
            wait_s = await guesses.begin(tx, counted, now())
        if wait_s:
            SIGN_INS.labels("throttled").inc()
            raise TooMany(wait_s, "Too many wrong passwords; wait a little.")
        try:
            user_id, password_hash = await service.check(database, passwords, email, body.password)
            async with database.transaction() as tx:
                token = await service.begin(
                    tx,
                    user_id,
                    password_hash,
                    transport=body.transport,
                    address=address,
                    user_agent=request.headers.get("user-agent", ""),
                    now=now(),
                    life=settings.session_life,
                )
                await guesses.succeeded(tx, counted, now())
        except Unauthorized:
            SIGN_INS.labels("refused").inc()
            raise
        SIGN_INS.labels("ok").inc()
        signed = await directory.signed_in(database, token)
        if signed is None:
            raise service.wrong_credentials()
        answer = JSON(_session(signed, settings, token if body.transport == "bearer" else None), 201)
        if body.transport == "cookie":
            life_s = int(settings.session_life.total_seconds())
            answer.set_cookie(COOKIE, token, max_age=life_s, path="/", httponly=True, samesite="lax", secure=secure)
        return answer

    @routes.get("/sessions/current", response_model=schemas.Session)
    async def current(signed: SignedIn) -> Response:
        """The session this request was sent with, its user and what they may do."""
        return JSON(_session(signed, settings, None))

    @routes.delete("/sessions/current", status_code=204)
    async def sign_out(signed: SignedIn, tx: Tx) -> Response:
        """The session is over; what it held open stops."""
        await repository.revoke(tx, signed.session_id, now())
        tx.after_commit(lambda: directory.session_over(signed.session_id))
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=secure)
        return answer

    return routes


def _session(signed: Signed, settings: GatewaySettings, token: str | None) -> schemas.Session:
    who = signed.principal
    return schemas.Session(
        id=signed.session_id,
        transport="cookie" if signed.transport == "cookie" else "bearer",
        created_at=signed.created_at,
        expires_at=signed.expires_at,
        password_change_required=signed.password_change_required,
        user=schemas.SignedInUser(
            id=who.id,
            name=signed.name,
            email=signed.email,
            role=who.role,
            team_id=who.team_id,
            locale=signed.locale,
            grants={key: scope.value for key, scope in who.grants.items()},
        ),
        zone=settings.company_zone,
        token=token,
    )
