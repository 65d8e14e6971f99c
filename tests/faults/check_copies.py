"""Every copy a service keeps of another's rows is what the owner says today, at the owner's version."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from tests.faults.findings import Findings
from tests.faults.ledger import Ledger
from tests.faults.snapshot import Row, Snapshot

STAFF_KEEPERS = ("contacts", "deals", "telephony", "notifications", "reports")
ALIAS_KEEPERS = ("deals", "telephony", "notifications")


def staff(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """Users and teams in five services are the gateway's."""
    users = now.by("gateway", "user_account", "id")
    teams = now.by("gateway", "team", "id")
    for service in STAFF_KEEPERS:
        found.same_rows(f"copy-staff of {service}", users, now.by(service, "staff_member", "id"))
        found.same_rows(f"copy-teams of {service}", teams, now.by(service, "staff_team", "id"))


def people(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """Cards in deals, phones in telephony and addresses in notifications are those of contacts.

    A card merged away has no row in any of them.
    """
    phones, emails = _identities(now, "phone"), _identities(now, "email")
    cards: dict[UUID, Row] = {}
    addresses: dict[UUID, Row] = {}
    copies: dict[UUID, Row] = {}
    index: dict[UUID, Row] = {}
    for id, row in now.by("contacts", "person", "id").items():
        if row["merged_at"] is not None:
            continue
        card: Row = {"name": row["name"], "sequence": row["version"], "owner_id": row["owner_id"]}
        address: Row = {"name": row["name"], "version": row["version"], "locale": row["locale"]}
        card["phones"] = [phone["value"] or phone["raw"] for phone in phones[id]]
        address["emails"] = [email["raw"] for email in emails[id]]
        address["phones"] = [{"e164": phone["value"], "kind": phone["label"]} for phone in phones[id]]
        copies[id] = {"owner_id": row["owner_id"], "name": row["name"], "version": row["version"]}
        index |= {phone["id"]: {"person_id": id, "e164": phone["value"]} for phone in phones[id]}
        cards[id], addresses[id] = card, address | {"owner_id": row["owner_id"]}
    found.same_rows("copy-cards of deals", cards, now.by("deals", "person_card", "id"))
    found.same_rows("copy-addresses", addresses, now.by("notifications", "person_address", "person_id"))
    found.same_rows("copy-people of telephony", copies, now.by("telephony", "person_copy", "id"))
    found.same_rows("copy-phones", index, now.by("telephony", "phone_index", "phone_id"))
    companies = {
        id: {"name": row["name"], "owner_id": row["owner_id"], "sequence": row["version"]}
        for id, row in now.by("contacts", "company", "id").items()
    }
    found.same_rows("copy-companies of deals", companies, now.by("deals", "company_card", "id"))


def _identities(now: Snapshot, kind: str) -> defaultdict[UUID, list[Row]]:
    """Identities of each person in their order."""
    of: defaultdict[UUID, list[Row]] = defaultdict(list)
    for row in now.rows("contacts", "identity"):
        if row["kind"] == kind and row["person_id"]:
            of[row["person_id"]].append(row)
    return of


def deals(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """Contacts knows of each deal whose it is in its newest state."""
    expected = {
        id: {
            "person_id": now.lives(row["person_id"]),
            "company_id": row["company_id"],
            "owner_id": row["owner_id"],
            "sequence": row["version"],
        }
        for id, row in now.by("deals", "deal", "id").items()
    }
    copied = {
        id: row | {"person_id": now.lives(row["person_id"])}
        for id, row in now.by("contacts", "timeline_deal", "deal_id").items()
    }
    found.same_rows("copy-deals of contacts", expected, copied)


def connections(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """The gateway knows telephony's connections."""
    found.same_rows(
        "copy-connections",
        now.by("telephony", "pbx_connection", "id"),
        now.by("gateway", "pbx_connection", "id"),
    )


def aliases(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """Merged people lead to the same card everywhere, the ledger's as it asked."""

    def of(service: str) -> dict[Any, Row]:
        rows = [row for row in now.rows(service, "alias") if row["noun"] == "person"]
        return {row["loser"]: {"winner": row["winner"]} for row in rows}

    owners = of("contacts")
    found.same_rows("alias", {loser: {"winner": now.lives(winner)} for loser, winner in ledger.merged.items()}, owners)
    for service in ALIAS_KEEPERS:
        found.same_rows(f"alias of {service}", owners, of(service))


CHECKS: tuple[Any, ...] = (staff, people, deals, connections, aliases)
