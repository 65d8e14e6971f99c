"""Two transactions at once: the second waits for the first, and nothing falls between them.

Each test holds the first transaction open until the second has either met its lock or (were the lock gone) ended.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from crm_chassis.context import Story, telling
from crm_chassis.database import Transaction
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, admin, eventually
from crm_contacts import consumers
from crm_contracts import deals
from crm_contracts.deals import DealState
from crm_contracts.envelope import Envelope
from crm_contracts.telephony import CallState

Build = Callable[..., CallState]
Ring = Callable[..., Envelope]
HEAD = admin(("person", "company", "call", "deal", "task", "message"), "person:merge")


@asynccontextmanager
async def transaction(contacts: Harness) -> AsyncIterator[Transaction]:
    with telling(Story.of_system("contacts")):
        async with contacts.database.transaction() as tx:
            yield tx


async def met_a_lock_or_ended(contacts: Harness, second: "asyncio.Task[Any]") -> None:
    async def check() -> bool:
        waiting = await contacts.rows(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return second.done() or bool(waiting)

    await eventually(check)


async def person_of_item(contacts: Harness, item_id: UUID) -> UUID | None:
    (row,) = await contacts.rows("SELECT person_id FROM timeline_item WHERE id = :id", id=item_id)
    person_id: UUID | None = row["person_id"]
    return person_id


async def test_the_timeline_waits_for_a_capture_of_the_same_call(
    contacts: Harness, call: Build, ring: Ring, keep: Callable[..., Awaitable[None]], card_of: Any
) -> None:
    event = ring(call())
    async with transaction(contacts) as tx:
        await consumers.capture_call(tx, event)
        second = asyncio.create_task(_started(keep([event])))
        await met_a_lock_or_ended(contacts, second)
    await second
    card = await card_of(event.subject_id)
    assert await person_of_item(contacts, event.subject_id) == card["id"]


async def test_a_capture_waits_for_the_timeline_of_the_same_call(
    contacts: Harness, call: Build, ring: Ring, card_of: Any
) -> None:
    event = ring(call())

    async def capture() -> None:
        async with transaction(contacts) as tx:
            await consumers.capture_call(tx, event)

    async with transaction(contacts) as tx:
        await consumers.keep_history(tx, [event])
        second = asyncio.create_task(capture())
        await met_a_lock_or_ended(contacts, second)
    await second
    card = await card_of(event.subject_id)
    assert await person_of_item(contacts, event.subject_id) == card["id"]


async def test_a_merge_waits_for_what_is_being_written_about_the_loser(
    contacts: Harness, enter: Any, deal: Callable[..., DealState]
) -> None:
    winner, loser = await enter(HEAD), await enter(HEAD)
    state = deal(person_id=UUID(loser["id"]))
    event = contacts.event(deals.DEAL_CREATED, state, subject="deal", id=state.id)
    async with transaction(contacts) as tx:
        await consumers.keep_history(tx, [event])
        second = asyncio.create_task(
            contacts.client.post(
                f"/api/v1/people/{winner['id']}/merge",
                json={"loser_id": loser["id"]},
                headers=contacts.headers(HEAD),
            )
        )
        await met_a_lock_or_ended(contacts, second)
    assert (await second).status_code == 200
    assert await person_of_item(contacts, event.id) == UUID(winner["id"])


async def test_two_cards_dealt_at_once_go_to_two_members(
    contacts: Harness, call: Build, ring: Ring, join: Any, card_of: Any, number: str
) -> None:
    team = new_id()
    members = [new_id(), new_id()]
    await join(*members, team_id=team)
    one, other = (ring(call(phone=f"+38651{number[-6:-1]}{n}", line_team_id=team)) for n in (8, 9))

    async def capture() -> None:
        async with transaction(contacts) as tx:
            await consumers.capture_call(tx, other)

    async with transaction(contacts) as tx:
        await consumers.capture_call(tx, one)
        second = asyncio.create_task(capture())
        await met_a_lock_or_ended(contacts, second)
    await second
    owners = {(await card_of(event.subject_id))["owner_id"] for event in (one, other)}
    assert owners == set(members)


async def _started(work: Awaitable[None]) -> None:
    await work
