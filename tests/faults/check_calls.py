"""Webhooks ↔ calls ↔ links ↔ cards ↔ deals ↔ call-backs: the way of a call through the services."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tests.faults.findings import Findings
from tests.faults.ledger import Ledger, PlannedCall
from tests.faults.snapshot import Row, Snapshot


def webhooks(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """Each acknowledged webhook is kept once, folded, and no other is."""
    kept = [row for row in now.rows("telephony", "call_event_raw") if row["connection_id"] == ledger.connection_id]
    promised = {key: call.call_id for call in ledger.calls for key in call.acknowledged}
    found.once("webhook-twice", [row["vendor_event_key"] for row in kept])
    found.same_rows(
        "webhook",
        {key: {"vendor_call_id": call_id, "folded": True} for key, call_id in promised.items()},
        {row["vendor_event_key"]: row | {"folded": row["parsed_at"] is not None} for row in kept},
    )


def calls(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """Each call exists once, in the state all its webhooks together tell."""
    rows = [row for row in now.rows("telephony", "call") if row["connection_id"] == ledger.connection_id]
    found.once("call-twice", [row["vendor_call_id"] for row in rows])
    found.same_rows(
        "call",
        {call.call_id: _expected(call, ledger) for call in ledger.calls},
        {row["vendor_call_id"]: row | {"ringing_user_ids": set(row["ringing_user_ids"])} for row in rows},
    )


def _expected(call: PlannedCall, ledger: Ledger) -> Row:
    return {
        "direction": "in",
        "phase": "ended",
        "result": call.result,
        "phone_e164": call.phone,
        "talk_s": call.talk_s,
        "answered_by": ledger.extensions[call.rings[0]] if call.is_answered else None,
        "ringing_user_ids": {ledger.extensions[extension] for extension in call.rings},
    }


def cards(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """Each call is linked to the one living card of its phone; a caller known before keeps their card."""
    links = now.by("contacts", "call_link", "call_id")
    holders: defaultdict[str, set[UUID]] = defaultdict(set)
    living = {row["id"] for row in now.rows("contacts", "person") if row["merged_at"] is None}
    for row in now.rows("contacts", "identity"):
        if row["kind"] == "phone" and row["person_id"] in living:
            holders[row["value"]].add(row["person_id"])
    by_phone = _calls_of(now, ledger)
    for caller in ledger.callers.values():
        if not by_phone[caller.phone]:
            continue
        people = holders[caller.phone]
        found.same("person-per-phone", caller.phone, 1, len(people))
        if caller.person_id is not None:
            found.same("person-per-phone", caller.phone, {caller.person_id}, people)
        for call in by_phone[caller.phone]:
            linked = links[call["id"]]["person_id"] if call["id"] in links else None
            found.same("call-link", call["id"], True, linked in people)
    made_by_call = [row["origin_call_id"] for row in now.rows("contacts", "person") if row["origin_call_id"]]
    found.once("person-twice", made_by_call)
    known = {row["id"] for row in now.rows("telephony", "call")}
    for call_id in links.keys() - known:
        found.same("call-link", call_id, "a call", None)


def link_copies(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """Telephony and deals know of each call's link what contacts last said of it, deals the newest state too."""
    links = now.by("contacts", "call_link", "call_id")
    told = {call_id: row for call_id, row in links.items() if row["person_id"] is not None}
    copied = {row["id"]: row for row in now.rows("telephony", "call") if row["link_sequence"]}
    found.same_rows(
        "copy-call-link",
        {call_id: {"link_sequence": row["version"], "card_owner_id": row["owner_id"]} for call_id, row in told.items()},
        copied,
    )
    newest = {row["id"]: row["version"] for row in now.rows("telephony", "call") if row["phase"] == "ended"}
    found.same_rows(
        "copy-known-call",
        {
            call_id: {
                "report_sequence": version,
                "link_sequence": told[call_id]["version"] if call_id in told else None,
            }
            for call_id, version in newest.items()
        },
        now.by("deals", "known_call", "id"),
    )


def deals(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """A caller has exactly one open deal: the one people made before, else one made of the first call to come."""
    open_of: defaultdict[UUID | None, list[Row]] = defaultdict(list)
    for row in now.rows("deals", "deal"):
        if row["outcome"] == "open":
            open_of[now.lives(row["person_id"])].append(row)
    links = now.by("contacts", "call_link", "call_id")
    by_phone = _calls_of(now, ledger)
    for caller in ledger.callers.values():
        ours = by_phone[caller.phone]
        people = {links[call["id"]]["person_id"] for call in ours if call["id"] in links}
        for person_id in people:
            rows = open_of[now.lives(person_id)]
            found.same("deal-per-person", f"{caller.phone} {person_id}", 1, len(rows))
            origins = {row["origin_id"] for row in rows if row["origin_type"] == "call"}
            allowed = set() if caller.deal_ids else {str(call["id"]) for call in ours}
            found.same("deal-per-person", f"origin of {person_id}", True, origins <= allowed)
    found.once("deal-twice", [row["origin_id"] for row in now.rows("deals", "deal") if row["origin_type"] == "call"])


def callbacks(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """A phone whose last calls nobody answered has one open call-back that counts them; others have none open."""
    tasks: defaultdict[str, list[Row]] = defaultdict(list)
    for row in now.rows("deals", "task"):
        if row["kind"] == "callback":
            tasks[row["phone"]].append(row)
    # A call told to be over before it was told to be answered was missed for a moment: its call-back is closed.
    missed = Counter(row["phone"] for row in now.rows("deals", "known_call") if row["was_missed"])
    for caller in ledger.callers.values():
        rows = tasks.pop(caller.phone, [])
        open_counts = [row["misses"] for row in rows if row["status"] == "open"]
        found.same("callback", caller.phone, [caller.open_misses] if caller.open_misses else [], open_counts)
        found.same("callback-count", caller.phone, missed[caller.phone], sum(row["misses"] for row in rows))
    for phone in tasks:
        found.same("callback", phone, "a caller", None)


def _calls_of(now: Snapshot, ledger: Ledger) -> dict[str, list[Row]]:
    by_phone: defaultdict[str, list[Row]] = defaultdict(list)
    for row in now.rows("telephony", "call"):
        if row["connection_id"] == ledger.connection_id:
            by_phone[row["phone_e164"]].append(row)
    return by_phone


def counted(now: Snapshot) -> Counter[str]:
    """How much of everything there is."""
    tables: Sequence[tuple[str, str, str]] = (
        ("calls", "telephony", "call"),
        ("people", "contacts", "person"),
        ("deals", "deals", "deal"),
        ("tasks", "deals", "task"),
        ("timeline", "contacts", "timeline_item"),
        ("messages", "notifications", "message"),
        ("events", "reports", "event_archive"),
    )
    return Counter({name: len(now.rows(service, table)) for name, service, table in tables})


CHECKS: tuple[Any, ...] = (webhooks, calls, cards, link_copies, deals, callbacks)
