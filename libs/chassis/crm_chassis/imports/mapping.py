"""Which column is which field: a proposal from the headers and from what stands below them. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from crm_chassis.imports.files.shape import Column
from crm_chassis.imports.kinds import Field

_TELLING = frozenset({"phone", "email"})
"""Kinds of values that say by themselves what a column is."""
_WORD = re.compile(r"[^\w]+")


def proposed(columns: Sequence[Column], fields: Sequence[Field]) -> dict[str, int]:
    """Field name → column index: by the header's words first, then by values only one field could hold.

    Each column serves one field, each field takes one column; what is not sure is left to the person.
    """
    known = {
        spoken: field.name
        for field in reversed(fields)
        for spoken in map(plain, (field.name, field.label, *field.synonyms))
    }
    mapping: dict[str, int] = {}
    for column in columns:
        name = known.get(plain(column.name))
        if name is not None and name not in mapping:
            mapping[name] = column.index
    for field in fields:
        if field.name in mapping or field.kind not in _TELLING:
            continue
        alike = [c.index for c in columns if c.kind == field.kind and c.index not in mapping.values()]
        if len(alike) == 1:
            mapping[field.name] = alike[0]
    return mapping


def plain(header: str) -> str:
    """A header reduced to its words: no case, accents, signs or underscores."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", header.casefold()) if not unicodedata.combining(c))
    return _WORD.sub(" ", bare.replace("_", " ")).strip()


def missing(mapping: Mapping[str, int], fields: Sequence[Field]) -> list[str]:
    """Fields without which no row can be written, and which no column is mapped to."""
    return [field.name for field in fields if field.required and field.name not in mapping]


def values(cells: Sequence[str], mapping: Mapping[str, int]) -> dict[str, str]:
    """The row's cells by field, trimmed; empty ones and those a short row does not have are left out."""
    found = {}
    for name, index in mapping.items():
        text = cells[index].strip() if index < len(cells) else ""
        if text:
            found[name] = text
    return found
