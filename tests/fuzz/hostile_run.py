"""Hostile strings into every text field and parameter: each comes back exactly, or is refused and changes nothing."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from tests.fuzz.corpus import Entry
from tests.fuzz.fields import Document, Operation, Path, body_texts, operations, schema_at
from tests.fuzz.probe import Answer, Prober
from tests.fuzz.recipes import ASKS, CHANGES, CREATES, FILES, Body, Ground

_AT_ONCE = 8
_READ_WITHIN_S = 60
_READS_ANEW = "format"
"""A change of it has the file of an import read again, in the background."""
# What changes along with any other field.
_FOLLOW = frozenset({"version", "updated_at", "owner_source", "secrets_set", "outcome_by", "outcome_at"})
# A URL ends somewhere: what is longer is the web server's to refuse, before there is a request to answer.
_LONGEST_IN_URL = 8_000


@dataclass
class Report:
    """What was tried, and every fault found."""

    tried: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)

    def took(self, where: str, answer: Answer) -> None:
        """One more answer."""
        self.tried[where] += 1
        self.accepted += answer.status < 300
        self.refused += answer.refused

    def fault(self, where: str, entry: Entry, what: str) -> None:
        """Something is wrong."""
        self.faults.append(f"{where} ← {entry.shown}: {what}")


@dataclass(frozen=True)
class Place:
    """A text field of an operation's body."""

    operation: Operation
    path: Path

    @property
    def shown(self) -> str:
        """As people write it."""
        return f"{self.operation.label} {'.'.join(str(step) for step in self.path)}"


def places(document: Document) -> list[Place]:
    """Every text field of every body."""
    return [Place(operation, path) for operation in operations(document) for path in body_texts(document, operation)]


class Fields:
    """Hostile bodies."""

    def __init__(self, document: Document, prober: Prober, ground: Ground, report: Report) -> None:
        self._document = document
        self._prober = prober
        self._ground = ground
        self._report = report
        self._alone = asyncio.Lock()
        self._by_id = {operation.definition["operationId"]: operation for operation in operations(document)}

    async def attack(self, place: Place, entries: Iterable[Entry]) -> None:
        """Every entry in this field, one after the other."""
        name = place.operation.definition["operationId"]
        if name in CREATES:
            await self._create(place, entries)
        elif name in ASKS:
            await self._ask(place, entries)
        else:
            await self._change(place, entries)

    async def _ask(self, place: Place, entries: Iterable[Entry]) -> None:
        for entry in entries:
            body = _with(ASKS[place.operation.definition["operationId"]](self._ground), place.path, entry.value)
            await self._answered(place, entry, place.operation.method, place.operation.path, body)

    async def _create(self, place: Place, entries: Iterable[Entry]) -> None:
        make = CREATES[place.operation.definition["operationId"]]
        item = self._item_of(place.operation.path)
        made: dict[str, tuple[Entry, Any]] = {}
        for entry in entries:
            body = _with(make(self._ground), place.path, entry.value)
            answer = await self._answered(place, entry, "POST", place.operation.path, body)
            if answer.status != 201:
                continue
            self._compare(place, entry, answer.json)
            key = "id" if "id" in answer.json else "name"
            made[answer.json[key]] = (entry, answer.json)
            if item is not None:
                shown = await self._prober.ask("GET", _filled(item, answer.json[key]))
                if shown.status == 200:  # a card given away or made for nobody may be out of sight
                    self._compare(place, entry, shown.json)

    async def _change(self, place: Place, entries: Iterable[Entry]) -> None:
        # There is one pipeline: who changes it, changes it alone.
        async with self._alone if "/pipelines/" in place.operation.path else nullcontext():
            await self._change_one(place, entries)

    async def _change_one(self, place: Place, entries: Iterable[Entry]) -> None:
        operation = place.operation
        thing = await self._thing(operation)
        if thing is None:
            self._report.faults.append(f"{place.shown}: nothing to change")
            return
        at, read = thing
        for entry in entries:
            before = await self._prober.ask("GET", read)
            body = _with(CHANGES[operation.definition["operationId"]](self._ground), place.path, entry.value)
            headers = {"If-Match": before.headers["ETag"]} if "ETag" in before.headers else {}
            answer = await self._answered(place, entry, operation.method, at, body, headers)
            if place.path[0] == _READS_ANEW:
                await self._until_read(read)  # and then all of the job is another one
                continue
            after = await self._prober.ask("GET", read)
            if answer.refused and after.json != before.json:
                self._report.fault(place.shown, entry, f"refused, yet changed: {after.body[:300]!r}")
            if answer.status == 200 and operation.method == "patch":
                self._compare(place, entry, after.json)
                changed = {key for key in before.json if before.json[key] != after.json.get(key)}
                if extra := changed - {place.path[0], *_FOLLOW}:
                    self._report.fault(place.shown, entry, f"changed {sorted(extra)} too")
                if after.status == 404:
                    return

    async def _thing(self, operation: Operation) -> tuple[str, str] | None:
        """A fresh thing to be changed by `operation`: the path of the change, and the path that shows the thing."""
        collection, _, rest = operation.path.partition("/{")
        suffix = rest.partition("}")[2]
        if collection == "/api/v1/pipelines":
            id_ = (await self._prober.ask("GET", collection)).json["items"][0]["id"]
        elif collection == "/api/v1/calls":
            id_ = self._ground.call
        elif collection == "/api/v1/files":
            query = f"subject=person&subject_id={self._ground.person['id']}&file_name=fuzz.txt"
            id_ = str((await self._prober.ask("POST", f"{collection}?{query}", b"fuzz")).json["id"])
        else:
            create = next(o for o in self._by_id.values() if o.label == f"POST {collection}")
            if (file := FILES.get(create.definition["operationId"])) is not None:
                id_ = await self._import(collection, file)
                return f"{collection}/{id_}{suffix}", f"{collection}/{id_}"
            fresh = CREATES[create.definition["operationId"]](self._ground)
            made = await self._prober.ask("POST", collection, fresh)
            if made.status != 201:
                return None
            id_ = made.json.get("id") or made.json["name"]
            if suffix == "/preview":
                return f"{collection}/{made.json['key']}{suffix}", f"{collection}/{id_}"
        return f"{collection}/{id_}{suffix}", f"{collection}/{id_}"

    async def _import(self, collection: str, file: bytes) -> str:
        """An import whose file has been read: before that it can not be changed."""
        made = await self._prober.ask("POST", f"{collection}?file_name=fuzz.csv", file)
        id_ = str(made.json["id"])
        await self._until_read(f"{collection}/{id_}")
        return id_

    async def _until_read(self, path: str) -> None:
        async with asyncio.timeout(_READ_WITHIN_S):
            while (await self._prober.ask("GET", path)).json["state"] == "reading":
                await asyncio.sleep(0.1)

    async def _answered(
        self, place: Place, entry: Entry, method: str, path: str, body: Body, headers: dict[str, str] | None = None
    ) -> Answer:
        answer = await self._prober.ask(method, path, body, headers)
        self._report.took(place.shown, answer)
        if fault := answer.fault():
            self._report.fault(place.shown, entry, fault)
        return answer

    def _item_of(self, collection: str) -> str | None:
        for operation in self._by_id.values():
            head, _, parameter = operation.path.rpartition("/")
            if operation.method == "get" and head == collection and parameter.startswith("{"):
                return operation.path
        return None

    def _compare(self, place: Place, entry: Entry, shown: Any) -> None:
        found = _at(shown, place.path)
        if found is _ABSENT:
            return  # a secret: it goes in and never comes out
        schema = schema_at(self._document, place.operation, place.path)
        if not _same(schema, entry.value, found):
            self._report.fault(place.shown, entry, f"came back as {ascii(found)[:200]}")


async def attack_fields(
    document: Document, prober: Prober, ground: Ground, plan: Sequence[tuple[Place, Sequence[Entry]]], report: Report
) -> None:
    """Every place of the plan with its entries, several places at once."""
    fields = Fields(document, prober, ground, report)
    await _together([fields.attack(place, entries) for place, entries in plan])


async def attack_parameters(
    document: Document, prober: Prober, entries: Sequence[Entry], per_parameter: int, seed: int, report: Report
) -> None:
    """`per_parameter` of the entries in each text parameter of each path and query."""
    chooser = random.Random(seed)

    async def attack(operation: Operation, place: str, name: str, chosen: Sequence[Entry]) -> None:
        where = f"{operation.label} {place} {name}"
        for entry in chosen:
            if len(entry.in_url) > _LONGEST_IN_URL or (place == "path" and entry.value in ("", ".", "..")):
                continue
            filled = operation.path
            for parameter in operation.texts_of("path"):
                value = entry.in_url if (place, name) == ("path", parameter) else "00000000-0000-7000-8000-000000000000"
                filled = filled.replace(f"{{{parameter}}}", value)
            query = {p["name"]: "2026-01-01" for p in operation.definition.get("parameters", []) if p.get("required")}
            pairs = [f"{key}={value}" for key, value in query.items() if key in ("from", "to")]
            pairs += [f"{quote(name)}={entry.in_url}"] if place == "query" else []
            body: Body | None = {} if "requestBody" in operation.definition else None
            answer = await prober.ask(operation.method, filled + ("?" + "&".join(pairs) if pairs else ""), body)
            report.took(where, answer)
            if fault := answer.fault():
                report.fault(where, entry, fault)

    await _together(
        [
            attack(operation, place, name, chooser.sample(list(entries), min(per_parameter, len(entries))))
            for operation in operations(document)
            for place in ("query", "path")
            for name in operation.texts_of(place)
            if operation.path != "/api/v1/live"
        ]
    )


async def _together(work: Sequence[Any]) -> None:
    limit = asyncio.Semaphore(_AT_ONCE)

    async def one(task: Any) -> None:
        async with limit:
            await task

    await asyncio.gather(*(one(task) for task in work))


_ABSENT = object()


def _with(body: Body, path: Path, value: str) -> Body:
    """The body with this text at `path`; what is missing on the way is made."""
    here: Any = body
    for step, following in zip(path, [*path[1:], None], strict=True):
        if following is None:
            here[step] = value
        elif isinstance(step, int):
            here = here[step]
        else:
            if not here.get(step):
                here[step] = [_row(str(step))] if isinstance(following, int) else {}
            here = here[step]
    return body


def _row(name: str) -> Any:
    """A first entry for a list of this name."""
    rows: dict[str, Any] = {
        "phones": {"raw": "+38640123456"},
        "emails": {"address": "row@fuzz.example"},
        "lines": {"number": "+38615559999"},
        "stages": {"name": "Fuzz", "probability": 1},
        "replaces": {"extension": "x1", "user_id": "00000000-0000-7000-8000-000000000000"},
    }
    return dict(rows[name]) if name in rows else ""


def _at(shown: Any, path: Path) -> Any:
    here = shown
    for step in path:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return _ABSENT
    return here


def _same(schema: Document, sent: str, found: Any) -> bool:
    if sent == found:
        return True
    if not isinstance(found, str):
        return False
    match schema:
        case {"format": "email"}:
            return sent.casefold() == found
        case {"format": "uri"}:
            return f"{sent}/" == found
        case {"format": "date-time"}:
            return datetime.fromisoformat(sent) == datetime.fromisoformat(found)
    try:  # an amount is shown with the digits its currency has
        return "[0-9]" in schema.get("pattern", "") and Decimal(sent) == Decimal(found)
    except InvalidOperation:
        return False


def _filled(path: str, id_: str) -> str:
    return path[: path.index("{")] + quote(id_, safe="")
