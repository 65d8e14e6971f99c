"""A made-up service with one noun, to try the chassis on real servers."""

from collections.abc import AsyncIterator, Callable

import pytest
import sample
from crm_chassis.testing import Harness, running


@pytest.fixture(scope="module")
async def harness(make_database: Callable[[str], str], make_vhost: Callable[[], str]) -> AsyncIterator[Harness]:
    """The sample service, running."""
    async with running(
        sample.wiring, sample.Settings, database_url=make_database("sample"), amqp_url=make_vhost()
    ) as started:
        yield started
