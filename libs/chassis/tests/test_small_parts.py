"""The pure parts: gate, ladder, cursor, text, aliases."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from crm_chassis.gate import Gate
from crm_chassis.ids import new_id
from crm_chassis.paging import Keyset
from crm_chassis.problems import Invalid
from crm_chassis.text import Line, Text
from crm_contracts.envelope import Envelope, Lane
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _event(**changes: Any) -> Envelope:
    fields: dict[str, Any] = {
        "id": new_id(), "source": "/x", "type": "x.y.z.v1", "subject": f"y/{new_id()}", "time": NOW,
        "recordedtime": NOW, "sequence": 1, "actor": "system:x", "correlationid": new_id(), "data": {},
    }  # fmt: skip
    return Envelope(**(fields | changes))


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "do"),
        ({"lane": Lane.BULK}, "bulk"),
        ({"replay": True}, "replay"),
        ({"replay": True, "lane": Lane.BULK}, "replay"),
        ({"time": NOW - timedelta(hours=2)}, "late"),
        ({"time": NOW - timedelta(minutes=59), "recordedtime": NOW}, "do"),
    ],
)
def test_the_gate_lets_only_prompt_live_news_through(changes: dict[str, Any], verdict: str) -> None:
    assert Gate(timedelta(hours=1)).judge(_event(**changes), NOW) == verdict


def test_a_gate_without_lateness_still_refuses_replay_and_bulk() -> None:
    gate = Gate(None)
    assert gate.judge(_event(time=NOW - timedelta(days=400)), NOW) == "do"
    assert gate.judge(_event(replay=True), NOW) == "replay"


def test_an_expired_effect_is_not_done() -> None:
    gate = Gate(timedelta(hours=1), expires_after=timedelta(seconds=60))
    assert gate.judge(_event(), NOW + timedelta(seconds=60)) == "do"
    assert gate.judge(_event(), NOW + timedelta(seconds=61)) == "expired"


_TABLE = sa.Table(
    "t",
    sa.MetaData(),
    sa.Column("at", sa.DateTime(timezone=True)),
    sa.Column("sum", sa.Numeric),
    sa.Column("name", sa.Text),
    sa.Column("n", sa.BigInteger),
    sa.Column("id", sa.Uuid),
)
_ORDER = Keyset(
    ("at", _TABLE.c.at, "desc"),
    ("sum", _TABLE.c.sum, "asc"),
    ("name", _TABLE.c.name, "asc"),
    ("n", _TABLE.c.n, "asc"),
    ("id", _TABLE.c.id, "desc"),
)
_AWARE = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_NAME = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"))


@given(_AWARE, st.decimals(allow_nan=False, allow_infinity=False), _NAME, st.integers(-(2**63), 2**63 - 1), st.uuids())
def test_a_cursor_comes_back_as_it_went(at: datetime, amount: Decimal, name: str, n: int, id: UUID) -> None:
    assert _ORDER._decode(_ORDER.cursor([at, amount, name, n, id])) == [at, amount, name, n, id]


@given(st.one_of(st.text(max_size=60), st.binary(max_size=60).map(lambda raw: raw.hex())))
def test_any_other_text_is_refused_as_a_cursor_and_never_an_error_of_ours(text: str) -> None:
    with pytest.raises(Invalid):
        _ORDER._decode(text)


def test_a_cursor_of_another_order_is_refused() -> None:
    other = Keyset(("name", _TABLE.c.name, "desc"), ("id", _TABLE.c.id, "desc"))
    cursor = other.cursor(["a", new_id()])
    with pytest.raises(Invalid):
        Keyset(("name", _TABLE.c.name, "asc"), ("id", _TABLE.c.id, "asc"))._decode(cursor)


@given(st.text(min_size=1, max_size=200))
def test_a_line_comes_back_unchanged_or_is_refused(value: str) -> None:
    try:
        assert TypeAdapter(Line).validate_python(value) == value
    except ValidationError:
        assert any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or 0xD800 <= ord(char) < 0xE000 for char in value)


def test_text_keeps_line_breaks_and_a_line_does_not() -> None:
    assert TypeAdapter(Text).validate_python("a\nb\tc") == "a\nb\tc"
    with pytest.raises(ValidationError):
        TypeAdapter(Line).validate_python("a\nb")
