"""A made-up service with one noun, to try the chassis on real servers."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
import sample
from crm_chassis.access.principal import Principal
from crm_chassis.ids import new_id
from crm_chassis.imports import steps
from crm_chassis.testing import Harness, admin, running
from importing import NOUNS, Importer, hired


@pytest.fixture(scope="module")
async def harness(make_database: Callable[[str], str], make_vhost: Callable[[], str]) -> AsyncIterator[Harness]:
    """The sample service, running."""
    async with running(
        sample.wiring, sample.Settings, database_url=make_database("sample"), amqp_url=make_vhost()
    ) as started:
        yield started


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of two rows, and no patience with what is waited for."""
    monkeypatch.setattr(steps, "CHUNK", 2)
    monkeypatch.setattr(steps, "TRIES", 3)
    monkeypatch.setattr(steps, "RETRY", timedelta(milliseconds=200))


@pytest.fixture
async def caller(harness: Harness) -> Principal:
    """Somebody the copies know, who may do everything with things."""
    return await hired(harness, admin(NOUNS))


@pytest.fixture
def importer(harness: Harness, caller: Principal) -> Importer:
    """The caller's next import."""
    return Importer(harness, caller)


@pytest.fixture
def name() -> str:
    """A word no other test uses for its things."""
    return f"t{new_id().hex[-12:]}"
