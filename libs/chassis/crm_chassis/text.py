"""Text as people type it: what comes in goes out unchanged, or is refused by name. Never silently cut."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

_LINE_BREAKS = frozenset("\n\r\t")
# The same as the validators below, for the API document. (Lone surrogates can not be written in a pattern.)
_ONE_LINE = r"^[^\u0000-\u001f\u007f-\u009f]*$"
_MULTI_LINE = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"


def _refuse(value: str, allowed: frozenset[str]) -> str:
    for char in value:
        if char not in allowed and unicodedata.category(char) in ("Cc", "Cs"):
            raise PydanticCustomError(
                "control_character", "control character {char} is not allowed", {"char": f"U+{ord(char):04X}"}
            )
    return value


def one_line(value: str) -> str:
    """The value, when it has no control character and no lone surrogate; ValueError else."""
    return _refuse(value, frozenset())


def multi_line(value: str) -> str:
    """As `one_line`, line breaks and tabs allowed."""
    return _refuse(value, _LINE_BREAKS)


def not_blank(value: str) -> str:
    """The value, when it holds more than white space; ValueError else."""
    if not value.strip():
        raise PydanticCustomError("blank", "there is nothing in it")
    return value


OneLine = Annotated[str, AfterValidator(one_line), Field(json_schema_extra={"pattern": _ONE_LINE})]
MultiLine = Annotated[str, AfterValidator(multi_line), Field(json_schema_extra={"pattern": _MULTI_LINE})]
Line = Annotated[OneLine, StringConstraints(min_length=1, max_length=200)]
Text = Annotated[MultiLine, StringConstraints(max_length=20_000)]
