"""One OpenAPI document out of the services' own. Pure.

Owns which routes are public and how schemas of the same name live together. Must never know where files lie.
"""

from collections.abc import Mapping
from typing import Any

from crm_gateway.proxy.rules import owner_of

Document = dict[str, Any]

PREFIX = "/api/v1/"
INFO = {
    "title": "Voronka",
    "version": "1",
    "description": (
        "One door to people, companies, deals, tasks, calls, messages and reports. Errors are problem+json (RFC 9457) "
        "with a stable `code`. Lists are keyset-paged: follow `next_cursor`. PATCH is a JSON merge patch and needs "
        "`If-Match`; POST takes `Idempotency-Key`. Sign in with POST /api/v1/sessions."
    ),
}
SECURITY = {
    "cookie": {"type": "apiKey", "in": "cookie", "name": "crm_session"},
    "bearer": {"type": "http", "scheme": "bearer"},
}
_OPEN = {("/api/v1/sessions", "post"), ("/api/v1/demo", "get")}
_METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


def merge(own: Document, services: Mapping[str, Document]) -> Document:
    """The gateway's own document with every public route of the services.

    A schema name used for different things is prefixed with its service's name everywhere but in the first.
    """
    paths: Document = {}
    schemas: Document = {}
    _add(paths, schemas, "gateway", own, dict(own.get("paths", {})))
    for service, document in services.items():
        public = {path: item for path, item in document.get("paths", {}).items() if _is_public(service, path)}
        _add(paths, schemas, service, document, public)
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "security": [{"cookie": []}, {"bearer": []}],
        "tags": [{"name": tag} for tag in sorted(_tags(paths))],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(schemas.items())), "securitySchemes": SECURITY},
    }


def _is_public(service: str, path: str) -> bool:
    return path.startswith(PREFIX) and owner_of(path.removeprefix(PREFIX)) == service


def _add(paths: Document, schemas: Document, service: str, document: Document, public: Document) -> None:
    defined: Document = document.get("components", {}).get("schemas", {})
    names = {
        name: name if schemas.get(name, schema) == schema else f"{service.capitalize()}{name}"
        for name, schema in defined.items()
    }
    needed = _reachable(public, defined)
    for name in needed:
        schemas[names[name]] = _renamed(defined[name], names)
    for path, item in public.items():
        paths[path] = {
            method: _operation(path, method, operation, names) if method in _METHODS else operation
            for method, operation in item.items()
        }


def _operation(path: str, method: str, operation: Document, names: dict[str, str]) -> Document:
    renamed: Document = _renamed(operation, names)
    noun = path.removeprefix(PREFIX).partition("/")[0] if path.startswith(PREFIX) else path.split("/")[1]
    # The internal token's header is between services; clients use the schemes of the whole document.
    renamed.pop("security", None)
    if (path, method) in _OPEN or not path.startswith(PREFIX):
        renamed["security"] = []
    return renamed | {"tags": [noun]}


def _reachable(node: Any, defined: Document) -> list[str]:
    found: dict[str, None] = {}

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in defined and name not in found:
                found[name] = None
                walk(defined[name])
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(node)
    return list(found)


def _renamed(part: Any, names: dict[str, str]) -> Any:
    if isinstance(part, dict):
        return {
            key: _reference(value, names) if key == "$ref" and isinstance(value, str) else _renamed(value, names)
            for key, value in part.items()
        }
    if isinstance(part, list):
        return [_renamed(value, names) for value in part]
    return part


def _reference(reference: str, names: dict[str, str]) -> str:
    head, _, name = reference.rpartition("/")
    return f"{head}/{names.get(name, name)}"


def _tags(paths: Document) -> set[str]:
    return {tag for item in paths.values() for method in item if method in _METHODS for tag in item[method]["tags"]}
