"""A card everybody may see does not show what hangs on it; one grant does not open another noun."""

from typing import Any

import pytest

from tests.rights.people import User
from tests.rights.scene import Scene


def _told(scene: Scene, user: User, path: str, door: str = "gateway", **query: Any) -> Any:
    answer = user.ask(door, "GET", path, params=query)
    assert answer.status_code == 200, f"{user.key} {path}: {answer.status_code} {answer.text[:200]}"
    leaked = [secret for secret in scene.estate.secrets if secret in answer.text and secret not in str(query)]
    assert not leaked, f"{user.key} {path} {query} tells {leaked}: {answer.text[:500]}"
    return answer.json()


@pytest.mark.parametrize("who", ["stranger", "lead"])
def test_an_open_card_shows_strangers_nothing_of_the_owners(scene: Scene, who: str) -> None:
    user: User = getattr(scene.cast, who)
    names = scene.estate.names
    for kind, nouns, name in (("person", "people", "open_person"), ("company", "companies", "open_company")):
        id = names[name]
        card = _told(scene, user, f"/api/v1/card/{kind}/{id}")
        assert card["work"] == {"deals": [], "tasks": []}, card["work"]
        _told(scene, user, f"/api/v1/{nouns}/{id}")
        timeline = _told(scene, user, f"/api/v1/{nouns}/{id}/timeline")
        assert timeline == {"items": [], "next_cursor": None}
        assert _told(scene, user, f"/api/v1/card/{kind}/{id}", "deals") == {"deals": [], "tasks": []}
    card = _told(scene, user, f"/api/v1/card/person/{names['open_person']}")["card"]
    assert card["company"] is None
    company = _told(scene, user, f"/api/v1/card/company/{names['open_company']}")["card"]
    assert company["people"] == []
    for path in ("deals", "tasks", "messages", "calls"):
        assert _told(scene, user, f"/api/v1/{path}", person_id=names["open_person"])["items"] == []
    assert _told(scene, user, "/api/v1/deals", company_id=names["open_company"])["items"] == []
    assert _told(scene, user, "/api/v1/people", company_id=names["open_company"])["items"] == []


def test_who_reads_cards_alone_reads_no_calls_deals_tasks_and_messages_on_them(scene: Scene) -> None:
    clerk, names = scene.cast.clerk, scene.estate.names
    for kind, nouns, name in (
        ("person", "people", "person"),
        ("person", "people", "odd_person"),
        ("company", "companies", "open_company"),
    ):
        screen = clerk.client.get(f"/api/v1/card/{kind}/{names[name]}")
        assert screen["card"]["timeline"] == {"items": [], "next_cursor": None}, screen["card"]["timeline"]
        assert screen["work"] == {"deals": [], "tasks": []}
        timeline = clerk.client.get(f"/api/v1/{nouns}/{names[name]}/timeline")
        assert timeline == {"items": [], "next_cursor": None}, timeline
    found = clerk.client.get("/api/v1/search", q=scene.estate.word)
    assert found["contacts"]["people"] and found["deals"]["deals"] == []


def test_who_reads_deals_alone_reads_no_names_and_no_tasks_on_the_board(scene: Scene) -> None:
    dealer, names = scene.cast.dealer, scene.estate.names
    cards = [card for column in dealer.client.get("/api/v1/board")["columns"] for card in column["cards"]]
    mine = [card for card in cards if card["id"] == names["deal"]]
    assert [(card["person_name"], card["next_task_due_at"]) for card in mine] == [(None, None)], mine
    found = dealer.client.get("/api/v1/search", q=f"Oseba {scene.estate.word}")
    assert found["deals"]["deals"] == [] and found["contacts"]["people"] == []
    assert dealer.client.get("/api/v1/search", q=f"Posel {scene.estate.word}")["deals"]["deals"] != []
