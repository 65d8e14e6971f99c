"""JSON merge patches (RFC 7396) as the API document tells them."""

from collections.abc import Collection
from typing import Any


def without_null(schema: dict[str, Any], clearable: Collection[str]) -> dict[str, Any]:
    """The schema of a patch in which only `clearable` fields may be null, and no field has a default."""
    for name, part in schema.get("properties", {}).items():
        part.pop("default", None)
        choices = [choice for choice in part.get("anyOf", []) if choice != {"type": "null"}]
        if name not in clearable and choices:
            part.pop("anyOf")
            part.update(choices[0] if len(choices) == 1 else {"anyOf": choices})
    return schema
