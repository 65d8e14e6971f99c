"""What is removed stays removed in a copy, whatever the order of its events."""

from crm_chassis.ids import new_id
from crm_chassis.removals import gone, take_removals
from crm_chassis.testing import Harness
from crm_contracts.contacts import PERSON_REMOVED, PERSON_UPDATED


async def test_an_older_event_does_not_bring_a_removed_subject_back(harness: Harness) -> None:
    ended, living = new_id(), new_id()
    removal = harness.event(PERSON_REMOVED, {}, subject="person", id=ended, sequence=3)
    older = harness.event(PERSON_UPDATED, {}, subject="person", id=ended, sequence=2)
    other = harness.event(PERSON_UPDATED, {}, subject="person", id=living, sequence=2)

    async with harness.database.transaction() as tx:
        assert await take_removals(tx, "person", PERSON_REMOVED, [older, removal, other]) == ({ended}, [other])
    async with harness.database.transaction() as tx:
        assert await take_removals(tx, "person", PERSON_REMOVED, [older, other]) == (set(), [other])
        assert await take_removals(tx, "person", PERSON_REMOVED, [removal]) == ({ended}, [])
        assert await gone(tx.connection, "company", [ended]) == set()
