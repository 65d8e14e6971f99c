"""The copy of cards, deals' part of a card, and the search."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from crm_chassis.ids import new_id
from crm_chassis.testing import nobody
from crm_contracts import contacts
from crm_deals.cards.part import CardPart
from crm_deals.search.rules import patterns
from hypothesis import given
from hypothesis import strategies as st

from .desk import MONDAY, Desk, person_state


async def copied(desk: Desk, id: UUID) -> dict[str, Any]:
    """The person as the copy has it."""
    return await desk.until("SELECT * FROM person_card WHERE id = :id", id=id)


async def test_the_copy_keeps_the_newest_state_whatever_the_order(desk: Desk) -> None:
    id, probe = new_id(), new_id()
    newest = person_state(None, "Maja Novak", id=id, version=4)
    older = person_state(None, "Maja Kos", id=id, version=3)
    await desk.hear(contacts.PERSON_UPDATED, newest, "person", id, queue="deals.cards")
    await copied(desk, id)
    await desk.hear(contacts.PERSON_UPDATED, older, "person", id, queue="deals.cards")
    await desk.hear(contacts.PERSON_CREATED, person_state(None, id=probe), "person", probe, queue="deals.cards")
    await copied(desk, probe)
    card = await copied(desk, id)
    assert (card["name"], card["sequence"]) == ("Maja Novak", 4)


async def test_a_company_is_copied_with_its_owner(desk: Desk) -> None:
    ana, bor = await desk.hire(), await desk.hire("Bor Zupan")
    company = contacts.CompanyState(
        id=new_id(),
        name="Okna d.o.o.",
        owner_id=ana.id,
        created_at=MONDAY,
        updated_at=MONDAY,
        version=1,
        pii=contacts.CompanyPii(phones=[], emails=[]),
    )
    await desk.hear(contacts.COMPANY_CREATED, company, "company", company.id, queue="deals.cards")
    await desk.until("SELECT 1 FROM company_card WHERE id = :id AND owner_id = :owner", id=company.id, owner=ana.id)
    deal = await desk.deal(ana, company_id=str(company.id))
    task = await desk.task(ana, deal_id=deal["id"])
    part = (await desk.get(ana, f"/card/company/{company.id}")).json()
    assert ([one["id"] for one in part["deals"]], [one["id"] for one in part["tasks"]]) == ([deal["id"]], [task["id"]])
    refused = await desk.post(bor, "/deals", {"title": "A", "company_id": str(company.id)})
    assert refused.json()["code"] == "unknown_reference"


async def test_a_card_shows_open_deals_the_last_closed_ones_and_open_tasks(desk: Desk) -> None:
    ana, bor = await desk.hire(), await desk.hire("Bor Zupan")
    person = await desk.meet(ana.id)
    lost = []
    for _ in range(7):
        deal = await desk.deal(ana, person_id=str(person))
        lost.append((await desk.move(ana, deal, "Lost", loss_reason="Price")).json())
    open_ones = [await desk.deal(ana, person_id=str(person)) for _ in range(2)]
    await desk.deal(desk.head, owner_id=str(bor.id), person_id=str(person))
    task, done = await desk.task(ana, person_id=str(person)), await desk.task(ana, person_id=str(person))
    of_deal = await desk.task(ana, deal_id=open_ones[0]["id"])
    await desk.post(ana, f"/tasks/{done['id']}/complete")
    with desk.harness.statements() as statements:
        answer = await desk.get(ana, f"/card/person/{person}")
    assert sum("FROM alias" in one or "FROM deal" in one or "FROM task" in one for one in statements) == 3
    part = CardPart.model_validate(answer.json())
    expected = [*open_ones[::-1], *lost[:-6:-1]]
    assert [str(deal.id) for deal in part.deals] == [deal["id"] for deal in expected]
    assert [str(one.id) for one in part.tasks] == [task["id"], of_deal["id"]]
    assert (await desk.get(nobody(), f"/card/person/{person}")).json() == {"deals": [], "tasks": []}
    assert (await desk.get(ana, f"/card/person/{uuid4()}")).json() == {"deals": [], "tasks": []}
    assert (await desk.get(ana, f"/card/deal/{person}")).status_code == 422


async def test_a_merged_person_is_found_under_every_id(desk: Desk) -> None:
    ana = await desk.hire()
    loser, winner = await desk.meet(ana.id, "Maja K."), await desk.meet(ana.id, "Maja Kos")
    old, new = await desk.deal(ana, person_id=str(loser)), await desk.deal(ana, person_id=str(winner))
    state = person_state(ana.id, "Maja Kos", id=winner, version=2)
    merged = contacts.PersonMerged(**dict(state), loser_id=loser, winner_id=winner)
    for _ in range(2):
        await desk.hear(contacts.PERSON_MERGED, merged, "person", winner, queue="deals.cards")
    await desk.until("SELECT 1 FROM alias WHERE loser = :loser AND winner = :winner", loser=loser, winner=winner)
    for id in (loser, winner):
        part = (await desk.get(ana, f"/card/person/{id}")).json()
        listed = (await desk.get(ana, "/deals", person_id=str(id))).json()["items"]
        assert [deal["id"] for deal in part["deals"]] == [deal["id"] for deal in listed] == [new["id"], old["id"]]
    assert (await desk.deal(ana, person_id=str(loser)))["person_id"] == str(winner)
    found = (await desk.get(ana, "/search", q="Maja Kos")).json()["deals"]
    assert {old["id"], new["id"]} <= {deal["id"] for deal in found}


async def test_of_a_merged_person_no_card_is_kept_and_a_late_word_brings_none_back(desk: Desk) -> None:
    ana = await desk.hire()
    loser, winner = await desk.meet(ana.id, "Old Card"), await desk.meet(ana.id, "New Card")
    state = person_state(ana.id, "New Card", id=winner, version=2)
    merged = contacts.PersonMerged(**dict(state), loser_id=loser, winner_id=winner)
    await desk.hear(contacts.PERSON_MERGED, merged, "person", winner, queue="deals.cards")
    await desk.until("SELECT 1 FROM alias WHERE loser = :loser", loser=loser)
    late = person_state(ana.id, "Old Card", id=loser, version=7)
    await desk.hear(contacts.PERSON_UPDATED, late, "person", loser, queue="deals.cards")
    last = person_state(ana.id, "New Card, renamed", id=winner, version=3)
    await desk.hear(contacts.PERSON_UPDATED, last, "person", winner, queue="deals.cards")
    await desk.until("SELECT 1 FROM person_card WHERE id = :winner AND sequence = 3", winner=winner)
    assert await desk.harness.rows("SELECT 1 FROM person_card WHERE id = :loser", loser=loser) == []


async def test_deals_are_found_by_words_of_the_title_or_the_persons_name(desk: Desk) -> None:
    ana, bor = await desk.hire(), await desk.hire("Bor Zupan")
    person, hidden = await desk.meet(ana.id, "Žiga Čeh"), await desk.meet(bor.id, "Urška Vzorec")
    by_title = await desk.deal(ana, title="Winter garden 100% glass_roof")
    by_name = await desk.deal(ana, title="Doors", person_id=str(person))
    await desk.deal(desk.head, title="Gate", owner_id=str(ana.id), person_id=str(hidden))

    async def found(text: str) -> list[str]:
        return [deal["id"] for deal in (await desk.get(ana, "/search", q=text)).json()["deals"]]

    assert await found("GARDEN winter") == [by_title["id"]]
    assert await found("žiga čeh") == [by_name["id"]]
    assert await found("Wi") == [by_title["id"]]
    assert await found("100% glass_") == [by_title["id"]]
    assert await found("1000 glass") == []
    assert await found("glass%roof") == []
    assert await found("garden doors") == []
    assert await found("urška") == []
    assert await found(" ") == []
    assert (await desk.get(ana, "/search", q="")).status_code == 422


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ab", ["ab%"]),
        ("ab C", ["ab%", "%c%"]),
        ("Abc", ["%abc%"]),
        ("ivan PE", ["%ivan%", "%pe%"]),
        ("5%", ["5\\%%"]),
        ("  ", []),
    ],
)
def test_a_search_text_is_understood_as_words(text: str, expected: list[str]) -> None:
    assert patterns(text) == expected


def _like(pattern: str) -> re.Pattern[str]:
    """The pattern as PostgreSQL reads it."""
    parts = re.findall(r"\\(.)|(%)|(.)", pattern, re.DOTALL)
    return re.compile(
        "".join(".*" if wild else re.escape(escaped or plain) for escaped, wild, plain in parts), re.DOTALL
    )


@given(st.text(alphabet="ab %_\\Ž", max_size=12), st.text(alphabet="ab%_\\ž", max_size=12))
def test_every_word_is_meant_literally_and_all_must_be_there(text: str, title: str) -> None:
    words = text.lower().split()
    wanted = patterns(text)
    found = all(_like(pattern).fullmatch(title) for pattern in wanted)
    if words and max(map(len, words)) < 3:
        assert found == (title.startswith(words[0]) and all(word in title for word in words[1:]))
    else:
        assert found == all(word in title for word in words)
