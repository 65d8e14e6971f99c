"""One running service a session, and one whose loops stand still, so that a test can be the sender."""

from collections.abc import AsyncIterator, Callable

import pytest
from crm_chassis.testing import Harness, running
from crm_notifications.main import wiring
from crm_notifications.settings import NotificationsSettings
from hypothesis import settings

from .scenes import SECRET, TOKEN, Scripted

# Hypothesis judges results, never the speed of a busy machine.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def script() -> Scripted:
    """What the channels answer."""
    return Scripted()


@pytest.fixture(scope="session")
async def live(
    script: Scripted, make_database: Callable[[str], str], make_vhost: Callable[[], str]
) -> AsyncIterator[Harness]:
    """The whole service with its loops; its channels follow the script."""
    async with running(
        lambda settings: wiring(settings, script.channels),
        NotificationsSettings,
        database_url=make_database("notifications"),
        amqp_url=make_vhost(),
        company_name="Okna d.o.o.",
        send_poll_s=0.05,
        send_pauses_s=(0.1, 0.1),
        sms_receipt_token=TOKEN,
        sms_receipt_secret=SECRET,
    ) as harness:
        yield harness


@pytest.fixture(scope="session")
async def _still(make_database: Callable[[str], str], make_vhost: Callable[[], str]) -> AsyncIterator[Harness]:
    async with running(
        wiring,
        NotificationsSettings,
        database_url=make_database("notifications"),
        amqp_url=make_vhost(),
        role="api",
        company_name="Okna d.o.o.",
        sms_receipt_token=TOKEN,
        sms_receipt_secret=SECRET,
    ) as harness:
        yield harness


@pytest.fixture
async def still(_still: Harness) -> Harness:
    """The service without its loops, and no message in it."""
    async with _still.database.transaction() as tx:
        await tx.connection.exec_driver_sql(
            "TRUNCATE attempt, message, notice, person_address, alias, due_work, outbox, staff_member"
        )
    return _still
