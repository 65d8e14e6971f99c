"""What the programs write into their logs, at their most talkative, after the story and everything going wrong.

No name, no number, no address, no words of a message, no secret: only kinds, codes and ids.
"""

import asyncio
import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from crm_chassis.ids import new_id
from crm_runner.demo import story
from crm_runner.demo.client import Client, wait_for
from crm_runner.demo.company import API_KEY, LINE_SALES, STAFF, Company, found
from crm_runner.demo.mailbox import Mailbox
from crm_runner.demo.pbx import EmulatedPbx
from crm_runner.ports import Ports
from crm_runner.pytest_plugin import MakeVhost
from crm_runner.stack import Stack

PASSWORD = "a-password-never-to-be-logged"
CALLER, HIDDEN, FORGED = "+38640999777", "+38640666123", "+38640666456"
NAME, EMAIL = "Skrivnostna Oseba", "skrivnost@zasebno.example"
SUBJECT, TEXT = "Zaupno vprašanje", "Besede, ki niso za dnevnik"
STRANGER, WRONG = "neznanec@zasebno.example", "a-wrong-password-typed"
QUERY = "iskanaskrivnost"
_REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'can not keep %', NEW::text USING ERRCODE = '23514', DETAIL = NEW::text; END $$;
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse();
"""


@dataclass(frozen=True)
class Written:
    """Everything that was logged, and everything that must not stand in it."""

    lines: list[str]
    private: dict[str, str]


@pytest.fixture(scope="module")
def written(make_vhost: MakeVhost) -> Iterator[Written]:
    """An installation of its own, at level debug: the story, bad input, forged hooks, broken databases and readers."""
    with tempfile.TemporaryDirectory(prefix="crm-logs-") as folder:
        given = {"CRM_LOG_LEVEL": "debug", "CRM_AMQP_URL": make_vhost()}
        stack = Stack(Path(folder), given, ephemeral=True, durable=False)
        pbx = EmulatedPbx(Ports().take("pbx"), Path(folder) / "pbx.log")
        with stack, Mailbox(stack.smtp_url) as mailbox, pbx:
            company = found(stack, password=PASSWORD, pbx_api_url=pbx.api_url, customers=True)
            pbx.start(hook_url=company.hook_url, api_key=API_KEY, salt=company.salt)
            story.play(company, pbx, mailbox, lambda _: None, caller=CALLER)
            more = _bad_input(company)
            _broken_parts(stack, company, pbx)
            company.close()
        lines = [
            line for file in sorted((Path(folder) / "log").glob("crm.log*")) for line in file.read_text().splitlines()
        ]
        yield Written(lines, _private(stack, company, more))


def _bad_input(company: Company) -> dict[str, str]:
    """Refused requests of every kind, with something private in each; what was used to ask."""
    gateway, ana = company.gateway_url, company.client("Ana")
    once = {"email": STRANGER, "password": WRONG}
    for body in (once, once | {"email": STAFF[0].email}, once | {"extra": NAME}, {"email": {"a": STRANGER}}):
        assert httpx.post(f"{gateway}/api/v1/sessions", json=body).status_code in (401, 422)
    person: dict[str, Any] = {"name": NAME, "phones": [{"raw": HIDDEN}], "emails": [{"address": EMAIL}]}
    bad: list[Any] = [
        person | {NAME: EMAIL},
        person | {"phones": HIDDEN},
        person | {"emails": [{"address": f"{EMAIL} {NAME}"}]},
        person | {"name": {"first": NAME}},
        [NAME],
        NAME,
    ]
    for wrong in bad:
        assert ana._http.post("/api/v1/people", json=wrong).status_code == 422
    assert ana._http.post("/api/v1/people", content=f'{{"name":"{NAME}'.encode()).status_code == 422
    for path in (
        f"people?phone={HIDDEN}",
        f"people/{NAME}",
        f"search?q={QUERY}",
        f"people?{QUERY}={EMAIL}",
        f"{QUERY}/x",
    ):
        ana._http.get(f"/api/v1/{path}", headers={"X-Correlation-ID": NAME.replace(" ", ""), "User-Agent": QUERY})
    ana._http.post("/api/v1/people", json=person, headers={"Idempotency-Key": QUERY * 2})
    made_up = f"made-up-{new_id()}"
    httpx.get(f"{gateway}/api/v1/people", headers={"Authorization": f"Bearer {made_up}"})
    httpx.get(f"{gateway}/api/v1/people", headers={"Authorization": f"Basic {made_up}"})
    httpx.get(f"{gateway}/api/v1/people", cookies={"crm_session": made_up})
    ring = json.dumps({"entry_id": "f", "call_id": "f", "seq": 1, "from": {"number": FORGED[1:]}, "name": NAME})
    form = {"vpbx_api_key": API_KEY, "sign": "0" * 64, "json": ring}
    for url in (f"{company.hook_url}/events/call", f"{company.hook_url}{made_up}/events/call"):
        httpx.post(url, data=form)
        httpx.post(url, content=f"{NAME}{FORGED}".encode(), headers={"Authorization": made_up})
    cookie = httpx.post(f"{gateway}/api/v1/sessions", json={"email": STAFF[0].email, "password": PASSWORD})
    return {"a made-up token": made_up, "the cookie": cookie.cookies["crm_session"]}


def _broken_parts(stack: Stack, company: Company, pbx: EmulatedPbx) -> None:
    """Databases that refuse rows and quote them: under a request, a reader, an effect, a sender and the fold."""
    ana = company.client("Ana")
    letter = {"channel": "email", "subject": SUBJECT, "text": TEXT, "person_id": _person(ana)}
    ana.post("/api/v1/messages", letter)
    for service, table in (("deals", "person_card"), ("notifications", "message"), ("telephony", "call")):
        asyncio.run(_execute(stack.database_urls[service], _REFUSE.format(table=table)))
    unkept = {"name": f"{NAME} 2", "phones": [{"raw": HIDDEN[:-1] + "9"}], "emails": [{"address": f"2{EMAIL}"}]}
    ana._http.post("/api/v1/people", json=unkept)
    ana._http.post("/api/v1/messages", json=letter)
    pbx.ring(FORGED, LINE_SALES, ["101"], "ring-no-answer", ring_s=0.2)
    asyncio.run(_execute(stack.database_urls["contacts"], _REFUSE.format(table="person")))
    refused = ana._http.post("/api/v1/people", json=unkept | {"phones": [], "emails": []})
    assert refused.status_code >= 500
    for service in ("deals", "notifications", "telephony", "contacts"):
        wait_for(f"an error of {service}", lambda service=service: _told_an_error(stack, service), timeout=40)  # type: ignore[misc]


def _person(client: Client) -> str:
    people = wait_for("the card", lambda: client.get("/api/v1/people", phone=HIDDEN)["items"])
    return str(people[0]["id"])


def _told_an_error(stack: Stack, service: str) -> bool:
    lines = (json.loads(line) for line in stack.journal.file.read_text().splitlines())
    return any(line["service"] == service and "23514" in line.get("exception", "") for line in lines)


async def _execute(url: str, script: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(script)
    finally:
        await connection.close()


def _private(stack: Stack, company: Company, more: dict[str, str]) -> dict[str, str]:
    private = more | {
        "the password": PASSWORD,
        "the wrong password": WRONG,
        "the salt": company.salt,
        "the PBX's key": API_KEY,
        "the hook token": company.hook_url.rpartition("/")[2],
        "the signing key": stack.secrets.internal_private_key,
        "the key of secrets": stack.secrets.secrets_key,
        "a subject": SUBJECT,
        "a text": TEXT,
        "a query": QUERY,
        "a name": NAME,
        "an address": EMAIL,
        "a stranger's address": STRANGER,
        "the caller's name": "Kupec",
        "a customer's domain": "kupec.example",
        "an internal token": "eyJhbGciOiJFZERTQSI",
    }
    for name, client in company.clients.items():
        private[f"the token of {name}"] = client._http.headers["Authorization"].removeprefix("Bearer ")
    for colleague in STAFF:
        private[f"the name of {colleague.name}"] = colleague.name
        private[f"the address of {colleague.name}"] = colleague.email
    for customer in ("Mojca", "Golob", "Petrov", "Jezero", "Kralj", "Bizjak"):
        private[customer] = customer
    return private


def test_no_log_of_any_program_tells_what_is_private(written: Written) -> None:
    assert len(written.lines) > 300
    found = {
        name: next(line for line in written.lines if value.casefold() in line.casefold())[:600]
        for name, value in written.private.items()
        if any(value.casefold() in line.casefold() for line in written.lines)
    }
    assert found == {}


@pytest.mark.parametrize("phone", [CALLER, HIDDEN, FORGED, "+38640222001"])
def test_no_log_tells_a_phone_number_in_any_spelling(written: Written, phone: str) -> None:
    national = phone.removeprefix("+386")
    spelling = re.compile(r"[\s().\-/]*".join(national))
    assert [line[:600] for line in written.lines if spelling.search(line)] == []


def test_what_went_wrong_is_told_by_kind_and_place(written: Written) -> None:
    """The logs are silent about people, not about errors: where, which table, which state."""
    entries = [json.loads(line) for line in written.lines]
    traces = [entry["exception"] for entry in entries if entry.get("exception")]
    assert any("23514" in trace and 'File "' in trace for trace in traces)
    assert {"debug", "info", "warning", "error"} & {entry["level"] for entry in entries} >= {"info", "error"}
    assert all("can not keep" not in trace for trace in traces)
