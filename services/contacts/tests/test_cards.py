"""A card on one screen, cheap however much stands on it."""

from collections.abc import Callable
from typing import Any

import pytest
from crm_chassis.testing import Harness, admin, salesperson
from crm_contracts.envelope import Envelope
from crm_contracts.telephony import CallState

NOUNS = ("person", "company", "call", "deal", "task", "message")
HEAD = admin(NOUNS)
CARD_STATEMENTS = 3


async def test_a_persons_card_holds_the_company_and_the_history(
    contacts: Harness,
    enter: Any,
    call: Callable[..., CallState],
    ring: Callable[..., Envelope],
    hear: Any,
    keep: Any,
    number: str,
) -> None:
    company = await enter(HEAD, "companies", phones=[{"raw": "+38615000003"}])
    person = await enter(HEAD, company_id=company["id"], phones=[{"raw": number}])
    states = [call() for _ in range(60)]
    await hear(*(ring(state) for state in states))
    await keep([ring(state) for state in states])
    del person["duplicates"]

    with contacts.statements() as statements:
        answer = await contacts.client.get(f"/api/v1/card/person/{person['id']}", headers=contacts.headers(HEAD))
    assert 0 < len(statements) <= CARD_STATEMENTS
    card = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert card["person"] == person
    assert card["company"] == {name: company[name] for name in ("id", "name", "owner_id", "phones", "emails")}
    assert len(card["timeline"]["items"]) == 50
    rest = await contacts.client.get(
        f"/api/v1/people/{person['id']}/timeline",
        params={"cursor": card["timeline"]["next_cursor"]},
        headers=contacts.headers(HEAD),
    )
    assert len(rest.json()["items"]) == 10


async def test_a_company_the_caller_may_not_see_is_not_on_the_card(contacts: Harness, enter: Any) -> None:
    ana = salesperson(NOUNS)
    company = await enter(HEAD, "companies")
    person = await enter(HEAD, company_id=company["id"], owner_id=None)
    answer = await contacts.client.get(f"/api/v1/card/person/{person['id']}", headers=contacts.headers(ana))
    assert answer.status_code == 200
    assert answer.json()["company"] is None


async def test_a_companys_card_holds_the_people_the_caller_may_see(contacts: Harness, enter: Any) -> None:
    ana = salesperson(NOUNS)
    company = await enter(ana, "companies", name="Okna")
    hers = await enter(ana, name="Ana", company_id=company["id"])
    his = await enter(HEAD, name="Bor", company_id=company["id"])
    path = f"/api/v1/card/company/{company['id']}"
    with contacts.statements() as statements:
        whole = (await contacts.client.get(path, headers=contacts.headers(HEAD))).json()
    assert 0 < len(statements) <= CARD_STATEMENTS
    assert whole["company"]["name"] == "Okna"
    assert [person["id"] for person in whole["people"]] == [hers["id"], his["id"]]
    assert whole["timeline"] == {"items": [], "next_cursor": None}
    part = (await contacts.client.get(path, headers=contacts.headers(ana))).json()
    assert [person["id"] for person in part["people"]] == [hers["id"]]


@pytest.mark.parametrize("path", ["people", "companies", "people?sort=name", "search?q=Somebody"])
async def test_a_list_costs_the_same_number_of_statements_however_long_it_is(
    contacts: Harness, enter: Any, path: str
) -> None:
    ana = salesperson(NOUNS)

    async def cost() -> tuple[int, int]:
        with contacts.statements() as statements:
            answer = await contacts.client.get(f"/api/v1/{path}", headers=contacts.headers(ana))
        body = answer.json()
        hers = [card for card in body.get("items", body.get("people", [])) if card["owner_id"] == str(ana.id)]
        return len(hers), len(statements)

    noun = "companies" if path == "companies" else "people"
    await enter(ana, noun, phones=[{"raw": "101"}])
    one, few = await cost()
    for _ in range(5):
        await enter(ana, noun, phones=[{"raw": "101"}, {"raw": "102"}], emails=[{"address": "a@b.si"}])
    six, many = await cost()
    assert (one, six) == (1, 6)
    assert few == many > 0
