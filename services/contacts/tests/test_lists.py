"""Lists of cards searched, narrowed and paged: whatever is combined, the pages are what reading all rows would give."""

import unicodedata
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

import pytest
from crm_chassis import sought
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, salesperson
from crm_chassis.testing.plans import plans
from crm_contacts.companies.repository import page as companies_page
from crm_contacts.companies.schemas import CompanyQuery
from crm_contacts.identities.parsing import e164
from crm_contacts.people.repository import page as people_page
from crm_contacts.people.schemas import PersonQuery
from crm_contacts.search.rules import classify
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .filing import hire

Json = dict[str, Any]
NOUNS = ("person", "company")
TEAM = new_id()
ANA = salesperson(NOUNS, team_id=TEAM)
BOR = salesperson(NOUNS, team_id=TEAM)
CENE = salesperson(NOUNS, team_id=new_id())
EVERYTHING = {f"{noun}:{action}": Scope.ALL for noun in NOUNS for action in ("create", "read", "update")}
TEAMWIDE = dict.fromkeys(EVERYTHING, Scope.TEAM)
HEAD, LEAD = replace(CENE, grants=EVERYTHING), replace(BOR, grants=TEAMWIDE)
OWNERS = (ANA.id, BOR.id, CENE.id, None)
NAMES = ("Ana Kovač", "ana kovačič", "Bor Ž", "Бор Ёлкин", "Žan-Luka 100%", "X_y", "Kovaštvo Žagar", "ko", "Mojca Kos")
TEXTS = (
    "kov",
    "KOVAČ",
    "ana k",
    "x",
    "x_",
    "100%",
    "ел",
    "елк бор",
    "ž",
    "luka žan",
    "0777",
    "+386 1",
    "a@lists.",
    "zz",
)


@pytest.fixture(scope="module")
async def cards(contacts: Harness) -> dict[str, list[Json]]:
    """A few dozen cards of each kind, of different owners, sharing words and ends of numbers."""
    for who in (ANA, BOR, CENE):
        await hire(contacts, who)
    stored: dict[str, list[Json]] = {"people": [], "companies": []}
    for noun, made in stored.items():
        for number in range(36):
            owner = OWNERS[number % 4]
            body: Json = {"name": NAMES[number % 9], "owner_id": owner and str(owner)}
            body["phones"] = [{"raw": f"+386 1 {2000000 + number * 777}"}]
            body["emails"] = [{"address": f"{'abc'[number % 3]}@lists.example.com"}]
            if noun == "people":
                body["source"] = f"lists {number % 2}"
            answer = await contacts.client.post(f"/api/v1/{noun}", json=body, headers=contacts.headers(HEAD))
            assert answer.status_code == 201, answer.text
            made.append(answer.json())
    return stored


def fits(card: Json, caller: Principal, query: Json) -> bool:
    """What a list may hold, decided card by card."""
    owner = UUID(card["owner_id"]) if card["owner_id"] else None
    scope = caller.scope("person", "read")
    team = {ANA.id, BOR.id} if caller.team_id == TEAM else {CENE.id}
    seen = scope is Scope.ALL or owner == caller.id or owner is None or (scope is Scope.TEAM and owner in team)
    whose = {None: True, "mine": owner == caller.id, "team": owner in team, "nobody": owner is None}
    return (
        seen
        and whose[query.get("whose")]
        and card["source" if "source" in query else "id"] == query.get("source", card["id"])
        and query.get("owner_id") in (None, card["owner_id"])
        and query.get("created_from", card["created_at"]) <= card["created_at"]
        and ("q" not in query or named(card, query["q"]))
    )


def named(card: Json, text: str) -> bool:
    """Whether the search text names the card, by the words of the search's rules."""
    query = classify(text, lambda raw: e164(raw, "SI"))
    assert query is not None
    numbers = [phone["e164"] for phone in card["phones"]]
    name, terms = key(card["name"]), [key(term) for term in query.terms]
    match query.kind:
        case "phone_exact":
            return query.terms[0] in numbers
        case "phone_prefix":
            return any(number.startswith(query.terms[0]) for number in numbers)
        case "phone_tail":
            return any(number.endswith(query.terms[0]) for number in numbers)
        case "email_prefix":
            return any(email["address"].startswith(query.terms[0]) for email in card["emails"])
        case "name_prefix":
            return name.startswith(terms[0]) and all(term in name for term in terms[1:])
        case "name_words":
            return all(term in name for term in terms)


def key(text: str) -> str:
    """No accents, lower case."""
    return "".join(each for each in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(each))


queries = st.fixed_dictionaries(
    {"sort": st.sampled_from(("name", "-created_at")), "limit": st.integers(1, 20)},
    optional={
        "q": st.sampled_from(TEXTS),
        "whose": st.sampled_from(("mine", "team", "nobody")),
        "owner_id": st.sampled_from([str(ANA.id), str(CENE.id)]),
        "source": st.sampled_from(("lists 0", "lists 1")),
        "nth": st.integers(0, 35),
    },
)


@pytest.mark.parametrize("few", [sought.FEW, 3], ids=["found first", "met while walking"])
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries, who=st.sampled_from((HEAD, LEAD, ANA, CENE)), noun=st.sampled_from(("people", "companies")))
async def test_pages_hold_what_reading_every_card_would_give(
    contacts: Harness, cards: dict[str, list[Json]], few: int, query: Json, who: Principal, noun: str
) -> None:
    query = dict(query)
    if "nth" in query:
        query["created_from"] = cards[noun][query.pop("nth")]["created_at"]
    if noun == "companies":
        query.pop("source", None)
    by_name = query["sort"] == "name"
    wanted = sorted(
        (card for card in cards[noun] if fits(card, who, query)),
        key=lambda card: (key(card["name"]), card["id"]) if by_name else (card["created_at"], card["id"]),
        reverse=not by_name,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sought, "FEW", few)
        met = await walked(contacts, who, noun, query)
    ours = {card["id"] for card in cards[noun]}
    assert [id for id in met if id in ours] == [card["id"] for card in wanted]
    assert len(met) == len(set(met))


async def walked(contacts: Harness, who: Principal, noun: str, query: Json) -> list[str]:
    """The ids on all pages of a list."""
    ids: list[str] = []
    asked = dict(query)
    while True:
        answer = await contacts.client.get(f"/api/v1/{noun}", params=asked, headers=contacts.headers(who))
        assert answer.status_code == 200, answer.text
        ids += [card["id"] for card in answer.json()["items"]]
        asked["cursor"] = answer.json()["next_cursor"]
        if asked["cursor"] is None:
            return ids


@pytest.mark.parametrize("q", ["a.b c.d", "---", "%%%", "..._", "-a- b_"])
@pytest.mark.parametrize("noun", ["people", "companies"])
async def test_a_text_no_index_knows_is_refused_with_its_name(contacts: Harness, noun: str, q: str) -> None:
    answer = await contacts.client.get(f"/api/v1/{noun}", params={"q": q}, headers=contacts.headers(HEAD))
    assert answer.status_code == 422, answer.text
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("q", "too_vague")]


@pytest.mark.parametrize("q", [text for text in TEXTS if text != "zz"])
@pytest.mark.parametrize("sort", ["name", "-created_at"])
async def test_a_text_that_is_answered_has_an_index(
    contacts: Harness, q: str, sort: Literal["name", "-created_at"]
) -> None:
    wanted = classify(q, lambda raw: e164(raw, "SI"))
    async with plans(contacts.database) as connection:
        await people_page(connection, HEAD, PersonQuery(q=q, sort=sort), wanted)
        await companies_page(connection, HEAD, CompanyQuery(q=q, sort=sort), wanted)
    assert connection.whole == []
