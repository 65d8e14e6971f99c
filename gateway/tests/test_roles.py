"""Roles made and changed: by whom, how far, and how soon it holds."""

import asyncio
from typing import Any

import sqlalchemy as sa
from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness
from crm_contracts import gateway as contract
from crm_contracts.envelope import Envelope
from crm_gateway.roles import repository, service
from crm_gateway.roles.rules import BUILT_IN, beyond, missing_for_admin, read_grants, role_id
from hypothesis import given
from hypothesis import strategies as st

from .conftest import Colleague, Staff

ROLES, USERS = "/api/v1/roles", "/api/v1/users"
SCOPES = ("own", "own_or_unassigned", "team", "all")


def some_name() -> str:
    """A name no other test uses."""
    return f"role_{new_id().hex}"


async def make(gateway: Harness, admin: Colleague, grants: dict[str, str]) -> str:
    """A role with these grants."""
    name = some_name()
    answer = await gateway.client.post(ROLES, json={"name": name, "grants": grants}, headers=admin.headers)
    assert answer.status_code == 201, answer.text
    return name


async def told(gateway: Harness, name: str) -> list[Envelope]:
    """The events of one role."""
    return [event for event in await gateway.recorded(contract.ROLE_CHANGED) if event.subject_id == role_id(name)]


async def start(gateway: Harness) -> None:
    """What a starting process does about roles."""
    with telling(Story.of_system("test")):
        async with gateway.database.transaction() as tx:
            await service.bootstrap(tx, now())


async def test_a_role_made_and_changed_is_told_whole(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    name = await make(gateway, admin, {"user:read": "all", "deal:read": "own"})
    more = {"grants": {"deal:read": "team"}}
    changed = await gateway.client.patch(f"{ROLES}/{name}", json=more, headers=admin.headers | {"If-Match": "1"})
    assert changed.status_code == 200
    states = [(event.sequence, contract.RoleState.model_validate(event.data)) for event in await told(gateway, name)]
    assert [(sequence, state.version, state.name, state.grants) for sequence, state in states] == [
        (1, 1, name, {"user:read": "all", "deal:read": "own"}),
        (2, 2, name, more["grants"]),
    ]
    assert {state.id for _, state in states} == {role_id(name)}
    assert [state.changed for _, state in states] == [["grants", "name"], ["grants"]]
    refused = await gateway.client.patch(f"{ROLES}/{name}", json=more, headers=admin.headers | {"If-Match": "1"})
    assert (refused.status_code, len(await told(gateway, name))) == (409, 2)


async def test_the_built_in_roles_are_told_once_however_often_a_process_starts(gateway: Harness) -> None:
    await start(gateway)
    for name in BUILT_IN:
        # Other tests may have changed it, or had it streamed to a copy that starts anew.
        (event,) = [event for event in await told(gateway, name) if event.sequence == 1 and event.data["changed"]]
        assert read_grants(event.data["grants"]) == (BUILT_IN[name], [])


async def test_roles_the_version_before_made_and_changed_are_told_once_by_whoever_starts_first(
    gateway: Harness,
) -> None:
    old = some_name()
    await _by_old_code(gateway, "INSERT INTO role (name) VALUES (:name)", old)
    await asyncio.gather(*(start(gateway) for _ in range(4)))
    assert [event.sequence for event in await told(gateway, old)] == [1]
    await _by_old_code(gateway, "UPDATE role SET version = version + 1, updated_at = now() WHERE name = :name", old)
    await asyncio.gather(*(start(gateway) for _ in range(4)))
    assert [event.sequence for event in await told(gateway, old)] == [1, 2]


async def _by_old_code(gateway: Harness, statement: str, name: str) -> None:
    async with gateway.database.transaction() as tx:
        await tx.execute(sa.text(statement), {"name": name})


async def test_a_role_is_made_shown_changed_and_held_from_the_next_request(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    name = await make(gateway, admin, {"user:read": "all"})
    shown = await gateway.client.get(f"{ROLES}/{name}", headers=admin.headers)
    assert shown.json() == {"name": name, "grants": {"user:read": "all"}, "version": 1}
    assert shown.headers["etag"] == '"1"'
    holder = await staff.hire(name)
    assert (await gateway.client.get(USERS, headers=holder.headers)).json()["items"]
    body: dict[str, Any] = {"grants": {"team:read": "all", "user:create": "all"}}
    changed = await gateway.client.patch(f"{ROLES}/{name}", json=body, headers=admin.headers | {"If-Match": '"1"'})
    assert (changed.json()["grants"], changed.json()["version"]) == (body["grants"], 2)
    assert (await gateway.client.get(USERS, headers=holder.headers)).json()["items"] == []
    current = await gateway.client.get("/api/v1/sessions/current", headers=holder.headers)
    assert current.json()["user"]["grants"] == body["grants"]


async def test_a_role_without_grants_may_do_nothing(gateway: Harness, staff: Staff) -> None:
    holder = await staff.hire(await make(gateway, await staff.hire("admin"), {}))
    assert (await gateway.client.get(USERS, headers=holder.headers)).json()["items"] == []
    assert (await gateway.client.get(ROLES, headers=holder.headers)).json()["items"] == []
    assert (await gateway.client.get(f"{ROLES}/admin", headers=holder.headers)).status_code == 404


async def test_what_is_no_grant_is_named_and_nothing_is_made(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    name = some_name()
    for grants, code in (
        ({"unicorn:read": "all"}, "unknown_grant"),
        ({"deal:fly": "all"}, "unknown_grant"),
        ({"deal": "all"}, "unknown_grant"),
        ({"deal:read:all": "all"}, "unknown_grant"),
        ({"deal:read": "everything"}, "unknown_scope"),
        ({"deal:read": ""}, "unknown_scope"),
    ):
        answer = await gateway.client.post(ROLES, json={"name": name, "grants": grants}, headers=admin.headers)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code), grants
    for body in (
        {"name": name},
        {"name": "Big", "grants": {}},
        {"name": "", "grants": {}},
        {"name": name, "grants": {}, "version": 1},
        {"name": name, "grants": {"deal:read": None}},
        {"name": name, "grants": [["deal:read", "all"]]},
    ):
        answer = await gateway.client.post(ROLES, json=body, headers=admin.headers)
        assert answer.status_code == 422, body
    assert (await gateway.client.get(f"{ROLES}/{name}", headers=admin.headers)).status_code == 404
    taken = await gateway.client.post(ROLES, json={"name": "salesperson", "grants": {}}, headers=admin.headers)
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    system = await gateway.client.post(ROLES, json={"name": "system", "grants": {}}, headers=admin.headers)
    assert system.status_code == 409


async def test_a_change_of_a_role_needs_the_version_it_changes(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    url = f"{ROLES}/{await make(gateway, admin, {})}"
    assert (await gateway.client.patch(url, json={"grants": {}}, headers=admin.headers)).status_code == 428
    stale = await gateway.client.patch(url, json={"grants": {}}, headers=admin.headers | {"If-Match": "2"})
    assert (stale.status_code, stale.json()["current"]) == (409, 1)
    headers = admin.headers | {"If-Match": "1"}
    gone = await gateway.client.patch(f"{ROLES}/{some_name()}", json={"grants": {}}, headers=headers)
    assert gone.status_code == 404


async def test_administrators_can_not_lock_themselves_out(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    whole = (await gateway.client.get(f"{ROLES}/admin", headers=admin.headers)).json()
    for key in ("role:update", "role:create", "user:update", "user:read", "team:update"):
        for grants in (
            {name: scope for name, scope in whole["grants"].items() if name != key},
            whole["grants"] | {key: "own"},
        ):
            headers = admin.headers | {"If-Match": str(whole["version"])}
            answer = await gateway.client.patch(f"{ROLES}/admin", json={"grants": grants}, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (409, "admin_locked_out"), key
    assert (await gateway.client.get(f"{ROLES}/admin", headers=admin.headers)).json() == whole


async def test_only_administrators_make_and_change_roles(gateway: Harness, staff: Staff) -> None:
    for role in ("salesperson", "team_lead", "sales_head"):
        colleague = await staff.hire(role)
        made = await gateway.client.post(ROLES, json={"name": some_name(), "grants": {}}, headers=colleague.headers)
        assert made.status_code == 403
        headers = colleague.headers | {"If-Match": "1"}
        changed = await gateway.client.patch(f"{ROLES}/{role}", json={"grants": {}}, headers=headers)
        assert changed.status_code == 403


async def test_nobody_gives_what_they_do_not_hold(gateway: Harness, staff: Staff) -> None:
    """Somebody who may administer users and roles, and no more, gets no further by it."""
    admin = await staff.hire("admin")
    rights = {f"{noun}:{action}": "all" for noun in ("user", "role") for action in ("read", "create", "update")}
    name = await make(gateway, admin, rights)
    clerk, victim = await staff.hire(name), await staff.hire("admin")
    one = clerk.headers | {"If-Match": "1"}
    plain_id, _ = await staff.user(await make(gateway, admin, {}))
    more = {"grants": rights | {"deal:read": "own"}}
    code = "beyond_own_rights"
    for method, path, body in (
        ("POST", ROLES, more | {"name": some_name()}),
        ("PATCH", f"{ROLES}/{name}", more),
        ("PATCH", f"{ROLES}/salesperson", {"grants": {}}),
        ("PATCH", f"{ROLES}/admin", {"grants": rights}),
        ("POST", USERS, {"email": f"{new_id().hex}@example.com", "name": "Me again", "role": "admin"}),
        ("PATCH", f"{USERS}/{plain_id}", {"role": "admin"}),
        ("PATCH", f"{USERS}/{plain_id}", {"role": "salesperson"}),
        ("PATCH", f"{USERS}/{victim.id}", {"email": f"{new_id().hex}@example.com"}),
        ("PATCH", f"{USERS}/{victim.id}", {"active": False}),
        ("POST", f"{USERS}/{victim.id}/one-time-password", None),
    ):
        answer = await gateway.client.request(method, path, json=body, headers=one)
        assert (answer.status_code, answer.json()["code"]) == (403, code), (method, path, answer.text)
    for body in ({"role": name}, {"team_id": str(await staff.team())}, {"role": "admin"}):
        answer = await gateway.client.patch(f"{USERS}/{clerk.id}", json=body, headers=one)
        assert answer.status_code == 403, body
    less = {"grants": {"user:read": "team"}}
    assert (await gateway.client.post(ROLES, json=less | {"name": some_name()}, headers=one)).status_code == 201
    renamed = await gateway.client.patch(f"{USERS}/{plain_id}", json={"name": "Renamed"}, headers=one)
    assert renamed.status_code == 200


async def test_an_own_user_grant_changes_neither_role_nor_team(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    name = await make(gateway, admin, {"user:read": "all", "user:update": "own"})
    me = await staff.hire(name)
    one = me.headers | {"If-Match": "1"}
    for body in ({"role": "admin"}, {"role": name}, {"team_id": str(await staff.team())}):
        assert (await gateway.client.patch(f"{USERS}/{me.id}", json=body, headers=one)).status_code == 403, body
    assert (await gateway.client.patch(f"{USERS}/{me.id}", json={"name": "Mine"}, headers=one)).status_code == 200


async def test_the_same_key_makes_one_role(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    name = some_name()
    body = {"name": name, "grants": {"deal:read": "own"}}
    headers = admin.headers | {"Idempotency-Key": name}
    first = await gateway.client.post(ROLES, json=body, headers=headers)
    again = await gateway.client.post(ROLES, json=body, headers=headers)
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)


async def test_the_built_in_roles_are_in_the_database_as_the_rules_say(gateway: Harness) -> None:
    async with gateway.database.read() as reader:
        row = await repository.get(reader, "team_lead")
    assert row is not None
    assert read_grants(row.grants) == (BUILT_IN["team_lead"], [])


def test_administrators_hold_the_keys_of_the_house() -> None:
    assert missing_for_admin(BUILT_IN["admin"]) == []
    assert "role:update" in missing_for_admin(BUILT_IN["sales_head"])


@given(
    st.dictionaries(st.sampled_from(["deal:read", "deal:update", "call:dial"]), st.sampled_from(SCOPES)),
    st.dictionaries(st.sampled_from(["deal:read", "deal:update", "call:dial"]), st.sampled_from(SCOPES)),
)
def test_nothing_is_beyond_oneself_and_only_what_reaches_further_is(
    grants: dict[str, str], own: dict[str, str]
) -> None:
    assert beyond(own, own) == []
    further = beyond(grants, own)
    assert all(key not in own or SCOPES.index(grants[key]) > SCOPES.index(own[key]) for key in further)
    assert all(SCOPES.index(grants[key]) <= SCOPES.index(own[key]) for key in grants.keys() - set(further))
