"""Nobody becomes more by a field, a left-over password or a second first user."""

from typing import Any

import pytest
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness

from .conftest import PASSWORD, Staff

USERS, SESSIONS = "/api/v1/users", "/api/v1/sessions"


@pytest.mark.parametrize(
    "field",
    [
        *("id", "version", "created_at", "updated_at", "password_hash", "password_is_one_time", "grants"),
        *(
            "is_admin",
            "is_superuser",
            "permissions",
            "scope",
            "user_id",
            "actor",
            "created_by",
            "sessions",
            "__class__",
        ),
    ],
)
async def test_no_field_that_is_not_meant_to_be_sent_is_taken(gateway: Harness, staff: Staff, field: str) -> None:
    admin = await staff.hire("admin")
    headers = admin.headers | {"If-Match": "1"}
    new = {"email": f"{new_id().hex}@example.com", "name": "X", "role": "salesperson"}
    own = {"current_password": PASSWORD, "new_password": "another good one"}
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", USERS, new),
        ("PATCH", f"{USERS}/{admin.id}", {"name": "Y"}),
        ("POST", f"{USERS}/me/password", own),
        ("POST", SESSIONS, {"email": admin.email, "password": PASSWORD}),
        ("POST", "/api/v1/teams", {"name": f"T {new_id()}"}),
        ("POST", "/api/v1/roles", {"name": f"r_{new_id().hex}", "grants": {}}),
    ]
    for method, path, body in requests:
        answer = await gateway.client.request(method, path, json=body | {field: "1"}, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), (path, answer.text)
    unchanged = await gateway.client.get(f"{USERS}/{admin.id}", headers=admin.headers)
    assert unchanged.json()["version"] == 1


async def test_what_is_in_an_address_gives_no_rights(gateway: Harness, staff: Staff) -> None:
    """Rights come from the role in the database, whatever is said about oneself."""
    me = await staff.hire()
    spoof = me.headers | {
        "X-User-Id": str(new_id()),
        "X-Role": "admin",
        "X-Internal-Role": "admin",
        "X-Forwarded-User": "admin",
    }
    answer = await gateway.client.get("/api/v1/sessions/current?role=admin&user_id=1", headers=spoof)
    assert (answer.json()["user"]["id"], answer.json()["user"]["role"]) == (str(me.id), "salesperson")
    new = {"email": f"{new_id().hex}@example.com", "name": "X", "role": "salesperson"}
    assert (await gateway.client.post(USERS, json=new, headers=spoof)).status_code == 403


async def test_a_one_time_password_is_dead_once_an_own_one_is_chosen_and_so_is_the_one_before(
    gateway: Harness, staff: Staff
) -> None:
    admin = await staff.hire("admin")
    user_id, email = await staff.user()

    async def one_time() -> str:
        answer = await gateway.client.post(f"{USERS}/{user_id}/one-time-password", headers=admin.headers)
        return str(answer.json()["password"])

    async def opens(password: str) -> bool:
        body = {"email": email, "password": password, "transport": "bearer"}
        return (await gateway.client.post(SESSIONS, json=body)).status_code == 201

    first = await one_time()
    assert not await opens(PASSWORD)
    second = await one_time()
    assert not await opens(first)
    headers = await staff.sign_in(email, second)
    body = {"current_password": second, "new_password": "my very own words"}
    assert (await gateway.client.post(f"{USERS}/me/password", json=body, headers=headers)).status_code == 204
    assert not await opens(second)
    assert await opens("my very own words")


async def test_a_one_time_password_of_somebody_who_left_opens_nothing(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    user_id, email = await staff.user()
    made = await gateway.client.post(f"{USERS}/{user_id}/one-time-password", headers=admin.headers)
    left = await gateway.client.patch(
        f"{USERS}/{user_id}", json={"active": False}, headers=admin.headers | {"If-Match": "1"}
    )
    assert left.status_code == 200
    for password in (made.json()["password"], PASSWORD):
        answer = await gateway.client.post(SESSIONS, json={"email": email, "password": password})
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")


async def test_there_is_no_door_that_makes_a_first_user(gateway: Harness) -> None:
    """The first user comes from the command line alone; no path of the kind is served to anybody."""
    for path in ("/setup", "/install", "/api/v1/setup", "/api/v1/install", "/api/v1/register", "/api/v1/users/first"):
        for method in ("GET", "POST"):
            answer = await gateway.client.request(method, path, json={"email": "a@example.com", "role": "admin"})
            assert answer.status_code in (401, 404, 405), (method, path)
