"""Who is signed in, known for at most two seconds, and the streams that end with a session.

Owns the process's memory of sessions. Must never outlive the truth by more than its two seconds: each second the
sessions ended, the users and the roles changed elsewhere are asked for and forgotten here.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import structlog
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.clock import now
from crm_chassis.database import Database

from crm_gateway.roles import repository as roles
from crm_gateway.sessions import repository as sessions
from crm_gateway.users import repository as users

FRESH_S = 2.0
POLL_S = 1.0
# A change may commit a while after the moment it is stamped with; looking back this far finds it.
LOOK_BACK = timedelta(seconds=15)
# A larger team most likely sees much of everything, and its ids would make every token long.
NAMED_COLLEAGUES = 50
KEPT_AFTER_END = timedelta(days=1)
SWEEP_S = 3600.0
_MOST = 10_000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Signed:
    """A live session with its user and what they may do."""

    session_id: UUID
    transport: str
    created_at: datetime
    expires_at: datetime
    user_version: int
    role_version: int
    password_change_required: bool
    name: str
    email: str
    locale: str
    principal: Principal


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


class SessionDirectory:
    """Asked on every request; `on_end` callbacks hear of sessions that must stop at once."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, tuple[float, Signed]] = OrderedDict()
        self._teams: dict[UUID, UUID | None] = {}
        self._members: dict[UUID, set[UUID]] = {}
        self._knows_all_teams = False
        self._wake = asyncio.Event()
        self._listeners: list[Callable[[Callable[[Signed], bool]], None]] = []

    def on_end(self, listener: Callable[[Callable[[Signed], bool]], None]) -> None:
        """`listener` is called with a test of sessions that are over or changed; it stops what it holds for them."""
        self._listeners.append(listener)

    async def signed_in(self, database: Database, token: str) -> Signed | None:
        """The session of a token, at most two seconds old."""
        key = digest(token)
        known = self._known.get(key)
        if known is not None and monotonic() - known[0] < FRESH_S and known[1].expires_at > now():
            return known[1]
        asked_at = monotonic()
        async with database.read() as connection:
            row = await sessions.signed_in(connection, key, now())
        if row is None:
            self._known.pop(key, None)
            return None
        self._place(row.id, row.team_id)
        grants = {key: Scope(value) for key, value in row.grants.items()}
        signed = Signed(
            session_id=row.session_id,
            transport=row.transport,
            created_at=row.created_at,
            expires_at=row.expires_at,
            user_version=row.version,
            role_version=row.role_version,
            password_change_required=row.password_is_one_time,
            name=row.name,
            email=row.email,
            locale=row.locale,
            principal=Principal(
                id=row.id,
                role=row.role,
                team_id=row.team_id,
                grants=grants,
                colleagues=self._colleagues(row.team_id) if Scope.TEAM in grants.values() else None,
            ),
        )
        self._known[key] = (asked_at, signed)
        self._known.move_to_end(key)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return signed

    def remembers(self, token: str) -> bool:
        """Whether the token was a session's when it was last asked for here; it may have ended since."""
        return bool(token) and digest(token) in self._known

    def team_of(self, user_id: UUID | None) -> UUID | None:
        """The team a user is in today; None for nobody and for the unknown."""
        return self._teams.get(user_id) if user_id else None

    def session_over(self, session_id: UUID) -> None:
        """The session is forgotten and what it held open stops."""
        self._stop(lambda signed: signed.session_id == session_id)

    def user_changed(self, user_id: UUID) -> None:
        """All the user's sessions are asked for again, what they held open stops, and the poll comes at once."""
        self._stop(lambda signed: signed.principal.id == user_id)
        self._wake.set()

    def role_changed(self, name: str) -> None:
        """What people of this role held open stops, their sessions are asked for again, and the poll comes at once."""
        self._stop(lambda signed: signed.principal.role == name)
        self._wake.set()

    async def watch(self, database: Database) -> None:
        """Each second what ended or changed in other processes is forgotten here; runs until cancelled."""
        loaded = False
        while True:
            try:
                await self.look(database, everything=not loaded)
                loaded = True
            except Exception as error:  # whatever it is, the two seconds still bound what is believed
                log.warning("sessions not polled", reason=type(error).__name__)
            # Not wait_for: on Python 3.11 it can swallow the cancellation that comes together with the wake-up.
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._wake.wait()
            self._wake.clear()

    async def sweep(self, database: Database) -> None:
        """Each hour the sessions over for a day are gone; runs until cancelled."""
        while True:
            async with database.transaction() as tx:
                await sessions.sweep(tx, now() - KEPT_AFTER_END)
            await asyncio.sleep(SWEEP_S)

    async def look(self, database: Database, *, everything: bool = False) -> None:
        """One poll: ended sessions stop, those of changed users and roles stop, teams stand as they are."""
        since = now() - LOOK_BACK
        async with database.read() as connection:
            over = set(await sessions.revoked_since(connection, since))
            roles_now = {row.name: row.version for row in await roles.changed_since(connection, since)}
            staff = await (users.teams_of_all(connection) if everything else users.changed_since(connection, since))
        for row in staff:
            self._place(row.id, row.team_id)
        self._knows_all_teams = self._knows_all_teams or everything
        versions = {row.id: row.version for row in staff}
        if over or versions or roles_now:
            self._stop(
                lambda signed: (
                    signed.session_id in over
                    or versions.get(signed.principal.id, signed.user_version) != signed.user_version
                    or roles_now.get(signed.principal.role, signed.role_version) != signed.role_version
                )
            )

    def _place(self, user_id: UUID, team_id: UUID | None) -> None:
        before = self._teams.get(user_id)
        if before is not None:
            self._members[before].discard(user_id)
        self._teams[user_id] = team_id
        if team_id is not None:
            self._members.setdefault(team_id, set()).add(user_id)

    def _colleagues(self, team_id: UUID | None) -> frozenset[UUID] | None:
        members = self._members.get(team_id, set()) if team_id is not None and self._knows_all_teams else None
        return None if members is None or len(members) > NAMED_COLLEAGUES else frozenset(members)

    def _stop(self, is_over: Callable[[Signed], bool]) -> None:
        for key in [key for key, (_, signed) in self._known.items() if is_over(signed)]:
            del self._known[key]
        for listener in self._listeners:
            listener(is_over)
