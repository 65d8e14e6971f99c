"""What others may not see is there for those who may: no door is shut for everybody."""

import asyncpg
import pytest
from crm_runner.databases import plain, run_sync

from tests.rights.people import User
from tests.rights.scene import Scene

_THEIRS = ("person", "other_person", "company", "deal", "open_deal", "task", "message", "missed_call")


@pytest.mark.parametrize("who", ["owner", "boss", "head", "admin"])
def test_the_owner_their_lead_the_head_and_the_administrator_see_it_all(scene: Scene, who: str) -> None:
    user: User = getattr(scene.cast, who)
    for name in _THEIRS:
        path = scene.estate.rows[name][1]
        assert user.ask("gateway", "GET", path).status_code == 200, f"{who} does not see {path}"
    person = scene.estate.names["person"]
    screen = user.client.get(f"/api/v1/card/person/{person}")
    assert scene.estate.names["deal"] in [deal["id"] for deal in screen["work"]["deals"]]
    kinds = {item["kind"] for item in screen["card"]["timeline"]["items"]}
    assert {"call", "task", "message", "deal_created"} <= kinds
    cards = [card["id"] for column in user.client.get("/api/v1/board")["columns"] for card in column["cards"]]
    assert scene.estate.names["deal"] in cards


def test_who_has_no_right_to_notices_neither_sees_nor_settles_their_own(scene: Scene) -> None:
    nobody = scene.cast.nobody

    async def their_notices() -> list[tuple[str, object]]:
        connection = await asyncpg.connect(plain(scene.stack.database_urls["notifications"]))
        try:
            rows = await connection.fetch("SELECT id, read_at FROM notice WHERE user_id = $1", nobody.id)
        finally:
            await connection.close()
        return [(str(row["id"]), row["read_at"]) for row in rows]

    before = run_sync(their_notices())
    assert before
    assert nobody.client.get("/api/v1/notices") == {"items": [], "next_cursor": None}
    for id, _ in before:
        assert nobody.ask("gateway", "POST", f"/api/v1/notices/{id}/read").status_code == 404
    assert nobody.ask("gateway", "POST", "/api/v1/notices/read-all").status_code == 403
    assert run_sync(their_notices()) == before


def test_a_notice_is_its_users_own_and_not_even_their_leads(scene: Scene) -> None:
    notice = scene.estate.names["notice"]
    for user in (scene.cast.boss, scene.cast.head, scene.cast.admin):
        listed = user.client.get("/api/v1/notices", limit=200)["items"]
        assert notice not in [each["id"] for each in listed]
        assert user.ask("gateway", "POST", f"/api/v1/notices/{notice}/read").status_code == 404
