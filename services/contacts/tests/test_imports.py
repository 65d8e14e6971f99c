"""Files of people and companies: tried dry, written as the API writes, taken back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from crm_chassis.access.principal import Principal
from crm_chassis.imports import steps
from crm_chassis.testing import Harness, admin, salesperson
from crm_contracts import contacts as events

from .filing import Importer, address_of, hire

NOUNS = ("person", "company")
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of three rows, and little patience with what is waited for."""
    monkeypatch.setattr(steps, "CHUNK", 3)
    monkeypatch.setattr(steps, "TRIES", 1)
    monkeypatch.setattr(steps, "RETRY", timedelta(milliseconds=50))


@pytest.fixture
async def head(contacts: Harness) -> Principal:
    """Somebody who may do everything with people and companies."""
    return await hire(contacts, admin(NOUNS))


@pytest.fixture
def people(contacts: Harness, head: Principal) -> Importer:
    """The head's imports of people."""
    return Importer(contacts, head, "people")


@pytest.fixture
def companies(contacts: Harness, head: Principal) -> Importer:
    """The head's imports of companies."""
    return Importer(contacts, head, "companies")


async def card(harness: Harness, who: Principal, noun: str, **query: str) -> Json:
    """The one card of the list under this filter."""
    answer = await harness.client.get(f"/api/v1/{noun}", params=query, headers=harness.headers(who))
    (item,) = answer.json()["items"]
    found: Json = item
    return found


async def test_people_are_written_as_the_api_would_and_a_second_import_does_nothing(
    contacts: Harness, people: Importer, head: Principal, number: str
) -> None:
    table = [
        ["Имя", "Фамилия", "Телефон", "E-mail", "Jezik", "Источник"],
        ["Ana", "Novak", f"0{number[4:]}", "Ana.Novak@Example.COM", "sl_si", "fair"],
        ["Bor", "", "ext. 12; 555", "", "", ""],
        ["", "", f"{number}", "", "", ""],
        ["Again", "", number, "", "", ""],
    ]
    await people.upload(table)
    assert people.job["mapping"] == {"first_name": 0, "last_name": 1, "phone": 2, "email": 3, "locale": 4, "source": 5}
    assert await people.act("check", "checked") == await people.act("commit", "done")
    rows = await people.rows()
    assert [(row["verdict"], row["codes"]) for row in rows] == [
        ("create", []),
        ("create", ["odd_phone", "odd_phone"]),
        ("error", ["required"]),
        ("duplicate", ["same_as_row"]),
    ]
    ana = await card(contacts, head, "people", phone=number)
    assert (ana["name"], ana["owner_id"], ana["owner_source"]) == ("Ana Novak", str(head.id), "human")
    assert (ana["locale"], ana["source"], ana["version"]) == ("sl-SI", "fair", 1)
    assert ana["emails"][0]["address"] == "Ana.Novak@example.com"
    (told,) = [event for event in await contacts.recorded(events.PERSON_CREATED) if str(event.subject_id) == ana["id"]]
    assert told.actor == f"user:{head.id}"
    assert set(told.data["changed"]) == {
        "name", "company_id", "owner_id", "owner_source", "locale", "source", "phones", "emails",
    }  # fmt: skip
    assert {name: ana[name] for name in ("owner_id", "source", "locale", "version", "created_at")} == {
        name: told.data[name] for name in ("owner_id", "source", "locale", "version", "created_at")
    }
    assert (told.data["pii"]["name"], told.data["pii"]["phones"]) == (ana["name"], ana["phones"])

    await people.take(table)
    assert [row["verdict"] for row in await people.rows()] == ["same", "same", "error", "duplicate"]


async def test_companies_are_known_by_phone_or_mail_and_else_by_name(
    contacts: Harness, companies: Importer, head: Principal, enter: Any, number: str
) -> None:
    tag = number[-6:]
    known = await enter(head, "companies", name=f"Žito {tag}", phones=[{"raw": number}])
    named = await enter(head, "companies", name=f"Čebela {tag}")
    table = [
        ["Podjetje", "Telefon", "E-pošta", "Owner"],
        [f"Other name {tag}", number, f"a{tag}@example.com", ""],
        [f"cebela {tag}", "", f"b{tag}@example.com", address_of(head)],
        [f"New {tag}", "", "", ""],
        [f"NEW {tag}", "", "", ""],
    ]
    counts = await companies.take(table)
    assert counts == {"update": 2, "create": 1, "duplicate": 1}
    after = await card(contacts, head, "companies", phone=number)
    assert (after["id"], after["name"], after["version"]) == (known["id"], known["name"], 2)
    assert [each["address"] for each in after["emails"]] == [f"a{tag}@example.com"]
    second = await card(contacts, head, "companies", email=f"b{tag}@example.com")
    assert (second["id"], second["owner_id"]) == (named["id"], str(head.id))
    updated = [e for e in await contacts.recorded(events.COMPANY_UPDATED) if str(e.subject_id) == known["id"]]
    assert [event.data["changed"] for event in updated] == [["emails"]]
    assert await companies.take(table) == {"same": 3, "duplicate": 1}


async def test_an_update_fills_what_is_empty_and_overwrites_when_asked(
    contacts: Harness, people: Importer, head: Principal, enter: Any, number: str
) -> None:
    other = await hire(contacts, salesperson(NOUNS), f"Špela {number}")
    await enter(head, name="Old", phones=[{"raw": number}], locale=None)
    table = [
        ["Name", "Phone", "Phone 2", "Language", "Owner"],
        ["New", number, "+38631555000", "en", f"spela {number}"],
    ]
    assert await people.take(table) == {"update": 1}
    filled = await card(contacts, head, "people", phone=number)
    assert (filled["name"], filled["owner_id"], filled["locale"], filled["version"]) == ("Old", str(head.id), "en", 2)
    assert [phone["e164"] for phone in filled["phones"]] == [number, "+38631555000"]
    assert await people.take(table) == {"same": 1}
    assert await people.take(table, update="overwrite") == {"update": 1}
    after = await card(contacts, head, "people", phone=number)
    assert (after["name"], after["owner_id"]) == ("New", str(other.id))
    assert await people.take(table, update="overwrite") == {"same": 1}


async def test_a_card_one_may_not_see_is_not_there_and_one_several_share_is_for_a_person(
    contacts: Harness, people: Importer, head: Principal, enter: Callable[..., Any], number: str
) -> None:
    seller = await hire(contacts, salesperson(NOUNS))
    shared = f"+38614{number[-6:]}"
    await enter(head, name="Hidden", phones=[{"raw": number}])
    await enter(head, name="Unassigned", phones=[{"raw": shared}], owner_id=None)
    for n in range(2):
        await enter(seller, name=f"Twin {n}", emails=[{"address": f"t{number}@example.com"}])
    importer = Importer(contacts, seller, "people")
    await importer.take(
        [
            ["Name", "Phone", "Email", "Owner"],
            ["Hidden", number, "", ""],
            ["Unassigned", shared, "", ""],
            ["Twin", "", f"t{number}@example.com", ""],
            ["Theirs", "", "", address_of(head)],
            ["Nobody's", "", "", "no such colleague"],
        ]
    )
    assert [(row["ended"], row["codes"]) for row in await importer.rows()] == [
        ("created", []),
        ("same", ["not_yours"]),
        ("error", ["several_match"]),
        ("error", ["owner_not_allowed"]),
        ("created", ["unknown_user"]),
    ]


async def test_people_come_with_companies_known_unknown_and_made_on_the_way(
    contacts: Harness, people: Importer, head: Principal, enter: Any, number: str
) -> None:
    known = await enter(head, "companies", name=f"Known {number}")
    table = [
        ["Name", "Компания"],
        [f"A {number}", f"known {number}"],
        [f"B {number}", f"Making {number}"],
        [f"C {number}", f"making {number}"],
        [f"D {number}", f"Making {number}"],
    ]
    await people.take(table, create_companies=True)
    rows = await contacts.rows("SELECT * FROM person WHERE name LIKE :name ORDER BY name", name=f"% {number}")
    assert [row["version"] for row in rows] == [1] * 4
    assert str(rows[0]["company_id"]) == known["id"]
    assert len({row["company_id"] for row in rows[1:]}) == 1
    assert await people.take(table) == {"same": 4}
    other = [["Name", "Company"], [f"E {number}", f"Nowhere {number}"]]
    assert await people.take(other) == {"create": 1, "doubt:unknown_company": 1, "doubt:any": 1}
