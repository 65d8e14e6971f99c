"""What people write on a card or a deal: theirs to change, seen by whoever sees what it is on, gone with it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, admin, nobody, salesperson
from crm_contacts.companies import repository as companies
from crm_contacts.imports.companies import Companies
from crm_contacts.imports.people import People
from crm_contacts.people import repository as people
from crm_contracts import contacts as events
from crm_contracts import deals
from crm_contracts.base import Removed
from crm_contracts.deals import DealState
from crm_contracts.envelope import Envelope

Json = dict[str, Any]
NOUNS = ("person", "company", "call", "deal", "task", "message")
HEAD = admin(NOUNS, "person:merge")
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


async def post(contacts: Harness, by: Principal, subject: str, id: object, text: str = "Call before noon") -> Any:
    body = {"subject": subject, "subject_id": str(id), "text": text}
    return await contacts.client.post("/api/v1/notes", json=body, headers=contacts.headers(by))


async def write(contacts: Harness, by: Principal, subject: str, id: object, text: str = "Call before noon") -> Json:
    answer = await post(contacts, by, subject, id, text)
    assert answer.status_code == 201, answer.text
    note: Json = answer.json()
    return note


async def ask(
    contacts: Harness, by: Principal, note: Json, method: str = "GET", version: int | None = 1, **body: Any
) -> Any:
    named = {} if version is None else {"if_match": str(version)}
    return await contacts.client.request(
        method, f"/api/v1/notes/{note['id']}", headers=contacts.headers(by, **named), json=body or None
    )


async def listed(contacts: Harness, by: Principal, subject: str, id: object, **query: Any) -> Json:
    params = {"subject": subject, "subject_id": str(id)} | query
    answer = await contacts.client.get("/api/v1/notes", params=params, headers=contacts.headers(by))
    assert answer.status_code == 200, answer.text
    page: Json = answer.json()
    return page


async def told(contacts: Harness, note: Json) -> list[Envelope]:
    """The events of the note, oldest first."""
    return [event for event in await contacts.recorded() if str(event.subject_id) == note["id"]]


async def lines(contacts: Harness, card: object, by: Principal = HEAD, noun: str = "people") -> list[Json]:
    """The notes on the card's timeline, once everything told has arrived."""
    await contacts.idle("contacts.timeline")
    answer = await contacts.client.get(f"/api/v1/{noun}/{card}/timeline", headers=contacts.headers(by))
    assert answer.status_code == 200, answer.text
    return [item for item in answer.json()["items"] if item["kind"] == "note"]


@pytest.fixture
def about(contacts: Harness) -> Callable[..., Envelope]:
    """The event that tells a deal's state."""

    def build(state: DealState) -> Envelope:
        type = deals.DEAL_CREATED if state.version == 1 else deals.DEAL_UPDATED
        return contacts.event(type, state, subject="deal", id=state.id, sequence=state.version, time=NINE)

    return build


def ended(contacts: Harness, state: DealState) -> Envelope:
    data = Removed(id=state.id, owner_id=state.owner_id, version=9)
    return contacts.event(deals.DEAL_REMOVED, data, subject="deal", id=state.id, sequence=9)


async def test_a_note_is_written_changed_and_deleted_and_each_is_told(contacts: Harness, enter: Any) -> None:
    ana = salesperson(NOUNS)
    person = await enter(ana)
    note = await write(contacts, ana, "person", person["id"], " <b>Wants</b>\nthe terrace too ")
    assert (note["text"], note["author_id"], note["version"]) == (" <b>Wants</b>\nthe terrace too ", str(ana.id), 1)
    assert (await ask(contacts, ana, note)).json() == note
    (line,) = await lines(contacts, person["id"], ana)
    assert (line["id"], line["data"]["author_id"], line["pii"]) == (note["id"], str(ana.id), {"text": note["text"]})

    changed = await ask(contacts, ana, note, "PATCH", text="Does not")
    assert (changed.status_code, changed.headers["etag"], changed.json()["text"]) == (200, '"2"', "Does not")
    unchanged = await ask(contacts, ana, note, "PATCH", version=2, text="Does not")
    assert (unchanged.status_code, unchanged.headers["etag"]) == (200, '"2"')
    stale = await ask(contacts, ana, note, "PATCH", text="Late")
    assert (stale.status_code, stale.json()["current"]["text"]) == (409, "Does not")
    (line,) = await lines(contacts, person["id"], ana)
    assert (line["version"], line["pii"], line["happened_at"]) == (2, {"text": "Does not"}, note["created_at"])

    assert (await ask(contacts, ana, note, "DELETE")).status_code == 409
    assert (await ask(contacts, ana, note, "DELETE", version=2)).status_code == 204
    assert (await ask(contacts, ana, note)).status_code == 404
    assert await lines(contacts, person["id"], ana) == []
    history = await told(contacts, note)
    assert [event.type for event in history] == [events.NOTE_CREATED, events.NOTE_UPDATED, events.NOTE_REMOVED]
    assert [event.sequence for event in history] == [1, 2, 3]
    assert {event.data["owner_id"] for event in history} == {str(ana.id)}
    assert [event.data.get("pii") for event in history] == [{"text": note["text"]}, {"text": "Does not"}, None]


@pytest.mark.parametrize("noun", ["people", "companies"])
async def test_whoever_may_not_see_the_card_learns_of_no_note(contacts: Harness, enter: Any, noun: str) -> None:
    ana, stranger = salesperson(NOUNS), salesperson(NOUNS)
    subject = {"people": "person", "companies": "company"}[noun]
    card = await enter(ana, noun)
    note = await write(contacts, ana, subject, card["id"])
    for other in (stranger, nobody()):
        answers = [await ask(contacts, other, note, method, text="Mine") for method in ("GET", "PATCH", "DELETE")]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert await listed(contacts, other, subject, card["id"]) == {"items": [], "next_cursor": None}
    for id in (card["id"], str(new_id())):
        refused = await post(contacts, stranger, subject, id)
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown_reference")
        assert refused.json()["reference"] == {"noun": subject, "id": id}
    assert (await post(contacts, nobody(), subject, card["id"])).status_code == 403
    assert len(await told(contacts, note)) == 1


async def test_a_note_is_its_authors_to_change_and_theirs_to_delete_who_may_change_the_card(
    contacts: Harness, enter: Any
) -> None:
    ana, bor = salesperson(NOUNS), salesperson(NOUNS)
    card = await enter(HEAD, owner_id=None)
    may_read = Principal(id=new_id(), role="reader", grants={"person:read": Scope.ALL})
    note = await write(contacts, replace(HEAD, id=ana.id), "person", card["id"])
    assert (await post(contacts, may_read, "person", card["id"])).status_code == 403
    answers = [
        await ask(contacts, HEAD, note, "PATCH", text="Mine"),
        await ask(contacts, bor, note, "DELETE"),
        await ask(contacts, may_read, note, "DELETE"),
        await ask(contacts, ana, note, "PATCH", version=None, text="Hers"),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 428]
    assert (await ask(contacts, ana, note, "PATCH", text="Hers")).status_code == 200
    assert (await ask(contacts, HEAD, note, "DELETE", version=2)).status_code == 204
    # The author sees the unassigned card and may not change it: what she wrote she may take back all the same.
    again = await write(contacts, replace(HEAD, id=ana.id), "person", card["id"])
    assert (await ask(contacts, ana, again, "DELETE")).status_code == 204


async def test_a_deals_note_is_on_the_timeline_of_its_people_whichever_is_heard_of_first(
    contacts: Harness, enter: Any, keep: Any, deal: Callable[..., DealState], about: Any
) -> None:
    ana, bor = salesperson(NOUNS), salesperson(NOUNS)
    first, second = [await enter(HEAD, owner_id=None) for _ in range(2)]
    company = await enter(HEAD, "companies", owner_id=None)
    known = deal(person_id=first["id"], company_id=company["id"], owner_id=ana.id)
    await keep([about(known)])
    note = await write(contacts, ana, "deal", known.id)
    assert [line["id"] for line in await lines(contacts, first["id"], ana)] == [note["id"]]
    assert [line["id"] for line in await lines(contacts, company["id"], ana, "companies")] == [note["id"]]
    assert [note["id"] for note in (await listed(contacts, ana, "deal", known.id))["items"]] == [note["id"]]
    # Everybody may see the card; the deal on it is its owner's.
    assert await lines(contacts, first["id"], bor) == []
    assert (await post(contacts, bor, "deal", known.id)).json()["code"] == "unknown_reference"
    assert (await listed(contacts, bor, "deal", known.id))["items"] == []
    assert (await ask(contacts, bor, note)).status_code == 404

    # The gateway vouches for a deal the copy has not heard of; until it has, the note is on nobody's timeline.
    fresh = deal(person_id=first["id"], owner_id=ana.id)
    vouched = replace(ana, refs=frozenset({f"deal/{fresh.id}"}))
    assert (await post(contacts, ana, "deal", fresh.id)).json()["reference"] == {"noun": "deal", "id": str(fresh.id)}
    early = await write(contacts, vouched, "deal", fresh.id)
    assert (await told(contacts, early))[0].data["owner_id"] is None
    assert [line["id"] for line in await lines(contacts, first["id"], ana)] == [note["id"]]
    await keep([about(fresh)])
    assert [line["id"] for line in await lines(contacts, first["id"], ana)] == [early["id"], note["id"]]

    # Notes follow their deal to another person and owner, rewritten or not.
    given = known.model_copy(update={"person_id": UUID(second["id"]), "owner_id": bor.id, "version": 2})
    await keep([about(given)])
    assert [line["id"] for line in await lines(contacts, second["id"], bor)] == [note["id"]]
    assert [line["id"] for line in await lines(contacts, first["id"], HEAD)] == [early["id"]]
    assert (await ask(contacts, ana, note, "PATCH", text="Mine still?")).status_code == 404
    assert (await ask(contacts, replace(HEAD, id=ana.id), note, "PATCH", text="Given away")).status_code == 200
    assert [line["version"] for line in await lines(contacts, second["id"], bor)] == [2]


async def test_no_note_stays_without_its_deals_person_when_both_are_heard_of_at_once(
    contacts: Harness, enter: Any, keep: Any, deal: Callable[..., DealState], about: Any
) -> None:
    person = await enter(HEAD)
    states = [deal(person_id=UUID(person["id"])) for _ in range(20)]
    notes = [note_event(contacts, "deal", state.id) for state in states]
    await asyncio.gather(*(keep([event]) for pair in zip(notes, map(about, states), strict=True) for event in pair))
    assert {line["id"] for line in await lines(contacts, person["id"])} == {str(event.subject_id) for event in notes}


def note_event(contacts: Harness, subject: str, id: UUID, version: int = 1, note_id: UUID | None = None) -> Envelope:
    state = events.NoteState.model_validate(
        {
            "id": note_id or new_id(),
            "subject": subject,
            "subject_id": id,
            "owner_id": None,
            "author_id": new_id(),
            "created_at": NINE,
            "updated_at": NINE,
            "version": version,
            "pii": {"text": f"Version {version}"},
        }
    )
    type = events.NOTE_CREATED if version == 1 else events.NOTE_UPDATED
    return contacts.event(type, state, subject="note", id=state.id, sequence=version, time=NINE)


def note_removed(contacts: Harness, note: Envelope) -> Envelope:
    data: Json = {"id": str(note.subject_id), "owner_id": None, "version": 9, "changed": []}
    on = {name: note.data[name] for name in ("subject", "subject_id")}
    return contacts.event(events.NOTE_REMOVED, data | on, subject="note", id=note.subject_id, sequence=9)


async def test_an_older_state_of_a_note_does_not_come_back_nor_does_a_deleted_one(
    contacts: Harness, enter: Any, keep: Any
) -> None:
    person = await enter(HEAD)
    stays = note_event(contacts, "person", UUID(person["id"]))
    newer = note_event(contacts, "person", UUID(person["id"]), 2, stays.subject_id)
    gone = note_event(contacts, "person", UUID(person["id"]))
    await keep([newer, note_removed(contacts, gone)])
    await keep([stays, gone])
    await keep([gone, stays, newer])
    assert [(line["version"], line["pii"]) for line in await lines(contacts, person["id"])] == [
        (2, {"text": "Version 2"})
    ]


async def test_notes_of_a_merged_card_are_on_the_card_that_lives_on(contacts: Harness, enter: Any) -> None:
    winner, loser = [await enter(HEAD) for _ in range(2)]
    note = await write(contacts, HEAD, "person", loser["id"])
    answer = await contacts.client.post(
        f"/api/v1/people/{winner['id']}/merge", json={"loser_id": loser["id"]}, headers=contacts.headers(HEAD)
    )
    assert answer.status_code == 200, answer.text
    late = await write(contacts, HEAD, "person", loser["id"])
    assert late["subject_id"] == winner["id"]
    for id in (winner["id"], loser["id"]):
        assert [each["id"] for each in (await listed(contacts, HEAD, "person", id))["items"]] == [
            late["id"],
            note["id"],
        ]
    assert [line["id"] for line in await lines(contacts, winner["id"])] == [late["id"], note["id"]]
    changed = await ask(contacts, HEAD, note, "PATCH", text="Still mine")
    assert changed.json()["subject_id"] == winner["id"]
    assert len(await lines(contacts, winner["id"])) == 2


@pytest.mark.parametrize("noun", ["people", "companies"])
async def test_notes_go_with_the_card_they_are_on(contacts: Harness, enter: Any, noun: str) -> None:
    subject = {"people": "person", "companies": "company"}[noun]
    card = await enter(HEAD, noun)
    written = [await write(contacts, HEAD, subject, card["id"]) for _ in range(2)]
    assert len(await lines(contacts, card["id"], noun=noun)) == 2
    url = f"/api/v1/{noun}/{card['id']}"
    answer = await contacts.client.delete(url, headers=contacts.headers(HEAD, if_match="1"))
    assert answer.status_code == 204, answer.text
    await contacts.idle("contacts.timeline")
    for note in written:
        assert (await told(contacts, note))[-1].type == events.NOTE_REMOVED
        assert await traces(contacts, note) == 0


async def test_notes_go_with_their_deal_and_none_is_written_on_one_that_is_gone(
    contacts: Harness, enter: Any, keep: Any, deal: Callable[..., DealState], about: Any
) -> None:
    person = await enter(HEAD)
    state = deal(person_id=UUID(person["id"]))
    await keep([about(state)])
    note = await write(contacts, HEAD, "deal", state.id)
    assert len(await lines(contacts, person["id"])) == 1
    await keep([ended(contacts, state)])
    await keep([ended(contacts, state)])
    await contacts.idle("contacts.timeline")
    assert await traces(contacts, note) == 0
    removed = (await told(contacts, note))[1:]
    assert [(event.type, event.data["owner_id"]) for event in removed] == [(events.NOTE_REMOVED, str(state.owner_id))]
    vouched = replace(HEAD, refs=frozenset({f"deal/{state.id}"}))
    assert (await post(contacts, vouched, "deal", state.id)).json()["code"] == "unknown_reference"


async def traces(contacts: Harness, note: Json) -> int:
    """How many rows there are of the note."""
    (row,) = await contacts.rows(
        "SELECT (SELECT count(*) FROM note WHERE id = :id) + (SELECT count(*) FROM timeline_item WHERE id = :id) AS n",
        id=UUID(note["id"]),
    )
    return int(row["n"])


@pytest.mark.parametrize("noun", ["people", "companies"])
async def test_an_undo_leaves_a_card_somebody_has_written_on(contacts: Harness, enter: Any, noun: str) -> None:
    kind: Any = People("SI") if noun == "people" else Companies("SI")
    repository: Any = people if noun == "people" else companies
    subject = {"people": "person", "companies": "company"}[noun]
    written, bare = [await enter(HEAD, noun) for _ in range(2)]
    note = await write(contacts, HEAD, subject, written["id"])
    with telling(Story.of_system("contacts")):
        async with contacts.database.transaction() as tx:
            cards = await repository.lock_many(tx, [UUID(card["id"]) for card in (written, bare)])
            assert await kind.remove_many(tx, cards) == {UUID(written["id"])}
    assert await listed(contacts, HEAD, subject, written["id"]) == {"items": [note], "next_cursor": None}
    gone = await contacts.client.get(f"/api/v1/{noun}/{bare['id']}", headers=contacts.headers(HEAD))
    assert gone.status_code == 404


async def test_the_list_goes_on_behind_its_cursor_and_costs_as_many_statements_as_it_is_short(
    contacts: Harness, enter: Any
) -> None:
    person, company = await enter(HEAD), await enter(HEAD, "companies")
    await write(contacts, HEAD, "company", company["id"])
    written = [await write(contacts, HEAD, "person", person["id"], f"Note {i}") for i in range(7)]

    async def cost(subject: str, id: str) -> int:
        with contacts.statements() as statements:
            await listed(contacts, HEAD, subject, id)
        return len(statements)

    assert (await cost("company", company["id"]), await cost("person", person["id"])) == (1, 2)
    shown, cursor = [], None
    while True:
        more: Json = {"cursor": cursor} if cursor else {}
        page = await listed(contacts, HEAD, "person", person["id"], limit=3, **more)
        shown += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break
    assert shown == list(reversed(written))
    assert (await listed(contacts, HEAD, "person", new_id()))["items"] == []


@pytest.mark.parametrize("text", ["", "  \n\t", "a\x00b", "a\x1bb", "x" * 20_001, None, 7])
async def test_a_text_of_nothing_too_much_or_control_characters_is_refused(
    contacts: Harness, enter: Any, text: Any
) -> None:
    person = await enter(HEAD)
    assert (await post(contacts, HEAD, "person", person["id"], text)).status_code == 422
    whole = await write(contacts, HEAD, "person", person["id"], "\U0001f3e0" * 20_000)
    assert (await ask(contacts, HEAD, whole, "PATCH", text=text)).status_code == 422
    assert (await listed(contacts, HEAD, "person", person["id"]))["items"] == [whole]
