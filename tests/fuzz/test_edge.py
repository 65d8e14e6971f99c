"""Bodies that are no bodies: each is refused with a problem document, and nothing breaks."""

import json
from typing import Any

import pytest

from tests.fuzz.arena import Arena
from tests.fuzz.fields import operations
from tests.fuzz.probe import Prober

DEEP = 100_000
# Whatever the schema of an operation is, none of these fits it.
BODIES: dict[str, bytes] = {
    "empty": b"",
    "blank": b"   \n",
    "no JSON": b"name=Ana",
    "half": b'{"name": "Ana',
    "two documents": b"{}{}",
    "array": b"[]",
    "array of arrays": b"[[[[]]]]",
    "string": b'"text"',
    "number": b"1e400",
    "null": b"null",
    "true": b"true",
    "NaN": b'{"name": NaN}',
    "deep arrays": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep and open": b"[" * DEEP,
    "deep in a field": b'{"name": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "invalid UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-8 of a surrogate": b'{"name": "\xed\xa0\x80"}',
    "overlong UTF-8": b'{"name": "\xc0\xaf"}',
    "UTF-16": '{"name": "Ana"}'.encode("utf-16"),
    "UTF-32": '{"name": "Ana"}'.encode("utf-32"),
    "byte order mark": b'\xef\xbb\xbf{"unknown_to_all": 1}',
    "raw control character": b'{"name": "a\x01b"}',
    "raw NUL": b'{"name": "a\x00b"}',
    "NUL after": b'{"unknown_to_all": 1}\x00',
    "huge integer": b'{"unknown_to_all": ' + b"9" * 5_000 + b"}",
    "huge exponent": b'{"unknown_to_all": 1e999999999}',
    "huge key": b'{"' + b"k" * 200_000 + b'": 1}',
    "many keys": json.dumps({f"k{n}": n for n in range(20_000)}).encode(),
    "ids": json.dumps({"ids": ["00000000-0000-7000-8000-000000000000"] * 10_000}).encode(),
    "proto": b'{"__proto__": {"admin": true}, "constructor": {}}',
    "over a megabyte": b'{"name": "' + b"x" * (1024 * 1024) + b'"}',
}
CONTENT_TYPES = (
    "", "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded",
    "application/octet-stream", "nonsense", "application/json; charset=utf-16", "*/*", "a/b;" + "c" * 4_000,
)  # fmt: skip


def _writes(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Method and path of every operation with a body, its parameters filled with an id nobody has."""
    found = []
    for operation in operations(document):
        if "requestBody" in operation.definition:
            path = operation.path
            for parameter in operation.texts_of("path"):
                path = path.replace(f"{{{parameter}}}", "00000000-0000-7000-8000-000000000000")
            found.append((operation.method.upper(), path))
    return found


async def test_no_body_that_is_none_gets_more_than_a_refusal(arena: Arena, document: dict[str, Any]) -> None:
    faults, asked = [], 0
    async with Prober(arena.url, arena.token("admin")) as prober:
        for method, path in _writes(document):
            for name, body in BODIES.items():
                answer = await prober.ask(method, path, body, {"If-Match": '"1"'})
                asked += 1
                if not answer.refused or answer.fault():
                    faults.append(f"{method} {path} {name}: {answer.fault() or answer.status}")
    print(f"\n{asked} impossible bodies, {len(faults)} faults")
    assert not faults, "\n".join(faults[:50])


async def test_no_content_type_makes_a_body_something_else(arena: Arena, document: dict[str, Any]) -> None:
    faults = []
    async with Prober(arena.url, arena.token("admin")) as prober:
        for method, path in _writes(document):
            for content_type in CONTENT_TYPES:
                headers = {"If-Match": '"1"', "Content-Type": content_type}
                answer = await prober.ask(method, path, b'{"unknown_to_all": 1}', headers)
                if not answer.refused or answer.fault():
                    faults.append(f"{method} {path} {content_type!r}: {answer.fault() or answer.status}")
    assert not faults, "\n".join(faults[:50])


async def test_unknown_query_parameters_of_a_list_are_refused(arena: Arena, document: dict[str, Any]) -> None:
    lists = [o for o in operations(document) if o.method == "get" and "limit" in str(o.definition.get("parameters"))]
    assert len(lists) >= 15
    async with Prober(arena.url, arena.token("admin")) as prober:
        for operation in lists:
            path = operation.path.replace("{service}", "contacts")
            for parameter in operation.texts_of("path"):
                path = path.replace(f"{{{parameter}}}", "00000000-0000-7000-8000-000000000000")
            for query in ("unknown=1", "order_by=name", "limit=1&limit[]=2", "1=1", "sort=;drop", "=", "%00=1"):
                answer = await prober.ask("GET", f"{path}?{query}")
                assert answer.refused, f"{operation.label} {query}: {answer.status}"
                assert answer.fault() is None, f"{operation.label} {query}: {answer.fault()}"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"name": "First", "name": "Second"}', 422),
        (b'{"name": "Ana", "phones": [{"raw": "1", "raw": "2"}]}', 422),
        (b'{"name": "Ana"}', 201),
    ],
)
async def test_a_key_that_stands_twice_is_refused(arena: Arena, body: bytes, status: int) -> None:
    async with Prober(arena.url, arena.token("salesperson")) as prober:
        answer = await prober.ask("POST", "/api/v1/people", body)
    assert (answer.status, answer.fault()) == (status, None)
    if status == 422:
        assert {error["code"] for error in answer.json["errors"]} == {"duplicate_key"}


async def test_odd_headers_break_nothing(arena: Arena) -> None:
    odd = {
        "If-Match": [
            '"',
            '""',
            "W/",
            "*",
            '"1", "2"',
            "\xff",
            '"9999999999999999999999"',
            "٣".encode().decode("latin-1"),
        ],
        "Idempotency-Key": ["\xff", " ", "k" * 201, "a b", "{{7*7}}"],
        "X-Correlation-ID": ["\xff", "x", "../..", "0" * 4_000],
        "Accept": ["application/xml", "\xff", "*"],
        "Accept-Encoding": ["gzip;q=nonsense", "br, *;q=0"],
        "Range": ["bytes=0-1", "bytes=-1"],
        "Content-Encoding": ["gzip", "br", "nonsense"],
        "X-Forwarded-For": ["'; --", "::1", "999.999.999.999"],
        "Cookie": ["crm_session=\xff", "crm_session=" + "a" * 3_000, "=;=;"],
        "X-HTTP-Method-Override": ["DELETE"],
    }
    async with Prober(arena.url, arena.token("salesperson")) as prober:
        for name, values in odd.items():
            for value in values:
                for method, path in (
                    ("GET", "/api/v1/people?limit=1"),
                    ("PATCH", f"/api/v1/tasks/{'0' * 8}-0000-7000-8000-{'0' * 12}"),
                ):
                    answer = await prober.ask(
                        method, path, {"title": "x"} if method == "PATCH" else None, {name: value}
                    )
                    assert answer.status < 500 and answer.fault() is None, f"{name}: {value!r}: {answer.fault()}"
