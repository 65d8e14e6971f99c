"""Signing in, staying signed in, and being thrown out."""

import asyncio
import hashlib
from datetime import timedelta

import sqlalchemy as sa
from crm_chassis.access.tokens import TokenSigner
from crm_chassis.clock import now
from crm_chassis.testing import Harness, admin, eventually
from crm_gateway.sessions import repository
from crm_gateway.sessions.directory import KEPT_AFTER_END, SessionDirectory
from crm_gateway.sessions.models import session

from .conftest import PASSWORD, PRIVATE_KEY, PUBLIC_URL, Staff

SIGN_IN = "/api/v1/sessions"
CURRENT = "/api/v1/sessions/current"


async def test_signing_in_with_a_cookie_hides_the_token_from_scripts(gateway: Harness, staff: Staff) -> None:
    _, email = await staff.user()
    answer = await gateway.client.post(SIGN_IN, json={"email": email.upper(), "password": PASSWORD})
    assert answer.status_code == 201
    assert answer.json()["token"] is None
    assert answer.json()["user"]["email"] == email
    assert answer.json()["user"]["grants"]["deal:read"] == "own_or_unassigned"
    assert answer.json()["zone"] == gateway.runtime.settings.company_zone
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("crm_session=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    token = cookie.partition("=")[2].partition(";")[0]
    stored = await gateway.rows("SELECT token_sha256 FROM session WHERE id = :id", id=answer.json()["id"])
    assert stored[0]["token_sha256"] == hashlib.sha256(token.encode()).digest()
    gateway.client.cookies.clear()


async def test_wrong_password_unknown_user_and_one_who_left_get_the_same_answer(gateway: Harness, staff: Staff) -> None:
    _, email = await staff.user()
    gone_id, gone = await staff.user()
    chief = await staff.hire("admin")
    left = await gateway.client.patch(
        f"/api/v1/users/{gone_id}", json={"active": False}, headers=chief.headers | {"If-Match": "1"}
    )
    assert left.status_code == 200
    told = []
    for address, password in ((email, "wrong"), ("nobody@example.com", PASSWORD), (gone, PASSWORD)):
        answer = await gateway.client.post(SIGN_IN, json={"email": address, "password": password})
        document = answer.json()
        del document["correlation_id"]
        told.append((answer.status_code, document))
    assert told[0] == told[1] == told[2]
    assert told[0][0] == 401
    assert told[0][1]["code"] == "wrong_credentials"


async def test_a_bearer_token_is_good_until_signing_out(gateway: Harness, staff: Staff) -> None:
    me = await staff.hire()
    answer = await gateway.client.get(CURRENT, headers=me.headers)
    assert answer.json()["user"]["id"] == str(me.id)
    assert answer.headers["cache-control"] == "no-store"
    assert (await gateway.client.delete(CURRENT, headers=me.headers)).status_code == 204
    refused = await gateway.client.get(CURRENT, headers=me.headers)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"


async def test_a_cookie_borne_change_must_come_from_our_own_pages(gateway: Harness, staff: Staff) -> None:
    _, email = await staff.user()
    answer = await gateway.client.post(SIGN_IN, json={"email": email, "password": PASSWORD})
    gateway.client.cookies.clear()
    cookie = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
    assert (await gateway.client.get(CURRENT, headers=cookie)).status_code == 200
    for origin in (
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"{PUBLIC_URL}.evil.example"},
    ):
        refused = await gateway.client.delete(CURRENT, headers=cookie | origin)
        assert (refused.status_code, refused.json()["code"]) == (403, "foreign_origin")
    assert (await gateway.client.get(CURRENT, headers=cookie)).status_code == 200
    assert (await gateway.client.delete(CURRENT, headers=cookie | {"Origin": PUBLIC_URL})).status_code == 204


async def test_the_cookie_can_not_be_set_by_another_sites_page(gateway: Harness, staff: Staff) -> None:
    _, email = await staff.user()
    answer = await gateway.client.post(
        SIGN_IN, json={"email": email, "password": PASSWORD}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_bearer_token_is_no_cookie(gateway: Harness, staff: Staff) -> None:
    me = await staff.hire()
    token = me.headers["Authorization"].removeprefix("Bearer ")
    assert (await gateway.client.get(CURRENT, headers={"Cookie": f"crm_session={token}"})).status_code == 401


async def test_a_session_ended_in_another_process_ends_here_within_its_two_seconds(
    gateway: Harness, staff: Staff
) -> None:
    me = await staff.hire()
    assert (await gateway.client.get(CURRENT, headers=me.headers)).status_code == 200
    async with gateway.database.transaction() as tx:
        await tx.execute(sa.update(session).where(session.c.user_id == me.id).values(revoked_at=now()))

    async def refused() -> bool:
        return (await gateway.client.get(CURRENT, headers=me.headers)).status_code == 401

    await eventually(refused, timeout=3)


async def test_an_expired_session_is_no_session(gateway: Harness, staff: Staff) -> None:
    me = await staff.hire()
    async with gateway.database.transaction() as tx:
        await tx.execute(sa.update(session).where(session.c.user_id == me.id).values(expires_at=now()))

    async def refused() -> bool:
        return (await gateway.client.get(CURRENT, headers=me.headers)).status_code == 401

    await eventually(refused, timeout=3)


async def test_without_credentials_or_with_nonsense_there_is_nobody(gateway: Harness) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic YTpi"},
        {"Cookie": "crm_session="},
    ):
        assert (await gateway.client.get(CURRENT, headers=headers)).status_code == 401


async def test_an_internal_token_opens_nothing_at_the_gateway(gateway: Harness, staff: Staff) -> None:
    token = TokenSigner(PRIVATE_KEY).sign(admin(("user",)))
    answer = await gateway.client.get("/api/v1/users", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


async def test_a_one_time_password_opens_only_the_door_to_an_own_one(gateway: Harness, staff: Staff) -> None:
    _, email = await staff.user(one_time=True)
    headers = await staff.sign_in(email)
    current = await gateway.client.get(CURRENT, headers=headers)
    assert current.json()["password_change_required"] is True
    refused = await gateway.client.get("/api/v1/users", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "password_change_required")
    changed = await gateway.client.post(
        "/api/v1/users/me/password",
        json={"current_password": PASSWORD, "new_password": "another long one"},
        headers=headers,
    )
    assert changed.status_code == 204
    assert (await gateway.client.get("/api/v1/users", headers=headers)).status_code == 200
    refused = await gateway.client.post(SIGN_IN, json={"email": email, "password": PASSWORD})
    assert refused.status_code == 401
    assert await staff.sign_in(email, "another long one")


async def test_unknown_fields_and_impossible_lengths_are_refused(gateway: Harness) -> None:
    for body in (
        {"email": "a@example.com", "password": "x", "user_id": "1"},
        {"email": "a@example.com", "password": "x" * 201},
        {"email": "", "password": "x"},
        {"email": "a@example.com", "password": "x", "transport": "carrier pigeon"},
    ):
        assert (await gateway.client.post(SIGN_IN, json=body)).status_code == 422


async def test_sessions_over_for_a_day_are_swept_and_the_others_stay(gateway: Harness, staff: Staff) -> None:
    kept, revoked, expired = [await staff.hire() for _ in range(3)]
    long_ago = now() - timedelta(days=1, seconds=1)
    async with gateway.database.transaction() as tx:
        await tx.execute(sa.update(session).where(session.c.user_id == revoked.id).values(revoked_at=long_ago))
        await tx.execute(sa.update(session).where(session.c.user_id == expired.id).values(expires_at=long_ago))
    async with gateway.database.transaction() as tx:
        await repository.sweep(tx, now() - KEPT_AFTER_END)
    left = {row["user_id"] for row in await gateway.rows("SELECT user_id FROM session")}
    assert kept.id in left
    assert not {revoked.id, expired.id} & left


async def test_watching_stops_even_when_told_so_together_with_news(gateway: Harness, staff: Staff) -> None:
    team = await staff.team()
    somebody, _ = await staff.user("salesperson", team)
    directory = SessionDirectory()
    watching = asyncio.create_task(directory.watch(gateway.database))
    await eventually(lambda: directory.team_of(somebody) == team)
    directory.user_changed(somebody)
    watching.cancel()
    done, _ = await asyncio.wait({watching}, timeout=10)
    assert done == {watching}
