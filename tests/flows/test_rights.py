"""Another team sees nothing: not by id, not in lists, search, board, timeline or figures, and can change nothing."""

import uuid
from typing import Any

import pytest
from crm_runner.demo.client import Client, wait_for
from crm_runner.demo.company import LINE_SALES, default_pipeline

from tests.conftest import Town

CALLER = "+38640888321"


@pytest.fixture(scope="module")
def anas(town: Town) -> dict[str, str]:
    """A customer of Ana's with a call, a deal, tasks and a message, by path."""
    ana = town.company.client("Ana")
    town.pbx.ring(CALLER, LINE_SALES, ["101"], "ring-no-answer", ring_s=0.3)
    person = wait_for("the card", lambda: ana.get("/api/v1/people", phone=CALLER)["items"])[0]
    emails = {"name": "Zala Skrita", "emails": [{"address": "zala@skrita.example"}]}
    ana.patch(f"/api/v1/people/{person['id']}", emails, version=person["version"])
    head = town.company.client("Marko")
    call = wait_for("the call", lambda: head.get("/api/v1/calls", phone=CALLER, result="missed")["items"])[0]
    deal = wait_for("the deal", lambda: ana.get("/api/v1/deals", person_id=person["id"])["items"])[0]
    task = wait_for("the task", lambda: ana.get("/api/v1/tasks", person_id=person["id"])["items"])[0]
    # Unanswered, it is nobody's until telephony has heard whose card it belongs to.
    wait_for("the call's card", lambda: ana.get("/api/v1/calls", person_id=person["id"])["items"])
    letter = {"channel": "email", "person_id": person["id"], "subject": "Hello", "text": "Hello"}
    message = ana.post("/api/v1/messages", letter)
    return {
        "people": person["id"],
        "deals": deal["id"],
        "tasks": task["id"],
        "messages": message["id"],
        "calls": call["id"],
    }


@pytest.fixture(params=["Cene", "Tina"])
def stranger(request: pytest.FixtureRequest, town: Town) -> Client:
    """A salesperson and the lead of the other team."""
    return town.company.client(request.param)


def _status(client: Client, method: str, path: str, body: Any = None, version: int | None = None) -> int:
    headers = {"If-Match": f'"{version}"'} if version else {}
    return client._http.request(method, path, json=body, headers=headers).status_code


def test_the_owner_and_the_head_see_it_all(town: Town, anas: dict[str, str]) -> None:
    for name in ("Ana", "Marko", "Petra"):
        for noun, id in anas.items():
            assert _status(town.company.client(name), "GET", f"/api/v1/{noun}/{id}") == 200, (name, noun)


def test_by_id_there_is_nothing_and_nothing_can_be_changed(stranger: Client, anas: dict[str, str]) -> None:
    for noun in anas:
        path = f"/api/v1/{noun}/{anas[noun]}"
        assert _status(stranger, "GET", path) == 404, noun
        assert _status(stranger, "GET", f"/api/v1/{noun}/{uuid.uuid4()}") == 404
    assert _status(stranger, "PATCH", f"/api/v1/people/{anas['people']}", {"name": "Mine"}, 1) == 404
    assert _status(stranger, "PATCH", f"/api/v1/deals/{anas['deals']}", {"title": "Mine"}, 1) == 404
    assert _status(stranger, "PATCH", f"/api/v1/tasks/{anas['tasks']}", {"title": "Mine"}, 1) == 404
    assert _status(stranger, "POST", f"/api/v1/tasks/{anas['tasks']}/complete", {}, 1) == 404
    stage = default_pipeline(stranger)["stages"][1]["id"]
    assert _status(stranger, "POST", f"/api/v1/deals/{anas['deals']}/move", {"stage_id": stage}, 1) == 404
    assert _status(stranger, "GET", f"/api/v1/people/{anas['people']}/timeline") == 404
    assert _status(stranger, "GET", f"/api/v1/card/person/{anas['people']}") == 404


def test_lists_search_and_board_are_silent(stranger: Client, anas: dict[str, str]) -> None:
    person = anas["people"]
    for path, query in (
        ("people", {"phone": CALLER}),
        ("people", {"email": "zala@skrita.example"}),
        ("deals", {"person_id": person}),
        ("tasks", {"person_id": person}),
        ("messages", {"person_id": person}),
        ("calls", {"phone": CALLER}),
        ("calls", {"person_id": person}),
    ):
        assert stranger.get(f"/api/v1/{path}", **query)["items"] == [], path
    found = stranger.get("/api/v1/search", q="skrita")
    assert (found["contacts"]["people"], found["deals"]["deals"]) == ([], [])
    assert stranger.get("/api/v1/search", q="888321")["contacts"]["people"] == []
    board = stranger.get("/api/v1/board")
    shown = [card["id"] for column in board["columns"] for card in column["cards"]]
    assert anas["deals"] not in shown
    assert all(column["count"] == len(column["cards"]) for column in board["columns"])


def test_nothing_can_be_hung_on_what_one_does_not_see(stranger: Client, anas: dict[str, str]) -> None:
    person = anas["people"]
    assert _status(stranger, "POST", "/api/v1/deals", {"title": "Mine", "person_id": person}) == 422
    assert _status(stranger, "POST", "/api/v1/messages", {"channel": "email", "person_id": person, "text": "x"}) in (
        404,
        422,
    )
    call = {"person_id": person, "phone_id": str(uuid.uuid4())}
    assert _status(stranger, "POST", "/api/v1/calls", call) in (404, 422)


def test_administration_is_for_administrators(town: Town) -> None:
    ana = town.company.client("Ana")
    user = {"email": "x@okna-novak.example", "name": "X", "role": "admin"}
    assert _status(ana, "POST", "/api/v1/users", user) == 403
    assert _status(ana, "POST", "/api/v1/teams", {"name": "X"}) == 403
    assert _status(ana, "POST", "/api/v1/products", {"name": "X", "sku": "X", "price": "1"}) == 403
    body = {"name": "X", "vendor": "generic", "fallback_user_id": ana.id, "hook_secret": "12345678"}
    assert _status(ana, "POST", "/api/v1/connections", body) == 403
    assert ana.get("/api/v1/connections")["items"] == []
