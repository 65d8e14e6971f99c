"""Phones and e-mails as people and PBXs write them, brought to the form they are compared in.

phonenumbers is loaded on first use: its tables cost more memory than the rest of the service.
"""

import re

from email_validator import EmailNotValidError, validate_email

from crm_contacts.identities.rules import Entry

_WRAPPING = re.compile(r"^(?:tel|sips?|callto):(?P<number>[^@;]+).*$", re.IGNORECASE)


def e164(raw: str, region: str) -> str | None:
    """The number in E.164, or None when it is no valid number of the world; `region` reads national ones.

    Traps are those of the numbering plans: a leading 00 is not international everywhere, and a possible number
    need not be valid (limits and examples: phonenumbers 9).
    """
    import phonenumbers

    wrapped = _WRAPPING.match(raw.strip())
    number = (wrapped["number"] if wrapped else raw).strip()
    if number.startswith("00"):
        number = "+" + number[2:]
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def shown(number: str) -> str:
    """An E.164 number in the international format people read: +386 40 123 456."""
    import phonenumbers

    parsed = phonenumbers.parse(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def phone(raw: str, label: str, region: str) -> Entry:
    """The phone as entered, with its E.164 when it is a valid number."""
    return Entry("phone", e164(raw, region), raw, label)


def address(text: str) -> str:
    """The e-mail address with its domain lower-cased; ValueError says what is wrong. DNS is not asked."""
    try:
        # test_environment admits the reserved .test domains, which demos and trials write to.
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error


def email(checked: str) -> Entry:
    """The e-mail of an address that `address` has let through."""
    return Entry("email", checked.lower(), checked)
