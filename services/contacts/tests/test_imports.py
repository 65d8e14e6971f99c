"""Files of people and companies: tried dry, written as the API writes, taken back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from crm_chassis.access.principal import Principal
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.imports import steps, worker
from crm_chassis.testing import Harness, admin, eventually, salesperson
from crm_contacts.capture import service as capture
from crm_contracts import contacts as events

from .filing import Importer, address_of, hire

NOUNS = ("person", "company")
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of three rows, and little patience with what is waited for."""
    monkeypatch.setattr(steps, "CHUNK", 3)
    monkeypatch.setattr(worker, "POLL_S", 0.02)
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
        [f"Bor {number}", "", f"ext. {number[-4:]}; 5{number[-4:]}", "", "", ""],
        ["", "", f"{number}", "", "", ""],
        ["Again", "", number, "", "", ""],
    ]
    await people.upload(table)
    assert people.job["mapping"] == {"first_name": 0, "last_name": 1, "phone": 2, "email": 3, "locale": 4, "source": 5}
    proposed = people.job["mapping"]
    for mapping in ({"name": 0, "phone_2": 2}, proposed):
        answer = await people.ask("PATCH", json={"mapping": mapping})
        assert (answer.status_code, answer.json()["mapping"]) == (200, mapping)
        people.job = answer.json()
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


async def test_an_undo_takes_back_what_nobody_has_touched_since(
    contacts: Harness, people: Importer, head: Principal, enter: Any, number: str
) -> None:
    tag = number[-6:]
    filled, renamed = [
        await enter(head, name=f"Was {n} {tag}", phones=[{"raw": f"+3864{n}{tag}"}], owner_id=None) for n in range(2)
    ]
    before = await contacts.rows("SELECT name, owner_id, locale FROM person WHERE id = :id", id=filled["id"])
    header = ["Name", "Phone", "Email", "Company", "Language", "Owner"]
    table = [
        header,
        [f"Filled {tag}", f"+38640{tag}", f"f{tag}@example.com", f"Firm {tag}", "sl", address_of(head)],
        [f"Renamed {tag}", f"+38641{tag}", "", "", "sl", ""],
        [f"Made {tag}", "", f"m{tag}@example.com", f"Firm {tag}", "", ""],
        [f"Touched {tag}", "", f"t{tag}@example.com", f"Second {tag}", "", ""],
        [f"Used {tag}", "", f"u{tag}@example.com", "", "", ""],
        [f"Gone {tag}", "", f"g{tag}@example.com", "", "", ""],
    ]
    assert (await people.take(table, update="overwrite", create_companies=True))["create"] == 4
    cards = {row["name"]: row for row in await contacts.rows("SELECT * FROM person WHERE name LIKE :n", n=f"% {tag}")}

    async def send(method: str, name: str, path: str = "", **more: Any) -> None:
        row = cards[f"{name} {tag}"]
        headers = contacts.headers(head, if_match=str(row["version"]))
        answer = await contacts.client.request(method, f"/api/v1/people/{row['id']}{path}", headers=headers, **more)
        assert answer.status_code in (200, 204), answer.text

    await send("PATCH", "Renamed", json={"name": "By hand"})
    await send("PATCH", "Touched", json={"locale": "en"})
    await send("DELETE", "Gone")
    link = "INSERT INTO call_link (call_id, person_id) VALUES (:call, :id)"
    await contacts.execute(link, call=cards[f"Made {tag}"]["id"], id=cards[f"Used {tag}"]["id"])
    assert await people.act("undo", "undone") == {"restored": 1, "removed": 2, "kept": 3}
    assert [(row["ended"], row["codes"]) for row in await people.rows()] == [
        ("restored", []),
        ("kept", ["changed_since"]),
        ("removed", []),
        ("kept", ["changed_since"]),
        ("kept", ["in_use"]),
        ("removed", []),
    ]
    after = await contacts.rows("SELECT name, owner_id, locale FROM person WHERE id = :id", id=filled["id"])
    assert after == before
    assert (await card(contacts, head, "people", phone=f"+38640{tag}"))["emails"] == []
    (kept,) = await contacts.rows("SELECT name, locale FROM person WHERE id = :id", id=renamed["id"])
    assert kept == {"name": "By hand", "locale": None}
    # The firm of people who are gone went with them; somebody still works at the second one.
    firms = await contacts.rows("SELECT name FROM company WHERE name LIKE :n", n=f"% {tag}")
    assert [row["name"] for row in firms] == [f"Second {tag}"]


async def test_rows_are_judged_with_the_rights_of_who_imports(
    contacts: Harness, head: Principal, enter: Any, number: str
) -> None:
    grants = {name: scope for name, scope in salesperson(NOUNS).grants.items() if name != "company:create"}
    seller = await hire(contacts, Principal(id=new_id(), role="seller", grants=grants))
    await enter(head, "companies", name=f"Theirs {number}")
    importer = Importer(contacts, seller, "people")
    table = [["Name", "Company"], [f"A {number}", f"Theirs {number}"], [f"B {number}", f"New {number}"]]
    await importer.take(table, create_companies=True)
    assert [row["codes"] for row in await importer.rows()] == [["unknown_company"]] * 2
    assert await importer.take([["Name"], [f"C {number}"]], owner_id=str(head.id)) == {"error": 1}
    refused = await contacts.client.post(
        "/api/v1/imports/companies?file_name=x.csv", content=b"Name\nx\n", headers=contacts.headers(seller)
    )
    assert refused.status_code == 403


async def test_a_row_waits_for_a_colleague_who_is_not_known_yet(
    contacts: Harness, people: Importer, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    monkeypatch.setattr(steps, "TRIES", 100)
    late = salesperson(NOUNS)
    left = await hire(contacts, salesperson(NOUNS), f"Left {number}", active=False)
    await people.upload(
        [["Name", "Owner"], [f"Waits {number}", address_of(late)], [f"Does not {number}", f"left {number}"]]
    )
    answer = await people.ask("POST", "/check")
    people.job = answer.json()

    async def waits() -> bool:
        return "waiting" in [row["verdict"] for row in await people.rows()]

    await eventually(waits)
    await hire(contacts, late)
    await people.until("checked")
    await people.act("commit", "done")
    assert [row["codes"] for row in await people.rows()] == [[], ["user_left"]]
    owners = await contacts.rows("SELECT name, owner_id FROM person WHERE name LIKE :n", n=f"% {number}")
    assert {row["name"]: row["owner_id"] for row in owners} == {
        f"Waits {number}": late.id, f"Does not {number}": people.caller.id
    }  # fmt: skip
    assert left.id != people.caller.id


async def test_rows_of_one_person_are_one_person_whichever_could_be_written_first(
    contacts: Harness, people: Importer, number: str
) -> None:
    tag = number[-6:]
    table = [
        ["Name", "Phone", "Email", "Owner"],
        ["Waits", f"+38640{tag}", "", "nobody we know"],
        ["Does not wait", f"+38640{tag}", "", ""],
        ["Another", f"+38641{tag}", "", ""],
        ["Both", f"+38641{tag}; +38640{tag}", f"b{tag}@example.com", ""],
        ["Both again", "", f"b{tag}@example.com", ""],
    ]
    counts = await people.take(table)
    assert (counts["create"], counts["duplicate"]) == (2, 3)
    assert [row["codes"] for row in await people.rows()] == [["same_as_row"], [], [], ["same_as_row"], ["same_as_row"]]
    # The fourth row now means two cards; it is the row before all the same, and the fifth is too.
    counts = await people.take(table)
    assert counts == {"same": 2, "duplicate": 3}
    people_now = await contacts.rows("SELECT 1 FROM identity WHERE value LIKE :value", value=f"%{tag}%")
    assert len(people_now) == 2


async def test_a_row_and_a_call_of_one_number_at_the_same_time_make_one_card(
    contacts: Harness, people: Importer, call: Any, number: str
) -> None:
    await people.upload([["Name", "Phone", "Language"], ["From the file", number, "sl"]])
    await people.act("check", "checked")
    rang = call()
    async with contacts.database.transaction() as tx:
        with telling(Story.of_system("contacts")):
            await capture.capture(tx, rang)
        people.job = (await people.ask("POST", "/commit")).json()

        async def waits() -> bool:
            locks = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            return bool(await contacts.rows(locks))

        await eventually(waits)
    await people.until("done")
    (only,) = (
        await contacts.client.get("/api/v1/people", params={"phone": number}, headers=contacts.headers(people.caller))
    ).json()["items"]
    assert (only["source"], only["locale"], only["version"]) == ("call", "sl", 2)
    await people.act("undo", "undone")
    again = await card(contacts, people.caller, "people", phone=number)
    assert (again["locale"], again["version"]) == (None, 3)
