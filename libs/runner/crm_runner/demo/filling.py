"""Bringing a made year into a founded company, by its own doors: imports, past calls, and what people do today.

What is old goes in as history, so that nothing is done about it any more; only today's rings are real.
"""

import csv
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from crm_runner.demo.client import Client, wait_for
from crm_runner.demo.company import LINE_SALES, STAFF, Company, default_pipeline
from crm_runner.demo.importing import Import
from crm_runner.demo.pbx import EmulatedPbx
from crm_runner.demo.year.making import make
from crm_runner.demo.year.shape import Call, Deal, Size, Year

LOSS_REASONS = ("Price", "Chose a competitor", "Postponed", "No answer", "Not needed any more", "Not our customer")
_STAGES = ("Contacted", "Measuring", "Offer", "Contract")
_CALLS_AT_ONCE = 500
_SETTLED_S = 120.0

Say = Callable[[str], None]


def fill(
    company: Company,
    size: Size,
    seed: int,
    *,
    pbx: EmulatedPbx | None = None,
    say: Say = lambda _: None,
    now: datetime | None = None,
) -> Year:
    """The founded company has had a year of the given size.

    With its `pbx`, what was said of late can be heard, and some customers have just rung in vain.
    """
    began = time.monotonic()
    year = make(size, seed, now or datetime.now(UTC))

    def tell(what: str) -> None:
        say(f"filling: {what} ({time.monotonic() - began:.0f} s)")

    head = company.client("Marko")
    with tempfile.TemporaryDirectory(prefix="crm-year-") as folder:
        _cards(head, year, Path(folder))
        tell(f"{len(year.firms)} companies and {len(year.people)} people")
        _deals(head, year, Path(folder))
        tell(f"{len(year.deals)} deals with their ways")
    _calls(company, year, recorded=pbx is not None)
    tell(f"{len(year.calls)} calls")
    people = _by(head, "/api/v1/people", lambda person: [phone["e164"] for phone in person["phones"]])
    deals = _by(head, "/api/v1/deals", lambda deal: [deal["origin_id"]])
    _work(company, year, people, deals)
    tell(f"{len(year.tasks)} tasks, {len(year.notes)} notes, {len(year.letters)} letters")
    if pbx is not None:
        _rings(head, year, pbx)
        tell(f"{len(year.rings)} customers waiting to be called back")
    return year


def _cards(head: Client, year: Year, folder: Path) -> None:
    companies = folder / "companies.csv"
    _write(
        companies,
        ("Name", "Phone", "E-mail", "Owner"),
        ((firm.name, firm.phone, firm.email, _email(firm.owner)) for firm in year.firms),
    )
    _taken(head, "companies", companies, len(year.firms))
    people = folder / "people.csv"
    _write(
        people,
        ("Name", "Phone", "E-mail", "Company", "Owner", "Source", "Language"),
        (
            (one.name, one.phone, one.email, one.company or "", _email(one.owner), one.source, one.locale)
            for one in year.people
        ),
    )
    _taken(head, "people", people, len(year.people))


def _deals(head: Client, year: Year, folder: Path) -> None:
    """Each deal as its old system would have exported it again and again: new, then stage after stage."""
    pipeline = default_pipeline(head)
    version = head.get(f"/api/v1/pipelines/{pipeline['id']}")["version"]
    head.patch(f"/api/v1/pipelines/{pipeline['id']}", {"loss_reasons": list(LOSS_REASONS)}, version=version)
    born = folder / "deals.csv"
    header = ("Number", "Title", "Stage", "Person", "Company", "Owner", "Product", "Amount", "Opened on")
    _write(born, (*header, "Expected close on"), (_born(deal) for deal in year.deals))
    _taken(head, "deals", born, len(year.deals))
    for stage in _STAGES:
        moved = [(deal.number, stage, step.day) for deal in year.deals for step in deal.steps if step.stage == stage]
        file = folder / f"{stage}.csv"
        _write(file, ("Number", "Stage", "Opened on"), ((number, at, day.isoformat()) for number, at, day in moved))
        _taken(head, "deals", file, len(moved))
    closed = [deal for deal in year.deals if not deal.is_open]
    file = folder / "closed.csv"
    _write(
        file,
        ("Number", "Stage", "Opened on", "Closed on", "Loss reason"),
        (
            (deal.number, deal.stage, *(deal.steps[n].day.isoformat() for n in (0, -1)), deal.loss_reason or "")
            for deal in closed
        ),
    )
    _taken(head, "deals", file, len(closed))


def _born(deal: Deal) -> tuple[str, ...]:
    expected = deal.expected_on.isoformat() if deal.expected_on else ""
    who = (deal.person.phone, deal.person.company or "", _email(deal.owner))
    return (
        *(deal.number, deal.title, "New", *who, deal.sku, str(deal.amount)),
        *(deal.steps[0].day.isoformat(), expected),
    )


def _taken(head: Client, kind: str, file: Path, rows: int) -> None:
    """Every row of the file has been written; RunnerError when one was not."""
    if rows:
        job = Import(head, kind, lambda _: None).send(file).check().commit()
        done = job.counts.get("create", 0) + job.counts.get("update", 0)
        if done != rows:
            found = [row for row in job.rows() if row["verdict"] not in ("create", "update")][:3]
            raise AssertionError(f"{file.name}: {done} of {rows} rows: {job.counts}, {found}")


def _calls(company: Company, year: Year, *, recorded: bool) -> None:
    """The calls stand in history; the phones of all cards are known to the telephony by then."""
    last = year.people[-1].phone

    def found() -> bool:
        answer = httpx.get(f"{company.hook_url}/lookup", params={"phone": last}, timeout=10)
        return answer.is_success and answer.json()["match"] != "none"

    wait_for("telephony knowing the cards", found, _SETTLED_S)
    admin = company.client("Nadja")
    connection = admin.get("/api/v1/connections")["items"][0]["id"]
    for first in range(0, len(year.calls), _CALLS_AT_ONCE):
        some = year.calls[first : first + _CALLS_AT_ONCE]
        body = {"connection_id": connection, "calls": [_told(company, call, recorded) for call in some]}
        admin.post("/api/v1/calls/past", body)


def _told(company: Company, call: Call, recorded: bool) -> dict[str, Any]:
    return {
        "id": call.id,
        "direction": call.direction,
        "result": call.result,
        "phone": call.phone,
        "line": call.line,
        "user_id": company.client(call.user).id,
        "started_at": call.started_at.isoformat(),
        "ring_s": call.ring_s,
        "talk_s": call.talk_s,
        "recording": f"past-{call.id}" if recorded and call.recorded else None,
        "outcome": call.outcome,
        "outcome_note": call.note,
    }


def _work(company: Company, year: Year, people: dict[str, Any], deals: dict[str, Any]) -> None:
    """What colleagues do themselves: lines on open deals, tasks, notes, letters."""
    products = {product["sku"]: product["id"] for product in company.client("Marko").get("/api/v1/products")["items"]}
    for deal in year.deals:
        if deal.is_open:
            row = deals[deal.number]
            lines = {"lines": [{"product_id": products[deal.sku], "quantity": str(deal.quantity)}]}
            company.client(deal.owner).put(f"/api/v1/deals/{row['id']}/lines", lines, version=row["version"])
    for task in year.tasks:
        client = company.client(task.owner)
        body = {"title": task.title, "due_at": task.due_at.isoformat(), "deal_id": deals[task.deal]["id"]}
        made = client.post("/api/v1/tasks", body | {"person_id": people[task.person]["id"]})
        if task.done:
            client.post(f"/api/v1/tasks/{made['id']}/complete", None)
    for note in year.notes:
        body = {"subject": "person", "subject_id": people[note.phone]["id"], "text": note.text}
        company.client(note.author).post("/api/v1/notes", body)
    for letter in year.letters:
        body = {"channel": "email", "subject": letter.subject or "", "text": letter.text}
        company.client(letter.author).post("/api/v1/messages", body | {"person_id": people[letter.phone]["id"]})


def _rings(head: Client, year: Year, pbx: EmulatedPbx) -> None:
    extensions = {colleague.name.split()[0]: colleague.extension for colleague in STAFF}
    for ring in year.rings:
        pbx.ring(ring.phone, LINE_SALES, [extensions[ring.user] or ""], "ring-no-answer", ring_s=1.0)
    phones = {ring.phone for ring in year.rings}

    def all_wait() -> bool:
        tasks = head.get("/api/v1/tasks", kind="callback", status="open", limit=200)["items"]
        return phones <= {task["phone"] for task in tasks}

    wait_for("the call-backs", all_wait, _SETTLED_S)


def _by(client: Client, path: str, keys: Callable[[dict[str, Any]], Sequence[str]]) -> dict[str, Any]:
    """All rows of a list by their keys."""
    found: dict[str, Any] = {}
    cursor: dict[str, str] = {}
    while True:
        page = client.get(path, limit=200, **cursor)
        found |= {key: row for row in page["items"] for key in keys(row)}
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def _email(first_name: str) -> str:
    return next(colleague.email for colleague in STAFF if colleague.name.split()[0] == first_name)


def _write(file: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target)
        writer.writerow(header)
        writer.writerows(rows)
