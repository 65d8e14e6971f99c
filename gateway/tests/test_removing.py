"""Users and teams made by mistake are removed; who has worked here leaves instead."""

import asyncio

import sqlalchemy as sa
from crm_chassis.clock import now
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness
from crm_contracts import gateway as contract
from crm_contracts.base import Removed
from crm_gateway.teams import service as teams
from crm_gateway.users import repository as users

from .conftest import PASSWORD, Staff
from .test_roles import make
from .test_users_and_teams import TEAMS, USERS, new_user, told


async def test_a_user_who_never_signed_in_is_removed_and_the_services_are_told(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    user_id, email = await staff.user()
    url, first = f"{USERS}/{user_id}", admin.headers | {"If-Match": "1"}
    await gateway.client.patch(url, json={"name": "Renamed"}, headers=first)
    assert (await gateway.client.delete(url, headers=admin.headers)).status_code == 428
    assert (await gateway.client.delete(url, headers=first)).json()["code"] == "stale_version"
    gone = await gateway.client.delete(url, headers=admin.headers | {"If-Match": "2"})
    assert (gone.status_code, gone.content) == (204, b"")
    for method in ("GET", "DELETE"):
        answer = await gateway.client.request(method, url, headers=admin.headers | {"If-Match": "2"})
        assert answer.status_code == 404
    refused = await gateway.client.post("/api/v1/sessions", json={"email": email, "password": PASSWORD})
    assert refused.status_code == 401
    (event,) = await told(gateway, contract.USER_REMOVED, str(user_id))
    assert (event.sequence, event.actor) == (3, f"user:{admin.id}")
    assert Removed.model_validate(event.data).version == 3
    again = await gateway.client.post(USERS, json=new_user(email=email), headers=admin.headers)
    assert (again.status_code, again.json()["id"] != str(user_id)) == (201, True)


async def test_who_has_ever_signed_in_can_not_be_removed_even_when_their_sessions_are_forgotten(
    gateway: Harness, staff: Staff
) -> None:
    admin, worker = await staff.hire("admin"), await staff.hire()
    headers = admin.headers | {"If-Match": "1"}
    for forget in (False, True):
        if forget:
            async with gateway.database.transaction() as tx:
                await tx.execute(sa.text("DELETE FROM session WHERE user_id = :id"), {"id": worker.id})
        answer = await gateway.client.delete(f"{USERS}/{worker.id}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "user_in_use")
    assert await told(gateway, contract.USER_REMOVED, str(worker.id)) == []


async def test_who_leads_a_team_can_not_be_removed_and_a_team_with_members_neither(
    gateway: Harness, staff: Staff
) -> None:
    admin = await staff.hire("admin")
    one = admin.headers | {"If-Match": "1"}
    lead_id, _ = await staff.user()
    made = await gateway.client.post(TEAMS, json={"name": f"T {new_id()}", "lead_id": str(lead_id)}, headers=one)
    team = f"{TEAMS}/{made.json()['id']}"
    in_use = await gateway.client.delete(f"{USERS}/{lead_id}", headers=one)
    assert (in_use.status_code, in_use.json()["code"]) == (409, "user_in_use")
    member = (await gateway.client.post(USERS, json=new_user(team_id=made.json()["id"]), headers=one)).json()["id"]
    await gateway.client.patch(f"{USERS}/{member}", json={"active": False}, headers=one)
    in_use = await gateway.client.delete(team, headers=one)
    assert (in_use.status_code, in_use.json()["code"]) == (409, "team_in_use")
    gone = await gateway.client.delete(f"{USERS}/{member}", headers=admin.headers | {"If-Match": "2"})
    assert gone.status_code == 204
    stale = await gateway.client.delete(team, headers=admin.headers | {"If-Match": "2"})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert (await gateway.client.delete(team, headers=one)).status_code == 204
    assert (await gateway.client.get(team, headers=one)).status_code == 404
    (event,) = await told(gateway, contract.TEAM_REMOVED, made.json()["id"])
    assert (event.sequence, Removed.model_validate(event.data).owner_id) == (2, lead_id)
    assert (await gateway.client.delete(f"{USERS}/{lead_id}", headers=one)).status_code == 204


async def test_removing_has_its_own_right_and_reaches_no_further_than_ones_own(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    team = await staff.team()
    plain, _ = await staff.user(await make(gateway, admin, {}))
    boss, _ = await staff.user("admin")
    changer = await staff.hire(
        await make(
            gateway, admin, {f"{noun}:{action}": "all" for noun in ("user", "team") for action in ("read", "update")}
        )
    )
    remover = await staff.hire(
        await make(
            gateway, admin, {f"{noun}:{action}": "all" for noun in ("user", "team") for action in ("read", "delete")}
        )
    )
    nobody = await staff.hire(await make(gateway, admin, {"user:delete": "all", "team:delete": "all"}))
    one = {"If-Match": "1"}
    for url in (f"{USERS}/{plain}", f"{TEAMS}/{team}"):
        assert (await gateway.client.delete(url, headers=changer.headers | one)).status_code == 403
        assert (await gateway.client.delete(url, headers=nobody.headers | one)).status_code == 404
    beyond = await gateway.client.delete(f"{USERS}/{boss}", headers=remover.headers | one)
    assert (beyond.status_code, beyond.json()["code"]) == (403, "beyond_own_rights")
    for url in (f"{USERS}/{plain}", f"{TEAMS}/{team}"):
        assert (await gateway.client.delete(url, headers=remover.headers | one)).status_code == 204


async def test_a_removal_waits_for_who_is_just_signing_in_or_made_a_lead(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    headers = admin.headers | {"If-Match": "1"}
    for become in ("signed in", "lead"):
        user_id, _ = await staff.user()
        with telling(Story.of_system("test")):
            async with gateway.database.transaction() as tx:
                if become == "lead":
                    values = {"name": f"T {new_id()}", "lead_id": user_id, "office": None}
                    await teams.create(tx, values, now())
                else:
                    assert await users.sign_in(tx, user_id, await _hash(gateway, user_id), now())
                removing = asyncio.create_task(gateway.client.delete(f"{USERS}/{user_id}", headers=headers))
                await asyncio.wait([removing], timeout=0.3)
                assert not removing.done()
        answer = await removing
        assert (answer.status_code, answer.json()["code"]) == (409, "user_in_use"), become


async def _hash(gateway: Harness, user_id: object) -> str:
    (row,) = await gateway.rows("SELECT password_hash FROM user_account WHERE id = :id", id=user_id)
    return str(row["password_hash"])
