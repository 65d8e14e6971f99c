"""How the tests of this service run: one deals service on real PostgreSQL and RabbitMQ for all of them.

Tests share the database, so each brings its own people, numbers and deals.
"""

from collections.abc import AsyncIterator, Callable

import pytest
from crm_chassis.testing import running
from crm_deals.main import wiring
from crm_deals.settings import DealsSettings
from hypothesis import settings

from .desk import Desk, new_phone

# Hypothesis judges results, never the speed of a busy machine.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
async def desk(make_database: Callable[[str], str], make_vhost: Callable[[], str]) -> AsyncIterator[Desk]:
    """The service all tests share."""
    async with running(wiring, DealsSettings, database_url=make_database("deals"), amqp_url=make_vhost()) as harness:
        yield Desk(harness)


@pytest.fixture
async def own_desk(make_database: Callable[[str], str], make_vhost: Callable[[], str]) -> AsyncIterator[Desk]:
    """A service of the test's own, for what would disturb the others."""
    async with running(wiring, DealsSettings, database_url=make_database("deals"), amqp_url=make_vhost()) as harness:
        yield Desk(harness)


@pytest.fixture
def phone() -> str:
    """A number no other test uses."""
    return new_phone()
