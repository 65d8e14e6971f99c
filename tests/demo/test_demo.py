"""The demo company: full of a year, with nothing done about what is long over."""

from datetime import UTC, datetime, timedelta
from typing import Any

from crm_runner.demo.client import Client, wait_for
from crm_runner.demo.company import Company, default_pipeline
from crm_runner.demo.site import SEED, Site
from crm_runner.demo.year.making import ZONE, make
from crm_runner.demo.year.shape import SMALL


def _company(site: Site) -> Company:
    assert site.company is not None
    return site.company


def _all(client: Client, path: str, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get(path, limit=200, **query, **cursor)
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def test_the_year_is_there_as_it_was_made(site: Site) -> None:
    head = _company(site).client("Marko")
    year = make(SMALL, SEED, datetime.now(UTC))
    assert len(_all(head, "/api/v1/companies")) == SMALL.companies
    assert len(_all(head, "/api/v1/people")) >= SMALL.people
    deals = [deal for deal in _all(head, "/api/v1/deals") if deal["origin_type"] == "import"]
    assert len(deals) == SMALL.deals
    assert {deal["origin_id"] for deal in deals} == {deal.number for deal in year.deals}
    past = [call for call in _all(head, "/api/v1/calls") if call["origin"] == "past"]
    assert len(past) >= SMALL.calls
    assert min(call["started_at"] for call in past) < (datetime.now(UTC) - timedelta(days=250)).isoformat()


def test_what_was_said_of_late_can_be_heard(site: Site) -> None:
    head = _company(site).client("Marko")
    year = make(SMALL, SEED, datetime.now(UTC))
    assert any(call.recorded for call in year.calls)

    def all_kept() -> bool:
        past = [call for call in _all(head, "/api/v1/calls") if call["origin"] == "past"]
        standing = [call["recording"]["state"] for call in past if call["recording"]]
        assert "failed" not in standing
        return standing.count("stored") >= sum(call.recorded for call in year.calls)

    wait_for("the recordings of the last weeks", all_kept, 60)


def test_nothing_was_done_about_what_is_long_over(site: Site) -> None:
    head = _company(site).client("Marko")
    began = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    tasks = _all(head, "/api/v1/tasks", kind="callback")
    assert tasks and all(task["due_at"] > began for task in tasks), "only today's misses are to be called back"
    calls = {task["call_id"] for task in tasks}
    past = {call["id"] for call in _all(head, "/api/v1/calls") if call["origin"] == "past"}
    assert not calls & past
    messages = _all(head, "/api/v1/messages")
    assert all(message["template_key"] is None for message in messages), "only what colleagues wrote themselves"
    assert len(site.mailbox.messages) <= len(messages)
    assert _all(head, "/api/v1/automation-runs") == []
    planned = [task for task in _all(head, "/api/v1/tasks", status="open") if task["kind"] == "plain"]
    overdue = sum(task["due_at"] < datetime.now(UTC).isoformat() for task in planned)
    for name, client in _company(site).clients.items():
        kinds = [notice["kind"] for notice in _all(client, "/api/v1/notices")]
        assert kinds.count("task_overdue") <= overdue and "task_reminder" not in kinds, name


def test_the_figures_of_the_year_add_up(site: Site) -> None:
    head = _company(site).client("Marko")
    today = datetime.now(ZONE).date()
    days = {"from": (today - timedelta(days=365)).isoformat(), "to": today.isoformat()}
    year = make(SMALL, SEED, datetime.now(UTC))
    entered = {stage: sum(stage in [s.stage for s in deal.steps] for deal in year.deals) for stage in ("Offer", "Won")}

    def shown() -> bool:
        funnel = head.get("/api/v1/reports/funnel", pipeline_id=default_pipeline(head)["id"], **days)
        stages = {stage["name"]: stage["entered"]["count"] for stage in funnel["stages"] if "entered" in stage}
        return bool(stages.get("Offer") == entered["Offer"])

    wait_for("the funnel of the year", shown)


def test_the_telephone_rings_soon_for_who_opens_a_page(site: Site) -> None:
    screen = _company(site).client("Tina").listen()
    try:
        pop = wait_for("a pop for who has just come", lambda: screen.pops("opened"))[0]
        assert pop["pop"]
    finally:
        screen.close()
