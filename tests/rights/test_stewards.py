"""Who looks after users and roles gives nobody, and not themself, more than they hold."""

from typing import Any

from tests.rights.people import User
from tests.rights.scene import Scene


def _forbidden(user: User, method: str, path: str, body: Any) -> None:
    headers = {"If-Match": '"1"'}
    before = user.client.get(path) if method == "PATCH" else None
    if before:
        headers["If-Match"] = f'"{before["version"]}"'
    answer = user.ask("gateway", method, path, json=body, headers=headers)
    assert answer.status_code == 403, f"{user.key} {method} {path} {body}: {answer.status_code} {answer.text[:200]}"
    assert before is None or user.client.get(path) == before, f"{path} has changed"


def test_a_steward_makes_no_role_and_no_user_that_may_do_more(scene: Scene) -> None:
    steward, cast = scene.cast.steward, scene.cast
    clerks = cast.clerk.client.user["role"]
    _forbidden(
        steward, "POST", "/api/v1/roles", {"name": f"more_{scene.estate.word}", "grants": {"person:read": "own"}}
    )
    _forbidden(steward, "PATCH", f"/api/v1/roles/{clerks}", {"grants": {}})
    own = steward.client.user["role"]
    _forbidden(steward, "PATCH", f"/api/v1/roles/{own}", {"grants": {"user:read": "all", "deal:read": "all"}})
    user = {"name": "More", "role": clerks, "email": f"{scene.estate.word}-more@rights.example"}
    _forbidden(steward, "POST", "/api/v1/users", user)


def test_a_steward_changes_nobody_who_may_do_more_and_makes_nobody_more(scene: Scene) -> None:
    steward, cast = scene.cast.steward, scene.cast
    _forbidden(steward, "PATCH", f"/api/v1/users/{cast.owner.id}", {"name": "Taken over"})
    _forbidden(steward, "PATCH", f"/api/v1/users/{cast.admin.id}", {"email": "mine@rights.example"})
    _forbidden(steward, "POST", f"/api/v1/users/{cast.admin.id}/one-time-password", None)
    _forbidden(steward, "PATCH", f"/api/v1/users/{cast.nobody.id}", {"role": "admin"})
    _forbidden(steward, "PATCH", f"/api/v1/users/{steward.id}", {"team_id": scene.estate.names["team"]})


def test_who_changes_the_users_of_a_team_gives_no_roles(scene: Scene) -> None:
    foreman = scene.cast.foreman
    role = {"role": foreman.client.user["role"]}
    _forbidden(foreman, "PATCH", f"/api/v1/users/{scene.cast.nobody.id}", role)
    _forbidden(foreman, "PATCH", f"/api/v1/users/{foreman.id}", {"team_id": None})
