"""An order to send makes one message, written in the person's language, or a failed one people can see."""

from datetime import timedelta
from typing import Any

import pytest
from crm_chassis.clock import now
from crm_chassis.ids import new_id
from crm_chassis.tables import staff_member
from crm_chassis.testing import Harness, eventually
from crm_contracts import notifications as contract
from crm_contracts.contacts import PERSON_CREATED
from crm_contracts.envelope import Envelope
from crm_contracts.notifications import SEND_MESSAGE, MessageState
from crm_notifications.messages.service import PersonNotCopied

from .scenes import Scripted, card, command, order, person_data


async def messages(harness: Harness) -> list[dict[str, Any]]:
    return await harness.rows("SELECT * FROM message ORDER BY id")


async def told(harness: Harness) -> list[tuple[str, MessageState, Envelope]]:
    return [
        (event.type, MessageState.model_validate(event.data), event)
        for event in await harness.recorded()
        if event.type.startswith("notifications.message.")
    ]


async def test_an_order_is_written_in_the_persons_language_and_told(still: Harness) -> None:
    person, deal, owner, story = await card(still, locale="sl"), new_id(), new_id(), new_id()
    await command(still, order(person, deal_id=deal, owner_id=owner), correlation_id=story)
    (row,) = await messages(still)
    assert row["subject"] == "Izmera je dogovorjena"
    assert row["text"].startswith("Pozdravljeni Ana Kovač,")
    assert "Okna d.o.o." in row["html"]
    assert (row["status"], row["to_address"], row["automatic"]) == ("queued", f"{person.hex}@example.com", True)
    ((type, state, event),) = await told(still)
    assert type == contract.MESSAGE_QUEUED
    assert (state.id, state.person_id, state.deal_id, state.owner_id) == (row["id"], person, deal, owner)
    assert (state.status, state.version, event.sequence) == ("queued", 1, 1)
    assert event.correlationid == state.correlation_id == story
    assert state.pii.text == row["text"]


@pytest.mark.parametrize(
    ("locale", "begins"), [("ru", "Здравствуйте"), ("de", "Hello"), (None, "Hello"), ("sl-SI", "P")]
)
async def test_without_the_persons_language_the_companys_is_taken(
    still: Harness, locale: str | None, begins: str
) -> None:
    await command(still, order(await card(still, locale=locale)))
    (row,) = await messages(still)
    assert row["text"].startswith(begins)


async def test_an_owner_may_sign_and_the_order_knows_best(still: Harness) -> None:
    owner = new_id()
    async with still.database.transaction() as tx:
        await tx.execute(
            staff_member.insert(),
            {
                "id": owner,
                "team_id": None,
                "role": "salesperson",
                "active": True,
                "locale": "en",
                "name": "Boris",
                "email": "b@example.com",
                "version": 1,
            },
        )
        await tx.connection.exec_driver_sql(
            "INSERT INTO template (id, key, locale, channel, text) VALUES "
            "(gen_random_uuid(), 'signed', 'en', 'sms', '{{ owner_name }} {{ person_name }} {{ deal_title }}') "
            "ON CONFLICT DO NOTHING"
        )
    person = await card(still)
    await command(
        still,
        order(
            person,
            channel="sms",
            template_key="signed",
            owner_id=owner,
            variables={"person_name": "Mrs K", "deal_title": "Roof", "not_listed": "x"},
        ),
    )
    (row,) = await messages(still)
    assert row["text"] == "Boris Mrs K Roof"
    assert (row["to_address"], row["parts"]) == ("+38640111222", 1)


async def test_an_order_that_does_not_know_the_name_leaves_ours(still: Harness) -> None:
    await command(still, order(await card(still, name="Ana", locale="en"), variables={"person_name": ""}))
    (row,) = await messages(still)
    assert row["text"].startswith("Hello Ana,")


async def test_one_dedupe_key_makes_one_message_ever(still: Harness) -> None:
    given = order(await card(still))
    for _ in range(3):
        await command(still, given)
    await command(still, given.model_copy(update={"template_key": "no_such_template"}))
    assert len(await messages(still)) == 1
    assert len(await told(still)) == 1


@pytest.mark.parametrize(
    ("changes", "addresses", "error"),
    [
        ({}, {"emails": []}, "no_address"),
        ({"channel": "sms", "template_key": "missed_call_sorry"}, {"phones": []}, "no_address"),
        ({"channel": "sms", "template_key": "missed_call_sorry"}, {"phones": [None]}, "no_address"),
        ({"template_key": "no_such_template"}, {}, "template_missing"),
        ({"variables": {"person_name": "x" * 1001}}, {}, "template_value_too_long"),
    ],
)
async def test_what_can_not_be_sent_is_a_failed_message_for_people_to_see(
    still: Harness, changes: dict[str, Any], addresses: dict[str, Any], error: str
) -> None:
    phones = addresses.get("phones")
    person = await card(still, **({} if phones == [None] else addresses))
    if phones == [None]:
        async with still.database.transaction() as tx:
            await tx.connection.exec_driver_sql(
                """UPDATE person_address SET phones = '[{"e164": null, "kind": "mobile"}]'"""
            )
    await command(still, order(person, **changes))
    (row,) = await messages(still)
    assert (row["status"], row["error"]) == ("failed", error)
    ((type, state, _),) = await told(still)
    assert (type, state.status, state.error) == (contract.MESSAGE_FAILED, "failed", error)


async def test_an_order_past_its_time_is_dropped(still: Harness) -> None:
    person = await card(still)
    await command(still, order(person, not_after=now() - timedelta(seconds=1)))
    assert await messages(still) == []
    await command(still, order(person, not_after=now() + timedelta(hours=1)))
    assert len(await messages(still)) == 1


async def test_an_order_before_its_card_waits_on_the_ladder_and_leaves_nothing(still: Harness) -> None:
    with pytest.raises(PersonNotCopied):
        await command(still, order(new_id()))
    assert await messages(still) == []


async def test_an_order_from_the_bus_is_sent_once_though_delivered_three_times(live: Harness, script: Scripted) -> None:
    person, given_key, story = new_id(), f"auto:{new_id()}", new_id()
    await live.deliver(live.event(PERSON_CREATED, person_data(person), subject="person", id=person))
    await eventually(lambda: live.rows("SELECT 1 FROM person_address WHERE person_id = :id", id=person))
    given = live.event(
        SEND_MESSAGE,
        order(person, dedupe_key=given_key),
        subject="command",
        id=new_id(),
        sequence=0,
        correlation_id=story,
    )
    for _ in range(3):
        await live.deliver(given, queue=SEND_MESSAGE)

    async def sent() -> bool:
        return bool(await live.rows("SELECT 1 FROM message WHERE dedupe_key = :key AND status = 'sent'", key=given_key))

    await eventually(sent)
    await live.idle(SEND_MESSAGE)
    assert len([email for email in script.emails if email.to == f"{person.hex}@example.com"]) == 1
    mine = [event for event in await live.recorded() if event.correlationid == story]
    assert [event.type for event in mine] == [contract.MESSAGE_QUEUED, contract.MESSAGE_SENT]
    assert [event.sequence for event in mine] == [1, 2]
    assert mine[1].data["sent_at"] is not None


async def test_a_command_that_can_not_be_read_is_a_dead_letter(live: Harness) -> None:
    await live.deliver(
        live.event(SEND_MESSAGE, {"channel": "pigeon"}, subject="command", id=new_id(), sequence=0), queue=SEND_MESSAGE
    )
    row = await eventually(lambda: live.rows("SELECT queue, reason FROM dead_letter"))
    assert row[0]["queue"] == SEND_MESSAGE
    assert "SendMessage" in row[0]["reason"]
