"""What the owner has: one of everything, each telling a secret word nobody else may ever read."""

import hashlib
import hmac
import json
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
from crm_runner.demo.client import Client, wait_for
from crm_runner.demo.company import default_pipeline

from tests.rights.people import Cast

_HOOK_SECRET = "a-secret-of-the-owners-pbx"
_PATIENCE_S = 60.0
_OWN_IMPORTS = ("people", "companies", "deals")
_ADMIN_IMPORTS = ("products", "teams", "users")
_ZONE = ZoneInfo("Europe/Ljubljana")

Ring = Callable[..., None]
"""`ring(call, event, phone, extension="777")`: the PBX tells one event of a call."""


@dataclass(frozen=True)
class Estate:
    """`names` are what requests are filled with, `secrets` what no stranger's answer may hold.

    `hidden` are the names whose ids a stranger can not know: an answer about one must be that about a random id.
    `rows` are the paths under which `watcher` sees what must not change.
    """

    word: str
    names: Mapping[str, str]
    secrets: frozenset[str]
    hidden: frozenset[str]
    rows: Mapping[str, tuple[Client, str]]
    ring: Ring

    def guess(self) -> dict[str, str]:
        """The same names with random ids in place of the hidden ones."""
        return {name: str(uuid4()) if name in self.hidden else value for name, value in self.names.items()}

    def row(self, name: str) -> dict[str, Any]:
        """The row as its watcher sees it now."""
        client, path = self.rows[name]
        row: dict[str, Any] = client.get(path)
        return row

    def version(self, name: str) -> int:
        """The row's version of now."""
        return int(self.row(name)["version"])


def furnish(cast: Cast) -> Estate:
    """Everything is there and has reached every copy, timeline and figure."""
    owner, admin = cast.owner.client, cast.admin.client
    word = f"zq{secrets.token_hex(4)}"
    phone = f"+38640{secrets.randbelow(900_000) + 100_000}"
    email = f"{word}@secret.example"
    things: dict[str, dict[str, Any]] = {}
    things["company"] = owner.post("/api/v1/companies", {"name": f"Podjetje {word}"})
    # Everybody who may see the unassigned sees these two; what hangs on them is the owner's all the same.
    things["open_company"] = admin.post("/api/v1/companies", {"name": "Open house", "owner_id": None})
    things["open_person"] = admin.post(
        "/api/v1/people",
        {
            "name": "Open door",
            "owner_id": None,
            "company_id": things["company"]["id"],
            "emails": [{"address": f"open-{secrets.token_hex(4)}@open.example"}],
        },
    )
    card = {"phones": [{"raw": phone}], "emails": [{"address": email}], "company_id": things["open_company"]["id"]}
    things["person"] = owner.post("/api/v1/people", {"name": f"Oseba {word}", **card})
    things["other_person"] = owner.post("/api/v1/people", {"name": f"Druga {word}"})
    _deals(owner, things, word)
    _messages(owner, things, word)
    _notes(owner, things, word)
    _files(owner, things, word)
    # Who has no right to notices has one all the same; it comes before the owner's, which are waited for.
    given = {"title": "Given", "due_at": "2100-01-01T09:00:00Z", "owner_id": cast.nobody.id}
    admin.post("/api/v1/tasks", given)
    hook_path = _telephone(cast, things, phone)
    ring = _ringer(str(owner._http.base_url).rstrip("/") + hook_path)
    _calls(owner, things, ring, phone)
    _house(admin, things)
    _imports(owner, admin, things, word)
    _await_copies(owner, things)
    ids = {name: str(thing["id"]) for name, thing in things.items()}
    hidden = frozenset(ids) - {"open_person", "open_company", "pipeline", "product", "template", "rule"}
    names = {
        **ids,
        "word": word,
        "phone": phone,
        "email": email,
        "phone_id": things["person"]["phones"][0]["id"],
        "owner": cast.owner.id,
        "team": cast.teams["Kranj"],
        "role": cast.nobody.client.user["role"],
        "stage": things["pipeline"]["stages"][1]["id"],
        "hook_token": hook_path.rpartition("/")[2],
        "today": datetime.now(_ZONE).date().isoformat(),
    }
    # A card names its company by id to whoever sees the card; what the company is called and has stays hidden.
    told = {ids[name] for name in hidden - {"company"}} | {things["deal"]["correlation_id"], names["phone_id"]}
    return Estate(
        word=word,
        names=names,
        secrets=frozenset({word, phone.removeprefix("+"), str(owner.user["email"]), *told}),
        hidden=hidden | {"phone_id"},
        rows=_rows(cast, ids),
        ring=ring,
    )


def _deals(owner: Client, things: dict[str, dict[str, Any]], word: str) -> None:
    pipeline = things["pipeline"] = default_pipeline(owner)
    stages = {stage["name"]: stage["id"] for stage in pipeline["stages"]}
    of_card = {"person_id": things["person"]["id"], "company_id": things["company"]["id"]}
    deal = owner.post("/api/v1/deals", {"title": f"Posel {word}", "amount": "1234", **of_card})
    body = {"stage_id": stages["Measuring"]}
    things["deal"] = owner.post(f"/api/v1/deals/{deal['id']}/move", body, version=deal["version"])
    on_open = {"title": f"Odprt {word}", "person_id": things["open_person"]["id"]}
    on_open["company_id"] = things["open_company"]["id"]
    things["open_deal"] = owner.post("/api/v1/deals", on_open)
    late = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    task = {"title": f"Naloga {word}", "due_at": late}
    things["task"] = owner.post("/api/v1/tasks", task | {"deal_id": deal["id"], "person_id": things["person"]["id"]})
    on_open = {"deal_id": things["open_deal"]["id"], "person_id": things["open_person"]["id"]}
    things["open_task"] = owner.post("/api/v1/tasks", task | on_open)


def _messages(owner: Client, things: dict[str, dict[str, Any]], word: str) -> None:
    letter = {"channel": "email", "subject": f"O {word}", "text": f"Pismo {word}"}
    things["message"] = owner.post("/api/v1/messages", letter | {"person_id": things["person"]["id"]})
    things["open_message"] = owner.post("/api/v1/messages", letter | {"person_id": things["open_person"]["id"]})


def _notes(owner: Client, things: dict[str, dict[str, Any]], word: str) -> None:
    on = {"note": ("person", "other_person"), "deal_note": ("deal", "deal"), "open_note": ("deal", "open_deal")}
    for name, (subject, thing) in on.items():
        body = {"subject": subject, "subject_id": things[thing]["id"], "text": f"Zapis {word}"}
        things[name] = owner.post("/api/v1/notes", body)


def _files(owner: Client, things: dict[str, dict[str, Any]], word: str) -> None:
    on = {"file": ("person", "other_person"), "deal_file": ("deal", "deal"), "open_file": ("deal", "open_deal")}
    with tempfile.TemporaryDirectory(prefix="crm-rights-") as folder:
        kept = Path(folder) / f"{word}.txt"
        kept.write_text(f"Datoteka {word}")
        for name, (subject, thing) in on.items():
            things[name] = owner.upload("/api/v1/files", kept, subject=subject, subject_id=things[thing]["id"])


def _telephone(cast: Cast, things: dict[str, dict[str, Any]], phone: str) -> str:
    """A PBX that rings the owner alone; its hook path."""
    admin = cast.admin.client
    body = {"name": "PBX of the owner", "vendor": "generic", "fallback_user_id": cast.owner.id}
    connection = admin.post("/api/v1/connections", body | {"hook_secret": _HOOK_SECRET})
    things["connection"] = connection
    # The second phone is the dealer's, who may not see calls: a pop comes to whose phone rings all the same.
    phones = [("777", cast.owner.id), ("778", cast.dealer.id)]
    extensions = {"extensions": [{"extension": number, "user_id": user} for number, user in phones]}
    admin.put(f"/api/v1/connections/{connection['id']}/extensions", extensions)
    return str(connection["hook_path"])


def _ringer(hook_url: str) -> Ring:
    def tell(call: str, event: str, phone: str, extension: str = "777") -> None:
        """The PBX tells one event of a call."""
        ids = {"event": event, "event_id": secrets.token_hex(8), "call_id": call, "direction": "in"}
        sides = {"from": phone, "to": extension, "extension": extension, "ts": time.time()}
        body = json.dumps({**ids, **sides}).encode()
        stamp = str(int(time.time()))
        proof = hmac.new(_HOOK_SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {"X-Signature": f"t={stamp},v1={proof}", "Content-Type": "application/json"}
        httpx.post(hook_url, content=body, headers=headers, timeout=30).raise_for_status()

    return tell


def _calls(owner: Client, things: dict[str, dict[str, Any]], tell: Ring, phone: str) -> None:
    for middle in (["call.answered"], []):
        call = secrets.token_hex(6)
        for event in ("call.ringing", *middle, "call.ended"):
            tell(call, event, phone)
    for result in ("answered", "missed"):
        query = {"person_id": things["person"]["id"], "result": result}
        found = wait_for(f"the {result} call", partial(_listed, owner, "/api/v1/calls", query), _PATIENCE_S)
        things[f"{result}_call"] = found[0]
    _odd_call(owner, things, tell)


def _odd_call(owner: Client, things: dict[str, dict[str, Any]], tell: Ring) -> None:
    """A missed call from what is no number: no copy knows it, so it is nobody's but by its card."""
    odd = f"+386{secrets.randbelow(10**12):012}"
    call = secrets.token_hex(6)
    tell(call, "call.ringing", odd)
    tell(call, "call.ended", odd)

    def linked() -> dict[str, Any] | None:
        calls = _listed(owner, "/api/v1/calls", {"result": "missed"})
        return next((each for each in calls if each["phone_raw"] == odd and each["person_hint_id"]), None)

    things["odd_call"] = wait_for("the odd call", linked, _PATIENCE_S)
    path = f"/api/v1/people/{things['odd_call']['person_hint_id']}"
    person = wait_for("the odd card", lambda: owner.get(path), _PATIENCE_S)
    body = {"company_id": things["open_company"]["id"]}
    things["odd_person"] = owner.patch(path, body, version=person["version"])


def _listed(client: Client, path: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(path, **query)["items"]
    return items


def _house(admin: Client, things: dict[str, dict[str, Any]]) -> None:
    sku = f"R-{secrets.token_hex(4)}"
    things["product"] = admin.post("/api/v1/products", {"name": "Window", "sku": sku, "price": "10"})
    key = f"rights_{secrets.token_hex(4)}"
    template = {"key": key, "locale": "en", "channel": "email", "subject": "Hello", "text": "Hello"}
    things["template"] = admin.post("/api/v1/templates", template)
    stage = things["pipeline"]["stages"][3]["id"]
    rule = {"stage_id": stage, "channel": "email", "template_key": key, "active": False}
    things["rule"] = admin.post("/api/v1/automation-rules", rule)


def _imports(owner: Client, admin: Client, things: dict[str, dict[str, Any]], word: str) -> None:
    with tempfile.TemporaryDirectory(prefix="crm-rights-") as folder:
        file = Path(folder) / f"{word}.csv"
        file.write_text(f"name\n{word}\n")
        for kind in (*_OWN_IMPORTS, *_ADMIN_IMPORTS):
            client = owner if kind in _OWN_IMPORTS else admin
            path = f"/api/v1/imports/{kind}"
            job = client.upload(path, file)
            ready = partial(_is_ready, client, f"{path}/{job['id']}")
            things[f"import_{kind}"] = wait_for(f"an import of {kind}", ready, _PATIENCE_S)


def _is_ready(client: Client, path: str) -> dict[str, Any] | None:
    job: dict[str, Any] = client.get(path)
    return job if job["state"] == "ready" else None


def _await_copies(owner: Client, things: dict[str, dict[str, Any]]) -> None:
    person, deal, task = (things[name]["id"] for name in ("person", "deal", "task"))

    def notice() -> Any:
        found = owner.get("/api/v1/notices", limit=100)["items"]
        return next((each for each in found if each["subject_id"] == task), None)

    def timeline(of: str, kinds: set[str]) -> Callable[[], bool]:
        def whole() -> bool:
            items = owner.get(f"/api/v1/people/{of}/timeline", limit=200)["items"]
            return kinds <= {item["kind"] for item in items}

        return whole

    things["notice"] = wait_for("the notice", notice, _PATIENCE_S)
    runs = "/api/v1/automation-runs"
    things["run"] = wait_for("the run", lambda: owner.get(runs, deal_id=deal)["items"], _PATIENCE_S)[0]
    everything = {"call", "task", "message", "deal_created", "deal_stage_changed", "note", "file"}
    wait_for("the timeline", timeline(person, everything), _PATIENCE_S)
    wait_for("the odd timeline", timeline(things["odd_person"]["id"], {"call"}), _PATIENCE_S)
    open_kinds = {"task", "message", "deal_created", "note", "file"}
    wait_for("the open timeline", timeline(things["open_person"]["id"], open_kinds), _PATIENCE_S)
    today = datetime.now(_ZONE).date().isoformat()
    window = {"from": today, "to": today}
    funnel = "/api/v1/reports/funnel/records"
    asked = {**window, "pipeline_id": things["pipeline"]["id"], "stage_id": things["deal"]["stage_id"]}
    wait_for("the funnel", lambda: deal in json.dumps(owner.get(funnel, **asked)), _PATIENCE_S)
    calls, counted = "/api/v1/reports/calls-per-day/records", things["missed_call"]["id"]
    wait_for("the calls per day", lambda: counted in json.dumps(owner.get(calls, **window)), _PATIENCE_S)


def _rows(cast: Cast, ids: dict[str, str]) -> dict[str, tuple[Client, str]]:
    owner, admin = cast.owner.client, cast.admin.client
    nouns = {
        "person": "people", "other_person": "people", "company": "companies", "deal": "deals", "open_deal": "deals",
        "task": "tasks", "message": "messages", "missed_call": "calls", "note": "notes", "deal_note": "notes",
        "file": "files", "deal_file": "files",
    }  # fmt: skip
    rows = {name: (owner, f"/api/v1/{noun}/{ids[name]}") for name, noun in nouns.items()}
    rows |= {name: (admin, f"/api/v1/{name}s/{ids[name]}") for name in ("connection", "template", "pipeline")}
    for kind in (*_OWN_IMPORTS, *_ADMIN_IMPORTS):
        whose = owner if kind in _OWN_IMPORTS else admin
        rows[f"import_{kind}"] = (whose, f"/api/v1/imports/{kind}/{ids[f'import_{kind}']}")
    rows["extensions"] = (admin, f"/api/v1/connections/{ids['connection']}/extensions")
    rows["products"] = (admin, "/api/v1/products?limit=200")
    rows["rules"] = (admin, "/api/v1/automation-rules?limit=200")
    rows["notices"] = (owner, "/api/v1/notices?limit=100")
    rows["user"] = (admin, f"/api/v1/users/{cast.owner.id}")
    rows["team"] = (admin, f"/api/v1/teams/{cast.teams['Kranj']}")
    rows["role"] = (admin, f"/api/v1/roles/{cast.nobody.client.user['role']}")
    return rows
