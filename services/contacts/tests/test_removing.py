"""A card entered by mistake goes for good; one that something hangs on stays."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, admin, eventually, nobody, salesperson
from crm_contacts.companies import repository as companies
from crm_contacts.companies import service as company_service
from crm_contacts.people import repository as people
from crm_contacts.people import service as people_service
from crm_contracts import contacts as events
from crm_contracts import deals
from crm_contracts.base import Removed
from crm_contracts.deals import DealState
from crm_contracts.envelope import Envelope, Lane

Json = dict[str, Any]
NOUNS = ("person", "company", "call", "deal", "task", "message")
HEAD = admin(NOUNS, "person:merge")


async def remove(
    contacts: Harness, card: Json, noun: str = "people", *, by: Principal = HEAD, version: int | None = 1
) -> Any:
    named = {} if version is None else {"if_match": str(version)}
    return await contacts.client.delete(f"/api/v1/{noun}/{card['id']}", headers=contacts.headers(by, **named))


async def rows_of(contacts: Harness, card: Json) -> int:
    """How many rows there are of the card and its phones and e-mails."""
    (row,) = await contacts.rows(
        "SELECT (SELECT count(*) FROM person WHERE id = :id) + (SELECT count(*) FROM company WHERE id = :id)"
        " + (SELECT count(*) FROM identity WHERE person_id = :id OR company_id = :id) AS n",
        id=UUID(card["id"]),
    )
    return int(row["n"])


async def told(contacts: Harness, card: Json) -> list[Envelope]:
    """The events of the card, oldest first."""
    return [event for event in await contacts.recorded() if str(event.subject_id) == card["id"]]


@pytest.mark.parametrize(
    ("noun", "removal"), [("people", events.PERSON_REMOVED), ("companies", events.COMPANY_REMOVED)]
)
async def test_a_card_entered_by_mistake_is_gone_and_told(
    contacts: Harness, enter: Any, number: str, noun: str, removal: str
) -> None:
    ana = salesperson(NOUNS)
    card = await enter(ana, noun, name="Pomota", phones=[{"raw": number}], emails=[{"address": "a@example.com"}])
    answer = await remove(contacts, card, noun, by=ana)
    assert (answer.status_code, answer.content) == (204, b"")
    assert await rows_of(contacts, card) == 0
    _, removed = await told(contacts, card)
    assert (removed.type, removed.sequence, removed.actor) == (removal, 2, f"user:{ana.id}")
    assert Removed.model_validate(removed.data) == Removed(id=card["id"], owner_id=ana.id, version=2)
    assert "pii" not in removed.data
    url = f"/api/v1/{noun}/{card['id']}"
    assert (await contacts.client.get(url, headers=contacts.headers(HEAD))).status_code == 404
    found = await contacts.client.get(f"/api/v1/{noun}", params={"phone": number}, headers=contacts.headers(HEAD))
    assert found.json()["items"] == []
    assert (await remove(contacts, card, noun, by=ana)).status_code == 404
    assert len(await told(contacts, card)) == 2


@pytest.mark.parametrize("noun", ["people", "companies"])
async def test_a_removal_needs_the_right_and_the_version_it_removes(contacts: Harness, enter: Any, noun: str) -> None:
    card = await enter(HEAD, noun, owner_id=None)
    singular = {"people": "person", "companies": "company"}[noun]
    changer = Principal(
        id=new_id(), role="changer", grants={f"{singular}:{what}": Scope.ALL for what in ("read", "update")}
    )
    remover = Principal(id=new_id(), role="remover", grants={f"{singular}:delete": Scope.ALL})
    answers = [
        await remove(contacts, card, noun, by=nobody()),
        await remove(contacts, card, noun, by=remover),
        await remove(contacts, card, noun, by=changer),
        await remove(contacts, card, noun, by=salesperson(NOUNS)),
        await remove(contacts, card, noun, version=None),
        await remove(contacts, card, noun, version=7),
        await remove(contacts, {"id": str(new_id())}, noun),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 403, 403, 428, 409, 404]
    assert (answers[5].json()["code"], answers[5].json()["current"]["version"]) == ("stale_version", 1)
    assert await rows_of(contacts, card) == 1
    assert len(await told(contacts, card)) == 1


async def test_what_something_hangs_on_stays(
    contacts: Harness, enter: Any, call: Any, ring: Any, hear: Any, card_of: Any, keep: Any, deal: Any
) -> None:
    rang = call()
    await hear(ring(rang))
    called = {"id": str((await card_of(rang.id))["id"])}
    winner, loser = [await enter(HEAD) for _ in range(2)]
    merged = await contacts.client.post(
        f"/api/v1/people/{winner['id']}/merge", json={"loser_id": loser["id"]}, headers=contacts.headers(HEAD)
    )
    company, customer = await enter(HEAD, "companies"), await enter(HEAD, "companies")
    employee = await enter(HEAD, company_id=company["id"])
    buyer = await enter(HEAD)
    sold: DealState = deal(person_id=UUID(buyer["id"]), company_id=UUID(customer["id"]))
    await keep([contacts.event(deals.DEAL_CREATED, sold, subject="deal", id=sold.id)])
    before = len(await contacts.recorded())
    answers = [
        await remove(contacts, called),
        await remove(contacts, winner, version=merged.json()["version"]),
        await remove(contacts, loser, version=merged.json()["version"]),
        await remove(contacts, company, "companies"),
        await remove(contacts, customer, "companies"),
        await remove(contacts, buyer),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "in_use")] * len(answers)
    assert len(await contacts.recorded()) == before

    # Freed of it, they go: the deal is removed, the employee too.
    gone = Removed(id=sold.id, owner_id=sold.owner_id, version=2)
    await keep([contacts.event(deals.DEAL_REMOVED, gone, subject="deal", id=sold.id, sequence=2)])
    for card, noun in ((buyer, "people"), (customer, "companies"), (employee, "people"), (company, "companies")):
        assert (await remove(contacts, card, noun)).status_code == 204


async def test_a_company_that_only_a_merged_card_remembers_can_go(contacts: Harness, enter: Any) -> None:
    company, other = [await enter(HEAD, "companies") for _ in range(2)]
    winner, loser = await enter(HEAD, company_id=other["id"]), await enter(HEAD, company_id=company["id"])
    await contacts.client.post(
        f"/api/v1/people/{winner['id']}/merge", json={"loser_id": loser["id"]}, headers=contacts.headers(HEAD)
    )
    assert (await remove(contacts, company, "companies")).status_code == 204


@pytest.mark.parametrize("noun", ["people", "companies"])
async def test_many_cards_go_with_as_many_statements_as_one(contacts: Harness, enter: Any, noun: str) -> None:
    repository: Any = people if noun == "people" else companies
    service: Any = people_service if noun == "people" else company_service

    async def removed(ids: list[UUID]) -> tuple[set[UUID], int]:
        with telling(Story.of_system("contacts", lane=Lane.BULK)), contacts.statements() as statements:
            async with contacts.database.transaction() as tx:
                kept = await service.remove_many(tx, await repository.lock_many(tx, ids))
        return kept, len(statements)

    cards = [await enter(HEAD, noun, emails=[{"address": "a@example.com"}]) for _ in range(5)]
    used = await enter(HEAD, noun)
    if noun == "people":
        loser = await enter(HEAD)
        await contacts.client.post(
            f"/api/v1/people/{used['id']}/merge", json={"loser_id": loser["id"]}, headers=contacts.headers(HEAD)
        )
    else:
        await enter(HEAD, company_id=used["id"])
    kept, few = await removed([UUID(cards[0]["id"])])
    assert kept == set()
    wanted = [UUID(card["id"]) for card in [*cards[1:], used]]
    assert await removed([*wanted, new_id()]) == ({UUID(used["id"])}, few)
    assert [await rows_of(contacts, card) for card in cards] == [0] * 5
    assert [(await told(contacts, card))[-1].lane for card in cards] == [Lane.BULK] * 5
    assert await rows_of(contacts, used) > 0


async def test_a_person_entered_for_a_company_that_goes_meanwhile_names_nothing(contacts: Harness, enter: Any) -> None:
    """The removal is not committed yet when somebody names the company: they wait, and are told it is unknown."""
    company = await enter(HEAD, "companies")
    with telling(Story.of_system("contacts")):
        async with contacts.database.transaction() as tx:
            cards = await companies.lock_many(tx, [UUID(company["id"])])
            assert await company_service.remove_many(tx, cards) == set()
            second = asyncio.create_task(_enter_for(contacts, company["id"]))
            await _met_a_lock_or_ended(contacts, second)
    answer = await second
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_company")


async def _enter_for(contacts: Harness, company_id: str) -> Any:
    body = {"name": "Novi", "company_id": company_id}
    return await contacts.client.post("/api/v1/people", json=body, headers=contacts.headers(HEAD))


async def _met_a_lock_or_ended(contacts: Harness, second: "asyncio.Task[Any]") -> None:
    async def check() -> bool:
        waiting = await contacts.rows(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return second.done() or bool(waiting)

    await eventually(check)


async def test_a_removed_deal_leaves_the_timeline_and_does_not_come_back(
    contacts: Harness, enter: Any, keep: Any, deal: Callable[..., DealState]
) -> None:
    person = await enter(HEAD)

    def about(state: DealState, **more: Any) -> Envelope:
        moved = isinstance(state, deals.DealStageChanged)
        type = deals.DEAL_STAGE_CHANGED if moved else deals.DEAL_CREATED
        return contacts.event(type, state, subject="deal", id=state.id, sequence=state.version, **more)

    def ended(id: UUID, version: int) -> Envelope:
        data = Removed(id=id, owner_id=None, version=version)
        return contacts.event(deals.DEAL_REMOVED, data, subject="deal", id=id, sequence=version)

    async def shown() -> set[str]:
        rows = await contacts.rows(
            "SELECT deal_id FROM timeline_item WHERE person_id = :id UNION SELECT deal_id FROM timeline_deal"
            " WHERE person_id = :id",
            id=UUID(person["id"]),
        )
        return {str(row["deal_id"]) for row in rows}

    created = {id: deal(id=id, person_id=person["id"]) for id in (new_id() for _ in range(4))}
    moved = {id: deal(id=id, person_id=person["id"], from_stage_id=new_id(), version=2) for id in created}
    stays, after, before, at_once = created
    await keep([about(created[stays]), about(created[after]), about(moved[after])])
    assert await shown() == {str(stays), str(after)}
    # After its history; before all of it; in one batch with it, in the middle.
    await keep([ended(after, 3)])
    await keep([ended(before, 3)])
    await keep([about(moved[at_once]), ended(at_once, 3), about(created[at_once])])
    assert await shown() == {str(stays)}
    # Told again, and what came late.
    await keep([about(moved[after])])
    await keep([about(created[before]), about(moved[before])])
    assert await shown() == {str(stays)}
    await keep([ended(after, 3), ended(before, 3), ended(at_once, 3)])
    assert await shown() == {str(stays)}
