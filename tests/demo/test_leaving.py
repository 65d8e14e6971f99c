"""The way from the demo to an empty company. After all others of this folder: it takes away what they look at."""

from datetime import datetime

import httpx
from crm_runner.demo.client import Client, wait_for
from crm_runner.demo.company import default_pipeline
from crm_runner.demo.site import Site
from crm_runner.demo.year.making import ZONE

PATIENT_S = 600


def test_an_administrator_leaves_and_the_company_stands_empty(site: Site) -> None:
    company = site.company
    assert company is not None
    admin = company.client("Nadja")
    email, url = admin.user["email"], company.gateway_url
    admin.post("/api/v1/demo/leave", None)

    def stands_empty() -> bool:
        try:
            return bool(httpx.get(f"{url}/api/v1/demo", timeout=5).json() == {"password": None, "users": []})
        except httpx.HTTPError:
            return False

    wait_for("the gateway coming back", stands_empty, PATIENT_S)
    wait_for("the demo being left", lambda: site.left, PATIENT_S)
    own = Client.sign_in(url, email, site.password)
    try:
        for path in ("people", "companies", "deals", "calls", "tasks", "messages", "products", "teams", "connections"):
            assert own.get(f"/api/v1/{path}")["items"] == [], path
        assert [user["email"] for user in own.get("/api/v1/users")["items"]] == [email]
        assert [stage["name"] for stage in default_pipeline(own)["stages"]][:2] == ["New", "Contacted"]
        today = datetime.now(ZONE).date().isoformat()
        days = own.get("/api/v1/reports/calls-per-day", **{"from": today, "to": today})["days"]
        assert [day["in"]["count"] for day in days] == [0]
    finally:
        own.close()
