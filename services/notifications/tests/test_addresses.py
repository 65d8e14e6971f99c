"""The copy of people's addresses follows their cards."""

from typing import Any
from uuid import UUID

from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually
from crm_contracts.base import Removed
from crm_contracts.contacts import PERSON_CREATED, PERSON_MERGED, PERSON_REMOVED, PERSON_UPDATED
from crm_contracts.envelope import Envelope, Lane
from crm_notifications.addresses import repository

from .scenes import person_data


async def kept(harness: Harness, id: UUID) -> dict[str, Any] | None:
    rows = await harness.rows("SELECT * FROM person_address WHERE person_id = :id", id=id)
    return rows[0] if rows else None


async def read_up_to_here(harness: Harness) -> None:
    """What was delivered before is copied: a card sent behind it is."""
    last = new_id()
    await harness.deliver(harness.event(PERSON_CREATED, person_data(last), subject="person", id=last))
    await eventually(lambda: kept(harness, last))


async def test_version_four_before_three_keeps_four_and_a_redelivery_changes_nothing(live: Harness) -> None:
    person = new_id()
    data = [person_data(person, name=f"Name {version}", version=version) for version in range(5)]
    fourth = live.event(PERSON_UPDATED, data[4], subject="person", id=person, sequence=4)
    third = live.event(PERSON_UPDATED, data[3], subject="person", id=person, sequence=3)
    await live.deliver(fourth)
    await eventually(lambda: kept(live, person))
    await live.deliver(third)  # alone in its batch: only what is kept can tell that it is old
    await read_up_to_here(live)
    row = await kept(live, person)
    assert row is not None
    assert row["version"] == 4
    await live.deliver(fourth, fourth, third)
    await read_up_to_here(live)
    row = await kept(live, person)
    assert row is not None
    assert (row["name"], row["version"]) == ("Name 4", 4)


async def test_the_newest_of_one_batch_wins(live: Harness) -> None:
    person = new_id()
    events = [
        live.event(PERSON_UPDATED, person_data(person, name=f"N{n}"), subject="person", id=person, sequence=n)
        for n in (2, 5, 3)
    ]
    await live.deliver(*events)
    await read_up_to_here(live)
    row = await kept(live, person)
    assert row is not None
    assert row["version"] == 5


async def test_a_bulk_event_is_copied_as_well(live: Harness) -> None:
    """Copies take resyncs and imports; only effects refuse them."""
    person = new_id()
    await live.deliver(
        live.event(PERSON_CREATED, person_data(person), subject="person", id=person, lane=Lane.BULK, replay=True)
    )
    row = await eventually(lambda: kept(live, person))
    assert row["phones"] == [{"e164": "+38640111222", "kind": "mobile"}]
    assert row["emails"] == [f"{person.hex}@example.com"]


async def test_a_removed_card_has_no_address_and_does_not_come_back(live: Harness) -> None:
    known, early = new_id(), new_id()

    def told(id: UUID, version: int) -> Envelope:
        return live.event(PERSON_UPDATED, person_data(id, version=version), subject="person", id=id, sequence=version)

    def ended(id: UUID) -> Envelope:
        data = Removed(id=id, owner_id=None, version=4)
        return live.event(PERSON_REMOVED, data, subject="person", id=id, sequence=4)

    await live.deliver(told(known, 1))
    await eventually(lambda: kept(live, known))
    await live.deliver(ended(known))
    await live.deliver(ended(early))  # before all else that is told of it
    await read_up_to_here(live)
    assert await kept(live, known) is None
    for id in (known, early):
        for late in (told(id, 3), told(id, 1), ended(id)):
            await live.deliver(late, late)
            await read_up_to_here(live)
            assert await kept(live, id) is None


async def test_a_merged_card_leads_to_the_one_that_lives_on(live: Harness) -> None:
    loser, winner = new_id(), new_id()
    await live.deliver(
        live.event(PERSON_CREATED, person_data(loser, name="Loser"), subject="person", id=loser),
        live.event(
            PERSON_MERGED,
            person_data(winner, name="Winner", loser_id=str(loser), winner_id=str(winner)),
            subject="person",
            id=winner,
            sequence=2,
        ),
    )
    await eventually(lambda: kept(live, winner))
    async with live.database.transaction() as tx:
        row = await repository.find(tx, loser)
    assert row is not None
    assert row.name == "Winner"
    late = live.event(PERSON_UPDATED, person_data(loser, name="Loser"), subject="person", id=loser, sequence=7)
    await live.deliver(late)
    await live.idle("notifications.addresses")
    assert await kept(live, loser) is None
