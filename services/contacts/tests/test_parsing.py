"""Numbers and addresses as people and PBXs write them."""

import pytest
from crm_contacts.identities import parsing


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
