"""What no handler took: told without its words, logged by kind and place, and never passed off as a whole answer."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
import pytest
from crm_chassis import tracebacks
from crm_chassis.middleware import BodyLimit, LastResort
from crm_chassis.problems import Problem, Unauthorized
from crm_chassis.socket_guard import CUT
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.exc import IntegrityError
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

PRIVATE = "Ana Kovac +38640999123"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: int


def _refused_by_the_database() -> IntegrityError:
    driver = asyncpg.UniqueViolationError(f"duplicate key ({PRIVATE})")
    driver.constraint_name, driver.table_name = "uq_person_phone", "person"
    driver.detail = f"Key (phone)=({PRIVATE}) already exists."
    outer = Exception(f"<class>: {PRIVATE}")
    outer.__cause__ = driver
    return IntegrityError(f"INSERT … {PRIVATE}", None, outer)


def _invalid() -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        _Body.model_validate({"name": PRIVATE, PRIVATE: 1})
    return caught.value


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (_refused_by_the_database, "23505 person uq_person_phone"),
        (_invalid, "name: int_parsing, …: extra_forbidden"),
        (lambda: KeyError(PRIVATE), "KeyError"),
        (lambda: ValueError(PRIVATE), "ValueError"),
        (lambda: ConnectionRefusedError(111, PRIVATE), "ConnectionRefusedError (errno 111)"),
        (lambda: Unauthorized(PRIVATE, code="wrong_credentials"), "Unauthorized (wrong_credentials)"),
        (lambda: ExceptionGroup(PRIVATE, [ValueError(PRIVATE), KeyError(PRIVATE)]), "| KeyError"),
    ],
)
def test_a_traceback_tells_kind_and_place_and_no_words(make: Callable[[], BaseException], told: str) -> None:
    try:
        try:
            raise make()
        except BaseException as error:
            raise RuntimeError(PRIVATE) from error
    except RuntimeError as outer:
        text = tracebacks.traced(outer)
    assert told in text
    assert "which led to" in text and "RuntimeError" in text and "test_last_resort.py" in text
    assert "Ana" not in text and "999123" not in text


_PROGRAM = f"""
import logging
from crm_chassis import logs
logs.configure("sample")
try:
    raise ValueError("{PRIVATE}")
except ValueError:
    logging.getLogger("some.library").exception("it broke")
"""


def test_a_logged_exception_of_a_library_is_one_line_without_its_words() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    (line,) = done.stdout.splitlines()
    entry: dict[str, Any] = json.loads(line)
    assert (entry["event"], entry["level"]) == ("it broke", "error")
    assert entry["exception"].endswith("ValueError")
    assert "Ana" not in line


def _app(error: Exception, *, after_start: bool = False) -> LastResort:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if after_start:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    return LastResort(broken)


async def _get(app: Any) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://crm") as client:
        return await client.get("/")


async def test_an_unexpected_error_is_a_problem_that_says_nothing() -> None:
    answer = await _get(_app(ValueError(PRIVATE)))
    assert (answer.status_code, answer.json()["code"]) == (500, Problem.code)
    assert "Ana" not in answer.text
    away = await _get(_app(ConnectionRefusedError(PRIVATE)))
    assert (away.status_code, away.json()["code"]) == (503, "unavailable")


async def test_an_answer_that_breaks_in_the_middle_is_cut_and_never_ended() -> None:
    cut: list[bool] = []
    sent: list[Message] = []
    scope: Scope = {"type": "http", "extensions": {CUT: {"cut": lambda: cut.append(True)}}}

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    await _app(ValueError(PRIVATE), after_start=True)(scope, receive, send)
    assert cut == [True]
    assert [message["type"] for message in sent] == ["http.response.start"]
    with pytest.raises(ValueError, match="Ana"):
        await _app(ValueError(PRIVATE), after_start=True)({"type": "http"}, receive, send)
    await _app(ClientDisconnect())(scope, receive, send)
    assert len(sent) == 2


async def test_a_whole_body_is_never_too_slow() -> None:
    """Once a body has arrived the wait for the client to leave has no end."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend([(await receive())["type"], (await receive())["type"]])

    messages: list[Message] = [{"type": "http.request", "body": b"x"}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        raise AssertionError(message)

    await BodyLimit(app, patience_s=0.0001)({"type": "http", "headers": []}, receive, send)
    assert seen == ["http.request", "http.disconnect"]
