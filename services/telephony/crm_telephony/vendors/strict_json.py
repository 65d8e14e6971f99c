"""JSON from strangers: one object, UTF-8, no duplicate keys, shallow, nothing a database can not keep."""

import json
from typing import Any
from urllib.parse import urlsplit

from crm_telephony.vendors.port import MalformedError

MAX_DEPTH = 32


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise MalformedError("duplicate key")
    return made


def _no_constant(name: str) -> Any:
    raise MalformedError(f"{name} is not JSON")


def _refuse_depth(text: str) -> None:
    depth, in_string, escaped = 0, False, False
    for char in text:
        if in_string:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                in_string = False
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise MalformedError("nested too deep")
        elif char in "]}":
            depth -= 1


def _refuse_unstorable(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise MalformedError("a text holds a character that is none")
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_unstorable(key)
            _refuse_unstorable(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_unstorable(item)


def read_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in `raw`; MalformedError when it is anything else."""
    try:
        text = raw.decode("utf-8")
        _refuse_depth(text)
        value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except (UnicodeDecodeError, ValueError) as error:
        raise MalformedError(str(error)) from error
    if not isinstance(value, dict):
        raise MalformedError("not an object")
    _refuse_unstorable(value)
    return value


def text_of(source: dict[str, Any], key: str, *, required: bool = False, longest: int = 200) -> str:
    """The member as text, empty when absent or null; numbers are taken as written. MalformedError else."""
    value = source.get(key)
    if value is None:
        value = ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise MalformedError(f"{key} must be a text")
    made = str(value).strip()
    if len(made) > longest or (required and not made):
        raise MalformedError(f"{key} must have 1 to {longest} characters")
    return made


def object_of(source: dict[str, Any], key: str) -> dict[str, Any]:
    """The member as an object, empty when absent or null; MalformedError else."""
    value = source.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MalformedError(f"{key} must be an object")
    return value


_EARLIEST, _LATEST = 946_684_800.0, 4_102_444_800.0  # the years 2000 and 2100


def seconds_of(source: dict[str, Any], key: str) -> float:
    """The member as unix seconds, number or text, decimals allowed; MalformedError when out of this century."""
    try:
        value = float(text_of(source, key, required=True))
    except ValueError as error:
        raise MalformedError(f"{key} must be unix seconds") from error
    if not _EARLIEST <= value <= _LATEST:
        raise MalformedError(f"{key} must be unix seconds")
    return value


def optional_seconds_of(source: dict[str, Any], key: str) -> float | None:
    """As `seconds_of`; None when absent, null, empty or 0."""
    return None if text_of(source, key) in ("", "0") else seconds_of(source, key)


def integer_of(source: dict[str, Any], key: str, default: int) -> int:
    """The member as a whole number (a text of digits too); MalformedError else."""
    written = text_of(source, key)
    if not written:
        return default
    try:
        value = int(written)
    except ValueError as error:
        raise MalformedError(f"{key} must be a whole number") from error
    if abs(value) > 2**53:
        raise MalformedError(f"{key} is out of range")
    return value


def url_of(source: dict[str, Any], key: str) -> str:
    """The member as an address of the web, empty when absent or null; MalformedError else."""
    written = text_of(source, key, longest=4_000)
    if not written:
        return ""
    try:
        parts = urlsplit(written)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise MalformedError(f"{key} must be an address") from error
    if not fits or parts.username is not None or not written.isascii() or any(char <= " " for char in written):
        raise MalformedError(f"{key} must be an address, http or https, without a password in it")
    return written
