"""The arena of the fuzz: one installation for all of it."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from crm_runner.pytest_plugin import MakeVhost

from tests.fuzz.arena import Arena, open_arena


@pytest.fixture(scope="package")
def arena(make_vhost: MakeVhost) -> Iterator[Arena]:
    """A founded company nobody else looks at, on the session's broker."""
    with open_arena({"CRM_AMQP_URL": make_vhost()}) as opened:
        yield opened


@pytest.fixture(scope="package")
def document(arena: Arena) -> dict[str, Any]:
    """The merged OpenAPI document as it is served."""
    served: dict[str, Any] = httpx.get(f"{arena.url}/api/v1/openapi.json").json()
    return served
