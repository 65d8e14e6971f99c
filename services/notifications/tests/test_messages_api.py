"""Messages written from the card, read by those who may."""

from typing import Any
from uuid import UUID

import pytest
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.aliases import add_alias
from crm_chassis.ids import new_id
from crm_chassis.tables import staff_member
from crm_chassis.testing import Harness, nobody, team_lead
from crm_contracts import notifications as contract

from .scenes import NOUNS, boss, card, command, order, seller


def note(person: UUID, **changes: Any) -> dict[str, Any]:
    base = {"channel": "email", "person_id": str(person), "subject": "Your offer", "text": "Here it is."}
    return {key: value for key, value in (base | changes).items() if value is not None}


async def posted(harness: Harness, caller: Principal, body: dict[str, Any], **headers: str) -> Any:
    return await harness.client.post("/api/v1/messages", json=body, headers=harness.headers(caller, **headers))


async def traces(harness: Harness) -> tuple[int, int]:
    return len(await harness.rows("SELECT 1 FROM message")), len(await harness.recorded())


async def test_a_salesperson_writes_to_their_customer(still: Harness) -> None:
    me = seller()
    person = await card(still, owner_id=str(me.id))
    answer = await posted(still, me, note(person))
    assert answer.status_code == 201, answer.text
    message = answer.json()
    assert (message["status"], message["owner_id"], message["to"]) == (
        "queued",
        str(me.id),
        f"{person.hex}@example.com",
    )
    assert (message["subject"], message["text"], message["parts"]) == ("Your offer", "Here it is.", 1)
    assert answer.headers["etag"] == '"1"'
    (event,) = await still.recorded(contract.MESSAGE_QUEUED)
    assert event.actor == me.actor
    assert str(event.correlationid) == message["correlation_id"] == answer.headers["x-correlation-id"]
    (row,) = await still.rows("SELECT automatic FROM message")
    assert row["automatic"] is False
    got = await still.client.get(f"/api/v1/messages/{message['id']}", headers=still.headers(me))
    assert got.json() == message


async def test_a_template_is_filled_from_the_card_and_the_request(still: Harness) -> None:
    me = seller()
    person = await card(still, owner_id=str(me.id), locale="ru", name="Анна")
    answer = await posted(still, me, {"channel": "sms", "person_id": str(person), "template_key": "missed_call_sorry"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["text"] == "Простите, не успели ответить. Скоро перезвоним. Okna d.o.o."
    assert answer.json()["template_key"] == "missed_call_sorry"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"text": None, "subject": None}, "text", "template_or_text"),
        ({"template_key": "measuring_booked"}, "text", "template_or_text"),
        ({"template_key": "measuring_booked", "text": None}, "text", "template_or_text"),
        ({"template_key": "nope", "text": None, "subject": None}, "template_key", "template_missing"),
        ({"subject": None}, "subject", "missing"),
        ({"subject": "a\r\nBcc: x@y.z"}, "subject", "control_character"),
        ({"subject": "a\u2028b"}, "subject", "line_break"),
        ({"text": " \n"}, "text", "missing"),
        ({"channel": "sms"}, "subject", "not_for_sms"),
        ({"channel": "sms", "subject": None, "text": "x" * 1531}, "text", "too_long"),
        ({"owner_id": str(new_id())}, "owner_id", "extra_forbidden"),
        ({"to": "someone@else.example"}, "to", "extra_forbidden"),
        ({"user_id": str(new_id())}, "user_id", "extra_forbidden"),
    ],
)
async def test_a_message_that_makes_no_sense_leaves_no_trace(
    still: Harness, changes: dict[str, Any], field: str, code: str
) -> None:
    me = seller()
    person = await card(still, owner_id=str(me.id))
    answer = await posted(still, me, note(person, **{"text": "Here it is."} | changes))
    assert answer.status_code == 422, answer.text
    assert (field, code) in [(error["field"], error["code"]) for error in answer.json()["errors"]]
    assert await traces(still) == (0, 0)


async def test_a_card_without_an_address_is_said_so_at_once(still: Harness) -> None:
    me = seller()
    person = await card(still, owner_id=str(me.id), emails=[])
    answer = await posted(still, me, note(person))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "no_address"
    assert await traces(still) == (0, 0)


async def test_a_foreign_card_is_an_unknown_reference_unless_the_gateway_vouches(still: Harness) -> None:
    me = seller()
    person = await card(still, owner_id=str(new_id()))
    answer = await posted(still, me, note(person))
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_reference")
    assert answer.json()["reference"] == {"noun": "person", "id": str(person)}
    assert await traces(still) == (0, 0)
    vouched = Principal(id=me.id, role=me.role, grants=me.grants, refs=frozenset({f"person/{person}"}))
    assert (await posted(still, vouched, note(person))).status_code == 201
    unheard = new_id()
    vouched = Principal(id=me.id, role=me.role, grants=me.grants, refs=frozenset({f"person/{unheard}"}))
    answer = await posted(still, vouched, note(unheard))
    assert (answer.status_code, answer.json()["code"]) == (409, "person_not_copied")


async def test_who_may_not_write_leaves_no_trace(still: Harness) -> None:
    person = await card(still)
    assert (await posted(still, nobody(), note(person))).status_code == 403
    reader = Principal(id=new_id(), role="x", grants={"message:read": Scope.ALL, "person:read": Scope.ALL})
    assert (await posted(still, reader, note(person))).status_code == 403
    assert await traces(still) == (0, 0)


async def test_the_same_idempotency_key_is_one_message(still: Harness) -> None:
    me = seller()
    person = await card(still, owner_id=str(me.id))
    key = new_id().hex
    first = await posted(still, me, note(person), Idempotency_Key=key)
    second = await posted(still, me, note(person), Idempotency_Key=key)
    assert first.json() == second.json()
    assert await traces(still) == (1, 1)
    other = await posted(still, me, note(person, text="Other"), Idempotency_Key=key)
    assert other.status_code == 422


async def test_messages_are_seen_by_owner_team_and_head_only(still: Harness) -> None:
    me, team = seller(), new_id()
    person = await card(still, owner_id=str(me.id))
    message = (await posted(still, me, note(person))).json()
    await command(still, order(person))  # nobody's
    async with still.database.transaction() as tx:
        await tx.execute(
            staff_member.insert(),
            {"id": me.id, "team_id": team, "role": "salesperson", "active": True, "locale": "en"}
            | {"name": "Me", "email": "me@example.com", "version": 1},
        )
    seen = {}
    for who, caller in {
        "owner": me,
        "head": boss(),
        "lead": team_lead(NOUNS, team),
        "other lead": team_lead(NOUNS, new_id()),
        "colleague": seller(),
        "nobody": nobody(),
    }.items():
        listed = await still.client.get("/api/v1/messages", headers=still.headers(caller))
        got = await still.client.get(f"/api/v1/messages/{message['id']}", headers=still.headers(caller))
        seen[who] = (len(listed.json()["items"]), got.status_code)
    assert seen == {
        "owner": (2, 200),
        "head": (2, 200),
        "lead": (2, 200),
        "other lead": (1, 404),
        "colleague": (1, 404),
        "nobody": (0, 404),
    }


async def test_filters_narrow_and_a_merged_card_keeps_its_messages(still: Harness) -> None:
    first, second = await card(still), await card(still)
    for person in (first, second, second):
        await command(still, order(person))
    await command(still, order(second, channel="sms", template_key="missed_call_sorry"))
    await command(still, order(first, template_key="nope"))

    async def found(**filters: str) -> int:
        answer = await still.client.get("/api/v1/messages", params=filters, headers=still.headers(boss()))
        assert answer.status_code == 200, answer.text
        return len(answer.json()["items"])

    assert await found(person_id=str(first)) == 2
    assert await found(person_id=str(second), channel="sms") == 1
    assert await found(status="failed") == 1
    assert await found(person_id=str(new_id())) == 0
    async with still.database.transaction() as tx:
        await add_alias(tx, "person", first, second)
    assert await found(person_id=str(second)) == await found(person_id=str(first)) == 5
    for unknown in ({"owner_id": str(new_id())}, {"status": "gone"}, {"person_id": "' OR 1=1 --"}, {"cursor": "x"}):
        answer = await still.client.get("/api/v1/messages", params=unknown, headers=still.headers(boss()))
        assert answer.status_code == 422


async def test_a_list_costs_the_same_at_any_length_and_pages_without_gaps(still: Harness) -> None:
    person = await card(still)
    await command(still, order(person))
    params: dict[str, Any] = {"person_id": str(person), "limit": 4}
    with still.statements() as few:
        await still.client.get("/api/v1/messages", params=params, headers=still.headers(boss()))
    for _ in range(9):
        await command(still, order(person))
    with still.statements() as many:
        await still.client.get("/api/v1/messages", params=params, headers=still.headers(boss()))
    assert len(few) == len(many)
    seen: list[str] = []
    while True:
        page = (await still.client.get("/api/v1/messages", params=params, headers=still.headers(boss()))).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    rows = await still.rows("SELECT id FROM message ORDER BY queued_at DESC, id DESC")
    assert seen == [str(row["id"]) for row in rows]


async def test_sms_parts_are_counted_before_sending(still: Harness) -> None:
    answer = await still.client.post(
        "/api/v1/messages/sms-parts", json={"text": "я" * 66 + "🙂" + "я" * 66}, headers=still.headers(seller())
    )
    assert answer.json() == {
        "encoding": "ucs2",
        "units": 134,
        "parts": 3,
        "remaining": 66,
        "outside_gsm7": ["я", "🙂"],
    }
    refused = await still.client.post("/api/v1/messages/sms-parts", json={"text": "x"}, headers=still.headers(nobody()))
    assert refused.status_code == 403
