"""Everything six databases say, read in one go, for the auditor to compare."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from crm_contracts.catalogue import SERVICES

Row = dict[str, Any]
Connections = Mapping[str, asyncpg.Connection]

_STAFF = {
    "staff_member": "SELECT id, team_id, role, active, locale, name, email, version FROM staff_member",
    "staff_team": "SELECT id, name, lead_id, office, version FROM staff_team",
}
_CHASSIS = {
    "outbox": "SELECT event_id, type FROM outbox",
    "sent": "SELECT event_id, type, body, recorded_at FROM outbox_sent WHERE queue IS NULL",
    "dead_letter": "SELECT id, queue, type, reason FROM dead_letter",
    "inbox": "SELECT reader, event_id FROM inbox",
    "alias": "SELECT noun, loser, winner FROM alias",
}
_GENERATION = "WHERE generation = (SELECT generation FROM projection_generation WHERE state = 'live')"
FACT_TABLES = ("stage_entry", "deal_version", "call_version", "pipeline_version", "membership", "projection_reject")

TABLES: dict[str, dict[str, str]] = {
    "contacts": _STAFF
    | {
        "person": "SELECT id, name, owner_id, origin_call_id, locale, merged_at, version FROM person",
        "company": "SELECT id, name, owner_id, version FROM company",
        "identity": "SELECT id, person_id, kind, value, raw, label, position FROM identity ORDER BY kind, position",
        "call_link": "SELECT call_id, person_id, owner_id, version FROM call_link",
        "timeline_item": "SELECT id, kind, person_id, company_id, deal_id, sequence, data, pii FROM timeline_item",
        "timeline_deal": "SELECT deal_id, person_id, company_id, owner_id, sequence FROM timeline_deal",
    },
    "deals": _STAFF
    | {
        "deal": "SELECT id, title, person_id, company_id, stage_id, stage_entry_id, outcome, owner_id, origin_type,"
        " origin_id, pipeline_id, version FROM deal",
        "stage_entry": "SELECT id, deal_id, from_stage_id, to_stage_id, happened_at FROM stage_entry",
        "task": "SELECT id, kind, status, title, phone, owner_id, deal_id, person_id, misses, remind_at, due_at,"
        " completed_at, version FROM task",
        "person_card": "SELECT id, name, phones, owner_id, sequence FROM person_card",
        "company_card": "SELECT id, name, owner_id, sequence FROM company_card",
        "automation_rule": "SELECT id, stage_id, active FROM automation_rule",
        "automation_run": "SELECT rule_id, stage_entry_id, deal_id, result FROM automation_run",
        "known_call": "SELECT id, phone, was_missed, report_sequence, link_sequence FROM known_call",
    },
    "telephony": _STAFF
    | {
        "call_event_raw": "SELECT vendor_event_key, connection_id, vendor_call_id, parsed_at FROM call_event_raw",
        "call": "SELECT id, connection_id, vendor_call_id, direction, phase, result, phone_e164, person_hint_id,"
        " card_owner_id, link_sequence, started_at, talk_s, answered_by, ringing_user_ids, version FROM call",
        "person_copy": "SELECT id, owner_id, name, version FROM person_copy",
        "phone_index": "SELECT phone_id, person_id, e164 FROM phone_index",
        "pbx_connection": "SELECT id, token_sha256, vendor, active, version FROM pbx_connection",
    },
    "notifications": _STAFF
    | {
        "message": "SELECT id, dedupe_key, channel, status, subject, person_id, owner_id, attempts, error, version"
        " FROM message",
        "notice": "SELECT id, origin_key, user_id, kind, subject_id, version FROM notice",
        "person_address": "SELECT person_id, owner_id, name, locale, phones, emails, version FROM person_address",
    },
    "reports": _STAFF
    | {
        "event_archive": "SELECT id, type, subject, sequence, time, recordedtime, data FROM event_archive",
        "event_pii": "SELECT event_id, pii FROM event_pii",
        "archive_head": "SELECT position, conflicts FROM archive_head",
        "projection_generation": "SELECT generation, state, position FROM projection_generation",
    }
    | {f"fact:{name}": f"SELECT * FROM {name} {_GENERATION}" for name in FACT_TABLES},  # noqa: S608  # our own names
    "gateway": {
        "user_account": "SELECT id, team_id, role, active, locale, name, email, version FROM user_account",
        "team": "SELECT id, name, lead_id, office, version FROM team",
        "pbx_connection": "SELECT id, token_sha256, vendor, active, version FROM pbx_connection",
    },
}


@dataclass(frozen=True, slots=True)
class Sent:
    """An event as its producer sent it."""

    id: UUID
    type: str
    subject: str
    sequence: int
    body: Row

    @property
    def data(self) -> Row:
        """The subject's state after the event."""
        found: Row = self.body["data"]
        return found


class Snapshot:
    """Rows of every table by service and table."""

    def __init__(self, tables: dict[str, dict[str, list[Row]]]) -> None:
        self._tables = tables
        self.sent = {name: [_sent(row) for row in tables[name]["sent"]] for name in tables}
        merged = [row for row in tables["contacts"]["alias"] if row["noun"] == "person"]
        self._winners = {row["loser"]: row["winner"] for row in merged}

    def rows(self, service: str, table: str) -> list[Row]:
        """Every row."""
        return self._tables[service][table]

    def by(self, service: str, table: str, key: str) -> dict[Any, Row]:
        """Rows by a unique column."""
        return {row[key]: row for row in self.rows(service, table)}

    def grouped(self, service: str, table: str, key: str) -> dict[Any, list[Row]]:
        """Rows by a column that repeats."""
        groups: defaultdict[Any, list[Row]] = defaultdict(list)
        for row in self.rows(service, table):
            groups[row[key]].append(row)
        return groups

    def events(self, service: str, *types: str) -> list[Sent]:
        """What the service sent of these types."""
        return [event for event in self.sent[service] if event.type in types]

    def lives(self, person_id: UUID | None) -> UUID | None:
        """The id under which a merged person lives on, as its owner says."""
        return self._winners.get(person_id, person_id) if person_id else None


async def take(connections: Connections) -> Snapshot:
    """All of it, one statement after the other in each database, the databases side by side."""

    async def read(service: str) -> tuple[str, dict[str, list[Row]]]:
        wanted = _CHASSIS | TABLES[service]
        return service, {
            table: [dict(row) for row in await connections[service].fetch(statement)]
            for table, statement in wanted.items()
        }

    return Snapshot(dict(await asyncio.gather(*(read(service) for service in SERVICES))))


async def connect(urls: Mapping[str, str]) -> dict[str, asyncpg.Connection]:
    """A connection to each database, JSON read as values."""
    connections = {}
    for service in SERVICES:
        connection = await asyncpg.connect(urls[service], server_settings={"application_name": "auditor"})
        await connection.set_type_codec("jsonb", encoder=_dumps, decoder=orjson.loads, schema="pg_catalog")
        connections[service] = connection
    return connections


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def _sent(row: Row) -> Sent:
    body = orjson.loads(row["body"])
    return Sent(row["event_id"], row["type"], body["subject"], body["sequence"], body)
