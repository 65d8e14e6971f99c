"""OpenAPI as clients read it: every refusal is a problem document, on every route."""

import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

Document = dict[str, Any]

PROBLEM: Document = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457; `code` is stable, `errors` lists refused fields",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "correlation_id": {"type": "string", "format": "uuid"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
_ANSWER = {
    "description": "Refused",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


_IF_MATCH = "if-match"
_VERSION = {
    "type": "string",
    "pattern": '^"[0-9]{1,18}"$',
    "description": "The ETag of the answer you read",
}
_IDENTIFIED = re.compile(r"(?P<collection>.+)/\{(?P<parameter>\w+)\}(?P<rest>(?:/[a-z-]+)?)")


def describe(app: FastAPI) -> None:
    """`app.openapi()` tells problems instead of FastAPI's own error shape."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, routes=app.routes)
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas.pop("HTTPValidationError", None)
            schemas.pop("ValidationError", None)
            schemas["Problem"] = PROBLEM
            paths = document.setdefault("paths", {})
            for path in paths.values():
                for operation in path.values():
                    operation["responses"].pop("422", None)
                    operation["responses"]["4XX"] = _ANSWER
                    operation["responses"]["5XX"] = _ANSWER
                    if versioned := _parameter(operation, _IF_MATCH):
                        versioned |= {"required": True, "schema": _VERSION, "example": '"1"'}
            _link(paths)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the schema


def _parameter(operation: Document, name: str) -> Document | None:
    return next((found for found in operation.get("parameters", []) if found["name"] == name), None)


def _link(paths: Document) -> None:
    """OpenAPI links from what makes, lists or shows a thing to everything that can be done with it."""
    for path, item in paths.items():
        if not (match := _IDENTIFIED.fullmatch(path)):
            continue
        collection, parameter = match["collection"], match["parameter"]
        sources = (
            (paths.get(collection, {}).get("post"), "201", "$response.body#/id"),
            (paths.get(collection, {}).get("get"), "200", "$response.body#/items/0/id"),
            (paths.get(f"{collection}/{{{parameter}}}", {}).get("get"), "200", f"$request.path.{parameter}"),
        )
        for source, status, id_ in sources:
            if source is None or status not in source["responses"]:
                continue
            links = source["responses"][status].setdefault("links", {})
            for operation in item.values():
                if operation is source:
                    continue
                parameters = {parameter: id_}
                if _parameter(operation, _IF_MATCH) and "/items/" not in id_:
                    parameters[_IF_MATCH] = "$response.header.ETag"
                links[operation["operationId"]] = {
                    "operationId": operation["operationId"],
                    "parameters": parameters,
                }
