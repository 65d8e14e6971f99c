"""No secret lies anywhere in clear text: not in a column of any database, and not in what the API says."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass

import asyncpg
import httpx
import pytest
from crm_chassis.ids import new_id
from crm_runner.demo.client import Client, wait_for
from crm_runner.demo.company import API_KEY, LINE_SALES

from tests.conftest import Town

from .test_headers import operations


@dataclass(frozen=True)
class Secrets:
    """What must not be found, by name."""

    known: dict[str, str]

    def forms(self) -> Iterator[tuple[str, bytes]]:
        """Each secret as it is, and in base64."""
        for name, value in self.known.items():
            raw = value.encode()
            yield name, raw
            for skipped in range(3):
                # As it would stand inside a longer text, at each of the three places base64 can cut it.
                yield f"{name}, base64", base64.b64encode(b"\0" * skipped + raw)[4:-4]


@pytest.fixture(scope="module")
def secrets(town: Town) -> Secrets:
    """Everything secret that was used: kept, signed with, sent, changed and refused."""
    admin = town.company.client("Nadja")
    generic = {"name": "Secret", "vendor": "generic", "fallback_user_id": admin.id, "hook_secret": f"hush-{new_id()}"}
    connection = admin.post("/api/v1/connections", generic)
    rotated = admin.post(f"/api/v1/connections/{connection['id']}/rotate-token", None, version=connection["version"])
    email = f"{new_id().hex}@okna-novak.example"
    user = admin.post("/api/v1/users", {"email": email, "name": "Keeps secrets", "role": "salesperson"})
    once = admin.post(f"/api/v1/users/{user['id']}/one-time-password", None)["password"]
    own, wrong = f"own-{new_id()}", f"wrong-{new_id()}"
    first = Client.sign_in(town.company.gateway_url, email, once)
    first.post("/api/v1/users/me/password", {"current_password": once, "new_password": own})
    refused = httpx.post(f"{town.company.gateway_url}/api/v1/sessions", json={"email": email, "password": wrong})
    assert refused.status_code == 401
    cookie = httpx.post(f"{town.company.gateway_url}/api/v1/sessions", json={"email": email, "password": own})
    town.pbx.ring("+38640777001", LINE_SALES, ["101"], "ring-no-answer", ring_s=0.2)
    head = town.company.client("Marko")
    wait_for("the call", lambda: head.get("/api/v1/calls", phone="+38640777001", result="missed")["items"])
    installation = town.stack.secrets
    known = {
        "salt": town.company.salt,
        "API key of the PBX": API_KEY,
        "hook token": town.company.hook_url.rpartition("/")[2],
        "hook secret": generic["hook_secret"],
        "first hook token": str(connection["hook_path"]).rpartition("/")[2],
        "rotated hook token": str(rotated["hook_path"]).rpartition("/")[2],
        "one-time password": once,
        "own password": own,
        "wrong password": wrong,
        "password of all": town.company.password,
        "cookie": cookie.cookies["crm_session"],
        "bearer token": first._http.headers["Authorization"].removeprefix("Bearer "),
        "signing key": installation.internal_private_key,
        "key of secrets": installation.secrets_key,
    }
    for name, client in town.company.clients.items():
        known[f"bearer token of {name}"] = client._http.headers["Authorization"].removeprefix("Bearer ")
    assert all(len(value) >= 10 for value in known.values()), known
    return Secrets(known)


async def test_no_column_of_any_database_holds_a_secret(town: Town, secrets: Secrets) -> None:
    found, cells = [], 0
    for service, url in town.stack.database_urls.items():
        connection = await asyncpg.connect(url)
        try:
            tables = await connection.fetch(
                "SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
            )
            for table in tables:
                for row in await connection.fetch(f"TABLE {table['name']}"):
                    for column, value in row.items():
                        cells += 1
                        cell = _bytes(value)
                        found += [f"{service}.{table['name']}.{column}: {n}" for n, s in secrets.forms() if s in cell]
        finally:
            await connection.close()
    assert sorted(set(found)) == []
    assert cells > 1_000


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def test_no_answer_of_the_api_tells_an_administrator_a_secret(town: Town, secrets: Secrets) -> None:
    """Every GET the API documents: lists, and the first things in them."""
    admin = town.company.client("Nadja")
    walked, with_items = 0, 0
    for method, path in operations(admin):
        if method != "get" or path in ("/api/v1/live", "/hooks/pbx/{token}"):
            continue
        for target in _targets(admin, path):
            answer = admin._http.get(target)
            assert answer.status_code < 500, target
            told = [name for name, secret in secrets.forms() if secret in answer.content]
            assert told == [], (target, told)
            walked += 1
            with_items += answer.status_code == 200
    assert walked > 40 and with_items > 20


def _targets(admin: Client, path: str) -> list[str]:
    if "{" not in path:
        return [path]
    collection = path.partition("/{")[0].replace("/card", "/people")
    answer = admin._http.get(collection, params={"limit": 5})
    items = answer.json().get("items", []) if answer.status_code == 200 else []
    ids = [str(item.get("id") or item.get("name") or item.get("service")) for item in items]
    rest = path.partition("}")[2]
    if "{" in rest:
        return [f"{path.partition('/{')[0]}/person{rest.replace('{id}', id)}" for id in ids]
    return [f"{collection}/{id}{rest}" for id in ids]


def test_the_secrets_of_this_test_would_be_found(secrets: Secrets) -> None:
    """The search itself: each form inside something longer, as text and inside JSON that was packed."""
    forms = list(secrets.forms())
    for name, value in secrets.known.items():
        for cell in (f"before {value} after".encode(), json.dumps({"x": value}).encode()):
            assert any(form in cell for told, form in forms if told == name)
        for lead in range(3):
            packed = base64.b64encode(b"p" * lead + value.encode() + b"tail")
            assert any(form in packed for told, form in forms if told.startswith(name)), (name, lead)
