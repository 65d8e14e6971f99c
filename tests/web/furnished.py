"""A company at work: enough of everything that no page is empty, and nothing that a page would have to invent."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crm_runner.demo.client import wait_for
from crm_runner.demo.company import LINE_SALES, Company, default_pipeline
from crm_runner.demo.importing import Import

from tests.conftest import Town

ANA, ADMIN = "ana@okna-novak.example", "nadja@okna-novak.example"
CUSTOMERS = (
    ("Andreja Zupančič-Kovačević", "New"),
    ("Игорь Петров", "New"),
    ("Mojca Kranjc", "Contacted"),
    ("Hotel Jezero", "Measuring"),
    ("Sara Kralj", "Offer"),
    ("Miha Bizjak", "Contract"),
    ("Tone Pavček", "Won"),
    ("Neža Maurer", "Won"),
    ("Luka Dolinar", "Lost"),
)
MISSED = "+38640777001"


@dataclass(frozen=True)
class Furnished:
    """The town with its cards. `names` fill the parameters of addresses, by route."""

    town: Town
    names: Mapping[str, str]


def furnish(town: Town) -> Furnished:
    """Customers with deals in every stage, tasks late and to come, notes, and one who called in vain."""
    ana = town.company.client("Ana")
    pipeline = default_pipeline(ana)
    stages = {stage["name"]: stage["id"] for stage in pipeline["stages"]}
    company = ana.post("/api/v1/companies", {"name": "Gradbeništvo Hribar in sinovi", "phones": [{"raw": "014321000"}]})
    now = datetime.now(UTC)
    people = []
    for number, (name, stage) in enumerate(CUSTOMERS):
        body = {
            "name": name,
            "company_id": company["id"] if number % 3 == 0 else None,
            "phones": [{"raw": f"+38640777{number + 100}"}],
            "emails": [{"address": f"customer{number}@kupec.example"}],
        }
        person = ana.post("/api/v1/people", body)
        people.append(person)
        deal = ana.post(
            "/api/v1/deals",
            {"title": f"Windows for {name}", "person_id": person["id"], "amount": f"{1234 + number * 777}.50"},
        )
        if stage != "New":
            move = {"stage_id": stages[stage]} | ({"loss_reason": "Price"} if stage == "Lost" else {})
            ana.post(f"/api/v1/deals/{deal['id']}/move", move, version=deal["version"])
        if number < 4:
            due = now + timedelta(hours=(-30, 2, 26, 120)[number])
            body = {"title": "Send the drawings", "due_at": due.isoformat(), "person_id": person["id"]}
            ana.post("/api/v1/tasks", body | {"deal_id": deal["id"], "note": "with the prices of the shutters"})
    note = {"subject": "person", "subject_id": people[0]["id"], "text": "Wants the quiet glass on the street side."}
    ana.post("/api/v1/notes", note)
    town.pbx.ring(MISSED, LINE_SALES, ["101"], "ring-no-answer", ring_s=0.5)
    wait_for("the call-back", lambda: ana.get("/api/v1/tasks", kind="callback", status="open")["items"])
    wait_for("the figures", lambda: _figures(town) >= len(CUSTOMERS))
    names = {
        "/people/$id": people[0]["id"],
        "/companies/$id": company["id"],
        "/imports/$kind/$id": imported(town.company),
        "/settings/connections/$id": town.company.client("Nadja").get("/api/v1/connections")["items"][0]["id"],
    }
    return Furnished(town, names)


def imported(company: Company) -> str:
    """Kind and id of an administrator's import that is done, but for a row that was refused."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fair.csv"
        file.write_text("Name,Phone,E-mail\nVid Sejem,+38640777201,\nEma Sejem,+38640777202,\nTa Ni,,at home\n")
        job = Import(company.client("Nadja"), "people", lambda _: None).send(file).check().commit()
        return f"people/{job.job['id']}"


def _figures(town: Town) -> int:
    head = town.company.client("Marko")
    today = datetime.now(UTC).date()
    window = {"from": (today - timedelta(days=1)).isoformat(), "to": (today + timedelta(days=1)).isoformat()}
    groups = head.get("/api/v1/reports/sales", by="none", **window)["groups"]
    return int(groups[0]["created"]["count"]) if groups else 0
