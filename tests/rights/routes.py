"""Every route there is: of the gateway and of each service, those no document names included."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from crm_chassis.access.tokens import new_key_pair
from crm_chassis.service import create_app
from crm_chassis.settings import ServiceSettings
from crm_runner.processes import ALL, GATEWAY, module
from fastapi.routing import iter_route_contexts


@dataclass(frozen=True, order=True)
class Route:
    """One method of one path of one program."""

    service: str
    method: str
    path: str
    documented: bool

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"


@cache
def all_routes() -> list[Route]:
    """The routes of all six programs, as FastAPI would match them."""
    return sorted(route for service in ALL for route in _of(service))


def published(document: dict[str, Any]) -> set[tuple[str, str]]:
    """(method, path) of every operation of an OpenAPI document."""
    return {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method in item
        if method in ("get", "put", "post", "patch", "delete", "head", "options", "trace")
    }


def _of(service: str) -> Iterator[Route]:
    app = _app(service)
    for context in iter_route_contexts(app.routes):
        assert context.path is not None and context.methods, f"{service}: neither path nor method: {context}"
        for method in context.methods:
            yield Route(service, method, context.path, bool(context.include_in_schema))


def _app(service: str) -> Any:
    """The program's application, connected to nothing."""
    package = module(service)
    settings_class = _settings_class(importlib.import_module(f"{package}.settings"))
    private, public = new_key_pair()
    keys = {"internal_public_key": public} | ({"internal_private_key": private} if service == GATEWAY else {})
    settings = settings_class.load(**keys)
    return create_app(importlib.import_module(f"{package}.main").wiring(settings), settings)


def _settings_class(settings: Any) -> type[ServiceSettings]:
    for value in vars(settings).values():
        if isinstance(value, type) and issubclass(value, ServiceSettings) and value is not ServiceSettings:
            return value
    raise LookupError(f"no settings in {settings.__name__}")
