"""The edge's small hearts: origins, addresses, headers, paths, roles."""

from datetime import UTC, datetime
from ipaddress import ip_network
from itertools import pairwise
from urllib.parse import unquote_to_bytes
from uuid import UUID

import pytest
from crm_gateway.addresses import remote_address
from crm_gateway.hooks.rules import Arrival, could_be_token, is_lookup, is_owner_trouble
from crm_gateway.proxy.rules import (
    OWNERS,
    inward,
    is_plain,
    is_upload,
    outward,
    owner_of,
    target,
    told_reference,
    unknown_reference,
)
from crm_gateway.roles.rules import BUILT_IN
from crm_gateway.sessions.rules import allowed_sign_in, same_site
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        ("https://crm.example", True),
        ("http://127.0.0.1:8080", True),
        ("https://crm.example.evil.org", False),
        ("https://crm.example:8443", False),
        ("http://127.0.0.1", False),
        ("null", False),
        ("", False),
        (None, False),
        ("file://127.0.0.1:8080", False),
        ("https://user@127.0.0.1:8080", False),
    ],
)
def test_only_the_public_address_and_the_very_host_are_our_own_pages(origin: str | None, ours: bool) -> None:
    assert same_site(origin, "127.0.0.1:8080", "https://crm.example") is ours


def test_a_client_that_is_no_browser_may_sign_in_without_origin() -> None:
    assert allowed_sign_in(None, "crm.example", "https://crm.example")
    assert not allowed_sign_in("null", "crm.example", "https://crm.example")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "not an address", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_forwarded_addresses_are_believed_only_from_trusted_proxies(peer: str, forwarded: str, address: str) -> None:
    assert remote_address(peer, forwarded, [ip_network("10.0.0.0/8")]) == address


def test_credentials_and_claims_of_a_client_never_reach_a_service() -> None:
    sent = [
        ("Authorization", "Bearer stolen"),
        ("Cookie", "crm_session=x"),
        ("X-Hook-Remote-Ip", "1.2.3.4"),
        ("X-Forwarded-For", "1.2.3.4"),
        ("Connection", "close, X-Drop"),
        ("X-Drop", "1"),
        ("Transfer-Encoding", "chunked"),
        ("If-Match", '"3"'),
        ("Idempotency-Key", "k"),
        ("Content-Type", "application/json"),
    ]
    assert inward(sent) == [("if-match", '"3"'), ("idempotency-key", "k"), ("content-type", "application/json")]


def test_a_service_can_not_set_a_cookie_or_keep_a_connection() -> None:
    sent = [("Set-Cookie", "a=b"), ("Connection", "keep-alive"), ("Server", "x"), ("ETag", '"3"')]
    assert outward(sent) == [("etag", '"3"')]


@pytest.mark.parametrize(
    "path",
    [
        b"/api/v1/people/../deals",
        b"/api/v1/people/..",
        b"/api/v1/./people",
        b"/api/v1//people",
        b"/api/v1/people/%2e%2e/x",
        b"/api/v1/people%2fx",
        b"/api/v1/people\\x",
        b"/api/v1/people%5Cx",
        b"/api/v1/people%00",
        "/api/v1/ljudé".encode(),
        b"/api/v1/people?x",
    ],
)
def test_a_path_that_two_parsers_could_read_differently_is_no_path(path: bytes) -> None:
    assert not is_plain(path)


def test_a_plain_path_and_any_query_are_sent_as_they_came() -> None:
    assert is_plain(b"/api/v1/people/0190-7.x~y/notes")
    assert target(b"/api/v1/people", b"name=%C5%A0&a=b") == "/api/v1/people?name=%C5%A0&a=b"


@given(st.binary(max_size=50))
def test_any_query_becomes_plain_ascii_that_says_the_same(query: bytes) -> None:
    sent = target(b"/p", query)
    assert sent.isascii()
    assert " " not in sent and "#" not in sent and "\r" not in sent
    assert unquote_to_bytes(sent) == (b"/p?" + unquote_to_bytes(query) if query else b"/p")


def test_a_reference_is_asked_for_only_when_its_owner_is_known() -> None:
    id_ = UUID(int=5)

    def problem(noun: str, id_: object, code: str = "unknown_reference") -> dict[str, object]:
        return {"code": code, "reference": {"noun": noun, "id": id_}}

    assert unknown_reference(problem("person", str(id_))) == ("person", id_)
    assert unknown_reference(problem("secret", str(id_))) is None
    assert unknown_reference(problem("person", "../../x")) is None
    assert unknown_reference(problem("person", str(id_), "invalid")) is None
    assert unknown_reference(["person"]) is None
    assert unknown_reference({"code": "unknown_reference"}) is None


def test_the_roles_widen_from_salesperson_to_admin_and_no_notice_is_anothers() -> None:
    order = {"own": 1, "own_or_unassigned": 2, "team": 3, "all": 4}
    ladder = [BUILT_IN[name] for name in ("salesperson", "team_lead", "sales_head", "admin")]
    for lower, higher in pairwise(ladder):
        for grant, scope in lower.items():
            assert order[higher[grant]] >= order[scope], grant
    for grants in ladder:
        assert {scope for (noun, action), scope in grants.items() if (noun, action) == ("notice", "read")} == {"own"}
    assert ("user", "update") not in BUILT_IN["sales_head"]
    assert BUILT_IN["salesperson"]["deal", "update"] == "own"
    assert ("person", "merge") not in BUILT_IN["salesperson"]


def test_no_noun_of_the_proxy_belongs_to_the_gateway() -> None:
    assert not {"users", "teams", "roles", "sessions", "card", "search", "live", "hooks", "imports"} & set(OWNERS)


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("deals/7/move", "deals"),
        ("imports/people", "contacts"),
        ("imports/companies/7/rows", "contacts"),
        ("imports/products/7/result", "deals"),
        ("imports/deals/7/undo", "deals"),
        ("imports", None),
        ("imports/", None),
        ("imports/calls", None),
        ("imports/people.csv", None),
        ("people/imports", "contacts"),
        ("secrets/1", None),
        ("", None),
    ],
)
def test_an_import_belongs_to_who_owns_its_rows(path: str, owner: str | None) -> None:
    assert owner_of(path) == owner


def test_a_whole_file_is_taken_where_an_import_begins_and_nowhere_else() -> None:
    for path in ("/api/v1/files", "/api/v1/imports/people", "/api/v1/imports/deals"):
        assert is_upload("POST", path)
    for method, path in (
        ("PUT", "/api/v1/imports/people"),
        ("GET", "/api/v1/imports/people"),
        ("POST", "/api/v1/imports/people/"),
        ("POST", "/api/v1/imports/people/7/commit"),
        ("POST", "/api/v1/imports"),
        ("POST", "/api/v1/imports/calls"),
        ("POST", "/api/v1/people"),
        ("POST", "/imports/people"),
    ):
        assert not is_upload(method, path), (method, path)


@given(
    st.binary(max_size=200),
    st.lists(st.tuples(st.text("abc-", min_size=1, max_size=8), st.text(max_size=20)), max_size=5),
)
def test_what_is_parked_comes_out_as_it_went_in(body: bytes, headers: list[tuple[str, str]]) -> None:
    arrival = Arrival(
        "POST", "/hooks/pbx/t/events/call?a=b", "http://crm/x", headers, body, "1.2.3.4", NOW, UUID(int=1)
    )
    assert Arrival.unparked(*arrival.parked()) == arrival


def test_the_senders_own_authorization_travels_under_another_name() -> None:
    arrival = Arrival("POST", "/x", "http://crm/x", [("authorization", "Basic YTpi")], b"", "1.2.3.4", NOW, UUID(int=1))
    sent = dict(arrival.sent_on())
    assert "authorization" not in sent
    assert sent["x-hook-authorization"] == "Basic YTpi"
    assert sent["x-hook-arrived-at"] == "2026-11-23T10:00:00.000000+00:00"


def test_tokens_and_lookups_are_known_by_their_shape() -> None:
    assert could_be_token("a" * 32)
    assert not could_be_token("short")
    assert not could_be_token("a" * 20 + "/..")
    assert not could_be_token("a" * 20 + "\n")
    assert is_lookup("lookup") and is_lookup("vpbx/lookup/")
    assert not is_lookup("events/call") and not is_lookup("nolookup")


def test_an_owner_that_does_not_believe_the_gateway_is_in_trouble_but_a_forged_hook_is_not() -> None:
    assert is_owner_trouble(503, None) and is_owner_trouble(429, None)
    assert is_owner_trouble(401, "bad_internal_token")
    assert not is_owner_trouble(401, "bad_signature")
    assert not is_owner_trouble(404, "not_found")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (f"?file_name=a&subject=deal&subject_id={UUID(int=7)}", ("deal", UUID(int=7))),
        (f"?subject=person&subject_id={UUID(int=7)}", ("person", UUID(int=7))),
        (f"?subject=user&subject_id={UUID(int=7)}", None),
        (f"?subject=deal&subject=deal&subject_id={UUID(int=7)}", None),
        ("?subject=deal&subject_id=7", None),
        ("?subject=deal", None),
        ("", None),
    ],
)
def test_an_upload_says_in_its_query_what_the_file_is_put_on(query: str, told: tuple[str, UUID] | None) -> None:
    assert told_reference(f"/api/v1/files{query}") == told
