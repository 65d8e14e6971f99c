"""Telephone numbers as PBXs write them, told as E.164 or not at all.

Owns: what counts as a customer's number, a hidden caller, an extension. Must never know a vendor or database.
The metadata of phonenumbers is heavy and imported on first use.
"""

import re
from dataclasses import dataclass

_HIDDEN = frozenset(("", "anonymous", "restricted", "private", "unknown", "unavailable", "withheld", "hidden"))
_EXTENSION = re.compile(r"[0-9]{1,6}")  # not \d: the digits of other scripts are no extension of a PBX
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it came and, only when it is a valid one, as E.164."""

    raw: str
    e164: str | None


def bare(raw: str) -> str:
    """The dialled part: `tel:` and `sip:` cut off, the host of a SIP address too."""
    text = raw.strip()
    for scheme in ("tel:", "sips:", "sip:"):
        if text.lower().startswith(scheme):
            text = text[len(scheme) :]
            break
    return text.partition("@")[0].partition(";")[0].strip()


def is_hidden(raw: str) -> bool:
    """True when the caller's number was withheld: empty, `anonymous`, `Restricted`…"""
    return bare(raw).lower() in _HIDDEN


def is_extension(raw: str) -> bool:
    """True for a short internal number such as 101."""
    return bool(_EXTENSION.fullmatch(bare(raw)))


def normalise(raw: str, region: str) -> Number:
    """The number with its E.164 form when it is valid in `region` (ISO 3166 alpha-2) or abroad, else null.

    Traps (telephony.md §2.5): a leading `00` means abroad, but `phonenumbers` takes it as national in RU;
    `0501234567` in RU parses to an invalid +7 number; `101` is an extension; SIP users are no numbers.
    """
    kept = raw.strip()
    text = bare(kept)
    if is_hidden(text) or is_extension(text) or not _DIGIT.search(text):
        return Number(kept, None)
    import phonenumbers

    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return Number(kept, None)
    if not phonenumbers.is_valid_number(parsed):
        return Number(kept, None)
    return Number(kept, phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def line_key(raw: str, region: str) -> str:
    """What two spellings of one company line have in common: E.164, else the bare text in lower case."""
    return normalise(raw, region).e164 or bare(raw).lower()


def is_region(region: str) -> bool:
    """True when numbers can be read by this region's rules."""
    import phonenumbers

    return region in phonenumbers.SUPPORTED_REGIONS
