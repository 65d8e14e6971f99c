"""The text fields and text parameters of the OpenAPI document, found by walking it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]
Document = dict[str, Any]

ANY_KEY = "person_name"


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    definition: Document

    @property
    def label(self) -> str:
        """As people write it."""
        return f"{self.method.upper()} {self.path}"

    def texts_of(self, place: str) -> list[str]:
        """Its text parameters in `query` or `path`."""
        found = [p for p in self.definition.get("parameters", []) if p["in"] == place]
        return [parameter["name"] for parameter in found if _is_text(parameter["schema"])]


def operations(document: Document) -> list[Operation]:
    """Every operation, in the document's order."""
    return [
        Operation(method, path, definition)
        for path, item in document["paths"].items()
        for method, definition in item.items()
    ]


def body_texts(document: Document, operation: Operation) -> list[Path]:
    """Where in the operation's JSON body text stands: of a list its first entry, of a mapping the key ANY_KEY."""
    content = operation.definition.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return [] if schema is None else list(dict.fromkeys(_texts(document, schema, ())))


def schema_at(document: Document, operation: Operation, path: Path) -> Document:
    """What the document says of the text at `path` of the body."""
    schema: Document = operation.definition["requestBody"]["content"]["application/json"]["schema"]
    for step in path:
        schema = _child(document, schema, step)
    return next(s for s in _alternatives(document, schema) if s.get("type") == "string")


def _alternatives(document: Document, schema: Document) -> Iterator[Document]:
    if "$ref" in schema:
        yield from _alternatives(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        return
    choices = [*schema.get("anyOf", []), *schema.get("allOf", []), *schema.get("oneOf", [])]
    if choices:
        for choice in choices:
            yield from _alternatives(document, choice)
    else:
        yield schema


def _texts(document: Document, schema: Document, here: Path) -> Iterator[Path]:
    for choice in _alternatives(document, schema):
        if choice.get("type") == "string" and "enum" not in choice and "const" not in choice:
            yield here
        elif choice.get("type") == "array":
            yield from _texts(document, choice["items"], (*here, 0))
        elif choice.get("type") == "object":
            for name, part in choice.get("properties", {}).items():
                yield from _texts(document, part, (*here, name))
            for part in _values(choice):
                yield from _texts(document, part, (*here, ANY_KEY))


def _child(document: Document, schema: Document, step: str | int) -> Document:
    for choice in _alternatives(document, schema):
        if isinstance(step, int) and choice.get("type") == "array":
            return dict(choice["items"])
        if isinstance(step, str) and step in choice.get("properties", {}):
            return dict(choice["properties"][step])
        if step == ANY_KEY and (values := _values(choice)):
            return dict(values[0])
    raise KeyError(step)


def _values(schema: Document) -> list[Document]:
    more = schema.get("additionalProperties")
    return [*schema.get("patternProperties", {}).values(), *([more] if isinstance(more, dict) else [])]


def _is_text(schema: Document) -> bool:
    choices = schema.get("anyOf", [schema])
    return any(choice.get("type") == "string" and "enum" not in choice for choice in choices)
