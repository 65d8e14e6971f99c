"""People who sell while something is rebuilt."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from crm_runner.demo.client import wait_for
from crm_runner.demo.company import default_pipeline
from crm_runner.errors import RunnerError

from .site import Site

PAUSE_S = 0.2

_numbers = itertools.count(1)


@contextmanager
def traffic(site: Site) -> Iterator[list[str]]:
    """People sell while the block runs: deals are made and moved, cards merged, mistakes removed; answers the new
    people's ids."""
    stop = threading.Event()
    made: list[str] = []
    failures: list[Exception] = []
    head, admin = site.company.client("Marko"), site.company.client("Nadja")
    pipeline = default_pipeline(head)
    stages = [stage["id"] for stage in pipeline["stages"]]

    def sell() -> None:
        number = next(_numbers)
        cards = [head.post("/api/v1/people", {"name": f"Busy {number} {n}", "phones": []}) for n in range(2)]
        made.append(cards[0]["id"])
        for card in cards:
            body = {"title": "Busy", "pipeline_id": pipeline["id"], "person_id": card["id"]}
            deal = head.post("/api/v1/deals", body)
            head.post(f"/api/v1/deals/{deal['id']}/move", {"stage_id": stages[1]}, version=deal["version"])
        head.post(f"/api/v1/people/{cards[0]['id']}/merge", {"loser_id": cards[1]["id"]})
        mistake = head.post("/api/v1/deals", {"title": "Mistake", "person_id": cards[0]["id"]})
        admin.delete(f"/api/v1/deals/{mistake['id']}", version=mistake["version"])
        twin = head.post("/api/v1/people", {"name": f"Mistake {number}", "phones": []})
        admin.delete(f"/api/v1/people/{twin['id']}", version=twin["version"])

    def run() -> None:
        while not stop.is_set():
            try:
                sell()
            except Exception as error:
                # A service that was killed answers 503 until it is back; the next sale finds it.
                if not isinstance(error, RunnerError) or " answered 50" not in str(error):
                    failures.append(error)
                    return
            stop.wait(PAUSE_S)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        wait_for("some traffic", lambda: made or failures)
        yield made
    finally:
        stop.set()
        thread.join()
    assert failures == []
