"""The auditor can see: each fault planted in a quiet, sound installation is found, and found as what it is.

A fault is planted in transactions the auditor reads through; they are rolled back, so nothing is planted for long.
"""

from typing import NamedTuple

import asyncpg
import pytest

from tests.faults.auditor import message_id
from tests.faults.load import Wave
from tests.faults.site import Site


class Planted(NamedTuple):
    """`kind` is what the auditor must call it; `also` what must follow from it, and nothing else may be found."""

    kind: str
    service: str
    statement: str
    also: tuple[str, ...] = ()


PLANTED = {
    "an acknowledged webhook was lost": Planted(
        "webhook",
        "telephony",
        "DELETE FROM call_event_raw WHERE id = (SELECT id FROM call_event_raw WHERE path = '' LIMIT 1)",
    ),
    "a call is in an older state": Planted(
        "call",
        "telephony",
        "UPDATE call SET result = 'missed', talk_s = 0 WHERE id = (SELECT id FROM call WHERE talk_s > 0 LIMIT 1)",
        also=("figure-calls",),
    ),
    "a call was never linked": Planted(
        "call-link",
        "contacts",
        "DELETE FROM call_link WHERE call_id = (SELECT call_id FROM call_link LIMIT 1)",
        also=(
            "copy-call-link",
            "copy-known-call",
            "timeline",
        ),
    ),
    "a caller has two cards": Planted(
        "person-per-phone",
        "contacts",
        "WITH twin AS (INSERT INTO person (id, name, owner_source, source, created_at, updated_at)"
        " SELECT gen_random_uuid(), name, owner_source, source, created_at, updated_at FROM person"
        " WHERE origin_call_id IS NOT NULL LIMIT 1 RETURNING id, name)"
        " INSERT INTO identity (id, person_id, kind, value, raw, label, position) SELECT gen_random_uuid(), twin.id,"
        " 'phone', i.value, i.raw, i.label, 0 FROM twin JOIN person p USING (name)"
        " JOIN identity i ON i.person_id = p.id",
        also=(
            "copy-addresses",
            "copy-cards of deals",
            "copy-people of telephony",
            "copy-phones",
            "untold",
        ),
    ),
    "a caller has two deals": Planted(
        "deal-per-person",
        "deals",
        "INSERT INTO deal SELECT (jsonb_populate_record(deal, jsonb_build_object('id', gen_random_uuid(),"
        " 'origin_id', gen_random_uuid()))).* FROM deal WHERE origin_type = 'call' LIMIT 1",
        also=(
            "copy-deals of contacts",
            "figure-funnel",
            "stage-history",
            "untold",
        ),
    ),
    "a call-back lost a miss": Planted(
        "callback",
        "deals",
        "UPDATE task SET misses = misses - 1"
        " WHERE id = (SELECT id FROM task WHERE kind = 'callback' AND status = 'open' LIMIT 1)",
        also=("callback-count",),
    ),
    "a task was made twice": Planted(
        "made-twice",
        "deals",
        "INSERT INTO task SELECT (jsonb_populate_record(task, jsonb_build_object('id', gen_random_uuid()))).*"
        " FROM task WHERE kind = 'plain' LIMIT 1",
        also=(
            "timeline",
            "untold",
        ),
    ),
    "an acknowledged deal was lost": Planted(
        "acknowledged",
        "deals",
        "UPDATE deal SET id = gen_random_uuid() WHERE id = (SELECT id FROM deal WHERE origin_type <> 'call' LIMIT 1)",
        also=(
            "copy-deals of contacts",
            "stage-history",
            "timeline",
            "untold",
        ),
    ),
    "a stale write came through": Planted(
        "stale-write",
        "contacts",
        "UPDATE person SET name = 'too late' WHERE id = (SELECT id FROM person LIMIT 1)",
        also=(
            "acknowledged",
            "copy-addresses",
            "copy-cards of deals",
            "copy-people of telephony",
        ),
    ),
    "a line of the timeline was lost": Planted(
        "timeline",
        "contacts",
        "DELETE FROM timeline_item WHERE id = (SELECT id FROM timeline_item WHERE kind = 'deal_created' LIMIT 1)",
    ),
    "a line of the timeline tells another story": Planted(
        "timeline",
        "contacts",
        'UPDATE timeline_item SET data = data || \'{"result": "busy"}\''
        " WHERE id = (SELECT id FROM timeline_item WHERE kind = 'call' LIMIT 1)",
    ),
    "an effect never happened": Planted(
        "effect contacts.capture",
        "contacts",
        "DELETE FROM inbox WHERE event_id = (SELECT event_id FROM inbox WHERE reader = 'contacts.capture' LIMIT 1)",
    ),
    "a line of the timeline is old": Planted(
        "timeline",
        "contacts",
        "UPDATE timeline_item SET sequence = sequence - 1"
        " WHERE id = (SELECT id FROM timeline_item WHERE kind = 'call' LIMIT 1)",
    ),
    "a step of a deal was lost": Planted(
        "stage-history",
        "deals",
        "DELETE FROM stage_entry WHERE id = (SELECT id FROM stage_entry WHERE from_stage_id IS NOT NULL LIMIT 1)",
        also=("figure-funnel",),
    ),
    "a notice was lost": Planted(
        "notice",
        "notifications",
        "DELETE FROM notice WHERE id = (SELECT id FROM notice WHERE kind <> 'task_created' LIMIT 1)",
    ),
    "a copy of a user is old": Planted(
        "copy-staff of reports",
        "reports",
        "UPDATE staff_member SET version = version - 1 WHERE id = (SELECT id FROM staff_member LIMIT 1)",
    ),
    "a copy of a card is old": Planted(
        "copy-cards of deals",
        "deals",
        "UPDATE person_card SET sequence = 1, name = 'before' WHERE id ="
        " (SELECT id FROM person_card WHERE sequence > 1 LIMIT 1)",
    ),
    "a phone is not in the index": Planted(
        "copy-phones",
        "telephony",
        "DELETE FROM phone_index WHERE phone_id = (SELECT phone_id FROM phone_index LIMIT 1)",
    ),
    "an address was not copied": Planted(
        "copy-addresses",
        "notifications",
        "DELETE FROM person_address WHERE person_id = (SELECT person_id FROM person_address LIMIT 1)",
    ),
    "a copied link is old": Planted(
        "copy-call-link",
        "telephony",
        "UPDATE call SET card_owner_id = NULL WHERE id = (SELECT id FROM call WHERE link_sequence > 0 LIMIT 1)",
    ),
    "a connection was not copied": Planted(
        "copy-connections", "gateway", "UPDATE pbx_connection SET version = version - 1 WHERE vendor = 'generic'"
    ),
    "a merge was not heard of": Planted(
        "alias of deals", "deals", "DELETE FROM alias WHERE loser = (SELECT loser FROM alias LIMIT 1)"
    ),
    "an event was never archived": Planted(
        "archive-missing",
        "reports",
        "DELETE FROM event_archive WHERE id = (SELECT id FROM event_archive WHERE type LIKE 'gateway.team%' LIMIT 1)",
        also=("archive-head",),
    ),
    "an event was archived that nobody sent": Planted(
        "archive-extra",
        "reports",
        "INSERT INTO event_archive SELECT (jsonb_populate_record(e, jsonb_build_object('id',"
        " substr(e.id::text, 1, 24) || '0123456789ab'))).* FROM event_archive e"
        " WHERE type LIKE 'gateway.team%' LIMIT 1",
        also=("archive-head",),
    ),
    "an archived event was altered": Planted(
        "archive-differs",
        "reports",
        "UPDATE event_archive SET data = data || '{\"version\": 99}'"
        " WHERE id = (SELECT id FROM event_archive WHERE type LIKE 'telephony.call%' LIMIT 1)",
    ),
    "an event was sent twice": Planted(
        "event-twice",
        "deals",
        "INSERT INTO outbox_sent SELECT * FROM outbox_sent WHERE queue IS NULL LIMIT 1",
        also=("sequence",),
    ),
    "an event of a subject was lost": Planted(
        "sequence",
        "telephony",
        "DELETE FROM outbox_sent WHERE event_id = (SELECT event_id FROM outbox_sent"
        " WHERE type = 'telephony.call.rang.v1' LIMIT 1)",
        also=(
            "archive-extra",
            "effect contacts.capture",
        ),
    ),
    "a row changed and nobody was told": Planted(
        "untold",
        "deals",
        "UPDATE deal SET version = version + 1 WHERE id = (SELECT id FROM deal LIMIT 1)",
        also=("copy-deals of contacts",),
    ),
    "an event was never sent": Planted(
        "outbox",
        "contacts",
        "INSERT INTO outbox (event_id, type, bulk, body)"
        " SELECT event_id, type, bulk, body FROM outbox_sent WHERE queue IS NULL LIMIT 1",
    ),
    "a message was given up": Planted(
        "dead-letter",
        "contacts",
        "INSERT INTO dead_letter (id, queue, reason, body) VALUES (gen_random_uuid(), 'contacts.capture', 'why', '')",
    ),
    "a mail belongs to no message": Planted(
        "mail-copies",
        "notifications",
        "UPDATE message SET id = gen_random_uuid() WHERE id ="
        " (SELECT id FROM message WHERE dedupe_key IS NULL AND status = 'sent' LIMIT 1)",
        also=(
            "acknowledged",
            "timeline",
            "untold",
        ),
    ),
    "an uncertain message was sent again": Planted(
        "message-resent",
        "notifications",
        "UPDATE message SET status = 'uncertain', attempts = 2 WHERE id ="
        " (SELECT id FROM message WHERE status = 'sent' LIMIT 1)",
        also=("message-shown",),
    ),
    "a message is stuck": Planted(
        "message-settled",
        "notifications",
        "UPDATE message SET status = 'submitting' WHERE id = (SELECT id FROM message LIMIT 1)",
    ),
    "an automatic message was not written": Planted(
        "automatic-message",
        "notifications",
        "UPDATE message SET dedupe_key = NULL WHERE id = (SELECT id FROM message WHERE dedupe_key IS NOT NULL LIMIT 1)",
    ),
    "a rule ran twice": Planted(
        "automation-run",
        "deals",
        "INSERT INTO automation_run SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(),"
        " 'stage_entry_id', gen_random_uuid()))).* FROM automation_run r LIMIT 1",
        also=("automatic-message",),
    ),
    "a fact was lost": Planted(
        "fact call_version",
        "reports",
        "DELETE FROM call_version WHERE (generation, event_id) = (SELECT generation, event_id FROM call_version"
        " JOIN projection_generation USING (generation) WHERE state = 'live' LIMIT 1)",
    ),
}


@pytest.fixture(scope="module")
def sound(site: Site) -> Site:
    """The installation, quiet, with something in every table and nothing wrong."""
    if not site.ledger.calls:  # else the faults struck before have left enough
        site.load(Wave(callers=10, writers=4, mails=3))
        site.acknowledged()
        site.quiet()
    assert [str(finding) for finding in site.audit()] == []
    return site


@pytest.mark.parametrize("name", PLANTED)
def test_the_auditor_finds_what_was_planted(sound: Site, name: str) -> None:
    fault = PLANTED[name]

    async def plant(connections: dict[str, asyncpg.Connection]) -> None:
        # Rows are pulled from under foreign keys: this session, until it is rolled back, does not enforce them.
        connection = connections[fault.service]
        await connection.execute("SET LOCAL session_replication_role = replica")
        done = await connection.execute(fault.statement)
        assert not done.endswith(" 0"), f"nothing was planted: {done}"

    found = sound.changed(plant)
    assert {finding.kind for finding in found} == {fault.kind, *fault.also}, [str(finding) for finding in found]


def test_what_was_planted_is_gone_again(sound: Site) -> None:
    assert [str(finding) for finding in sound.audit()] == []


def test_figures_that_differ_from_the_rows_are_found(sound: Site) -> None:
    async def plant(connections: dict[str, asyncpg.Connection]) -> None:
        await connections["telephony"].execute("UPDATE call SET talk_s = talk_s + 1")
        await connections["deals"].execute("UPDATE deal SET stage_id = (SELECT id FROM stage ORDER BY id DESC LIMIT 1)")

    assert {"figure-calls", "figure-funnel"} <= {finding.kind for finding in sound.changed(plant)}


def test_a_mail_lost_and_a_mail_doubled_in_the_mailboxes_are_found(sound: Site) -> None:
    messages, uncertain = sound.mailbox.messages, sound.outside.uncertain()
    one = next(mail for mail in messages if message_id(mail) not in uncertain)
    for spoiled in ([mail for mail in messages if mail is not one], [*messages, one]):
        sound.mailbox.messages = spoiled
        try:
            assert {finding.kind for finding in sound.audit()} == {"mail-copies"}
        finally:
            sound.mailbox.messages = messages


def test_projections_that_differ_from_the_archive_are_found_by_rebuilding_them(sound: Site) -> None:
    before = sound.snapshot()
    before.rows("reports", "fact:call_version")[0]["talk_s"] += 1
    found = sound.audit_rebuild(before)
    assert [finding.kind for finding in found] == ["rebuild call_version"]
