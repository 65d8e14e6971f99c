"""Okna Novak, a window fitter in Ljubljana: founded through the gateway's API, as an administrator would do it."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from crm_runner.demo.client import Client, wait_for
from crm_runner.files import OWNER_ONLY, write_whole
from crm_runner.stack import Stack

DOMAIN = "okna-novak.example"
LINE_SALES = "+38615550100"
LINE_SERVICE = "+38615550200"
API_KEY = "demo-vpbx-key"


@dataclass(frozen=True)
class Colleague:
    """A user of the demo."""

    name: str
    role: str
    team: str | None
    extension: str | None
    locale: str = "en"

    @property
    def email(self) -> str:
        """First name at the company's domain."""
        return f"{self.name.split()[0].lower()}@{DOMAIN}"


STAFF = (
    Colleague("Nadja Novak", "admin", None, None, "sl"),
    Colleague("Marko Zupan", "sales_head", None, None, "sl"),
    Colleague("Petra Kos", "team_lead", "Ljubljana", "100"),
    Colleague("Ana Kovac", "salesperson", "Ljubljana", "101", "sl"),
    Colleague("Boris Ivanov", "salesperson", "Ljubljana", "102", "ru"),
    Colleague("Tina Vidmar", "team_lead", "Maribor", "200"),
    Colleague("Cene Hribar", "salesperson", "Maribor", "201", "sl"),
)
PRODUCTS = (
    ("PVC window 120x140", "PVC-120", "389.00"),
    ("Wooden window 120x140", "WOOD-120", "645.00"),
    ("Roof window 78x118", "ROOF-78", "720.00"),
    ("Balcony door 90x220", "DOOR-90", "910.00"),
    ("Roller shutter", "SHUT-1", "145.50"),
)
CUSTOMERS = (
    ("Mojca Golob", "+38640222001", "mojca@golob.example", "Offer", ("PVC-120", "6")),
    ("Igor Petrov", "+38640222002", "igor@petrov.example", "Measuring", ("WOOD-120", "4")),
    ("Hotel Jezero", "+38640222003", "nabava@jezero.example", "Contract", ("ROOF-78", "24")),
    ("Sara Kralj", "+38640222004", "sara@kralj.example", "Contacted", ("DOOR-90", "1")),
    ("Miha Bizjak", "+38640222005", "miha@bizjak.example", "New", ("SHUT-1", "8")),
)


@dataclass
class Company:
    """The founded company, everybody signed in. `hook_url` is where its PBX posts."""

    gateway_url: str
    password: str
    hook_url: str
    salt: str
    connection_id: UUID | None
    clients: dict[str, Client] = field(default_factory=dict)

    def client(self, first_name: str) -> Client:
        """The signed-in client of a colleague."""
        return self.clients[first_name]

    def close(self) -> None:
        """All clients are closed."""
        for client in self.clients.values():
            client.close()


def found(stack: Stack, *, password: str, pbx_api_url: str, customers: bool) -> Company:
    """A company with teams, users, products, a PBX connection with extensions, and (if wanted) customers and deals."""
    admin_as = STAFF[0]
    _first_admin(stack, admin_as, password)
    admin = Client.sign_in(stack.gateway_url, admin_as.email, password)
    clients = {"Nadja": admin}
    teams = {name: admin.post("/api/v1/teams", {"name": name, "office": name}) for name in ("Ljubljana", "Maribor")}
    for colleague in STAFF[1:]:
        team_id = teams[colleague.team]["id"] if colleague.team else None
        clients[colleague.name.split()[0]] = _hired(admin, stack.gateway_url, colleague, team_id, password)
    for lead, team in (("Petra", "Ljubljana"), ("Tina", "Maribor")):
        version = teams[team]["version"]
        admin.patch(f"/api/v1/teams/{teams[team]['id']}", {"lead_id": clients[lead].id}, version=version)
    salt = secrets.token_hex(16)
    connection = _connect_pbx(admin, clients, {name: team["id"] for name, team in teams.items()}, salt, pbx_api_url)
    for name, sku, price in PRODUCTS:
        admin.post("/api/v1/products", {"name": name, "sku": sku, "price": price, "currency": "EUR"})
    company = Company(
        gateway_url=stack.gateway_url,
        password=password,
        hook_url=stack.gateway_url + str(connection["hook_path"]),
        salt=salt,
        connection_id=UUID(str(connection["id"])),
        clients=clients,
    )
    if customers:
        _customers(company)
    return company


def returned(gateway_url: str, password: str, hook_url: str, salt: str) -> Company:
    """The company of an earlier run, everybody signed in again."""
    clients = {c.name.split()[0]: Client.sign_in(gateway_url, c.email, password) for c in STAFF}
    return Company(gateway_url, password, hook_url, salt, None, clients)


def save_password(path: Path) -> str:
    """The demo's password: made once, kept with 0600."""
    if not path.exists():
        write_whole(path, f"okna-{secrets.token_hex(4)}\n", OWNER_ONLY)
    return path.read_text().strip()


def _first_admin(stack: Stack, admin: Colleague, password: str) -> None:
    options = ["--email", admin.email, "--name", admin.name, "--role", admin.role, "--locale", admin.locale]
    stack.run("gateway", "user-add", *options, "--password", password)


def _hired(admin: Client, gateway_url: str, colleague: Colleague, team_id: str | None, password: str) -> Client:
    """The colleague, added by the administrator, signed in with an own password instead of the one-time one."""
    body = {"email": colleague.email, "name": colleague.name, "role": colleague.role, "locale": colleague.locale}
    user = admin.post("/api/v1/users", body | ({"team_id": team_id} if team_id else {}))
    first = admin.post(f"/api/v1/users/{user['id']}/one-time-password", None)["password"]
    new = Client.sign_in(gateway_url, colleague.email, first)
    new.post("/api/v1/users/me/password", {"current_password": first, "new_password": password})
    new.close()
    return Client.sign_in(gateway_url, colleague.email, password)


def _connect_pbx(
    admin: Client, clients: dict[str, Client], teams: dict[str, Any], salt: str, pbx_api_url: str
) -> dict[str, Any]:
    body = {
        "name": "Okna Novak PBX",
        "vendor": "mango",
        "fallback_user_id": clients["Petra"].id,
        "lines": [
            {"number": LINE_SALES, "team_id": teams["Ljubljana"], "fallback_user_id": clients["Petra"].id},
            {"number": LINE_SERVICE, "team_id": teams["Ljubljana"], "fallback_user_id": clients["Petra"].id},
        ],
        "api_key": API_KEY,
        "salt": salt,
        "api_url": pbx_api_url,
    }
    connection: dict[str, Any] = admin.post("/api/v1/connections", body)
    path = f"/api/v1/connections/{connection['id']}"
    extensions = [
        {"extension": colleague.extension, "user_id": clients[colleague.name.split()[0]].id}
        for colleague in STAFF
        if colleague.extension
    ]
    admin.put(f"{path}/extensions", {"extensions": extensions})
    return connection


def _customers(company: Company) -> None:
    pipeline = default_pipeline(company.client("Marko"))
    stages = {stage["name"]: stage["id"] for stage in pipeline["stages"]}
    products = {p["sku"]: p["id"] for p in company.client("Marko").get("/api/v1/products", limit=200)["items"]}
    for number, (name, phone, email, stage, (sku, quantity)) in enumerate(CUSTOMERS):
        client = company.client(("Ana", "Boris")[number % 2])
        person = client.post(
            "/api/v1/people", {"name": name, "phones": [{"raw": phone}], "emails": [{"address": email}]}
        )
        body = {"title": f"Windows for {name}", "pipeline_id": pipeline["id"], "person_id": person["id"]}
        deal = client.post("/api/v1/deals", body)
        lines = {"lines": [{"product_id": products[sku], "quantity": quantity}]}
        deal = client.put(f"/api/v1/deals/{deal['id']}/lines", lines, version=deal["version"])
        if stage != "New":
            client.post(f"/api/v1/deals/{deal['id']}/move", {"stage_id": stages[stage]}, version=deal["version"])


def default_pipeline(client: Client) -> dict[str, Any]:
    """The pipeline every installation begins with."""
    pipelines = wait_for("the default pipeline", lambda: client.get("/api/v1/pipelines"))
    found: dict[str, Any] = pipelines["items"][0]
    return found
