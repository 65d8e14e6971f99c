"""The documents of the door: one API out of all services, the bus from the contracts, pages without script."""

from typing import Any

from crm_chassis.testing import Harness
from crm_contracts.catalogue import COMMANDS, EVENTS
from crm_contracts.graph import READERS
from crm_gateway.docs import asyncapi, page
from crm_gateway.docs.command import openapi
from crm_gateway.docs.merge import merge


def _document(path: str, schema: dict[str, Any], name: str = "Thing") -> dict[str, Any]:
    ref = {"$ref": f"#/components/schemas/{name}"}
    operation = {
        "operationId": f"get {path}",
        "security": [{"internal": []}],
        "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": ref}}}},
    }
    return {"paths": {path: {"get": operation}}, "components": {"schemas": {name: schema, "Unused": {}}}}


def test_same_names_for_different_things_live_side_by_side() -> None:
    own: dict[str, Any] = {"paths": {"/api/v1/users": {"get": {"responses": {}}}}}
    merged = merge(
        own,
        {
            "contacts": _document("/api/v1/people", {"type": "object", "title": "a"}),
            "deals": _document("/api/v1/deals", {"type": "object", "title": "b"}),
            "telephony": _document("/api/v1/calls", {"type": "object", "title": "a"}),
        },
    )
    schemas = merged["components"]["schemas"]
    assert schemas == {"Thing": {"type": "object", "title": "a"}, "DealsThing": {"type": "object", "title": "b"}}

    def answer(path: str) -> str:
        content = merged["paths"][path]["get"]["responses"]["200"]["content"]
        return str(content["application/json"]["schema"]["$ref"])

    assert answer("/api/v1/people") == answer("/api/v1/calls") == "#/components/schemas/Thing"
    assert answer("/api/v1/deals") == "#/components/schemas/DealsThing"
    assert "security" not in merged["paths"]["/api/v1/deals"]["get"]
    assert [tag["name"] for tag in merged["tags"]] == ["calls", "deals", "people", "users"]


def test_what_the_proxy_does_not_pass_is_not_promised() -> None:
    merged = merge(
        {"paths": {}},
        {
            "telephony": _document("/hooks/pbx/{token}", {"type": "object"}),
            "deals": _document("/api/v1/card/person/{id}", {"type": "object"}),
            "contacts": _document("/api/v1/deals", {"type": "object"}),
        },
    )
    assert merged["paths"] == {}
    assert merged["components"]["schemas"] == {}


def test_the_committed_document_is_what_the_services_say_today() -> None:
    assert openapi(["--check"]) == 0


async def test_the_documents_are_served_to_everybody(gateway: Harness) -> None:
    document = (await gateway.client.get("/api/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert {"/api/v1/sessions", "/api/v1/users", "/api/v1/card/{kind}/{id}", "/api/v1/live"} <= set(document["paths"])
    assert document["paths"]["/api/v1/sessions"]["post"]["security"] == []
    references = [part for part in _strings(document) if part.startswith("#/components/schemas/")]
    assert {name.rpartition("/")[2] for name in references} <= set(document["components"]["schemas"])
    operations = [
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if "operationId" in operation
    ]
    assert len(operations) == len(set(operations))
    bus = (await gateway.client.get("/asyncapi.json")).json()
    assert bus["asyncapi"] == "3.0.0"
    for path in ("/docs", "/asyncapi"):
        answer = await gateway.client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert "<script" not in answer.text
        assert not any(outside in answer.text for outside in ('href="http', "src=", "url(", "@import"))
        assert "style-src 'sha256-" in answer.headers["content-security-policy"]


def _strings(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [found for value in part.values() for found in _strings(value)]
    if isinstance(part, list):
        return [found for value in part for found in _strings(value)]
    return [part] if isinstance(part, str) else []


def test_every_event_command_and_reader_of_the_contracts_is_on_the_page_of_the_bus() -> None:
    document = asyncapi.document()
    assert set(document["channels"]) == set(EVENTS) | set(COMMANDS)
    receives = [name for name, operation in document["operations"].items() if operation["action"] == "receive"]
    assert len(receives) == sum((len(reader.reads) or 1) + len(reader.replays) for reader in READERS)
    known = set(document["components"]["schemas"])
    references = [part for part in _strings(document) if part.startswith("#/components/schemas/")]
    assert {name.rpartition("/")[2] for name in references} <= known
    html = page.events(document)
    assert all(name in html for name in (*EVENTS, *COMMANDS))


def test_a_page_shows_markup_in_a_document_as_text() -> None:
    document = merge(
        {
            "paths": {
                "/api/v1/x": {
                    "get": {
                        "description": "<img src=x>",
                        "parameters": [{"name": "<b>", "in": "query", "schema": {"enum": ["<i>"]}}],
                        "responses": {"200": {"description": "<u>"}},
                    }
                }
            }
        },
        {},
    )
    html = page.api(document)
    assert not any(tag in html for tag in ("<img", "<b>", "<i>", "<u>"))
    assert "&lt;img" in html
