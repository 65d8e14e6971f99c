"""Missing events show as holes in the sequence of their subject."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from crm_chassis.ids import new_id
from crm_chassis.testing import Harness
from crm_contracts import contacts, telephony
from crm_contracts.envelope import Envelope
from crm_reports.archive.gaps import missing
from crm_reports.archive.service import Archivist


async def archived(reports: Harness, *events: Envelope) -> None:
    """The archive has the events."""
    async with reports.database.transaction() as tx:
        await Archivist(lambda: None)(tx, events)


async def gaps(reports: Harness, ahead: timedelta = timedelta(minutes=1)) -> int:
    """The gaps of the last day, up to so far from now."""
    at = datetime.now(UTC)
    async with reports.database.read() as connection:
        return await missing(connection, at - timedelta(days=1), at + ahead)


def rang(reports: Harness, id: UUID, sequence: int, type: str = telephony.CALL_RANG) -> Envelope:
    """An event about a call."""
    return reports.event(type, {"id": str(id)}, subject="call", id=id, sequence=sequence)


async def test_an_event_that_did_not_come_is_a_gap_until_it_comes(reports: Harness) -> None:
    id = new_id()
    await archived(reports, rang(reports, id, 1), rang(reports, id, 4))
    assert await gaps(reports) == 2
    assert await gaps(reports, -timedelta(minutes=5)) == 0, "what is merely late is not missing"
    await archived(reports, rang(reports, id, 3), rang(reports, id, 2))
    assert await gaps(reports) == 0


async def test_two_services_telling_of_one_subject_leave_no_gap(reports: Harness) -> None:
    id = new_id()
    await archived(reports, rang(reports, id, 1), rang(reports, id, 2), rang(reports, id, 5, contacts.CALL_LINKED))
    assert await gaps(reports) == 0


async def test_history_before_the_window_is_not_looked_for(reports: Harness) -> None:
    id = new_id()
    await archived(reports, rang(reports, id, 7), rang(reports, id, 8))
    assert await gaps(reports) == 0
