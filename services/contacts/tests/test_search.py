"""One box finds people and companies by name, number and e-mail."""

from typing import Any

import pytest
from crm_chassis.access.principal import Principal
from crm_chassis.testing import Harness, admin, salesperson
from crm_contacts.search import repository

Json = dict[str, Any]
NOUNS = ("person", "company", "call", "deal", "task", "message")
HEAD = admin(NOUNS)


@pytest.fixture(scope="module")
async def found(contacts: Harness) -> dict[str, str]:
    """Some cards to look for: name → id."""
    cards = [
        ("people", "Žiga Kovačič", "+386 41 777 001", "ziga.kovacic@example.com"),
        ("people", "Žana Kovač", "+386 41 777 002", "zana@example.com"),
        ("people", "Пётр Ёлкин", "+7 916 777 00 03", "petr@example.com"),
        ("people", "100% Popust", "101", "popust@example.com"),
        ("people", "Xy", "+386 41 777 004", "xy@example.com"),
        ("companies", "Kovaštvo Žagar", "+386 1 777 00 05", "info@kovastvo.example.com"),
    ]
    ids = {}
    for noun, name, phone, address in cards:
        answer = await contacts.client.post(
            f"/api/v1/{noun}",
            json={"name": name, "phones": [{"raw": phone}], "emails": [{"address": address}]},
            headers=contacts.headers(HEAD),
        )
        ids[name] = answer.json()["id"]
    return ids


async def search(contacts: Harness, q: str, by: Principal = HEAD) -> Json:
    answer = await contacts.client.get("/api/v1/search", params={"q": q}, headers=contacts.headers(by))
    assert answer.status_code == 200, answer.text
    hits: Json = answer.json()
    return hits


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("kovac", ["Žana Kovač", "Žiga Kovačič"]),
        ("KOVAČIČ", ["Žiga Kovačič"]),
        ("kova zig", ["Žiga Kovačič"]),
        ("kova ži", ["Žana Kovač", "Žiga Kovačič"][1:]),
        ("елкин", ["Пётр Ёлкин"]),
        ("xy", ["Xy"]),
        ("x", ["Xy"]),
        ("00%", ["100% Popust"]),
        ("0_%", []),
        ("041 777 001", ["Žiga Kovačič"]),
        ("+38641777", ["Xy", "Žana Kovač", "Žiga Kovačič"]),
        ("7002", ["Žana Kovač"]),
        ("ZIGA.kov@", []),
        ("ziga.kovacic@", ["Žiga Kovačič"]),
        ("zana@example.com", ["Žana Kovač"]),
    ],
)
async def test_people_are_found(contacts: Harness, found: dict[str, str], q: str, names: list[str]) -> None:
    hits = await search(contacts, q)
    ours = [person["name"] for person in hits["people"] if person["id"] in found.values()]
    assert ours == names


async def test_companies_are_found_by_name_number_and_address(contacts: Harness, found: dict[str, str]) -> None:
    for q in ("kovastvo", "zagar kov", "01 777 00 05", "70005", "info@kova"):
        hits = await search(contacts, q)
        (ours,) = [company for company in hits["companies"] if company["id"] in found.values()]
        assert (ours["name"], ours["phones"][0]["e164"]) == ("Kovaštvo Žagar", "+38617770005"), q


async def test_a_typo_finds_similar_names_and_says_so(contacts: Harness, found: dict[str, str]) -> None:
    hits = await search(contacts, "kovachich")
    assert hits["people"] == [] or hits["notice"] == "alike"
    hits = await search(contacts, "Kovvačič")
    assert hits["notice"] == "alike"
    assert found["Žiga Kovačič"] in [person["id"] for person in hits["people"]]


async def test_search_shows_only_what_the_caller_may_see(contacts: Harness, found: dict[str, str]) -> None:
    stranger = salesperson(NOUNS)
    for q in ("kovac", "x", "+38641777", "7002", "zana@", "Kovvačič"):
        hits = await search(contacts, q, by=stranger)
        assert not {card["id"] for card in hits["people"] + hits["companies"]} & set(found.values()), q


async def test_a_search_that_takes_too_long_ends_with_a_notice(
    contacts: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(tx: Any, *_: Any) -> None:
        await tx.connection.exec_driver_sql("SELECT pg_sleep(30)")

    monkeypatch.setattr(repository, "find", slow)
    hits = await search(contacts, "kovac")
    assert hits == {"people": [], "companies": [], "notice": "too_slow"}


@pytest.mark.parametrize(
    "query", [{}, {"q": ""}, {"q": "   "}, {"q": "a\x00"}, {"q": "x" * 101}, {"q": "x", "limit": "5"}]
)
async def test_a_search_for_nothing_or_for_too_much_is_refused(contacts: Harness, query: Json) -> None:
    answer = await contacts.client.get("/api/v1/search", params=query, headers=contacts.headers(HEAD))
    assert answer.status_code == 422


@pytest.mark.parametrize("q", ["'", "\\", "%", "_", "'; DROP TABLE person; --", "{}", "<%", "+", "()", "😀", "\u200b"])
async def test_a_strange_query_is_only_a_text(contacts: Harness, q: str) -> None:
    assert (await search(contacts, q))["notice"] in (None, "alike")
