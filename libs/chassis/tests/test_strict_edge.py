"""What a service reads from strangers: strict JSON, exact methods, texts and moments as written, links for clients."""

import base64
import json
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
import sample
import sqlalchemy as sa
from crm_chassis import json_bodies
from crm_chassis.access.tokens import new_key_pair
from crm_chassis.attempts import Poison
from crm_chassis.decode import envelopes
from crm_chassis.filters import Filters, prefix
from crm_chassis.methods import Methods
from crm_chassis.moments import Day, Moment
from crm_chassis.paging import Keyset
from crm_chassis.patches import without_null
from crm_chassis.problems import Invalid, Problem
from crm_chassis.service import create_app
from crm_chassis.testing import Harness, admin
from crm_contracts.envelope import BATCH_CONTENT_TYPE, CONTENT_TYPE
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
FIELDS = {
    "specversion": "1.0", "id": "0199a5f0-0000-7000-8000-000000000000", "source": "/x", "type": "x.y.z.v1",
    "subject": "y/0199a5f0-0000-7000-8000-000000000000", "time": "2026-01-01T00:00:00Z", "sequence": 1,
    "recordedtime": "2026-01-01T00:00:00Z", "actor": "system:x", "hops": 0, "data": {},
    "correlationid": "0199a5f0-0000-7000-8000-000000000000",
}  # fmt: skip


@given(JSON)
def test_any_json_is_a_body(value: Any) -> None:
    json_bodies.check(json.dumps(value).encode())
    json_bodies.check(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


@given(st.binary())
def test_any_bytes_are_a_body_or_refused(body: bytes) -> None:
    try:
        json_bodies.check(body)
    except Problem as problem:
        assert problem.status == 422


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"a": 1, "a": 1}', "duplicate_key"),
        (b'[{"b": {"a": 1, "\\u0061": 2}}]', "duplicate_key"),
        (b"[" * 100_000 + b"]" * 100_000, "json_too_deep"),
        (b'{"a":' * 100_000, "json_too_deep"),
        (b'{"a": "\xff"}', "json_invalid"),
        ('{"a": 1}'.encode("utf-16-le"), "json_invalid"),
        ('{"a": 1}'.encode("utf-32"), "json_invalid"),
        (b"\xef\xbb\xbf{}", "json_invalid"),
        (b'{"a": 1}{"b": 2}', "json_invalid"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "json_invalid"),
        (b"{", "json_invalid"),
    ],
)
async def test_a_body_that_readers_could_understand_differently_is_refused(
    harness: Harness, body: bytes, code: str
) -> None:
    headers = harness.headers(admin(("thing",))) | {"Content-Type": "application/json; charset=utf-8"}
    answer = await harness.client.post("/api/v1/things", content=body, headers=headers)
    assert (answer.status_code, [error["code"] for error in answer.json()["errors"]]) == (422, [code])
    assert answer.headers["content-type"] == "application/problem+json"


async def test_405_names_every_method_of_the_path(harness: Harness) -> None:
    headers = harness.headers(admin(("thing",)))
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"):
        answer = await harness.client.request(method, "/api/v1/things", headers=headers)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST"), method
        assert answer.json()["code"] == "method_not_allowed"


def test_the_most_exact_route_says_which_methods_a_path_serves() -> None:
    methods = Methods(
        [
            ("/{noun}/{rest:path}", {"GET", "DELETE"}),
            ("/things/{id}", {"GET"}),
            ("/things/sums", {"POST"}),
            ("/things/{id}", {"PATCH"}),
        ]
    )
    assert methods.at("/things/sums") == {"POST"}
    assert methods.at("/things/7") == {"GET", "PATCH"}
    assert methods.at("/things/7/parts") == {"GET", "DELETE"}
    assert methods.at("/") == frozenset()


@given(st.binary(), st.sampled_from([CONTENT_TYPE, BATCH_CONTENT_TYPE, None, "text/plain"]))
def test_any_bytes_on_the_bus_are_envelopes_or_poison(body: bytes, content_type: str | None) -> None:
    _read(body, content_type)


@given(st.sampled_from(sorted(FIELDS)), JSON, st.booleans())
def test_an_envelope_with_anything_in_one_field_is_one_or_poison(name: str, value: Any, batch: bool) -> None:
    event = FIELDS | {name: value}
    body = json.dumps([event] if batch else event).encode()
    _read(body, BATCH_CONTENT_TYPE if batch else CONTENT_TYPE)


def _read(body: bytes, content_type: str | None) -> None:
    try:
        envelopes(body, content_type)
    except Poison:
        return


_TABLE = sa.Table("t", sa.MetaData(), sa.Column("at", sa.DateTime(timezone=True)), sa.Column("sum", sa.Numeric))
_ORDER = Keyset(("at", _TABLE.c.at, "desc"), ("sum", _TABLE.c.sum, "asc"))
_EDGES = st.sampled_from(
    [
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "NaN", "sNaN", "Infinity", "1e999999", "1e-999999",
        "2026-01-01T00:00:00Z", "2026-01-01", "1", "0" * 500, "9" * 900,
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("at", "amount"),
    [
        ("0001-01-01T00:00:00+14:00", "1"),
        ("9999-12-31T23:59:59-14:00", "1"),
        ("2026-01-01T00:00:00", "1"),
        ("2026-01-01T00:00:00Z", "NaN"),
        ("2026-01-01T00:00:00Z", "sNaN"),
        ("2026-01-01T00:00:00Z", "-Infinity"),
        ("2026-01-01T00:00:00Z", "1e999999"),
        ("2026-01-01T00:00:00Z", "1e-999999"),
    ],
)
def test_a_cursor_at_the_edge_of_time_or_of_numbers_is_refused(at: str, amount: str) -> None:
    assert _ORDER._decode(_forged("2026-01-01T00:00:00Z", "1"))
    with pytest.raises(Invalid):
        _ORDER._decode(_forged(at, amount))


def _forged(at: Any, amount: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(["at:desc,sum:asc", at, amount]).encode()).decode()


@given(st.one_of(JSON, _EDGES), st.one_of(JSON, _EDGES))
def test_a_forged_cursor_is_refused_or_holds_what_a_database_can_compare(at: Any, amount: Any) -> None:
    try:
        moment, number = _ORDER._decode(_forged(at, amount))
    except Invalid:
        return
    assert isinstance(moment, datetime) and moment.utcoffset() is not None
    assert isinstance(number, Decimal) and number.is_finite() and abs(number.adjusted()) <= 1_000


@pytest.mark.parametrize("value", ["0.5", "5", 5, 0.5, True, "2026-02-30", "2026-1-1", "2026-01-01\n", "", None, "now"])
@pytest.mark.parametrize("kind", [Day, Moment])
def test_what_is_not_written_as_a_day_or_moment_is_none(value: Any, kind: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


@given(st.text(max_size=40))
def test_any_text_is_a_moment_with_a_zone_within_the_centuries_or_refused(text: str) -> None:
    try:
        moment = TypeAdapter(Moment).validate_python(text)
    except ValidationError:
        return
    assert moment.utcoffset() is not None and 1899 < moment.year < 2201


async def test_a_prefix_filter_means_its_characters_and_nothing_else(harness: Harness) -> None:
    class Asked(BaseModel):
        name: str

    texts = [
        "100%",
        "100_",
        "100a",
        "a\\b",
        "a\\%b",
        "%",
        "_",
        "\\",
        "'",
        "''; --",
        "é",
        "e\u0301",
        "Ж",
        "\u202e",
        "{}",
    ]
    values = sa.values(sa.column("name", sa.Text), name="v").data([(text,) for text in texts])
    filters = Filters({"name": prefix(values.c.name)})
    async with harness.database.read() as connection:
        for asked in [*texts, "100", "a\\"]:
            rows = await connection.execute(filters.apply(sa.select(values.c.name), Asked(name=asked)))
            assert sorted(rows.scalars()) == sorted(text for text in texts if text.startswith(asked)), asked


def test_a_patch_is_told_without_the_nulls_it_refuses() -> None:
    class Patch(BaseModel):
        name: Annotated[str, Field(max_length=5)] | None = None
        note: str | None = None

    told = without_null(Patch.model_json_schema(), {"note"})["properties"]
    assert (told["name"]["type"], told["name"]["maxLength"], "anyOf" in told["name"]) == ("string", 5, False)
    assert {"type": "null"} in told["note"]["anyOf"] and "default" not in told["note"]


def test_the_document_links_what_is_made_to_what_can_be_done_with_it() -> None:
    settings = sample.Settings.load(internal_public_key=new_key_pair()[1])
    document = create_app(sample.wiring(settings), settings).openapi()
    made = document["paths"]["/api/v1/things"]["post"]["responses"]["201"]["links"]["sample_rename"]
    assert made["parameters"] == {"id": "$response.body#/id", "if-match": "$response.header.ETag"}
    listed = document["paths"]["/api/v1/things"]["get"]["responses"]["200"]["links"]["sample_rename"]
    assert listed["parameters"] == {"id": "$response.body#/items/0/id"}
    version = document["paths"]["/api/v1/things/{id}"]["patch"]["parameters"][1]
    assert (version["name"], version["required"]) == ("if-match", True)
