"""Reports, really running; each module of tests has a database and a vhost of its own."""

from collections.abc import AsyncIterator, Callable

import pytest
from crm_chassis.testing import Harness, running
from crm_reports.main import wiring
from crm_reports.settings import ReportsSettings
from hypothesis import HealthCheck, settings

settings.register_profile(
    "unhurried", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("unhurried")


@pytest.fixture(scope="module")
async def reports(make_database: Callable[[str], str], make_vhost: Callable[[], str]) -> AsyncIterator[Harness]:
    """The running service."""
    async with running(
        wiring, ReportsSettings, database_url=make_database("reports"), amqp_url=make_vhost()
    ) as harness:
        yield harness


@pytest.fixture(scope="module")
async def by_hand(make_database: Callable[[str], str], make_vhost: Callable[[], str]) -> AsyncIterator[Harness]:
    """The service's routes alone: what is archived and projected, the test does; see by_hand.py."""
    async with running(
        wiring, ReportsSettings, database_url=make_database("reports"), amqp_url=make_vhost(), role="api"
    ) as harness:
        yield harness
