"""The public "CRM Sales Opportunities" set taken in through the gateway: teams, people who sell, accounts, products,
8,800 deals with their history.

What is asked of the files (accounts.csv, products.csv, sales_teams.csv, sales_pipeline.csv) are their headers only.
"""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_runner.demo.client import Client
from crm_runner.demo.company import default_pipeline
from crm_runner.demo.importing import Import
from crm_runner.errors import RunnerError

FILES = ("sales_teams.csv", "accounts.csv", "products.csv", "sales_pipeline.csv")
DOMAIN = "opportunities.example"
STAGES = ("Prospecting", "Engaging")
"""The open ones; Won and Lost every pipeline has. A closed deal had been in the last of them."""
CURRENCY = "EUR"
_DEALS = {
    "number": "opportunity_id",
    "owner": "sales_agent",
    "product": "product",
    "company": "account",
    "stage": "deal_stage",
    "opened_on": "engage_date",
    "closed_on": "close_date",
    "amount": "close_value",
}


@dataclass(frozen=True)
class RealSet:
    """The set in an installation: who sells, by name, and the imports as they ended."""

    users: dict[str, str]
    teams: dict[str, str]
    companies: Import
    products: Import
    deals: Import


def take_in(admin: Client, folder: Path, say: Callable[[str], None]) -> RealSet:
    """Everything is in, and the copies of the services have it; RunnerError when a file is missing or refused."""
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise RunnerError(f"{folder} has no {', '.join(missing)}: name the folder of the set with FOLDER=")
    teams, users = _staff(admin, _records(folder / "sales_teams.csv"))
    say(f"{len(teams)} teams and {len(users)} users made")
    companies = Import(admin, "companies", say).send(folder / "accounts.csv", {"name": "account"}).check().commit()
    products = (
        Import(admin, "products", say)
        .send(folder / "products.csv", {"name": "product", "price": "sales_price"}, currency=CURRENCY)
        .check()
        .commit()
    )
    _stages(admin)
    deals = Import(admin, "deals", say).send(folder / "sales_pipeline.csv", _DEALS, currency=CURRENCY).check().commit()
    return RealSet(users, teams, companies, products, deals)


def _records(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _staff(admin: Client, agents: Sequence[dict[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    """Ids of the teams by their manager's name and of users by name; a manager leads the team, an office has two."""
    teams: dict[str, Any] = {}
    users: dict[str, str] = {}
    for agent in agents:
        manager = agent["manager"]
        if manager not in teams:
            teams[manager] = admin.post("/api/v1/teams", {"name": manager, "office": agent["regional_office"]})
            users[manager] = _user(admin, manager, "team_lead", teams[manager]["id"])
        users[agent["sales_agent"]] = _user(admin, agent["sales_agent"], "salesperson", teams[manager]["id"])
    for manager, team in teams.items():
        admin.patch(f"/api/v1/teams/{team['id']}", {"lead_id": users[manager]}, version=team["version"])
    return {name: team["id"] for name, team in teams.items()}, users


def _user(admin: Client, name: str, role: str, team_id: str) -> str:
    address = f"{re.sub(r'[^a-z]+', '.', name.lower())}@{DOMAIN}"
    body = {"email": address, "name": name, "role": role, "team_id": team_id}
    return str(admin.post("/api/v1/users", body)["id"])


def _stages(admin: Client) -> None:
    """The first and the last open stage of the default pipeline are called as in the set; those between stay empty."""
    pipeline = default_pipeline(admin)
    stages = [
        {"id": each["id"], "name": each["name"], "probability": each["probability"]} for each in pipeline["stages"]
    ]
    is_open = [number for number, stage in enumerate(pipeline["stages"]) if stage["kind"] == "open"]
    for number, name in zip((is_open[0], is_open[-1]), STAGES, strict=True):
        stages[number]["name"] = name
    admin.patch(f"/api/v1/pipelines/{pipeline['id']}", {"stages": stages}, version=pipeline["version"])
