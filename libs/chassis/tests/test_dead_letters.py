"""What can not be handled lies in a table with its reason; what merely has to wait never does."""

from typing import Any
from uuid import UUID

import pytest
import sample
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, admin, eventually, nobody, salesperson

CALLER = admin(("dead_letter",))


@pytest.fixture(autouse=True)
def no_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message dies at its first failure."""
    monkeypatch.setattr("crm_chassis.bus.RETRY_DELAYS_S", ())


async def _dead(harness: Harness) -> UUID:
    """The id of a letter whose message no reader can handle."""
    broken = harness.event(sample.CHANGED, {"no": "name"}, subject="thing", id=new_id())
    await harness.deliver(broken, queue="sample.facts")
    rows = await eventually(lambda: harness.rows("SELECT id FROM dead_letter WHERE event_id = :id", id=broken.id))
    return UUID(str(rows[0]["id"]))


async def _get(harness: Harness, path: str, **query: Any) -> Any:
    answer = await harness.client.get(f"/api/v1/dead-letters{path}", params=query, headers=harness.headers(CALLER))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _post(harness: Harness, path: str) -> tuple[int, Any]:
    answer = await harness.client.post(f"/api/v1/dead-letters{path}", headers=harness.headers(CALLER))
    return answer.status_code, answer.json()


async def test_a_poison_message_is_listed_with_its_reason_and_shown_whole(harness: Harness) -> None:
    letter = await _dead(harness)
    (listed,) = [each for each in (await _get(harness, ""))["items"] if each["id"] == str(letter)]
    assert listed["queue"] == "sample.facts"
    assert "KeyError" in listed["reason"]
    assert "body" not in listed
    shown = await _get(harness, f"/{letter}")
    assert shown["body"]["data"] == {"no": "name"}


async def test_what_is_no_json_is_shown_as_text(harness: Harness) -> None:
    broken = harness.event(sample.CHANGED, {"no": "name"}, subject="thing", id=new_id())
    await harness.deliver(broken, queue="sample.facts")
    rows = await eventually(lambda: harness.rows("SELECT id FROM dead_letter WHERE event_id = :id", id=broken.id))
    async with harness.database.transaction() as tx:
        await tx.connection.exec_driver_sql(
            "UPDATE dead_letter SET body = '\\xff00666f6f'::bytea WHERE id = $1", (rows[0]["id"],)
        )
    assert (await _get(harness, f"/{rows[0]['id']}"))["body"] == "�\x00foo"


async def test_a_redriven_letter_is_back_in_its_queue_and_waits_no_more(harness: Harness) -> None:
    letter = await _dead(harness)
    before = (await _get(harness, "/waiting"))["waiting"]
    assert await _post(harness, f"/{letter}/redrive") == (200, {"redriven": 1})
    event = (await _get(harness, f"/{letter}"))["event_id"]
    # Nothing was mended, so it dies again: as a new letter, while the old one stays as it was decided.
    await eventually(
        lambda: harness.rows("SELECT 1 FROM dead_letter WHERE event_id = :e AND redriven_at IS NULL", e=event)
    )
    assert (await _get(harness, "/waiting"))["waiting"] == before
    status, problem = await _post(harness, f"/{letter}/redrive")
    assert (status, problem["code"]) == (409, "already_settled")


async def test_every_letter_that_waits_is_redriven_at_once_and_no_other(harness: Harness) -> None:
    settled = await _dead(harness)
    assert (await _post(harness, f"/{settled}/discard"))[0] == 200
    mended = await _dead(harness)
    async with harness.database.transaction() as tx:
        mend = """UPDATE dead_letter SET body = replace(convert_from(body, 'utf8'), '"no"', '"name"')::bytea"""
        await tx.connection.exec_driver_sql(f"{mend} WHERE id = $1", (mended,))
    waiting = (await _get(harness, "/waiting"))["waiting"]
    assert await _post(harness, "/redrive") == (200, {"redriven": waiting})
    event = (await _get(harness, f"/{mended}"))["event_id"]
    await eventually(lambda: harness.rows("SELECT 1 FROM fact WHERE event_id = :e", e=event))
    assert (await _get(harness, f"/{settled}"))["redriven_at"] is None


async def test_a_discarded_letter_is_kept_and_waits_no_more(harness: Harness) -> None:
    letter = await _dead(harness)
    status, shown = await _post(harness, f"/{letter}/discard")
    assert status == 200 and shown["discarded_at"]
    assert str(letter) not in [each["id"] for each in (await _get(harness, "", waiting=True))["items"]]
    assert str(letter) in [each["id"] for each in (await _get(harness, ""))["items"]]
    assert (await _post(harness, f"/{letter}/discard"))[0] == 409
    assert (await _post(harness, f"/{letter}/redrive"))[0] == 409


async def test_a_letter_whose_queue_is_gone_still_waits(harness: Harness) -> None:
    letter = await _dead(harness)
    async with harness.database.transaction() as tx:
        await tx.connection.exec_driver_sql("UPDATE dead_letter SET queue = 'sample.gone' WHERE id = $1", (letter,))
    status, problem = await _post(harness, f"/{letter}/redrive")
    assert (status, problem["code"]) == (409, "queue_gone")
    assert (await _get(harness, f"/{letter}"))["redriven_at"] is None
    assert (await _post(harness, f"/{letter}/discard"))[0] == 200


async def test_letters_are_paged(harness: Harness) -> None:
    made = {str(await _dead(harness)) for _ in range(3)}
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = await _get(harness, "", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert made <= set(seen) and len(seen) == len(set(seen))


async def test_only_who_may_sees_and_redrives_them(harness: Harness) -> None:
    letter = await _dead(harness)
    for caller in (nobody(), salesperson(("thing",))):
        headers = harness.headers(caller)
        for path in ("", "/waiting", f"/{letter}"):
            assert (await harness.client.get(f"/api/v1/dead-letters{path}", headers=headers)).status_code == 403
        for path in ("/redrive", f"/{letter}/redrive", f"/{letter}/discard"):
            assert (await harness.client.post(f"/api/v1/dead-letters{path}", headers=headers)).status_code == 403
    shown = await _get(harness, f"/{letter}")
    assert shown["redriven_at"] is None and shown["discarded_at"] is None
