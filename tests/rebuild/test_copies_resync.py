"""An emptied copy fills again from its owner and is what it was, byte for byte, while the company goes on working."""

from dataclasses import dataclass

from crm_contracts.graph import READERS
from crm_runner.demo.client import wait_for

from .site import Site
from .traffic import traffic


@dataclass(frozen=True)
class Copy:
    """A copy: its tables with the order of their rows, what empties it, and what to ask of whom."""

    service: str
    queue: str
    tables: tuple[tuple[str, str], ...]
    empty: tuple[str, ...]
    owner: str
    nouns: tuple[str, ...]


def _staff(service: str) -> Copy:
    return Copy(
        service,
        f"{service}.users",
        (("staff_member", "id"), ("staff_team", "id"), ("staff_role", "id")),
        ("DELETE FROM staff_member", "DELETE FROM staff_team", "DELETE FROM staff_role"),
        "gateway",
        ("user", "team", "role"),
    )


STAFF = tuple(_staff(service) for service in ("contacts", "deals", "telephony", "notifications", "reports"))
COPIES = (
    Copy(
        "deals",
        "deals.cards",
        (("person_card", "id"), ("company_card", "id"), ("alias", "noun, loser")),
        ("DELETE FROM person_card", "DELETE FROM company_card", "DELETE FROM alias"),
        "contacts",
        ("person", "company"),
    ),
    Copy(
        "telephony",
        "telephony.phone-index",
        (("person_copy", "id"), ("phone_index", "phone_id"), ("alias", "noun, loser")),
        ("DELETE FROM person_copy", "DELETE FROM alias WHERE noun = 'person'"),
        "contacts",
        ("person",),
    ),
    Copy(
        "telephony",
        "telephony.call-links",
        (("call", "id"),),
        ("UPDATE call SET person_hint_id = NULL, card_owner_id = NULL, link_sequence = 0 WHERE link_sequence > 0",),
        "contacts",
        ("call",),
    ),
    Copy(
        "notifications",
        "notifications.addresses",
        (("person_address", "person_id"), ("alias", "noun, loser")),
        ("DELETE FROM person_address", "DELETE FROM alias"),
        "contacts",
        ("person",),
    ),
    Copy(
        "gateway",
        "gateway.connections",
        (("pbx_connection", "id"),),
        ("DELETE FROM pbx_connection",),
        "telephony",
        ("connection",),
    ),
)


def contents(site: Site, copies: tuple[Copy, ...]) -> dict[str, list[bytes]]:
    """All rows of the copies, by queue and table."""
    return {
        f"{copy.queue} {table}": site.dump(copy.service, table, order)
        for copy in copies
        for table, order in copy.tables
    }


def empty(site: Site, copies: tuple[Copy, ...]) -> None:
    """Nothing is left in any of the copies."""
    before = contents(site, copies)
    assert all(before.values()), "an empty copy proves nothing"
    for copy in copies:
        site.run(copy.service, *copy.empty)
    after = contents(site, copies)
    assert [name for name in before if after[name] == before[name]] == []


def ask(site: Site, copies: tuple[Copy, ...]) -> None:
    """Every owner was asked for every noun of the copies."""
    for copy in copies:
        for noun in copy.nouns:
            site.crm("resync", copy.owner, noun, copy.queue)


def test_the_staff_of_every_service_comes_back_as_it_was(site: Site) -> None:
    site.settle()
    before = contents(site, STAFF)
    empty(site, STAFF)
    ask(site, STAFF)
    wait_for("the staff being as it was", lambda: contents(site, STAFF) == before)


def test_emptied_copies_are_filled_by_their_owners_as_they_were_while_people_go_on_selling(site: Site) -> None:
    site.company.client("Marko").post("/api/v1/companies", {"name": "Okna na debelo"})
    site.settle()
    before = contents(site, COPIES)
    with traffic(site) as made:
        empty(site, COPIES)
        ask(site, COPIES)

        def missing() -> dict[str, int]:
            now = contents(site, COPIES)
            lacking = {name: len(set(rows) - set(now[name])) for name, rows in before.items()}
            return {name: count for name, count in lacking.items() if count}

        wait_for("every copy having what it had", lambda: not missing())
        count = len(made)
        wait_for("more traffic", lambda: len(made) > count)
    site.settle()
    assert missing() == {}
    people = site.rows("contacts", "SELECT id FROM person WHERE merged_at IS NULL")
    living = {row["id"] for row in people}
    assert len(living) > len(made) > 0
    for service, table, column in (
        ("deals", "person_card", "id"),
        ("telephony", "person_copy", "id"),
        ("notifications", "person_address", "person_id"),
    ):
        copied = {row["id"] for row in site.rows(service, f"SELECT {column} AS id FROM {table}")}  # noqa: S608
        assert copied == living, service
    aliases = site.rows("contacts", "SELECT loser, winner FROM alias ORDER BY loser")
    assert len(aliases) > len(made)
    for service in ("deals", "telephony", "notifications"):
        query = "SELECT loser, winner FROM alias WHERE noun = 'person' ORDER BY loser"
        assert site.rows(service, query) == aliases, service


def test_every_copy_of_the_graph_is_tried_here() -> None:
    assert {reader.queue for reader in READERS if reader.kind == "copy"} == {copy.queue for copy in (*STAFF, *COPIES)}
