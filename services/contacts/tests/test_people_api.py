"""People and companies through the HTTP door."""

from typing import Any

import pytest
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, admin, nobody, salesperson, team_lead
from crm_contracts import contacts as events

Json = dict[str, Any]
NOUNS = ("person", "company", "call", "deal", "task", "message")
HEAD = admin(NOUNS, "person:merge")


async def traces(contacts: Harness) -> tuple[int, int]:
    """How many cards there are, and how many events were recorded."""
    (row,) = await contacts.rows(
        "SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM company) + (SELECT count(*) FROM identity)"
        " AS cards"
    )
    return row["cards"], len(await contacts.recorded())


async def patch(contacts: Harness, card: Json, body: Json, *, by: Any = HEAD, noun: str = "people") -> Any:
    return await contacts.client.patch(
        f"/api/v1/{noun}/{card['id']}", json=body, headers=contacts.headers(by, if_match=str(card["version"]))
    )


async def test_a_new_person_belongs_to_who_entered_it_and_is_told(contacts: Harness, number: str) -> None:
    ana = salesperson(NOUNS)
    answer = await contacts.client.post(
        "/api/v1/people",
        json={"name": "Žiga Novak", "phones": [{"raw": number}], "emails": [{"address": "Ziga@Example.TEST"}]},
        headers=contacts.headers(ana),
    )
    assert answer.status_code == 201, answer.text
    person = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert (person["owner_id"], person["owner_source"]) == (str(ana.id), "human")
    assert person["phones"][0]["e164"] == number
    assert person["emails"][0]["address"] == "Ziga@example.test"
    assert person["duplicates"] == []
    read = await contacts.client.get(f"/api/v1/people/{person['id']}", headers=contacts.headers(ana))
    del person["duplicates"]
    assert read.json() == person
    assert read.headers["etag"] == '"1"'

    (told,) = [e for e in await contacts.recorded(events.PERSON_CREATED) if str(e.subject_id) == person["id"]]
    state = events.PersonState.model_validate(told.data)
    assert told.actor == f"user:{ana.id}"
    assert state.pii.model_dump(mode="json") == {
        "name": "Žiga Novak",
        "phones": person["phones"],
        "emails": person["emails"],
    }


async def test_the_same_request_sent_again_makes_no_second_card(contacts: Harness) -> None:
    key = str(new_id())
    sent = {"json": {"name": "Once"}, "headers": contacts.headers(HEAD, idempotency_key=key)}
    first = await contacts.client.post("/api/v1/people", **sent)  # type: ignore[arg-type]
    again = await contacts.client.post("/api/v1/people", **sent)  # type: ignore[arg-type]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    rows = await contacts.rows("SELECT count(*) AS n FROM person WHERE name = 'Once'")
    assert rows == [{"n": 1}]


async def test_a_suspected_duplicate_is_told_only_to_who_may_see_it(contacts: Harness, enter: Any, number: str) -> None:
    ana, bor = salesperson(NOUNS), salesperson(NOUNS)
    national = f"0{number[4:]}"
    first = await enter(ana, name="First", phones=[{"raw": number}])
    again = await enter(ana, phones=[{"raw": national}], emails=[{"address": "x@example.com"}])
    assert again["duplicates"] == [{"id": first["id"], "name": "First", "matches": [number]}]
    assert (await enter(bor, phones=[{"raw": national}]))["duplicates"] == []
    assert len((await enter(HEAD, phones=[{"raw": national}]))["duplicates"]) == 3


async def test_a_patch_changes_what_it_names_and_the_event_tells_what_changed(contacts: Harness, enter: Any) -> None:
    person = await enter(HEAD, name="Ana", locale="sl")
    answer = await patch(contacts, person, {"name": "Ana Novak", "locale": None})
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == '"2"'
    assert (answer.json()["name"], answer.json()["locale"], answer.json()["version"]) == ("Ana Novak", None, 2)
    (told,) = [e for e in await contacts.recorded(events.PERSON_UPDATED) if str(e.subject_id) == person["id"]]
    assert (told.sequence, told.data["changed"]) == (2, ["name", "locale"])


async def test_a_patch_that_changes_nothing_leaves_no_trace(contacts: Harness, enter: Any, number: str) -> None:
    person = await enter(HEAD, name="Ana", phones=[{"raw": number}])
    before = await traces(contacts)
    answer = await patch(contacts, person, {"name": "Ana", "phones": [{"raw": number, "kind": "mobile"}]})
    assert answer.json()["version"] == 1
    assert await traces(contacts) == before


async def test_a_phone_that_stays_keeps_its_id_when_the_list_is_replaced(
    contacts: Harness, enter: Any, number: str
) -> None:
    person = await enter(HEAD, phones=[{"raw": number}, {"raw": "101"}], emails=[{"address": "ana@example.com"}])
    kept, short = person["phones"]
    assert short["e164"] is None
    answer = await patch(
        contacts, person, {"phones": [{"raw": "01 500 00 00", "kind": "work"}, {"raw": f"0{number[4:]}"}]}
    )
    new, same = answer.json()["phones"]
    assert same == kept | {"raw": f"0{number[4:]}"}
    assert new["id"] not in (kept["id"], short["id"])
    assert (new["e164"], new["kind"]) == ("+38615000000", "work")
    assert answer.json()["emails"] == person["emails"]
    cleared = await patch(contacts, answer.json(), {"emails": []})
    assert cleared.json()["emails"] == []
    assert cleared.json()["phones"] == [new, same]


async def test_a_change_needs_the_version_it_changes(contacts: Harness, enter: Any) -> None:
    person = await enter(HEAD, name="Ana")
    url, body = f"/api/v1/people/{person['id']}", {"name": "Bor"}
    missing = await contacts.client.patch(url, json=body, headers=contacts.headers(HEAD))
    assert missing.status_code == 428
    stale = await contacts.client.patch(url, json=body, headers=contacts.headers(HEAD, if_match="7"))
    assert stale.status_code == 409
    assert stale.json()["current"]["name"] == "Ana"
    assert stale.json()["current"]["version"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "Ana", "version": 3}, "version"),
        ({"name": "Ana", "created_by": str(new_id())}, "created_by"),
        ({"name": "Ana", "owner_id": str(new_id())}, "owner_id"),
        ({"name": "Ana", "company_id": str(new_id())}, "company_id"),
        ({"name": "Ana", "emails": [{"address": "nobody"}]}, "emails.0.address"),
        ({"name": "Ana", "phones": [{"raw": "101", "e164": "+1"}]}, "phones.0.e164"),
        ({"name": "Ana", "phones": [{"raw": "1"}] * 21}, "phones"),
        ({"name": "Ana", "locale": "klingon"}, "locale"),
    ],
)
async def test_bad_input_is_refused_by_field_and_leaves_no_trace(contacts: Harness, body: Json, field: str) -> None:
    before = await traces(contacts)
    answer = await contacts.client.post("/api/v1/people", json=body, headers=contacts.headers(HEAD))
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert await traces(contacts) == before


@pytest.mark.parametrize("body", [{"name": None}, {"phones": None}, {"owner_source": "rule"}, {"id": "x"}])
async def test_a_bad_patch_is_refused_and_leaves_no_trace(contacts: Harness, enter: Any, body: Json) -> None:
    person = await enter(HEAD)
    before = await traces(contacts)
    answer = await patch(contacts, person, body)
    assert answer.status_code == 422
    assert await traces(contacts) == before


async def test_nobody_and_a_foreign_salesperson_find_nothing_and_change_nothing(
    contacts: Harness, enter: Any, number: str
) -> None:
    ana = salesperson(NOUNS)
    person = await enter(ana, phones=[{"raw": number}])
    company = await enter(ana, "companies", phones=[{"raw": number}])
    before = await traces(contacts)
    for stranger in (salesperson(NOUNS), nobody()):
        headers = contacts.headers(stranger, if_match="1")
        for noun, card in (("people", person), ("companies", company)):
            listed = await contacts.client.get(f"/api/v1/{noun}", params={"phone": number}, headers=headers)
            assert listed.json() == {"items": [], "next_cursor": None}
            url = f"/api/v1/{noun}/{card['id']}"
            assert (await contacts.client.get(url, headers=headers)).status_code == 404
            assert (await contacts.client.patch(url, json={"name": "Mine"}, headers=headers)).status_code == 404
        for kind, card in (("person", person), ("company", company)):
            assert (await contacts.client.get(f"/api/v1/card/{kind}/{card['id']}", headers=headers)).status_code == 404
        found = await contacts.client.get("/api/v1/search", params={"q": number}, headers=headers)
        assert found.json() == {"people": [], "companies": [], "notice": None}
    for noun in ("people", "companies"):
        refused = await contacts.client.post(
            f"/api/v1/{noun}", json={"name": "Mine"}, headers=contacts.headers(nobody())
        )
        assert refused.status_code == 403
    assert await traces(contacts) == before


async def test_without_the_gateways_token_there_is_no_answer(contacts: Harness) -> None:
    for path in ("people", "companies", "search?q=ana"):
        assert (await contacts.client.get(f"/api/v1/{path}")).status_code == 401


async def test_what_is_seen_but_not_ones_own_can_not_be_changed(contacts: Harness, enter: Any) -> None:
    unassigned = await enter(HEAD, owner_id=None)
    company = await enter(HEAD, "companies", owner_id=None)
    ana = salesperson(NOUNS)
    assert (await patch(contacts, unassigned, {"name": "Mine"}, by=ana)).status_code == 403
    assert (await patch(contacts, company, {"name": "Mine"}, by=ana, noun="companies")).status_code == 403


async def test_a_card_is_given_only_to_whom_ones_scope_admits(contacts: Harness, enter: Any, join: Any) -> None:
    team = new_id()
    lead, ana, stranger = team_lead(NOUNS, team), new_id(), new_id()
    await join(ana, lead.id, team_id=team)
    await join(stranger, team_id=new_id())
    person = await enter(lead, owner_id=str(ana))
    refused = await patch(contacts, person, {"owner_id": str(stranger)}, by=lead)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "owner_not_allowed"
    taken = await patch(contacts, person, {"owner_id": str(lead.id)}, by=lead)
    assert taken.json()["owner_id"] == str(lead.id)
    colleague = salesperson(NOUNS, team_id=team)
    assert (
        await contacts.client.get(f"/api/v1/people/{person['id']}", headers=contacts.headers(colleague))
    ).status_code == 404


async def test_people_are_listed_by_name_or_by_age_page_by_page(contacts: Harness, enter: Any) -> None:
    ana = salesperson(NOUNS)
    names = ["Žan", "ana", "Čad", "Bor", "Ana"]
    made = [(await enter(ana, name=name))["id"] for name in names]

    async def walk(sort: str) -> list[Json]:
        found: list[Json] = []
        query: Json = {"owner_id": str(ana.id), "sort": sort, "limit": 2}
        while True:
            answer = await contacts.client.get("/api/v1/people", params=query, headers=contacts.headers(ana))
            found += answer.json()["items"]
            query["cursor"] = answer.json()["next_cursor"]
            if query["cursor"] is None:
                return found

    assert [person["name"] for person in await walk("name")] == ["ana", "Ana", "Bor", "Čad", "Žan"]
    assert [person["id"] for person in await walk("-created_at")] == made[::-1]


async def test_people_are_filtered_by_what_is_allowed_and_by_nothing_else(
    contacts: Harness, enter: Any, number: str
) -> None:
    company = await enter(HEAD, "companies")
    address = f"Kdo{number[-6:]}@example.com"
    person = await enter(
        HEAD,
        company_id=company["id"],
        source=f"fair {number}",
        phones=[{"raw": number}],
        emails=[{"address": address}],
    )
    del person["duplicates"]
    for query in (
        {"company_id": company["id"]},
        {"source": f"fair {number}"},
        {"phone": f"0{number[4:]}"},
        {"email": address.upper()},
        {"owner_id": str(HEAD.id), "created_from": person["created_at"], "email": address},
    ):
        answer = await contacts.client.get("/api/v1/people", params=query, headers=contacts.headers(HEAD))
        assert answer.json()["items"] == [person], query
    none = {"email": address, "created_before": person["created_at"]}
    answer = await contacts.client.get("/api/v1/people", params=none, headers=contacts.headers(HEAD))
    assert answer.json()["items"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"name": "x"},
        {"sort": "owner_id"},
        {"limit": "201"},
        {"limit": "0"},
        {"cursor": "'; DROP TABLE person; --"},
        {"owner_id": "' OR 1=1"},
        {"phone": "101"},
        {"email": "a\x00b@example.com"},
        {"source": "a\x00b"},
        {"created_from": "yesterday"},
    ],
)
async def test_a_list_refuses_what_it_does_not_know(contacts: Harness, query: Json) -> None:
    answer = await contacts.client.get("/api/v1/people", params=query, headers=contacts.headers(HEAD))
    assert answer.status_code == 422, answer.text


async def test_a_company_lives_as_a_person_does(contacts: Harness, number: str) -> None:
    ana = salesperson(NOUNS)
    answer = await contacts.client.post(
        "/api/v1/companies",
        json={"name": "Okna d.o.o.", "phones": [{"raw": number, "kind": "work"}]},
        headers=contacts.headers(ana),
    )
    assert answer.status_code == 201, answer.text
    company = answer.json()
    assert (company["owner_id"], company["phones"][0]["e164"]) == (str(ana.id), number)
    changed = await patch(
        contacts, company, {"name": "Okna", "emails": [{"address": "a@b.si"}]}, by=ana, noun="companies"
    )
    assert changed.status_code == 200, changed.text
    read = await contacts.client.get(f"/api/v1/companies/{company['id']}", headers=contacts.headers(ana))
    assert read.json() == changed.json()
    assert read.json()["phones"] == company["phones"]
    assert read.headers["etag"] == '"2"'
    listed = await contacts.client.get(
        "/api/v1/companies", params={"email": "A@B.si", "sort": "name"}, headers=contacts.headers(ana)
    )
    assert listed.json()["items"] == [read.json()]
    again = await patch(contacts, read.json(), {"name": "Okna"}, by=ana, noun="companies")
    assert again.json()["version"] == 2
    stale = await patch(contacts, company, {"name": "Stara"}, by=ana, noun="companies")
    assert stale.status_code == 409
    told = [
        (event.type, event.sequence, event.data["changed"])
        for event in await contacts.recorded()
        if str(event.subject_id) == company["id"]
    ]
    assert told == [
        (events.COMPANY_CREATED, 1, ["name", "owner_id", "phones", "emails"]),
        (events.COMPANY_UPDATED, 2, ["name", "emails"]),
    ]
