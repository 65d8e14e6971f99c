"""The one policy: the SQL condition and the answer in memory are the same decision."""

import base64
import binascii
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import pytest
import sample
import sqlalchemy as sa
from crm_chassis import migrate, tables
from crm_chassis.access.policy import admits, allowed_owner, require, visible
from crm_chassis.access.prebuilt import per_rights
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.access.tokens import TokenSigner, TokenVerifier, new_key_pair
from crm_chassis.database import Database
from crm_chassis.ids import new_id
from crm_chassis.problems import Forbidden, Unauthorized
from hypothesis import given
from hypothesis import strategies as st

TEAMS = [new_id(), new_id()]
USERS = [new_id() for _ in range(5)]
TEAM_OF: dict[UUID, UUID | None] = dict(zip(USERS, [TEAMS[0], TEAMS[0], TEAMS[1], None, TEAMS[1]], strict=True))


@pytest.fixture(scope="module")
async def database(make_database: Callable[[str], str]) -> AsyncIterator[Database]:
    url = make_database("policy").replace("postgresql://", "postgresql+asyncpg://")
    await migrate.upgrade(url, "sample", Path(__file__).parent / "sample_migrations")
    database = Database(url, "sample")
    async with database.transaction() as tx:
        for user, team in TEAM_OF.items():
            row = {"id": user, "team_id": team, "role": "x", "active": user != USERS[4], "locale": "en"}
            await tx.execute(sa.insert(tables.staff_member), row | {"name": "n", "email": "e", "version": 1})
        for owner in [*USERS, None]:
            await tx.execute(sa.insert(sample.thing), {"id": new_id(), "name": "t", "owner_id": owner, "version": 1})
    yield database
    await database.close()


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("scope", [*Scope, None])
@pytest.mark.parametrize("user", USERS)
async def test_sql_and_memory_decide_alike(database: Database, scope: Scope | None, user: UUID, named: bool) -> None:
    grants = {"thing:read": scope} if scope else {}
    team = TEAM_OF[user]
    colleagues = frozenset(each for each, of in TEAM_OF.items() if of == team) if named and team else None
    caller = Principal(id=user, role="x", team_id=team, grants=grants, colleagues=colleagues)
    condition = visible(caller, "thing", "read", sample.thing.c.owner_id)
    async with database.read() as connection:
        seen = set((await connection.execute(sa.select(sample.thing.c.owner_id).where(condition))).scalars())
    owners: list[UUID | None] = [*USERS, None]
    expected = {o for o in owners if admits(caller, "thing", "read", o, TEAM_OF.get(o) if o else None)}
    assert seen == expected


@per_rights
def _prebuilt(caller: Principal) -> sa.Select[tuple[UUID | None]]:
    return sa.select(sample.thing.c.owner_id).where(visible(caller, "thing", "read", sample.thing.c.owner_id))


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("scope", [*Scope, None])
async def test_a_statement_built_for_one_caller_shows_another_only_what_is_theirs(
    database: Database, scope: Scope | None, named: bool
) -> None:
    for user in USERS:
        team = TEAM_OF[user]
        colleagues = frozenset(each for each, of in TEAM_OF.items() if of == team) if named and team else None
        grants = {"thing:read": scope} if scope else {}
        caller = Principal(id=user, role="x", team_id=team, grants=grants, colleagues=colleagues)
        statement, rights = _prebuilt(caller)
        async with database.read() as connection:
            seen = set((await connection.execute(statement, rights)).scalars())
        owners: list[UUID | None] = [*USERS, None]
        assert seen == {o for o in owners if admits(caller, "thing", "read", o, TEAM_OF.get(o) if o else None)}


async def test_a_prebuilt_statement_is_not_run_without_saying_for_whom(database: Database) -> None:
    caller = Principal(id=USERS[0], role="x", grants={"thing:read": Scope.OWN})
    statement, _ = _prebuilt(caller)
    async with database.read() as connection:
        with pytest.raises(sa.exc.StatementError):
            await connection.execute(statement)


async def test_a_grant_for_one_action_is_none_for_another(database: Database) -> None:
    caller = Principal(id=USERS[0], role="x", grants={"thing:read": Scope.ALL})
    async with database.read() as connection:
        query = sa.select(sample.thing).where(visible(caller, "thing", "update", sample.thing.c.owner_id))
        assert not (await connection.execute(query)).all()
    with pytest.raises(Forbidden):
        require(caller, "thing", "update")


async def test_rows_may_be_given_only_to_active_colleagues_in_reach(database: Database) -> None:
    lead = Principal(id=USERS[0], role="x", team_id=TEAMS[0], grants={"thing:update": Scope.TEAM})
    head = Principal(id=USERS[0], role="x", grants={"thing:update": Scope.ALL})
    async with database.transaction() as tx:
        assert await allowed_owner(tx, lead, "thing", "update", USERS[1])
        assert not await allowed_owner(tx, lead, "thing", "update", USERS[2])
        assert await allowed_owner(tx, head, "thing", "update", USERS[2])
        assert not await allowed_owner(tx, head, "thing", "update", USERS[4])
        assert not await allowed_owner(tx, head, "thing", "update", new_id())


async def test_a_lead_of_a_team_with_few_rows_does_not_walk_through_everybodys(database: Database) -> None:
    """The planner knows from the ids in the statement how few rows there are; from a parameter it could not."""
    few, many, lead = new_id(), new_id(), new_id()
    async with database.transaction() as tx:
        await tx.execute(
            sa.text(
                "INSERT INTO thing (id, name, owner_id, version) SELECT gen_random_uuid(), md5(n::text), "
                "CASE WHEN n % 1000 = 0 THEN CAST(:few AS uuid) ELSE CAST(:many AS uuid) END, 1 "
                "FROM generate_series(1, 20000) AS n"
            ),
            {"few": few, "many": many},
        )
        await tx.execute(sa.text("CREATE INDEX thing_by_name ON thing (name, id)"))
        await tx.execute(sa.text("CREATE INDEX thing_by_owner ON thing (owner_id)"))
        await tx.execute(sa.text("ANALYZE thing"))

    async def plan(colleague: UUID) -> str:
        grants = {"thing:read": Scope.TEAM}
        caller = Principal(id=lead, role="x", team_id=TEAMS[0], grants=grants, colleagues=frozenset({lead, colleague}))
        things = sa.select(sample.thing).where(visible(caller, "thing", "read", sample.thing.c.owner_id))
        listed = things.order_by(sample.thing.c.name, sample.thing.c.id).limit(51)
        compiled = listed.compile(database.engine.sync_engine, compile_kwargs={"render_postcompile": True})
        parameters = tuple(compiled.params[name] for name in compiled.positiontup or ())
        async with database.read() as connection:
            rows = await connection.exec_driver_sql(f"EXPLAIN {compiled}", parameters)
            return "\n".join(row[0] for row in rows)

    assert "thing_by_owner" in await plan(few)
    assert "thing_by_name" in await plan(many)
    async with database.transaction() as tx:
        await tx.execute(sa.text("DELETE FROM thing WHERE owner_id IN (:few, :many)"), {"few": few, "many": many})


def test_scopes_grow() -> None:
    owners: list[tuple[UUID | None, UUID | None]] = [(user, TEAM_OF[user]) for user in USERS] + [(None, None)]
    reach = []
    for scope in Scope:
        caller = Principal(id=USERS[0], role="x", team_id=TEAMS[0], grants={"thing:read": scope})
        reach.append({owner for owner, team in owners if admits(caller, "thing", "read", owner, team)})
    for smaller, larger in itertools.pairwise(reach):
        assert smaller < larger


def test_a_token_says_what_was_signed() -> None:
    private, public = new_key_pair()
    caller = Principal(
        id=USERS[0],
        role="team_lead",
        team_id=TEAMS[0],
        grants={"thing:read": Scope.TEAM},
        refs=frozenset({"a/b"}),
        colleagues=frozenset(USERS[:2]),
    )
    verifier = TokenVerifier(public)
    token = TokenSigner(private).sign(caller)
    assert verifier.verify(token) == caller
    assert verifier.verify(token) is verifier.verify(token)
    system = Principal.system("gateway")
    assert verifier.verify(TokenSigner(private).sign(system)) == system


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_token_changed_in_one_byte_is_refused(position: int, difference: int) -> None:
    public = _KEYS[1]
    token = bytearray(_TOKEN.encode())
    index = position % len(token)
    token[index] = (token[index] ^ difference) & 0x7F or 0x41
    changed = token.decode()
    # The last character of a base64url part carries unused bits: the same bytes are the same token.
    if _decoded(changed) == _decoded(_TOKEN):
        return
    with pytest.raises(Unauthorized):
        TokenVerifier(public).verify(changed)


def test_a_token_of_another_gateway_or_one_expired_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = TokenSigner(new_key_pair()[0]).sign(Principal.system("x"))
    with pytest.raises(Unauthorized):
        TokenVerifier(_KEYS[1]).verify(other)
    monkeypatch.setattr("crm_chassis.access.tokens.LIFETIME_S", -1)
    with pytest.raises(Unauthorized):
        TokenVerifier(_KEYS[1]).verify(TokenSigner(_KEYS[0]).sign(Principal.system("x")))


def _decoded(token: str) -> list[bytes] | None:
    try:
        return [base64.b64decode(p + "=" * (-len(p) % 4), altchars=b"-_", validate=True) for p in token.split(".")]
    except (binascii.Error, ValueError):
        return None


_KEYS = new_key_pair()
_TOKEN = TokenSigner(_KEYS[0]).sign(Principal(id=USERS[0], role="x", grants={"thing:read": Scope.ALL}))
