"""No question tells what its answer may not: neither filters nor orders, cursors, keys or versions."""

from typing import Any
from uuid import uuid4

import pytest

from tests.rights.people import User
from tests.rights.scene import Scene
from tests.rights.walk import shape

_LISTS = ("people", "companies", "deals", "tasks", "calls", "messages", "notices")


def _silent(scene: Scene, user: User, path: str, **query: Any) -> dict[str, Any]:
    answer = user.ask("gateway", "GET", path, params=query)
    assert answer.status_code == 200, f"{path} {query}: {answer.text[:200]}"
    leaked = [secret for secret in scene.estate.secrets if secret in answer.text and secret not in str(query)]
    assert not leaked, f"{user.key} {path} {query} tells {leaked}"
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize("noun", _LISTS)
def test_a_cursor_of_the_owners_opens_nothing_to_others(scene: Scene, noun: str) -> None:
    path, owner = f"/api/v1/{noun}", scene.cast.owner.client
    page = owner.get(path, limit=1)
    assert page["items"]
    cursor = page["next_cursor"]
    if noun == "companies":  # the owner may have one of their own only
        cursor = cursor or owner.get("/api/v1/people", limit=1)["next_cursor"]
    assert cursor, f"the owner has a single one of {noun}"
    for user in (scene.cast.stranger, scene.cast.lead):
        _silent(scene, user, path, cursor=cursor, limit=200)
    assert _silent(scene, scene.cast.nobody, path, cursor=cursor) == {"items": [], "next_cursor": None}


def test_what_is_no_filter_or_order_is_refused(scene: Scene) -> None:
    names = scene.estate.names
    for noun in _LISTS:
        for query in (
            {"ids": names["person"]}, {"ids[]": names["person"]}, {"id": names["person"]}, {"sort": "owner_id"},
            {"sort": "phone"}, {"sort": "-email"}, {"owner.email": names["email"]}, {"count": "true"},
            {"name_key": names["word"]}, {"user_id": names["owner"]},
        ):  # fmt: skip
            if noun == "deals" and query.keys() == {"id"}:
                continue  # deals are asked for by their ids, and a person's is none
            answer = scene.cast.stranger.ask("gateway", "GET", f"/api/v1/{noun}", params=query)
            assert answer.status_code == 422, f"{noun} takes {query}: {answer.text[:200]}"


def test_a_new_card_with_the_owners_number_warns_of_no_duplicate(scene: Scene) -> None:
    names = scene.estate.names
    card = {"name": "Whoever", "phones": [{"raw": names["phone"]}], "emails": [{"address": names["email"]}]}
    for user in (scene.cast.writer, scene.cast.captain):
        alike = user.client.post("/api/v1/people", card)["duplicates"]
        assert names["person"] not in [each["id"] for each in alike], f"{user.key} is warned of the owner's card"


def test_an_idempotency_key_of_the_owners_answers_nobody_else(scene: Scene) -> None:
    key, body = {"Idempotency-Key": f"rights-{uuid4()}"}, {"name": "Once only"}
    owners = scene.cast.owner.ask("gateway", "POST", "/api/v1/people", json=body, headers=key).json()
    strangers = scene.cast.writer.ask("gateway", "POST", "/api/v1/people", json=body, headers=key)
    assert strangers.status_code == 201 and "idempotency-replayed" not in strangers.headers
    assert strangers.json()["id"] != owners["id"]
    nobodys = scene.cast.nobody.ask("gateway", "POST", "/api/v1/people", json=body, headers=key)
    assert nobodys.status_code == 403


def test_no_guess_of_a_version_tells_that_a_row_is_there(scene: Scene) -> None:
    names, guess = scene.estate.names, str(uuid4())
    for noun, name, body in (
        ("people", "person", {"name": "Mine"}),
        ("companies", "company", {"name": "Mine"}),
        ("deals", "deal", {"title": "Mine"}),
        ("tasks", "task", {"title": "Mine"}),
    ):
        before = scene.estate.row(name)
        for version in ('"1"', '"2"', '"3"', '"999"', "*", None):
            headers = {"If-Match": version} if version else {}
            real, random = (
                scene.cast.stranger.ask("gateway", "PATCH", f"/api/v1/{noun}/{id}", json=body, headers=headers)
                for id in (names[name], guess)
            )
            assert real.status_code in (404, 400, 428), f"{noun} {version}: {real.text[:200]}"
            assert shape(real) == shape(random), f"{noun} {version}"
        assert scene.estate.row(name) == before
