"""Reading an old system's rows, as properties: names, titles, numbers, histories, what a newer file changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from crm_chassis.imports.kinds import Kind
from crm_chassis.problems import Forbidden
from crm_chassis.testing import admin
from crm_deals.imports.rules import (
    TITLE_LENGTH,
    DateRefusal,
    History,
    history,
    identity,
    international,
    loose,
    news,
    squeezed,
    title,
)
from hypothesis import given
from hypothesis import strategies as st

from .importing import DEALS, PRODUCTS

NOW = datetime(2026, 3, 29, 7, tzinfo=UTC)
"""The morning on which clocks in Ljubljana go forward."""
ZONES = st.sampled_from(("Europe/Ljubljana", "Asia/Kamchatka", "America/Los_Angeles", "Pacific/Kiritimati")).map(
    ZoneInfo
)
DAYS = st.none() | st.dates(date(1990, 1, 1), date(2030, 1, 1))
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)


@pytest.mark.parametrize(("kind", "noun"), [(DEALS, "deal"), (PRODUCTS, "product")])
def test_a_file_needs_the_right_to_make_and_the_right_to_change(kind: Kind, noun: str) -> None:
    rights = (f"{noun}:create", f"{noun}:update")
    kind.require(admin((), *rights))
    for only in rights:
        with pytest.raises(Forbidden):
            kind.require(admin((), only))


@given(DAYS, DAYS, st.booleans(), ZONES)
def test_a_history_goes_forward_ends_by_now_and_keeps_its_days(
    opened_on: date | None, closed_on: date | None, closed: bool, zone: ZoneInfo
) -> None:
    found = history(opened_on, closed_on, closed=closed, now=NOW, zone=zone)
    days = [day for day in (opened_on, closed_on if closed else None) if day]
    today = NOW.astimezone(zone).date()
    if any(day > today for day in days):
        assert found is DateRefusal.IN_THE_FUTURE
        return
    if len(days) == 2 and days[1] < days[0]:
        assert found is DateRefusal.CLOSED_BEFORE_OPENED
        return
    assert isinstance(found, History)
    assert (found.closed_at is not None) == closed
    assert found.opened_at <= (found.closed_at or NOW) <= NOW
    for day, moment in ((opened_on, found.opened_at), (closed_on if closed else None, found.closed_at)):
        if day and moment:
            local = moment.astimezone(zone)
            assert local.date() == day and (local.hour == 12 or moment == NOW)
    assert found.guessed == (opened_on is None or (closed and closed_on is None))


def test_noon_follows_summer_time_and_today_is_no_later_than_now() -> None:
    zone = ZoneInfo("Europe/Ljubljana")
    won = history(date(2026, 3, 28), date(2026, 3, 29), closed=True, now=NOW, zone=zone)
    assert won == History(datetime(2026, 3, 28, 11, tzinfo=UTC), NOW, guessed=False)
    later = history(date(2026, 3, 29), None, closed=False, now=NOW + timedelta(hours=9), zone=zone)
    assert later == History(datetime(2026, 3, 29, 10, tzinfo=UTC), None, guessed=False)


@given(st.lists(st.sampled_from("GTX gtx-._/ ()+ПРОпро0123"), max_size=20).map("".join))
def test_names_are_alike_whatever_their_case_spaces_and_signs(name: str) -> None:
    assert loose(name) == loose(name.upper()) == loose(f" {name.replace(' ', '')}- ")
    assert loose(loose(name)) == loose(name)
    assert squeezed(f"  {name} ") == squeezed(name.replace(" ", "   "))


def test_gtxpro_is_gtx_pro_and_signs_alone_are_nothing() -> None:
    assert loose("GTXPro") == loose("GTX Pro") == loose("gtx-pro") != loose("GTX Plus Pro")
    assert loose(" -/. ") == ""
    assert squeezed("GTXPro") != squeezed("GTX Pro")


@given(st.none() | WORDS, st.none() | WORDS, st.none() | WORDS)
def test_a_made_title_is_a_line_that_names_what_is_known(
    product: str | None, customer: str | None, number: str | None
) -> None:
    made = title(product, customer, number)
    if made is None:
        assert not any(part and part.strip() for part in (product, customer or number))
    else:
        assert 1 <= len(made) <= TITLE_LENGTH and made == made.strip()
    assert title("p" * 300, "c", None) == "p" * TITLE_LENGTH


@given(
    st.dictionaries(WORDS, WORDS, max_size=4),
    st.dictionaries(WORDS, WORDS, max_size=4),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_rows_without_a_number_are_told_apart_by_their_cells_and_their_repetition(
    one: dict[str, str], other: dict[str, str], first: int, second: int
) -> None:
    same = (one, first) == (other, second)
    assert (identity(one, first) == identity(other, second)) == same
    assert identity(dict(reversed(list(one.items()))), first) == identity(one, first)
    assert len(identity(one, first)) <= 200


@given(st.dictionaries(WORDS, WORDS, max_size=5), st.dictionaries(WORDS, WORDS, max_size=5))
def test_a_newer_file_changes_only_what_it_says_otherwise(said: dict[str, str], before: dict[str, str]) -> None:
    changed = news(said, before)
    assert all(name in said and before.get(name) != said[name] for name in changed)
    assert news(said, before | said) == frozenset() == news({}, before)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+386 (40) 123-456", "+38640123456"),
        ("00386 40 123 456", "+38640123456"),
        ("040 123 456", None),
        ("+1", None),
        ("+386 40 ext 7", None),
        ("Maja Kos", None),
        ("+١٢٣٤٥٦٧٨٩", None),
    ],
)
def test_a_phone_number_is_one_only_with_its_country(text: str, number: str | None) -> None:
    assert international(text) == number
