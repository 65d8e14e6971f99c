"""What is a customer's number, and what only looks like one (telephony.md §2.5)."""

import subprocess
import sys

import pytest
from crm_telephony.numbers.rules import is_extension, is_hidden, line_key, normalise
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("raw", "e164"),
    [
        ("8 (916) 123-45-67", "+79161234567"),
        ("9161234567", "+79161234567"),
        ("79161234567", "+79161234567"),
        ("+7 916 123-45-67", "+79161234567"),
        ("8 495 123-45-67 доб. 12", "+74951234567"),
        ("810491711234567", "+491711234567"),
        ("77011234567", "+77011234567"),
        ("00491711234567", "+491711234567"),
        ("tel:+79161234567", "+79161234567"),
        ("sip:79161234567@pbx.example.com", "+79161234567"),
        ("sip:+79161234567;user=phone@pbx.example.com", "+79161234567"),
    ],
)
def test_a_russian_customers_number_has_one_form_however_it_is_written(raw: str, e164: str) -> None:
    assert normalise(raw, "RU").e164 == e164


@pytest.mark.parametrize(
    "raw", ["0501234567", "101", "anonymous", "", "Restricted", "sip:anonymous@pbx", "sip:user00000@x.ru", "+7", "доб"]
)
def test_what_is_no_valid_number_is_kept_raw_and_matches_nobody(raw: str) -> None:
    number = normalise(raw, "RU")
    assert number.e164 is None
    assert number.raw == raw


@pytest.mark.parametrize("raw", ["anonymous", "", "Restricted", "sip:anonymous@anonymous.invalid", "PRIVATE"])
def test_a_withheld_number_is_hidden(raw: str) -> None:
    assert is_hidden(raw)


def test_a_short_number_is_an_extension_and_a_mobile_is_none() -> None:
    assert is_extension("101")
    assert is_extension("sip:101@pbx")
    assert not is_extension("79161234567")


def test_two_spellings_of_a_line_are_one_line() -> None:
    assert line_key("8 (495) 000-00-01", "RU") == line_key("74950000001", "RU")
    assert line_key("SIP:Line1@pbx", "RU") == line_key("line1", "RU")


@given(st.text(max_size=80))
def test_no_text_a_pbx_can_send_breaks_the_reading_of_numbers(raw: str) -> None:
    number = normalise(raw, "SI")
    assert number.e164 is None or number.e164.startswith("+")


@pytest.mark.parametrize("raw", ["\u0661\u0662\u0663", "\uff11\uff10\uff11", "\u0967\u0968"])
def test_digits_of_other_scripts_are_no_extension(raw: str) -> None:
    assert not is_extension(raw)
    assert is_extension("101")


def test_the_metadata_of_numbers_is_not_loaded_before_a_number_is_read() -> None:
    code = "import sys, crm_telephony.main; sys.exit('phonenumbers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
