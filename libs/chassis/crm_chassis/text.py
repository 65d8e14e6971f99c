"""Text as people type it: what comes in goes out unchanged, or is refused by name. Never silently cut."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_LINE_BREAKS = frozenset("\n\r\t")


def _refuse(value: str, allowed: frozenset[str]) -> str:
    for char in value:
        if char not in allowed and unicodedata.category(char) in ("Cc", "Cs"):
            raise ValueError(f"control character U+{ord(char):04X} is not allowed")
    return value


def one_line(value: str) -> str:
    """The value, when it has no control character and no lone surrogate; ValueError else."""
    return _refuse(value, frozenset())


def multi_line(value: str) -> str:
    """As `one_line`, line breaks and tabs allowed."""
    return _refuse(value, _LINE_BREAKS)


Line = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(one_line)]
Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(multi_line)]
