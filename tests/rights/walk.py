"""Asking every route every question of the table, and judging the answers."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from crm_runner.processes import GATEWAY

from tests.rights.answers import Answer, Names, Rule
from tests.rights.estate import Estate
from tests.rights.people import Cast, User
from tests.rights.routes import Route
from tests.rights.rules import INNER_ONLY, RULES

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_COUNTS = {"count", "talk_s", "waiting", "read", "total"}
_ANY_LENGTH = {"days", "stages", "notices", "columns"}
_NOBODY_KNOWN = b'{"match":"none"'


@dataclass
class Walk:
    """One walk through all doors; `wrong` says what was not as the table wants it."""

    cast: Cast
    estate: Estate
    published: set[tuple[str, str]]
    mark: str = field(default_factory=lambda: f"m{secrets.token_hex(6)}")
    correlations: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    walked: int = 0
    _outsider: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))
    _rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def visit(self, route: Route) -> None:
        """The route answers everybody at every door as its rule says."""
        rule = RULES.get(str(route))
        if rule is None:
            self.wrong.append(f"{route} has no rule")
            return
        for door in self._doors(route):
            self._outside(route, rule, door)
            for user, answer in (
                (self.cast.nobody, rule.nobody),
                (self.cast.stranger, rule.other),
                (self.cast.lead, rule.other),
                (self.cast.reader, rule.reader),
            ):
                for query in rule.queries:
                    self._ask(route, rule, door, user, answer, query)
        self.walked += 1

    def _doors(self, route: Route) -> Iterator[str]:
        yield route.service
        if route.service == GATEWAY or not route.path.startswith("/api/v1/"):
            return
        if route.path.split("/")[3] not in INNER_ONLY and (route.method, route.path) in self.published:
            yield GATEWAY

    def _outside(self, route: Route, rule: Rule, door: str) -> None:
        """Without a token there is nothing but what is public."""
        names = self._names()
        request = self._request(rule, names, rule.queries[0])
        path = rule.url(route.path, names)
        base = self.cast.owner.stack.service_urls[door]
        got = _in_time(lambda: self._outsider.request(route.method, base + path, **request))
        wanted = {401} if rule.outside is None else _ALLOWED[rule.outside]
        if got.status_code not in wanted:
            self._complain(route, door, "without a token", f"{got.status_code} instead of {wanted}", got)
        if rule.outside is None:
            self._check_row(route, rule, door, "without a token")

    def _ask(self, route: Route, rule: Rule, door: str, user: User, answer: Answer, query: Mapping[str, str]) -> None:
        if rule.stream:
            user.listen().close()
            return
        asking = user.again() if rule.signs_out else user
        names = self._names()
        request = self._request(rule, names, query)
        path = rule.url(route.path, names)
        got = _in_time(lambda: asking.ask(door, route.method, path, **request))
        who = f"{user.key}{query or ''}"
        complaint = self._judge(answer, got, f"{path} {request}", user)
        if complaint is None and answer in (Answer.HIDDEN, Answer.UNKNOWN):
            names = {**self.estate.guess(), "mark": self.mark}
            request = self._request(rule, names, query)
            guess = asking.ask(door, route.method, rule.url(route.path, names), **request)
            if shape(guess) != shape(got):
                complaint = f"not as for a random id: {shape(guess)}"
        if complaint:
            self._complain(route, door, who, complaint, got)
        if answer in (Answer.HIDDEN, Answer.FORBIDDEN, Answer.UNKNOWN, Answer.NOWHERE) or rule.row == "notices":
            self._check_row(route, rule, door, who)

    def _judge(self, answer: Answer, got: httpx.Response, asked: str, user: User) -> str | None:
        status = got.status_code
        if status not in _ALLOWED[answer]:
            return f"{status} instead of {answer}"
        if answer in (Answer.SHARED, Answer.OWN) and user is self.cast.reader:
            return None
        leaked = sorted(secret for secret in self.estate.secrets if secret in got.text and secret not in asked)
        if leaked:
            return f"tells {', '.join(leaked)}"
        if answer is not Answer.SILENT:
            return None
        said = _says(got.json()) if user is self.cast.nobody else _counts_more_than_it_shows(got.json())
        return f"not silent: {said}" if said else None

    def _check_row(self, route: Route, rule: Rule, door: str, who: str) -> None:
        if rule.row is None:
            return
        before, now = self._kept(rule.row), self.estate.row(rule.row)
        if before != now:
            self.wrong.append(f"{route} at {door} by {who}: {rule.row} has changed: {before} -> {now}")
            self._rows[rule.row] = now

    def _kept(self, row: str) -> dict[str, Any]:
        if row not in self._rows:
            self._rows[row] = self.estate.row(row)
        return self._rows[row]

    def _names(self) -> Names:
        return {**self.estate.names, "mark": self.mark}

    def _request(self, rule: Rule, names: Names, query: Mapping[str, str]) -> dict[str, Any]:
        request: dict[str, Any] = {"params": rule.asked(query, names)}
        headers = {"X-Correlation-ID": self._correlation()}
        if rule.body is not None:
            body = rule.body(names)
            if isinstance(body, bytes):
                request["content"] = body  # a file one may send leaves the key one sends with it
            else:
                headers["Idempotency-Key"] = f"{self.mark}-{secrets.token_hex(4)}"
                request |= {} if body is None else {"json": body}
        if rule.row is not None:
            # The very version the row has: what refuses is the policy, not a stale guess.
            kept = self._kept(rule.row)
            headers["If-Match"] = f'"{kept.get("version", 1)}"'
        return request | {"headers": headers}

    def _correlation(self) -> str:
        self.correlations.append(str(uuid4()))
        return self.correlations[-1]

    def _complain(self, route: Route, door: str, who: str, what: str, got: httpx.Response) -> None:
        self.wrong.append(f"{route} at {door} by {who}: {what}; {got.status_code} {got.text[:300]}")


_ALLOWED = {
    Answer.HIDDEN: {404},
    Answer.SILENT: {200},
    Answer.FORBIDDEN: {403},
    Answer.UNKNOWN: {404, 422},
    Answer.SHARED: {200},
    Answer.OWN: {200, 202, 204},
    Answer.REFUSED: {422},
    Answer.PUBLIC: {200},
    Answer.UNSIGNED: {401},
    Answer.NOWHERE: {404, 405},
    Answer.FAILED_SIGN_IN: {401},
}


def _in_time(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """The answer. Who is asked for a caller's name and is too slow to look says that nobody is known: once more."""
    got = ask()
    for _ in range(5):
        if not got.content.startswith(_NOBODY_KNOWN):
            break
        got = ask()
    return got


def shape(got: httpx.Response) -> tuple[int, str, tuple[str, ...]]:
    """All of an answer but the ids in it."""
    return got.status_code, _UUID.sub("<id>", got.text), tuple(sorted(got.headers))


def _says(body: Any, key: str = "") -> str | None:
    """The first thing an answer to somebody without rights says: a row, a count, a cursor."""
    if isinstance(body, dict):
        for name, value in body.items():
            if name == "next_cursor" and value is not None:
                return "there is more"
            if name in _COUNTS and value:
                return f"{name} is {value}"
            if (said := _says(value, name)) is not None:
                return said
    if isinstance(body, list):
        if body and key not in _ANY_LENGTH:
            return f"{len(body)} under {key!r}"
        return next((said for each in body if (said := _says(each, key)) is not None), None)
    return None


def _counts_more_than_it_shows(body: Any) -> str | None:
    """The first count in an answer to another team that counts what is not theirs: they have nothing at all."""
    if isinstance(body, dict):
        if body.get("count") and len(body.get("cards", [])) != body["count"]:
            return f"counts {body['count']}"
        return next((said for each in body.values() if (said := _counts_more_than_it_shows(each)) is not None), None)
    if isinstance(body, list):
        return next((said for each in body if (said := _counts_more_than_it_shows(each)) is not None), None)
    return None
