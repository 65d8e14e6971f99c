"""Files people put on a card or a deal: seen by whoever sees what they are on, followed by it, gone with it."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, nobody, salesperson
from crm_contacts.companies import repository as companies
from crm_contacts.imports.companies import Companies
from crm_contacts.imports.people import People
from crm_contacts.people import repository as people
from crm_contracts import contacts as events
from crm_contracts import deals
from crm_contracts.base import Removed
from crm_contracts.deals import DealState
from crm_contracts.envelope import Envelope

from .attaching import HEAD, NOUNS, PNG, Json, ask, content, contents, gone, lines, listed, on_disk, post, put, told


@pytest.fixture
def about(contacts: Harness) -> Callable[..., Envelope]:
    """The event that tells a deal's state."""

    def build(state: DealState) -> Envelope:
        type = deals.DEAL_CREATED if state.version == 1 else deals.DEAL_UPDATED
        return contacts.event(type, state, subject="deal", id=state.id, sequence=state.version)

    return build


async def test_a_file_is_added_renamed_and_deleted_and_each_is_told(
    contacts: Harness, enter: Any, files_dir: Path
) -> None:
    ana = salesperson(NOUNS)
    person = await enter(ana)
    file = await put(contacts, ana, "person", person["id"], name="Načrt \U0001f3e0.png")
    assert file == (await ask(contacts, ana, file)).json()
    assert (file["name"], file["size"], file["media_type"]) == ("Načrt \U0001f3e0.png", len(PNG), "image/png")
    assert (file["author_id"], file["sha256"]) == (str(ana.id), hashlib.sha256(PNG).hexdigest())
    whole = await content(contacts, ana, file)
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, PNG, "image/png")
    assert whole.headers["content-disposition"].startswith("inline; ")
    assert (whole.headers["x-content-type-options"], whole.headers["content-length"]) == ("nosniff", str(len(PNG)))
    assert "sandbox" in whole.headers["content-security-policy"]
    (line,) = await lines(contacts, person["id"], ana)
    assert (line["id"], line["data"]["size"], line["pii"]) == (file["id"], len(PNG), {"name": file["name"]})

    changed = await ask(contacts, ana, file, "PATCH", name="Končni načrt.png")
    assert (changed.status_code, changed.headers["etag"], changed.json()["name"]) == (200, '"2"', "Končni načrt.png")
    unchanged = await ask(contacts, ana, file, "PATCH", version=2, name="Končni načrt.png")
    assert (unchanged.status_code, unchanged.headers["etag"]) == (200, '"2"')
    stale = await ask(contacts, ana, file, "PATCH", name="Late.png")
    assert (stale.status_code, stale.json()["current"]["name"]) == (409, "Končni načrt.png")
    (line,) = await lines(contacts, person["id"], ana)
    assert (line["version"], line["pii"], line["happened_at"]) == (2, {"name": "Končni načrt.png"}, file["created_at"])

    assert on_disk(files_dir, file)
    assert (await ask(contacts, ana, file, "DELETE")).status_code == 409
    assert (await ask(contacts, ana, file, "DELETE", version=2)).status_code == 204
    assert {(await ask(contacts, ana, file)).status_code, (await content(contacts, ana, file)).status_code} == {404}
    assert await lines(contacts, person["id"], ana) == []
    await gone(contacts, files_dir, file)
    history = await told(contacts, file)
    assert [event.type for event in history] == [events.FILE_ADDED, events.FILE_CHANGED, events.FILE_REMOVED]
    assert [event.sequence for event in history] == [1, 2, 3]
    assert {event.data["owner_id"] for event in history} == {str(ana.id)}


@pytest.mark.parametrize("noun", ["people", "companies"])
async def test_whoever_may_not_see_the_card_learns_of_no_file(
    contacts: Harness, enter: Any, noun: str, files_dir: Path
) -> None:
    ana, stranger = salesperson(NOUNS), salesperson(NOUNS)
    subject = {"people": "person", "companies": "company"}[noun]
    card = await enter(ana, noun)
    file = await put(contacts, ana, subject, card["id"])
    stored = contents(files_dir)
    for other in (stranger, nobody()):
        answers = [await ask(contacts, other, file, method, name="Mine") for method in ("GET", "PATCH", "DELETE")]
        answers.append(await content(contacts, other, file))
        assert [answer.status_code for answer in answers] == [404, 404, 404, 404]
        assert await listed(contacts, other, subject, card["id"]) == {"items": [], "next_cursor": None}
    for id in (card["id"], str(new_id())):
        refused = await post(contacts, stranger, subject, id)
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown_reference")
        assert refused.json()["reference"] == {"noun": subject, "id": id}
    assert (await post(contacts, nobody(), subject, card["id"])).status_code == 403
    assert len(await told(contacts, file)) == 1
    assert contents(files_dir) == stored


async def test_a_file_is_theirs_to_change_who_added_it_or_may_change_the_card(contacts: Harness, enter: Any) -> None:
    ana, bor = salesperson(NOUNS), salesperson(NOUNS)
    card = await enter(HEAD, owner_id=None)
    may_read = Principal(id=new_id(), role="reader", grants={"person:read": Scope.ALL})
    file = await put(contacts, replace(HEAD, id=ana.id), "person", card["id"])
    assert (await post(contacts, may_read, "person", card["id"])).status_code == 403
    assert (await content(contacts, may_read, file)).content == PNG
    answers = [
        await ask(contacts, bor, file, "PATCH", name="Mine"),
        await ask(contacts, bor, file, "DELETE"),
        await ask(contacts, may_read, file, "DELETE"),
        await ask(contacts, ana, file, "PATCH", version=None, name="Hers"),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 428]
    assert (await ask(contacts, ana, file, "PATCH", name="Hers")).status_code == 200
    assert (await ask(contacts, HEAD, file, "PATCH", version=2, name="Theirs")).status_code == 200
    assert (await ask(contacts, HEAD, file, "DELETE", version=3)).status_code == 204


async def test_a_deals_file_is_on_the_timeline_of_its_people_whichever_is_heard_of_first(
    contacts: Harness, enter: Any, keep: Any, deal: Callable[..., DealState], about: Any
) -> None:
    ana, bor = salesperson(NOUNS), salesperson(NOUNS)
    first = await enter(HEAD, owner_id=None)
    known = deal(person_id=first["id"], owner_id=ana.id)
    await keep([about(known)])
    file = await put(contacts, ana, "deal", known.id)
    assert [line["id"] for line in await lines(contacts, first["id"], ana)] == [file["id"]]
    # Everybody may see the card; the deal on it is its owner's.
    assert await lines(contacts, first["id"], bor) == []
    assert (await post(contacts, bor, "deal", known.id)).json()["code"] == "unknown_reference"
    assert (await content(contacts, bor, file)).status_code == 404

    fresh = deal(person_id=first["id"], owner_id=ana.id)
    vouched = replace(ana, refs=frozenset({f"deal/{fresh.id}"}))
    early = await put(contacts, vouched, "deal", fresh.id)
    assert [line["id"] for line in await lines(contacts, first["id"], ana)] == [file["id"]]
    await keep([about(fresh)])
    assert [line["id"] for line in await lines(contacts, first["id"], ana)] == [early["id"], file["id"]]

    given_away = known.model_copy(update={"owner_id": bor.id, "version": 2})
    await keep([about(given_away)])
    assert [line["id"] for line in await lines(contacts, first["id"], bor)] == [file["id"]]
    assert (await content(contacts, ana, file)).status_code == 404


def file_event(contacts: Harness, subject: str, id: UUID, version: int = 1, file_id: UUID | None = None) -> Envelope:
    moment = "2026-03-02T09:00:00Z"
    state = events.FileState.model_validate(
        {"id": file_id or new_id(), "subject": subject, "subject_id": id, "owner_id": None, "author_id": new_id()}
        | {"size": 7, "media_type": "image/png", "created_at": moment, "updated_at": moment}
        | {"version": version, "pii": {"name": f"Version {version}"}}
    )
    type = events.FILE_ADDED if version == 1 else events.FILE_CHANGED
    return contacts.event(type, state, subject="file", id=state.id, sequence=version)


async def test_an_older_state_of_a_file_does_not_come_back_nor_does_a_deleted_one(
    contacts: Harness, enter: Any, keep: Any
) -> None:
    person = await enter(HEAD)
    stays = file_event(contacts, "person", UUID(person["id"]))
    newer = file_event(contacts, "person", UUID(person["id"]), 2, stays.subject_id)
    ended = file_event(contacts, "person", UUID(person["id"]))
    data: Json = {"id": str(ended.subject_id), "owner_id": None, "version": 9, "changed": []}
    on = {name: ended.data[name] for name in ("subject", "subject_id")}
    removal = contacts.event(events.FILE_REMOVED, data | on, subject="file", id=ended.subject_id, sequence=9)
    await keep([newer, removal])
    await keep([stays, ended])
    await keep([ended, stays, newer])
    assert [(line["version"], line["pii"]) for line in await lines(contacts, person["id"])] == [
        (2, {"name": "Version 2"})
    ]


async def test_files_of_a_merged_card_are_on_the_card_that_lives_on(contacts: Harness, enter: Any) -> None:
    winner, loser = [await enter(HEAD) for _ in range(2)]
    file = await put(contacts, HEAD, "person", loser["id"])
    answer = await contacts.client.post(
        f"/api/v1/people/{winner['id']}/merge", json={"loser_id": loser["id"]}, headers=contacts.headers(HEAD)
    )
    assert answer.status_code == 200, answer.text
    late = await put(contacts, HEAD, "person", loser["id"])
    assert late["subject_id"] == winner["id"]
    for id in (winner["id"], loser["id"]):
        page = await listed(contacts, HEAD, "person", id)
        assert [each["id"] for each in page["items"]] == [late["id"], file["id"]]
    assert [line["id"] for line in await lines(contacts, winner["id"])] == [late["id"], file["id"]]
    assert (await content(contacts, HEAD, file)).content == PNG


@pytest.mark.parametrize("noun", ["people", "companies"])
async def test_files_go_with_the_card_they_are_on(contacts: Harness, enter: Any, noun: str, files_dir: Path) -> None:
    subject = {"people": "person", "companies": "company"}[noun]
    card = await enter(HEAD, noun)
    added = [await put(contacts, HEAD, subject, card["id"]) for _ in range(2)]
    assert len(await lines(contacts, card["id"], noun=noun)) == 2
    url = f"/api/v1/{noun}/{card['id']}"
    answer = await contacts.client.delete(url, headers=contacts.headers(HEAD, if_match="1"))
    assert answer.status_code == 204, answer.text
    await contacts.idle("contacts.timeline")
    for file in added:
        assert (await told(contacts, file))[-1].type == events.FILE_REMOVED
    await gone(contacts, files_dir, *added)


async def test_files_go_with_their_deal_and_none_is_put_on_one_that_is_gone(
    contacts: Harness, enter: Any, keep: Any, deal: Callable[..., DealState], about: Any, files_dir: Path
) -> None:
    person = await enter(HEAD)
    state = deal(person_id=UUID(person["id"]))
    await keep([about(state)])
    file = await put(contacts, HEAD, "deal", state.id)
    assert len(await lines(contacts, person["id"])) == 1
    data = Removed(id=state.id, owner_id=state.owner_id, version=9)
    ended = contacts.event(deals.DEAL_REMOVED, data, subject="deal", id=state.id, sequence=9)
    await keep([ended])
    await keep([ended])
    await contacts.idle("contacts.timeline")
    await gone(contacts, files_dir, file)
    assert [event.type for event in (await told(contacts, file))[1:]] == [events.FILE_REMOVED]
    vouched = replace(HEAD, refs=frozenset({f"deal/{state.id}"}))
    assert (await post(contacts, vouched, "deal", state.id)).json()["code"] == "unknown_reference"


@pytest.mark.parametrize("noun", ["people", "companies"])
async def test_an_undo_leaves_a_card_somebody_has_put_a_file_on(contacts: Harness, enter: Any, noun: str) -> None:
    kind: Any = People("SI") if noun == "people" else Companies("SI")
    repository: Any = people if noun == "people" else companies
    subject = {"people": "person", "companies": "company"}[noun]
    holder, bare = [await enter(HEAD, noun) for _ in range(2)]
    file = await put(contacts, HEAD, subject, holder["id"])
    with telling(Story.of_system("contacts")):
        async with contacts.database.transaction() as tx:
            cards = await repository.lock_many(tx, [UUID(card["id"]) for card in (holder, bare)])
            assert await kind.remove_many(tx, cards) == {UUID(holder["id"])}
    assert (await content(contacts, HEAD, file)).content == PNG


async def test_the_list_goes_on_behind_its_cursor_and_every_door_costs_few_statements(
    contacts: Harness, enter: Any
) -> None:
    person, company = await enter(HEAD), await enter(HEAD, "companies")
    await put(contacts, HEAD, "company", company["id"])
    added = [await put(contacts, HEAD, "person", person["id"], name=f"{i}.png") for i in range(7)]

    async def cost(request: Any) -> int:
        with contacts.statements() as statements:
            await request
        return len(statements)

    costs = {
        "list of a company": await cost(listed(contacts, HEAD, "company", company["id"])),
        "list of a person": await cost(listed(contacts, HEAD, "person", person["id"])),
        "metadata": await cost(ask(contacts, HEAD, added[0])),
        "content": await cost(content(contacts, HEAD, added[0])),
        # Before it arrives: the gate, the alias, the card, the day it would be dropped; after: the same three,
        # the file, that day struck out, the event.
        "upload": await cost(put(contacts, HEAD, "person", person["id"], name="7.png")),
        "rename": await cost(ask(contacts, HEAD, added[0], "PATCH", name="0")),
        "removal": await cost(ask(contacts, HEAD, added[0], "DELETE", version=2)),
    }
    assert costs == {
        "list of a company": 1,
        "list of a person": 2,
        "metadata": 1,
        "content": 1,
        "upload": 10,
        "rename": 3,
        "removal": 4,
    }
    shown, cursor = [], None
    while True:
        more: Json = {"cursor": cursor} if cursor else {}
        page = await listed(contacts, HEAD, "person", person["id"], limit=3, **more)
        shown += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break
    assert [file["name"] for file in shown] == [f"{i}.png" for i in range(7, 0, -1)]
