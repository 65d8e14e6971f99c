"""What the text of a cell means, in every way people write it; and what is refused rather than guessed."""

from datetime import date
from decimal import Decimal

import pytest
from crm_chassis.imports.files.columns import kind_of_cell, order_of_day, sign_of_number
from crm_chassis.imports.files.shape import DateOrder, Decimals
from crm_chassis.imports.files.sheet import day_text, number_text
from crm_chassis.imports.files.values import boolean, day, number
from crm_chassis.imports.files.workbook import shown_as
from hypothesis import given, settings
from hypothesis import strategies as st

DAYS = st.dates(date(1970, 1, 1), date(2068, 12, 31))
SHAPES: dict[DateOrder, str] = {
    "dmy": "{d}{s}{m}{s}{y}", "mdy": "{m}{s}{d}{s}{y}", "ymd": "{y}{s}{m}{s}{d}",
}  # fmt: skip


@settings(deadline=None)
@given(DAYS, st.sampled_from(sorted(SHAPES)), st.sampled_from(["/", ".", "-", ". "]), st.booleans(), st.booleans())
def test_a_day_is_read_in_the_order_it_was_written(
    when: date, order: DateOrder, sign: str, short: bool, filled: bool
) -> None:
    two = "{:02d}" if filled else "{}"
    year = f"{when.year % 100:02d}" if short else f"{when.year}"
    text = SHAPES[order].format(d=two.format(when.day), m=two.format(when.month), y=year, s=sign)
    assert day(f" {text}\u00a0", order) == when
    assert day(f"{text} 10:30", order) == when


@settings(deadline=None)
@given(DAYS, st.sampled_from(sorted(SHAPES)))
def test_a_day_as_iso_has_it_is_read_in_any_order(when: date, order: DateOrder) -> None:
    assert day(when.isoformat(), order) == when
    assert day(f"{when.isoformat()}T23:59:59.5+02:00", order) == when


@settings(deadline=None)
@given(st.text(max_size=30), st.sampled_from(sorted(SHAPES)))
def test_any_other_text_is_no_day_and_says_so(text: str, order: DateOrder) -> None:
    try:
        day(text, order)
    except ValueError as error:
        assert 0 < len(str(error)) < 60


@pytest.mark.parametrize(
    "text", ["31/04/2024", "00/01/2024", "1/13/2024", "2024", "1/2", "12 May 2024", "31.01.202", ""]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|day"):
        day(text, "dmy")


@settings(deadline=None)
@given(
    st.decimals(-(10**12), 10**12, places=2),
    st.sampled_from([".", ","]),
    st.sampled_from(["", " ", "\u00a0", "\u202f", "'", "x"]),
    st.sampled_from(["{}", "{} €", "$ {}", "{} руб.", "EUR {}", " {}\u00a0"]),
)
def test_a_number_is_read_whatever_stands_around_it(value: Decimal, sign: Decimals, gap: str, around: str) -> None:
    other = "." if sign == "," else ","
    text = f"{value:,.2f}".replace(",", "~").replace(".", sign).replace("~", other if gap == "x" else gap)
    assert number(around.format(text), sign) == value


@settings(deadline=None)
@given(st.text(max_size=30), st.sampled_from([".", ","]))
def test_any_other_text_is_no_number_and_says_so(text: str, sign: Decimals) -> None:
    try:
        value = number(text, sign)
    except ValueError as error:
        assert 0 < len(str(error)) < 60
    else:
        assert value.is_finite()


@pytest.mark.parametrize(
    ("text", "sign", "value"),
    [
        ("(1,200.50)", ".", "-1200.50"), ("−5", ".", "-5"), ("+5", ".", "5"), ("-$5", ".", "-5"), ("$-5", ".", "-5"),
        (".5", ".", "0.5"), ("5.", ".", "5"), ("1e3", ".", "1000"), ("1,234,567", ".", "1234567"), ("007", ".", "7"),
    ],
)  # fmt: skip
def test_numbers_as_accountants_write_them(text: str, sign: Decimals, value: str) -> None:
    assert number(text, sign) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("1,5", "."), ("1.5", ","), ("1,23,456", "."), ("1.2.3", "."), ("12%", "."), ("1e999", "."), ("nan", "."),
        ("", "."), ("-", "."), (".", "."), ("--5", "."), ("(-5)", "."), ("5 pcs", "."), ("٣", "."), ("1.٣", "."),
        ("1,2345", "."), (",", ","), ("Infinity", "."), ("1_000", "."), ("0x10", "."), ("²", "."), ("1.²", "."),
    ],
)  # fmt: skip
def test_what_may_be_two_numbers_or_none_is_refused(text: str, sign: Decimals) -> None:
    with pytest.raises(ValueError, match=r"number"):
        number(text, sign)


def test_yes_and_no_in_each_language_of_the_product() -> None:
    assert [boolean(word) for word in ("TRUE", " yes ", "Да", "da", "1")] == [True] * 5
    assert [boolean(word) for word in ("FALSE", "no", "НЕТ", "Ne", "0")] == [False] * 5
    for word in ("", "maybe", "2", "+"):
        with pytest.raises(ValueError, match="neither"):
            boolean(word)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "empty"), ("  ", "empty"), ("Ana", "text"), ("Street 5", "text"), ("a@b.org", "email"), ("a@b", "text"),
        ("5", "number"), ("-1,5", "number"), ("1 234,50 €", "number"), ("$1,200", "number"), ("1.5e3", "number"),
        ("31.1.2024", "date"), ("2024-01-31 10:00", "date"), ("1/31/24", "date"), ("+386 40 123 456", "phone"),
        ("040 123 456", "phone"), ("(040) 123-456", "phone"), ("+38640123456", "phone"), ("040123456", "phone"),
        ("8 (495) 123-45-67", "phone"), ("007", "text"), ("yes", "boolean"), ("Нет", "boolean"), ("=1+1", "text"),
        ("12%", "text"), ("SI12345678", "text"), ("1000 Ljubljana", "text"), ("#REF!", "text"),
    ],
)  # fmt: skip
def test_what_one_cell_looks_like(text: str, kind: str) -> None:
    assert kind_of_cell(text) == kind


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_cell_looks_like_something(text: str) -> None:
    kind_of_cell(text)
    order_of_day(text)
    sign_of_number(text)


@pytest.mark.parametrize(
    ("text", "order"),
    [("31/1/2024", "dmy"), ("1/31/2024", "mdy"), ("2024-1-31", "ymd"), ("1/2/2024", None), ("31/31/2024", None),
     ("45/1/2", "ymd"), ("Ana", None)],
)  # fmt: skip
def test_a_day_beyond_twelve_tells_the_order(text: str, order: str | None) -> None:
    assert order_of_day(text) == order


@pytest.mark.parametrize(
    ("text", "sign"),
    [("1,5", ","), ("1.5", "."), ("1.000", None), ("1,000", None), ("0.125", "."), ("1.000,5", ","), ("1,000.5", "."),
     ("1,000,000", "."), ("1234.567", "."), ("5", None), ("1.234,567", ","), ("Ana", None)],
)  # fmt: skip
def test_three_figures_behind_a_sign_tell_nothing(text: str, sign: str | None) -> None:
    assert sign_of_number(text) == sign


@settings(deadline=None)
@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_stored_whole_number_stays_whole(value: int) -> None:
    assert number_text(str(value)) == str(value)
    assert number_text(f"{value}.0") == str(value)


@settings(deadline=None)
@given(st.decimals(-(10**9), 10**9, places=4))
def test_a_stored_number_has_no_noise(value: Decimal) -> None:
    text = number_text(repr(float(value)))
    assert Decimal(text) == value
    assert number(text, ".") == value


@settings(deadline=None)
@given(st.dates(date(1900, 3, 1), date(9999, 12, 31)))
def test_a_serial_number_is_its_day(when: date) -> None:
    serial = float((when - date(1899, 12, 30)).days)
    assert day_text(serial, "d", epoch_1904=False) == when.isoformat()
    assert day_text(serial + 0.5, "dt", epoch_1904=False) == f"{when.isoformat()} 12:00:00"


@settings(deadline=None)
@given(st.dates(date(1904, 1, 1), date(9999, 12, 31)))
def test_a_serial_number_of_an_old_mac_is_its_day(when: date) -> None:
    assert day_text(float((when - date(1904, 1, 1)).days), "d", epoch_1904=True) == when.isoformat()


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["d", "t", "dt", "e"]), st.booleans())
def test_any_number_shown_as_a_date_is_text_or_none(serial: float, shown: str, epoch_1904: bool) -> None:
    text = day_text(serial, shown, epoch_1904)
    assert text is None or text[-1].isdigit()


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("General", ""), ("0.00", ""), ("#,##0", ""), ("dd/mm/yyyy", "d"), ("mmm-yy", "d"), ("h:mm", "t"),
        ("mm:ss", "t"), ("d.m.yyyy h:mm", "dt"), ("[h]:mm", "e"), ("[mm]:ss", "e"), ("0%", "%"), ("00000", "00000"),
        ("0", ""), ('"day "0', ""), ("[Red]0.0", ""), ("[$-409]d-mmm-yy;@", "d"), ("\\d0", ""), ("@", ""),
        ('0 "sec"', ""), ("", ""),
    ],
)  # fmt: skip
def test_a_number_format_tells_what_is_seen(code: str, shown: str) -> None:
    assert shown_as(code) == shown
