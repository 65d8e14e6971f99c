"""Who works here: made and changed by administrators, known to all, gone at once when they leave."""

from typing import Any
from uuid import UUID

import aio_pika
import orjson
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness
from crm_contracts import gateway as contract
from crm_contracts.resync import Resync, resync_queue
from crm_gateway.roles.rules import BUILT_IN, role_id

from .conftest import Staff

USERS = "/api/v1/users"
TEAMS = "/api/v1/teams"


def new_user(**changes: Any) -> dict[str, Any]:
    """The body of a new user."""
    return {"email": f"{new_id().hex}@example.com", "name": "Nova Sodelavka", "role": "salesperson"} | changes


async def told(gateway: Harness, type: str, id: str) -> list[Any]:
    """The events of one user or team."""
    return [event for event in await gateway.recorded(type) if str(event.subject_id) == id]


async def test_an_administrator_makes_a_user_who_signs_in_with_a_one_time_password(
    gateway: Harness, staff: Staff
) -> None:
    admin = await staff.hire("admin")
    team = await staff.team()
    body = new_user(team_id=str(team), email=f"{new_id().hex}@Example.com")
    made = await gateway.client.post(USERS, json=body, headers=admin.headers)
    assert made.status_code == 201, made.text
    user = made.json()
    assert user["email"] == body["email"].lower()
    assert made.headers["etag"] == '"1"'
    (event,) = await told(gateway, contract.USER_CREATED, user["id"])
    state = contract.UserState.model_validate(event.data)
    assert (state.role, state.team_id, state.active, state.version) == ("salesperson", team, True, 1)
    assert (state.pii.name, state.pii.email) == ("Nova Sodelavka", user["email"])
    assert event.actor == f"user:{admin.id}"
    assert "email" not in {key for key in event.data if key != "pii"}
    issued = await gateway.client.post(f"{USERS}/{user['id']}/one-time-password", headers=admin.headers)
    assert issued.status_code == 201
    assert await staff.sign_in(user["email"], issued.json()["password"])


async def test_a_repeated_idempotency_key_makes_one_user(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    body = new_user()
    headers = admin.headers | {"Idempotency-Key": new_id().hex}
    first = await gateway.client.post(USERS, json=body, headers=headers)
    again = await gateway.client.post(USERS, json=body, headers=headers)
    assert first.json() == again.json()
    assert len(await told(gateway, contract.USER_CREATED, first.json()["id"])) == 1


async def test_a_refused_user_leaves_no_row_and_no_event(gateway: Harness, staff: Staff) -> None:
    admin, seller = await staff.hire("admin"), await staff.hire()
    _, taken = await staff.user()
    before = (await gateway.rows("SELECT count(*) AS n FROM user_account"), len(await gateway.recorded()))
    cases = [
        (admin, new_user(role="emperor"), 422),
        (admin, new_user(team_id=str(new_id())), 422),
        (admin, new_user(email="not an address"), 422),
        (admin, new_user(email=taken.upper()), 409),
        (admin, new_user(name="a\x00b"), 422),
        (admin, new_user(is_admin=True), 422),
        (admin, new_user(id=str(new_id())), 422),
        (seller, new_user(), 403),
    ]
    for colleague, body, status in cases:
        answer = await gateway.client.post(USERS, json=body, headers=colleague.headers)
        assert answer.status_code == status, (body, answer.text)
    after = (await gateway.rows("SELECT count(*) AS n FROM user_account"), len(await gateway.recorded()))
    assert before == after


async def test_everybody_sees_names_but_only_administrators_see_addresses(gateway: Harness, staff: Staff) -> None:
    admin, seller = await staff.hire("admin"), await staff.hire()
    seen = (await gateway.client.get(f"{USERS}/{admin.id}", headers=seller.headers)).json()
    assert seen["name"].startswith("Colleague")
    assert seen["email"] is None
    assert (await gateway.client.get(f"{USERS}/{seller.id}", headers=seller.headers)).json()["email"] == seller.email
    assert (await gateway.client.get(f"{USERS}/{seller.id}", headers=admin.headers)).json()["email"] == seller.email
    listed = (await gateway.client.get(USERS, params={"limit": 200}, headers=seller.headers)).json()["items"]
    assert {item["email"] for item in listed if item["id"] != str(seller.id)} == {None}


async def test_an_address_can_not_be_found_out_by_a_filter(gateway: Harness, staff: Staff) -> None:
    seller = await staff.hire()
    for query in ({"email": "a"}, {"sort": "email"}, {"password_hash": "$"}, {"name": "a\x00"}):
        assert (await gateway.client.get(USERS, params=query, headers=seller.headers)).status_code == 422


async def test_the_role_without_grants_sees_nobody_and_is_told_nothing(gateway: Harness, staff: Staff) -> None:
    async with gateway.database.transaction() as tx:
        await tx.connection.exec_driver_sql("INSERT INTO role (name) VALUES ('nobody') ON CONFLICT DO NOTHING")
    stranger, colleague = await staff.hire("nobody"), await staff.hire()
    headers = stranger.headers
    assert (await gateway.client.get(USERS, headers=headers)).json() == {"items": [], "next_cursor": None}
    assert (await gateway.client.get(TEAMS, headers=headers)).json() == {"items": [], "next_cursor": None}
    assert (await gateway.client.get(f"{USERS}/{colleague.id}", headers=headers)).status_code == 404
    assert (await gateway.client.get("/api/v1/roles", headers=headers)).json() == {"items": [], "next_cursor": None}
    assert (await gateway.client.get("/api/v1/roles/admin", headers=headers)).status_code == 404
    patch = await gateway.client.patch(
        f"{USERS}/{colleague.id}", json={"name": "X"}, headers=headers | {"If-Match": "1"}
    )
    assert patch.status_code == 404


async def test_a_list_is_paged_by_name_without_losing_or_repeating_anybody(gateway: Harness, staff: Staff) -> None:
    seller = await staff.hire()
    for _ in range(5):
        await staff.user()
    seen: list[str] = []
    cursor = None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await gateway.client.get(USERS, params=query, headers=seller.headers)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    rows = await gateway.rows("SELECT id FROM user_account ORDER BY name, id")
    assert seen == [str(row["id"]) for row in rows]


async def test_a_list_costs_the_same_statements_however_long(gateway: Harness, staff: Staff) -> None:
    seller = await staff.hire()
    costs = []
    for limit in (1, 200):
        for path in (USERS, TEAMS, "/api/v1/roles"):
            await gateway.client.get("/api/v1/sessions/current", headers=seller.headers)
            with gateway.statements() as seen:
                await gateway.client.get(path, params={"limit": limit}, headers=seller.headers)
            costs.append(len([statement for statement in seen if f"FROM {path.rpartition('/')[2][:4]}" in statement]))
    assert costs == [1] * 6


async def test_filters_narrow_the_list_of_users(gateway: Harness, staff: Staff) -> None:
    team = await staff.team()
    seller = await staff.hire("salesperson", team)
    lead_id, _ = await staff.user("team_lead", team)

    async def found(**query: str) -> set[str]:
        page = (await gateway.client.get(USERS, params={"limit": "200", **query}, headers=seller.headers)).json()
        return {item["id"] for item in page["items"]}

    assert await found(team_id=str(team)) == {str(seller.id), str(lead_id)}
    assert await found(team_id=str(team), role="team_lead") == {str(lead_id)}
    assert await found(team_id=str(team), name="Colleague") == {str(seller.id), str(lead_id)}
    assert await found(team_id=str(team), name="%") == set()
    assert await found(team_id=str(team), active="false") == set()


async def test_who_leaves_is_out_at_once_and_the_services_are_told(gateway: Harness, staff: Staff) -> None:
    admin, leaver = await staff.hire("admin"), await staff.hire()
    url = f"{USERS}/{leaver.id}"
    assert (await gateway.client.get(USERS, headers=leaver.headers)).status_code == 200
    gone = await gateway.client.patch(url, json={"active": False}, headers=admin.headers | {"If-Match": '"1"'})
    assert (gone.status_code, gone.json()["active"], gone.json()["version"]) == (200, False, 2)
    assert (await gateway.client.get(USERS, headers=leaver.headers)).status_code == 401
    (event,) = await told(gateway, contract.USER_LEFT, str(leaver.id))
    assert event.data["changed"] == ["active"]
    assert event.sequence == 2
    back = await gateway.client.patch(url, json={"active": True}, headers=admin.headers | {"If-Match": '"2"'})
    assert back.status_code == 200
    assert (await gateway.client.get(USERS, headers=leaver.headers)).status_code == 401
    assert [event.sequence for event in await told(gateway, contract.USER_UPDATED, str(leaver.id))] == [3]


async def test_a_new_role_holds_from_the_next_request(gateway: Harness, staff: Staff) -> None:
    admin, seller = await staff.hire("admin"), await staff.hire()
    assert (await gateway.client.post(USERS, json=new_user(), headers=seller.headers)).status_code == 403
    url = f"{USERS}/{seller.id}"
    up = await gateway.client.patch(url, json={"role": "admin"}, headers=admin.headers | {"If-Match": "1"})
    assert up.status_code == 200
    assert (await gateway.client.post(USERS, json=new_user(), headers=seller.headers)).status_code == 201


async def test_a_change_needs_the_version_it_changes(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    user_id, _ = await staff.user()
    url = f"{USERS}/{user_id}"
    assert (await gateway.client.patch(url, json={"name": "X"}, headers=admin.headers)).status_code == 428
    stale = await gateway.client.patch(url, json={"name": "X"}, headers=admin.headers | {"If-Match": "7"})
    assert (stale.status_code, stale.json()["code"], stale.json()["current"]) == (409, "stale_version", 1)
    same = await gateway.client.patch(url, json={"locale": "en"}, headers=admin.headers | {"If-Match": "1"})
    assert same.json()["version"] == 1
    assert await told(gateway, contract.USER_UPDATED, str(user_id)) == []
    for body in ({"name": None}, {"name": ""}, {"role": None}, {"version": 3}, {"email": "x"}):
        bad = await gateway.client.patch(url, json=body, headers=admin.headers | {"If-Match": "1"})
        assert bad.status_code == 422, body


async def test_an_address_in_use_is_a_conflict_on_change_too(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    _, taken = await staff.user()
    user_id, _ = await staff.user()
    answer = await gateway.client.patch(
        f"{USERS}/{user_id}", json={"email": taken}, headers=admin.headers | {"If-Match": "1"}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


async def test_a_salesperson_changes_no_user_not_even_their_own_role(gateway: Harness, staff: Staff) -> None:
    seller = await staff.hire()
    headers = seller.headers | {"If-Match": "1"}
    assert (
        await gateway.client.patch(f"{USERS}/{seller.id}", json={"role": "admin"}, headers=headers)
    ).status_code == 403
    answer = await gateway.client.post(f"{USERS}/{seller.id}/one-time-password", headers=seller.headers)
    assert answer.status_code == 403
    assert await told(gateway, contract.USER_UPDATED, str(seller.id)) == []


async def test_the_last_administrator_can_neither_leave_nor_step_down(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    others = await gateway.rows("SELECT id, version FROM user_account WHERE role = 'admin' AND active")
    for other in others:
        if other["id"] != admin.id:
            answer = await gateway.client.patch(
                f"{USERS}/{other['id']}",
                json={"role": "salesperson"},
                headers=admin.headers | {"If-Match": str(other["version"])},
            )
            assert answer.status_code == 200
    for body in ({"active": False}, {"role": "sales_head"}):
        answer = await gateway.client.patch(f"{USERS}/{admin.id}", json=body, headers=admin.headers | {"If-Match": "1"})
        assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")


async def test_a_fresh_one_time_password_ends_the_users_sessions(gateway: Harness, staff: Staff) -> None:
    admin, user = await staff.hire("admin"), await staff.hire()
    assert (await gateway.client.post(f"{USERS}/{user.id}/one-time-password", headers=admin.headers)).status_code == 201
    assert (await gateway.client.get(USERS, headers=user.headers)).status_code == 401


async def test_an_own_password_needs_the_current_one_and_ends_the_other_sessions(
    gateway: Harness, staff: Staff
) -> None:
    user = await staff.hire()
    other = await staff.sign_in(user.email)
    url = f"{USERS}/me/password"
    wrong = {"current_password": "no", "new_password": "a new long password"}
    assert (await gateway.client.post(url, json=wrong, headers=user.headers)).status_code == 422
    short = {"current_password": "correct horse battery", "new_password": "short"}
    assert (await gateway.client.post(url, json=short, headers=user.headers)).status_code == 422
    assert (await gateway.client.get(USERS, headers=other)).status_code == 200
    right = {"current_password": "correct horse battery", "new_password": "a new long password"}
    assert (await gateway.client.post(url, json=right, headers=user.headers)).status_code == 204
    assert (await gateway.client.get(USERS, headers=other)).status_code == 401
    assert (await gateway.client.get(USERS, headers=user.headers)).status_code == 200


async def test_the_own_language_is_chosen_by_oneself_and_told_once(gateway: Harness, staff: Staff) -> None:
    user = await staff.hire()
    for _ in range(2):
        answer = await gateway.client.put(f"{USERS}/me/locale", json={"locale": "sl"}, headers=user.headers)
        assert answer.status_code == 204, answer.text
    session = (await gateway.client.get("/api/v1/sessions/current", headers=user.headers)).json()
    assert session["user"]["locale"] == "sl"
    (event,) = await told(gateway, contract.USER_UPDATED, str(user.id))
    assert (event.data["changed"], event.data["locale"]) == (["locale"], "sl")
    for body in ({"locale": "Slovene"}, {"locale": "sl", "role": "admin"}, {}):
        refused = await gateway.client.put(f"{USERS}/me/locale", json=body, headers=user.headers)
        assert refused.status_code == 422


async def test_when_somebody_last_signed_in_is_known_to_themselves_and_administrators(
    gateway: Harness, staff: Staff
) -> None:
    admin, other = await staff.hire("admin"), await staff.hire()
    user_id, email = await staff.user()

    async def seen(headers: dict[str, str]) -> str | None:
        at: str | None = (await gateway.client.get(f"{USERS}/{user_id}", headers=headers)).json()["last_signed_in_at"]
        return at

    assert await seen(admin.headers) is None
    own = await staff.sign_in(email)
    first = await seen(admin.headers)
    assert first == await seen(own) is not None
    assert await seen(other.headers) is None
    await staff.sign_in(email)
    again = await seen(admin.headers)
    assert again is not None
    assert first is not None
    assert again > first


async def test_teams_are_made_and_changed_by_administrators_and_told(gateway: Harness, staff: Staff) -> None:
    admin, seller = await staff.hire("admin"), await staff.hire()
    body = {"name": f"Ljubljana {new_id()}", "lead_id": str(seller.id), "office": "Ljubljana"}
    assert (await gateway.client.post(TEAMS, json=body, headers=seller.headers)).status_code == 403
    made = await gateway.client.post(TEAMS, json=body, headers=admin.headers)
    assert made.status_code == 201, made.text
    team = made.json()
    again = await gateway.client.post(TEAMS, json=body, headers=admin.headers)
    assert (again.status_code, again.json()["code"]) == (409, "name_taken")
    unknown = {"name": f"X {new_id()}", "lead_id": str(new_id())}
    assert (await gateway.client.post(TEAMS, json=unknown, headers=admin.headers)).status_code == 422
    url = f"{TEAMS}/{team['id']}"
    denied = await gateway.client.patch(url, json={"office": None}, headers=seller.headers | {"If-Match": "1"})
    assert denied.status_code == 403
    changed = await gateway.client.patch(url, json={"office": None}, headers=admin.headers | {"If-Match": "1"})
    assert (changed.json()["office"], changed.json()["version"]) == (None, 2)
    assert (await gateway.client.get(url, headers=seller.headers)).json() == changed.json()
    events = await told(gateway, contract.TEAM_CHANGED, team["id"])
    assert [(event.sequence, event.data["changed"]) for event in events] == [
        (1, ["lead_id", "name", "office"]),
        (2, ["office"]),
    ]
    assert contract.TeamState.model_validate(events[0].data).lead_id == seller.id
    clash = await gateway.client.post(TEAMS, json={"name": f"Y {new_id()}"}, headers=admin.headers)
    renamed = await gateway.client.patch(
        f"{TEAMS}/{clash.json()['id']}", json={"name": team["name"]}, headers=admin.headers | {"If-Match": "1"}
    )
    assert (renamed.status_code, renamed.json()["code"]) == (409, "name_taken")


async def test_roles_are_shown_with_their_grants(gateway: Harness, staff: Staff) -> None:
    seller = await staff.hire()
    page = (await gateway.client.get("/api/v1/roles", params={"limit": 2}, headers=seller.headers)).json()
    assert page["items"][0]["name"] == "admin"
    assert page["items"][0]["grants"]["user:update"] == "all"
    assert page["next_cursor"]


async def test_resync_sends_every_user_team_and_role_to_the_queue_that_asked(gateway: Harness, staff: Staff) -> None:
    team = await staff.team()
    user_id, _ = await staff.user("salesperson", team)
    for noun in ("user", "team", "role"):
        order = gateway.event(
            resync_queue("gateway"),
            Resync(noun=noun, to_queue="reports.users"),
            subject="command",
            id=new_id(),
            sequence=0,
        )
        await gateway.deliver(order, queue=resync_queue("gateway"))
    wanted = {team, user_id, *map(role_id, BUILT_IN)}
    found: set[UUID] = set()
    connection = await aio_pika.connect(gateway.runtime.settings.amqp_url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("reports.users", passive=True)
        async with queue.iterator(timeout=10) as messages:
            async for message in messages:
                body = orjson.loads(message.body)
                for event in body if isinstance(body, list) else [body]:
                    if event["lane"] == "bulk":
                        found.add(UUID(event["subject"].partition("/")[2]))
                await message.ack()
                if wanted <= found:
                    break
    assert wanted <= found
