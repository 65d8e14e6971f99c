"""What one may not see can not be named: not as a relation, not as an owner, not as oneself."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from tests.rights.people import User
from tests.rights.rules import RULES
from tests.rights.scene import Scene

_LATER = "2100-01-01T09:00:00Z"


def _refused(user: User, method: str, path: str, body: Any, statuses: set[int], version: int | None = None) -> None:
    headers = {"If-Match": f'"{version}"'} if version else {}
    answer = user.ask("gateway", method, path, json=body, headers=headers)
    told = f"{user.key} {method} {path} {body}: {answer.status_code} {answer.text[:300]}"
    assert answer.status_code in statuses, told


@pytest.mark.parametrize("who", ["writer", "captain"])
def test_own_things_can_not_be_tied_to_what_one_does_not_see(scene: Scene, who: str) -> None:
    user: User = getattr(scene.cast, who)
    names, mine = scene.estate.names, user.client
    person = mine.post("/api/v1/people", {"name": "Mine"})
    company = mine.post("/api/v1/companies", {"name": "Mine"})
    deal = mine.post("/api/v1/deals", {"title": "Mine", "person_id": person["id"]})
    task = mine.post("/api/v1/tasks", {"title": "Mine", "due_at": _LATER})
    own: dict[str, dict[str, Any]] = {"people": person, "companies": company, "deals": deal, "tasks": task}
    ties: tuple[tuple[str, Mapping[str, str]], ...] = (
        ("people", {"company_id": names["company"]}),
        ("deals", {"person_id": names["person"]}),
        ("deals", {"company_id": names["company"]}),
        ("tasks", {"person_id": names["person"]}),
        ("tasks", {"deal_id": names["deal"]}),
        ("people", {"owner_id": names["owner"]}),
        ("companies", {"owner_id": names["owner"]}),
        ("deals", {"owner_id": names["owner"]}),
        ("tasks", {"owner_id": names["owner"]}),
    )
    for noun, tie in ties:
        _refused(user, "PATCH", f"/api/v1/{noun}/{own[noun]['id']}", tie, {422}, own[noun]["version"])
        _refused(user, "POST", f"/api/v1/{noun}", _new(noun, tie), {422})
    for noun, thing in own.items():
        now = mine.get(f"/api/v1/{noun}/{thing['id']}")
        assert now["version"] == thing["version"], f"{noun} has changed: {now}"


def _new(noun: str, tie: Mapping[str, str]) -> dict[str, str]:
    if noun in ("people", "companies"):
        return {"name": "A", **tie}
    return {"title": "A", **({"due_at": _LATER} if noun == "tasks" else {}), **tie}


def test_only_whose_scope_reaches_the_unassigned_leaves_a_card_unassigned(scene: Scene) -> None:
    for noun in ("people", "companies"):
        _refused(scene.cast.writer, "POST", f"/api/v1/{noun}", {"name": "Nobody's", "owner_id": None}, {422})


def test_cards_one_does_not_see_can_not_be_merged_with_ones_own(scene: Scene) -> None:
    lead, names = scene.cast.captain, scene.estate.names
    own = lead.client.post("/api/v1/people", {"name": "Mine to merge"})
    before = scene.estate.row("person")
    for winner, loser in ((own["id"], names["person"]), (names["person"], own["id"])):
        _refused(lead, "POST", f"/api/v1/people/{winner}/merge", {"loser_id": loser}, {404})
    assert scene.estate.row("person") == before
    assert lead.client.get(f"/api/v1/people/{own['id']}")["version"] == own["version"]


def test_a_message_or_a_call_reaches_nobody_one_does_not_see(scene: Scene) -> None:
    names = scene.estate.names
    for user in (scene.cast.writer, scene.cast.captain):
        for words in ({"text": "Hello", "subject": "A"}, {"template_key": "measuring_booked"}):
            letter = {"channel": "email", "person_id": names["person"], **words}
            _refused(user, "POST", "/api/v1/messages", letter, {422})
        number = {"person_id": names["person"], "phone_id": names["phone_id"]}
        _refused(user, "POST", "/api/v1/calls", number, {422})
    assert all(message["subject"] != "A" for message in scene.cast.owner.client.get("/api/v1/messages")["items"])


def test_only_the_head_of_sales_dials_reopens_and_dates_back_freely(scene: Scene) -> None:
    owner, names = scene.cast.owner, scene.estate.names
    _refused(owner, "POST", "/api/v1/calls", {"number": "+38640123123"}, {403})
    deal = owner.client.post("/api/v1/deals", {"title": "To be won"})
    path = f"/api/v1/deals/{deal['id']}/move"
    back = {"stage_id": names["stage"], "happened_at": deal["created_at"]}
    _refused(owner, "POST", path, back, {403}, deal["version"])
    stages = owner.client.get(f"/api/v1/pipelines/{names['pipeline']}")["stages"]
    won = next(stage["id"] for stage in stages if stage["kind"] == "won")
    deal = owner.client.post(path, {"stage_id": won}, version=deal["version"])
    _refused(owner, "POST", path, {"stage_id": names["stage"]}, {403}, deal["version"])


def test_not_even_an_administrator_names_users_and_teams_there_are_not(scene: Scene) -> None:
    admin, names = scene.cast.admin, scene.estate.names
    path = f"/api/v1/connections/{names['connection']}"
    version = scene.estate.version("connection")
    unknown = str(uuid4())
    new = {"name": "A", "vendor": "generic", "hook_secret": "a-secret-of-mine"}
    _refused(admin, "POST", "/api/v1/connections", {**new, "fallback_user_id": unknown}, {422})
    _refused(admin, "PATCH", path, {"fallback_user_id": unknown}, {422}, version)
    line = {"number": "+38615559999", "team_id": unknown}
    _refused(admin, "PATCH", path, {"lines": [line]}, {422}, version)
    extensions = {"extensions": [{"extension": "778", "user_id": unknown}]}
    _refused(admin, "PUT", f"{path}/extensions", extensions, {422})
    assert scene.estate.version("connection") == version


def test_no_field_names_the_acting_user(scene: Scene) -> None:
    names = {**scene.estate.names, "mark": "acting"}
    for key, rule in RULES.items():
        service, method, path = key.split(" ")
        body = rule.body(names) if rule.body is not None else None
        if not isinstance(body, dict) or not path.startswith("/api/v1/"):
            continue
        for field in ("actor", "acting_user_id", "created_by", "user_id", "ignore_permissions"):
            told = {**body, field: scene.cast.admin.id}
            headers = {"If-Match": '"1"'}
            answer = scene.cast.admin.ask(service, method, rule.url(path, names), json=told, headers=headers)
            problem = answer.json()
            assert answer.status_code == 422, f"{key} takes {field}: {answer.status_code} {answer.text[:200]}"
            assert [error["field"].rpartition(".")[2] for error in problem["errors"]] == [field], problem


def test_no_header_names_the_acting_user(scene: Scene) -> None:
    path, admin = f"/api/v1/people/{scene.estate.names['person']}", scene.cast.admin
    for name in ("X-User-ID", "X-Internal-Principal", "X-Forwarded-User", "X-Hook-Authorization", "X-Internal-Grants"):
        answer = scene.cast.stranger.ask("gateway", "GET", path, headers={name: admin.id})
        assert answer.status_code == 404, name
