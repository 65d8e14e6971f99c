"""How every route must answer, and to whom. A route that is not here fails the walk.

The table speaks of one question per route, asked about the owner's things: by somebody of the owner's team without
a single grant (`nobody`), by a salesperson and a lead of another team (`other`), and by somebody whose role reads
everything and changes nothing (`reader`).
"""

from collections.abc import Callable, Mapping
from typing import Any

from crm_runner.processes import SERVICES

from tests.rights.answers import Answer, Names, Rule

API = "/api/v1"

A = Answer
RULES: dict[str, Rule] = {}


def _rule(route: str, nobody: Answer, other: Answer, reader: Answer, **more: Any) -> None:
    assert route not in RULES, f"two rules for {route}"
    RULES[route] = Rule(nobody, other, reader, **more)


def _list(route: str, *queries: Mapping[str, str], reader: Answer = A.SHARED, **more: Any) -> None:
    """A list of what is somebody's: empty for strangers, whatever is asked for."""
    _rule(route, A.SILENT, A.SILENT, reader, queries=({}, *queries), **more)


def _one(route: str, **path: str) -> None:
    """Something of somebody's, by id."""
    _rule(route, A.HIDDEN, A.HIDDEN, A.SHARED, path=path)


def _change(route: str, body: Any, row: str, *, version: bool = True, **path: str) -> None:
    """A change of something of somebody's."""
    _rule(
        route, A.HIDDEN, A.HIDDEN, A.FORBIDDEN,
        path=path, body=body if callable(body) else lambda _: body, row=row, version=version,
    )  # fmt: skip


def _create(route: str, body: Callable[[Names], Any], **more: Any) -> None:
    """Something new that names what is somebody's."""
    _rule(route, A.FORBIDDEN, A.UNKNOWN, A.FORBIDDEN, body=body, **more)


def _admin(route: str, body: Any = None, row: str | None = None, *, version: bool = False, **path: str) -> None:
    """For administrators; nobody else learns whether what it names is there."""
    _rule(
        route, A.FORBIDDEN, A.FORBIDDEN, A.FORBIDDEN,
        path=path, body=body if callable(body) or body is None else lambda _: body, row=row, version=version,
    )  # fmt: skip


def _public(route: str, answer: Answer = A.PUBLIC, **more: Any) -> None:
    _rule(route, answer, answer, answer, outside=answer, **more)


def _contacts() -> None:
    p, c = f"contacts {{}} {API}/people", f"contacts {{}} {API}/companies"
    reach = ({"phone": "{phone}"}, {"email": "{email}"})
    mine = (
        {"owner_id": "{owner}"}, {"owner_id": "{owner}", "sort": "name"},
        {"q": "{word}"}, {"q": "{phone}"}, {"q": "{email}", "sort": "name"}, {"q": "{word}", "owner_id": "{owner}"},
    )  # fmt: skip
    _list(p.format("GET"), *reach, *mine, {"company_id": "{company}"}, {"source": "manual", "owner_id": "{owner}"})
    _create(p.format("POST"), lambda n: {"name": n["word"], "company_id": n["company"]})
    _one(p.format("GET") + "/{person_id}", person_id="person")
    _change(p.format("PATCH") + "/{person_id}", lambda n: {"name": n["mark"]}, "person", person_id="person")
    _change(p.format("DELETE") + "/{person_id}", None, "person", person_id="person")
    _change(
        p.format("POST") + "/{person_id}/merge", lambda n: {"loser_id": n["other_person"]}, "other_person",
        version=False, person_id="person",
    )  # fmt: skip
    _one(p.format("GET") + "/{person_id}/timeline", person_id="person")
    _list(c.format("GET"), *mine)
    _create(c.format("POST"), lambda n: {"name": n["mark"], "owner_id": n["owner"]})
    _one(c.format("GET") + "/{company_id}", company_id="company")
    _change(c.format("PATCH") + "/{company_id}", lambda n: {"name": n["mark"]}, "company", company_id="company")
    _change(c.format("DELETE") + "/{company_id}", None, "company", company_id="company")
    _one(c.format("GET") + "/{company_id}/timeline", company_id="company")
    on = (("person", "other_person"), ("deal", "deal"), ("deal", "open_deal"))
    asked = tuple({"subject": subject, "subject_id": f"{{{name}}}"} for subject, name in on)
    notes, files = f"contacts {{}} {API}/notes", f"contacts {{}} {API}/files"
    _rule(notes.format("GET"), A.SILENT, A.SILENT, A.SHARED, queries=asked)
    _create(notes.format("POST"), lambda n: {"subject": "deal", "subject_id": n["deal"], "text": n["mark"]})
    _one(notes.format("GET") + "/{note_id}", note_id="deal_note")
    _change(notes.format("PATCH") + "/{note_id}", lambda n: {"text": n["mark"]}, "note", note_id="note")
    _change(notes.format("DELETE") + "/{note_id}", None, "deal_note", note_id="deal_note")
    _rule(files.format("GET"), A.SILENT, A.SILENT, A.SHARED, queries=asked)
    about = {"subject": "deal", "subject_id": "{deal}", "file_name": "{mark}"}
    _create(files.format("POST"), lambda n: n["mark"].encode(), queries=(about,))
    _one(files.format("GET") + "/{file_id}", file_id="deal_file")
    _one(files.format("GET") + "/{file_id}/content", file_id="deal_file")
    _change(files.format("PATCH") + "/{file_id}", lambda n: {"name": n["mark"]}, "file", file_id="file")
    _change(files.format("DELETE") + "/{file_id}", None, "deal_file", file_id="deal_file")
    # The part of the card and the search that the gateway splices; reached by its tokens alone.
    _one(f"contacts GET {API}/card/person/{{person_id}}", person_id="person")
    _one(f"contacts GET {API}/card/company/{{company_id}}", company_id="company")
    _search(f"contacts GET {API}/search")


_SEARCHES = ({"q": "{word}"}, {"q": "{phone}"}, {"q": "{email}"}, {"q": "Oseba"}, {"q": "Posel"})


def _search(route: str) -> None:
    _rule(route, A.SILENT, A.SILENT, A.SHARED, queries=_SEARCHES)


def _deals() -> None:
    d, t = f"deals {{}} {API}/deals", f"deals {{}} {API}/tasks"
    people = ({"person_id": "{person}"}, {"person_id": "{open_person}"})
    _list(
        d.format("GET"), *people, {"id": "{deal}"}, {"owner_id": "{owner}"}, {"company_id": "{company}"},
        {"company_id": "{open_company}"}, {"stage_id": "{stage}", "owner_id": "{owner}"}, {"q": "{word}"},
        {"next_step": "none", "owner_id": "{owner}"}, {"next_step": "overdue"}, {"amount_from": "0", "sort": "-amount"},
    )  # fmt: skip
    _create(d.format("POST"), lambda n: {"title": n["mark"], "person_id": n["person"]})
    _one(d.format("GET") + "/{id}", id="deal")
    _change(d.format("PATCH") + "/{id}", lambda n: {"title": n["mark"]}, "deal", id="deal")
    _change(d.format("DELETE") + "/{id}", None, "deal", id="deal")
    _change(d.format("POST") + "/{id}/move", lambda n: {"stage_id": n["stage"]}, "deal", id="deal")
    _change(d.format("POST") + "/{id}/undo-move", None, "deal", id="deal")
    _change(d.format("PUT") + "/{id}/lines", lambda n: {"lines": [{"product_id": n["product"]}]}, "deal", id="deal")
    _list(
        t.format("GET"), *people, {"owner_id": "{owner}"}, {"deal_id": "{deal}"}, {"kind": "callback"},
        {"completed_from": "2020-01-01T00:00:00Z"},
    )  # fmt: skip
    later = {"due_at": "2100-01-01T09:00:00Z"}
    _create(t.format("POST"), lambda n: {"title": n["mark"], "deal_id": n["deal"], **later})
    _one(t.format("GET") + "/{id}", id="task")
    _change(t.format("PATCH") + "/{id}", lambda n: {"title": n["mark"]}, "task", id="task")
    _change(t.format("POST") + "/{id}/complete", None, "task", version=False, id="task")
    _change(t.format("POST") + "/{id}/reopen", None, "task", version=False, id="task")
    pipelines = f"deals {{}} {API}/pipelines"
    _rule(pipelines.format("GET"), A.SILENT, A.SHARED, A.SHARED)
    _rule(pipelines.format("GET") + "/{id}", A.HIDDEN, A.SHARED, A.SHARED, path={"id": "pipeline"})
    _house(pipelines.format("PATCH") + "/{id}", "pipeline", "pipeline")
    products = f"deals {{}} {API}/products"
    _rule(products.format("GET"), A.SILENT, A.SHARED, A.SHARED, queries=({}, {"name": "Window"}))
    _rule(products.format("GET") + "/{id}", A.HIDDEN, A.SHARED, A.SHARED, path={"id": "product"})
    _admin(products.format("POST"), lambda n: {"name": n["mark"], "sku": n["mark"], "price": "1"})
    _house(products.format("PATCH") + "/{id}", "product", "products")
    _house(products.format("DELETE") + "/{id}", "product", "products", lambda _: None)
    rules = f"deals {{}} {API}/automation-rules"
    _list(rules.format("GET"), {"stage_id": "{stage}"})
    _one(rules.format("GET") + "/{id}", id="rule")
    _admin(
        rules.format("POST"), lambda n: {"stage_id": n["stage"], "channel": "email", "template_key": "measuring_booked"}
    )
    _change(rules.format("PATCH") + "/{id}", {"active": True}, "rules", id="rule")
    _list(f"deals GET {API}/automation-runs", {"deal_id": "{deal}"})
    # Empty without the right to pipelines: its columns are a pipeline's.
    _rule(f"deals GET {API}/board", A.SILENT, A.SILENT, A.SHARED, queries=({}, {"pipeline_id": "{pipeline}"}))
    # Deals' part of a card says nothing for a card nobody has, and the same for one the caller may not see.
    _rule(
        f"deals GET {API}/card/{{kind}}/{{id}}", A.SILENT, A.SILENT, A.SHARED, path={"kind": "=person", "id": "person"}
    )
    _search(f"deals GET {API}/search")


def _house(route: str, name: str, row: str, body: Callable[[Names], Any] | None = None) -> None:
    """A change of the house's own, which everybody with the grant may see."""
    parameter = route.rpartition("{")[2].rstrip("}")
    _rule(
        route, A.HIDDEN, A.FORBIDDEN, A.FORBIDDEN,
        path={parameter: name}, body=body or (lambda n: {"name": n["mark"]}), row=row, version=True,
    )  # fmt: skip


def _telephony() -> None:
    c = f"telephony {{}} {API}/connections"
    _list(c.format("GET"))
    _admin(c.format("POST"), lambda n: {"name": n["mark"], "vendor": "generic", "fallback_user_id": n["owner"]})
    _one(c.format("GET") + "/{id}", id="connection")
    _change(c.format("PATCH") + "/{id}", lambda n: {"name": n["mark"]}, "connection", id="connection")
    _change(c.format("POST") + "/{id}/rotate-token", None, "connection", id="connection")
    _one(c.format("GET") + "/{id}/extensions", id="connection")
    _change(c.format("PUT") + "/{id}/extensions", {"extensions": []}, "extensions", version=False, id="connection")
    calls = f"telephony {{}} {API}/calls"
    _list(
        calls.format("GET"), {"phone": "{phone}"}, {"person_id": "{person}"}, {"responsible_user_id": "{owner}"},
        {"person_id": "{person}", "result": "missed", "missed": "true"}, {"outcome": "reached", "phone": "{phone}"},
    )  # fmt: skip
    _create(calls.format("POST"), lambda n: {"person_id": n["person"], "phone_id": n["phone_id"]})
    old = {
        "id": "1",
        "direction": "in",
        "result": "missed",
        "phone": "+38640123456",
        "started_at": "2025-06-03T08:00:00Z",
    }
    _admin(
        calls.format("POST") + "/past",
        lambda n: {"connection_id": n["connection"], "calls": [{**old, "user_id": n["owner"]}]},
    )
    _one(calls.format("GET") + "/{id}", id="answered_call")
    _rule(calls.format("GET") + "/{id}/recording", A.HIDDEN, A.HIDDEN, A.FORBIDDEN, path={"id": "answered_call"})
    _change(calls.format("PATCH") + "/{id}", lambda n: {"outcome_note": n["mark"]}, "missed_call", id="missed_call")
    for door in ("POST {}", "GET {}", "POST {}/{{vendor_path:path}}", "GET {}/lookup"):
        _hook_of_service("telephony", *door.format("/hooks/pbx/{token}").split())


def _hook_of_service(service: str, method: str, path: str) -> None:
    """What only the gateway's own token opens: there is no such door for a person."""
    token = {"token": "hook_token", "vendor_path:path": "=events"}
    _rule(
        f"{service} {method} {path}", A.NOWHERE, A.NOWHERE, A.NOWHERE,
        path=token, queries=({"phone": "{phone}"},), body=(lambda _: {}) if method == "POST" else None,
    )  # fmt: skip


def _notifications() -> None:
    t = f"notifications {{}} {API}/templates"
    _rule(t.format("GET"), A.SILENT, A.SHARED, A.SHARED)
    wording = {"locale": "en", "channel": "email", "subject": "Mine", "text": "Mine"}
    _admin(t.format("POST"), lambda n: wording | {"key": n["mark"]})
    _rule(t.format("GET") + "/{template_id}", A.HIDDEN, A.SHARED, A.SHARED, path={"template_id": "template"})
    _house(t.format("PATCH") + "/{template_id}", "template", "template", lambda n: {"text": n["mark"]})
    preview = {"channel": "email", "variables": {"person_name": "A", "deal_title": "B"}}
    _rule(
        t.format("POST") + "/{key}/preview", A.NOWHERE, A.SHARED, A.SHARED,
        path={"key": "=measuring_booked"}, body=lambda _: preview,
    )  # fmt: skip
    m = f"notifications {{}} {API}/messages"
    _list(m.format("GET"), {"person_id": "{person}"}, {"person_id": "{open_person}"}, {"channel": "email"})
    _create(
        m.format("POST"), lambda n: {"channel": "email", "person_id": n["person"], "subject": "A", "text": n["mark"]}
    )
    _rule(m.format("POST") + "/sms-parts", A.FORBIDDEN, A.OWN, A.FORBIDDEN, body=lambda _: {"text": "Hello"})
    _one(m.format("GET") + "/{message_id}", message_id="message")
    _change(m.format("POST") + "/{message_id}/resolve", {"as": "failed"}, "message", message_id="message")
    n = f"notifications {{}} {API}/notices"
    # A notice is its user's own: not even who reads everything reads another's.
    _list(n.format("GET"), {"unread": "true"}, reader=A.SILENT)
    _rule(n.format("POST") + "/read-all", A.FORBIDDEN, A.OWN, A.FORBIDDEN, row="notices")
    _rule(
        n.format("POST") + "/{notice_id}/read", A.HIDDEN, A.HIDDEN, A.HIDDEN,
        path={"notice_id": "notice"}, row="notices",
    )  # fmt: skip
    _hook_of_service("notifications", "POST", "/hooks/sms/{token}")


def _reports() -> None:
    days = {"from": "{today}", "to": "{today}"}
    asked: tuple[dict[str, str], ...] = ({}, {"owner_id": "{owner}"}, {"team_id": "{team}"})
    funnel = tuple({**days, "pipeline_id": "{pipeline}", **more} for more in asked)
    entries = tuple({**each, "stage_id": "{stage}"} for each in funnel)
    r = f"reports GET {API}/reports"
    # A funnel is a pipeline's: who may not see pipelines has none.
    _rule(f"{r}/funnel", A.NOWHERE, A.SILENT, A.SHARED, queries=funnel)
    _rule(f"{r}/funnel/records", A.NOWHERE, A.SILENT, A.SHARED, queries=entries)
    standing = tuple({"pipeline_id": "{pipeline}", **more} for more in (*asked, {"as_of": "{today}"}))
    _rule(f"{r}/pipeline", A.NOWHERE, A.SILENT, A.SHARED, queries=standing)
    standing_in = tuple({**each, "stage_id": "{stage}"} for each in standing)
    _rule(f"{r}/pipeline/records", A.NOWHERE, A.SILENT, A.SHARED, queries=standing_in)
    sales = tuple({**days, **more} for more in (*asked, {"by": "employee"}, {"by": "product"}))
    _rule(f"{r}/sales", A.SILENT, A.SILENT, A.SHARED, queries=sales)
    sold = tuple({**days, "figure": figure, **more} for figure in ("open", "created", "won") for more in asked)
    _rule(f"{r}/sales/records", A.SILENT, A.SILENT, A.SHARED, queries=sold)
    calls = tuple({**days, **more} for more in (*asked, {"as_of": "{today}"}))
    _rule(f"{r}/calls-per-day", A.SILENT, A.SILENT, A.SHARED, queries=(*calls, {**days, "by_user": "true"}))
    _rule(f"{r}/calls-per-day/records", A.SILENT, A.SILENT, A.SHARED, queries=calls)
    # Whose day it is, the token says: there is nothing to ask about anybody else.
    _rule(f"{r}/day", A.SILENT, A.OWN, A.OWN)
    _admin(f"{r}/archive/status")


def _gateway() -> None:
    g = f"gateway {{}} {API}"
    _public(g.format("POST") + "/sessions", A.FAILED_SIGN_IN, body=lambda n: {"email": n["mark"], "password": "wrong"})
    _rule(g.format("GET") + "/sessions/current", A.OWN, A.OWN, A.OWN)
    _rule(g.format("DELETE") + "/sessions/current", A.OWN, A.OWN, A.OWN, signs_out=True)
    _rule(g.format("GET") + "/live", A.OWN, A.OWN, A.OWN, stream=True)
    _admin(g.format("GET") + "/live/present")
    _public(g.format("GET") + "/demo")
    # Outside the demo there is no way out of it, not even for administrators.
    _rule(g.format("POST") + "/demo/leave", A.NOWHERE, A.NOWHERE, A.NOWHERE)
    _rule(
        g.format("GET") + "/users", A.SILENT, A.SHARED, A.SHARED,
        queries=({}, {"role": "{role}"}, {"team_id": "{team}"}, {"name": "Owner"}),
    )  # fmt: skip
    _rule(g.format("GET") + "/users/{user_id}", A.HIDDEN, A.SHARED, A.SHARED, path={"user_id": "owner"})
    # With a role that grants nothing, so that it is the right to make users that is asked for, not what they may do.
    _admin(
        g.format("POST") + "/users",
        lambda n: {"name": "Mine", "role": n["role"], "email": f"{n['mark']}@rights.example"},
    )
    _house(g.format("PATCH") + "/users/{user_id}", "owner", "user")
    for noun, name, row in (("users", "owner", "user"), ("teams", "team", "team")):
        parameter = f"{row}_id"
        _rule(
            g.format("DELETE") + f"/{noun}/{{{parameter}}}", A.HIDDEN, A.FORBIDDEN, A.FORBIDDEN,
            path={parameter: name}, row=row, version=True,
        )  # fmt: skip
    _rule(
        g.format("POST") + "/users/{user_id}/one-time-password", A.HIDDEN, A.FORBIDDEN, A.FORBIDDEN,
        path={"user_id": "owner"}, row="user",
    )  # fmt: skip
    # The language they have: what is theirs to choose, chosen again, leaves nothing.
    _rule(g.format("PUT") + "/users/me/locale", A.OWN, A.OWN, A.OWN, body=lambda _: {"locale": "en"})
    wrong = {"current_password": "not the password", "new_password": "another-password"}
    _rule(g.format("POST") + "/users/me/password", A.REFUSED, A.REFUSED, A.REFUSED, body=lambda _: wrong)
    _rule(g.format("GET") + "/teams", A.SILENT, A.SHARED, A.SHARED, queries=({}, {"name": "Kranj"}))
    _rule(g.format("GET") + "/teams/{team_id}", A.HIDDEN, A.SHARED, A.SHARED, path={"team_id": "team"})
    _admin(g.format("POST") + "/teams", lambda n: {"name": n["mark"]})
    _house(g.format("PATCH") + "/teams/{team_id}", "team", "team")
    _rule(g.format("GET") + "/roles", A.SILENT, A.SHARED, A.SHARED)
    _rule(g.format("GET") + "/roles/{name}", A.HIDDEN, A.SHARED, A.SHARED, path={"name": "role"})
    _admin(g.format("POST") + "/roles", lambda n: {"name": n["mark"], "grants": {}})
    _house(g.format("PATCH") + "/roles/{name}", "role", "role", lambda _: {"grants": {}})
    _rule(g.format("GET") + "/card/{kind}/{id}", A.HIDDEN, A.HIDDEN, A.SHARED, path={"kind": "=person", "id": "person"})
    _search(g.format("GET") + "/search")
    _rule(g.format("GET") + "/imports", A.OWN, A.OWN, A.OWN)
    _letters_at_the_gateway(g)
    _public(g.format("GET") + "/openapi.json")
    for path in ("/", "/docs", "/asyncapi", "/asyncapi.json", "/health/live", "/health/ready"):
        _public(f"gateway GET {path}")
    _public("gateway GET /{path:path}", A.NOWHERE, path={"path:path": "=people/1"})
    # The catch-all is walked noun by noun under the services' own routes; here: what no service owns.
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        for rest in ("/{noun}", "/{noun}/{rest:path}"):
            elsewhere = {"noun": "=secrets", "rest:path": "=1/2"}
            _rule(g.format(method) + rest, A.NOWHERE, A.NOWHERE, A.NOWHERE, path=elsewhere)
    _hooks_at_the_gateway()


def _letters_at_the_gateway(g: str) -> None:
    _admin(g.format("GET") + "/dead-letters")
    _admin(g.format("GET") + "/dead-letters/{service}", service="=contacts")
    _admin(g.format("GET") + "/dead-letters/{service}/{id}", service="=contacts", id="person")
    _admin(g.format("POST") + "/dead-letters/{service}/redrive", service="=contacts")
    for verb in ("redrive", "discard"):
        _admin(g.format("POST") + "/dead-letters/{service}/{id}/" + verb, service="=contacts", id="person")


def _hooks_at_the_gateway() -> None:
    real = {"token": "hook_token", "vendor_path:path": "=events"}
    for path in ("/hooks/pbx/{token}", "/hooks/pbx/{token}/{vendor_path:path}"):
        _public(f"gateway POST {path}", A.UNSIGNED, path=real, body=lambda _: {"event": "call.ringing"})
        unknown = {"token": "=" + "A" * 43, "vendor_path:path": "=lookup"}
        _public(f"gateway GET {path}", A.NOWHERE, path=unknown, queries=({"phone": "{phone}"},))
    receipts = {"token": "=" + "A" * 43, "vendor_path:path": "=receipts"}
    for path in ("/hooks/sms/{token}", "/hooks/sms/{token}/{vendor_path:path}"):
        for method in ("GET", "POST"):
            _public(f"gateway {method} {path}", A.NOWHERE, path=receipts)


def _every_service() -> None:
    for service in SERVICES:
        for path in ("/health/live", "/health/ready", "/metrics"):
            _public(f"{service} GET {path}")
        letters = f"{service} {{}} {API}/dead-letters"
        for path in ("", "/waiting"):
            _admin(letters.format("GET") + path)
        _admin(letters.format("GET") + "/{id}", id="person")
        _admin(letters.format("POST") + "/redrive")
        for path in ("/{id}/redrive", "/{id}/discard"):
            _admin(letters.format("POST") + path, id="person")


def _imports() -> None:
    """Everybody has imports of their own; another's is as one that never was, whatever one's role."""
    owners = {"people": "contacts", "companies": "contacts", "deals": "deals"}
    owners |= {"products": "deals", "teams": "gateway", "users": "gateway"}
    for kind, owner in owners.items():
        jobs, job = f"{owner} {{}} {API}/imports/{kind}", f"import_{kind}"
        _rule(jobs.format("GET"), A.SILENT, A.SILENT, A.SILENT)
        # Salespeople bring customers and deals: neither products nor colleagues.
        other = A.OWN if kind in ("people", "companies", "deals") else A.FORBIDDEN
        _rule(jobs.format("POST"), A.FORBIDDEN, other, A.FORBIDDEN, queries=({"file_name": "a"},), body=lambda _: b"x")
        hidden: dict[str, Any] = dict.fromkeys(("nobody", "other", "reader"), A.HIDDEN) | {"path": {"id": job}}
        for part in ("", "/rows", "/result"):
            _rule(jobs.format("GET") + "/{id}" + part, **hidden)
        for method, step in (("PATCH", ""), *(("POST", f"/{verb}") for verb in ("cancel", "check", "commit", "undo"))):
            own: dict[str, Any] = {"row": job, "version": True} | ({} if step else {"body": lambda _: {}})
            _rule(jobs.format(method) + "/{id}" + step, **hidden, **own)


for _part in (_contacts, _deals, _telephony, _notifications, _reports, _gateway, _every_service, _imports):
    _part()
# Behind the gateway some inner routes have a twin of its own there; those are walked at the service's door alone.
INNER_ONLY = {"card", "search", "dead-letters"}
