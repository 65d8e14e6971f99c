"""Numbers and addresses as people and PBXs write them."""

import re

import pytest
from crm_contacts.identities import parsing
from crm_contacts.identities.schemas import EmailInput, PhoneInput
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

ANY = st.text(max_size=80)
DIALLED = st.text(st.sampled_from("0123456789+()-./ #*;,tel:sip@x\u0663\uff11"), max_size=40)


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        ("040 123 456", "SI", "+38640123456"),
        ("+386 (40) 123-456", "SI", "+38640123456"),
        ("0038640123456", "SI", "+38640123456"),
        ("8 (916) 123-45-67", "RU", "+79161234567"),
        ("9161234567", "RU", "+79161234567"),
        ("00491711234567", "RU", "+491711234567"),
        ("tel:+38640123456", "SI", "+38640123456"),
        ("sip:+38640123456@pbx.example", "SI", "+38640123456"),
        ("0501234567", "RU", None),
        ("101", "SI", None),
        ("anonymous", "SI", None),
        ("", "SI", None),
        ("\x00", "SI", None),
    ],
)
def test_a_number_is_brought_to_e164_or_is_none(raw: str, region: str, expected: str | None) -> None:
    assert parsing.e164(raw, region) == expected


def test_a_number_is_shown_in_the_international_format() -> None:
    assert parsing.shown("+38640123456") == "+386 40 123 456"


def test_an_address_keeps_its_name_and_has_its_domain_lower_cased() -> None:
    assert parsing.address(" Ana.Novak@Example.COM ") == "Ana.Novak@example.com"
    assert parsing.email("Ana.Novak@example.com").value == "ana.novak@example.com"


@pytest.mark.parametrize("text", ["ana", "ana@", "ana@gmail", "a b@example.com", "ana@exa mple.com"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parsing.address(text)


@given(st.one_of(ANY, DIALLED), st.sampled_from(["SI", "RU", "US", "DE"]))
def test_any_text_is_a_number_in_e164_or_none_and_reading_it_again_changes_nothing(raw: str, region: str) -> None:
    number = parsing.e164(raw, region)
    if number is not None:
        assert re.fullmatch(r"\+[0-9]{4,15}", number)
        assert parsing.e164(number, region) == number


@given(st.one_of(ANY, DIALLED))
def test_a_phone_is_kept_exactly_as_typed_or_refused(raw: str) -> None:
    try:
        body = PhoneInput(raw=raw)
    except ValidationError:
        return
    assert body.raw == parsing.phone(body.raw, "mobile", "SI").raw == raw


@given(st.one_of(ANY, st.emails(), st.emails().map(lambda address: f" {address}")))
def test_an_address_is_kept_but_for_the_case_of_its_domain_or_refused(text: str) -> None:
    try:
        body = EmailInput(address=text)
    except ValidationError:
        return
    assert body.address.casefold() == text.casefold()
    assert parsing.address(body.address) == body.address
