"""How the tests of this service run: one telephony service on real PostgreSQL and RabbitMQ for all of them.

Tests share the database, so each brings its own connection, users and numbers.
"""

from collections.abc import AsyncIterator, Callable

import pytest
from crm_chassis.testing import running
from crm_telephony.main import wiring
from crm_telephony.settings import TelephonySettings
from cryptography.fernet import Fernet
from hypothesis import settings

from .office import MOST_BYTES, Office

# Hypothesis judges results, never the speed of a busy machine.
settings.register_profile("unhurried", deadline=None, max_examples=60)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
async def office(
    make_database: Callable[[str], str], make_vhost: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    """The running service."""
    async with running(
        wiring,
        TelephonySettings,
        database_url=make_database("telephony"),
        amqp_url=make_vhost(),
        secrets_key=Fernet.generate_key().decode(),
        default_region="RU",
        settle_after_s=0.5,
        dial_timeout_s=1.0,
        telephony_recordings_dir=tmp_path_factory.mktemp("recordings"),
        recording_max_bytes=MOST_BYTES,
        recording_timeout_s=2.0,
        recording_lease_s=1.0,
    ) as harness:
        yield Office(harness)
