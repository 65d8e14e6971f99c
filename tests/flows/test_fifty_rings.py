"""Fifty first rings of one number at the same moment: one customer, not fifty."""

from concurrent.futures import ThreadPoolExecutor

from crm_runner.demo.client import wait_for
from crm_runner.demo.company import LINE_SALES, LINE_SERVICE

from tests.conftest import Town

CALLER = "+38640777050"


def test_fifty_parallel_first_rings_over_two_lines_make_one_card_one_deal_one_task(town: Town) -> None:
    head = town.company.client("Marko")

    def ring(number: int) -> None:
        line = (LINE_SALES, LINE_SERVICE)[number % 2]
        town.pbx.ring(CALLER, line, ["101", "102"], "ring-no-answer", ring_s=0.5)

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(ring, range(50)))

    def calls() -> list[dict[str, object]]:
        found: list[dict[str, object]] = head.get("/api/v1/calls", phone=CALLER, limit=200)["items"]
        return found if len([c for c in found if c["result"] == "missed"]) == 50 else []

    missed = wait_for("fifty missed calls", calls, 60)
    assert {call["line"] for call in missed} == {LINE_SALES, LINE_SERVICE}
    people = head.get("/api/v1/people", phone=CALLER)["items"]
    assert len(people) == 1
    person = people[0]["id"]

    def counted() -> list[dict[str, object]]:
        tasks: list[dict[str, object]] = head.get("/api/v1/tasks", kind="callback", person_id=person)["items"]
        return tasks if tasks and tasks[0]["misses"] == 50 else []

    tasks = wait_for("one task that counts fifty misses", counted, 60)
    assert len(tasks) == 1
    assert len(head.get("/api/v1/deals", person_id=person)["items"]) == 1

    def on_timeline() -> bool:
        items = head.get(f"/api/v1/people/{person}/timeline", limit=200)["items"]
        return len([item for item in items if item["kind"] == "call"]) == 50

    wait_for("fifty calls on one timeline", on_timeline, 60)
