"""Exceptions as a log may tell them: where and of what kind, never with what.

A message of an exception may quote what somebody sent or what is stored: a database names the row in the way, a
validator the value it refused. What is told instead is made of our own code and of names of tables and fields.
"""

import re
import traceback
from types import TracebackType

import asyncpg
from pydantic import ValidationError

from crm_chassis.problems import Problem

_MOST_FRAMES = 30
_FIELD = re.compile(r"[a-z_]{1,40}")
_MOST_CAUSES = 8


def kind(error: BaseException) -> str:
    """The exception's type, and of those whose parts hold no data, what tells more."""
    name = type(error).__name__
    told = _facts(error)
    return f"{name} ({told})" if told else name


def traced(error: BaseException) -> str:
    """The frames and kinds of an exception and of what caused it, innermost cause first."""
    parts: list[str] = []
    following: BaseException | None = error
    while following is not None and len(parts) < _MOST_CAUSES:
        parts.append(_one(following))
        hidden = following.__suppress_context__ and following.__cause__ is None
        following = None if hidden else following.__cause__ or following.__context__
    return "\n\nwhich led to\n\n".join(reversed(parts))


def _one(error: BaseException) -> str:
    lines = [*_frames(error.__traceback__), kind(error)]
    if isinstance(error, BaseExceptionGroup):
        lines += [f"  | {line}" for each in error.exceptions for line in traced(each).splitlines()]
    return "\n".join(lines)


def _frames(found: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(found, limit=-_MOST_FRAMES)
    return [f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}\n    {frame.line}' for frame in frames]


def _facts(error: BaseException) -> str:
    if isinstance(error, Problem):
        return error.code
    if isinstance(error, ValidationError):
        return ", ".join(f"{_place(found['loc'])}: {found['type']}" for found in error.errors()[:5])
    if isinstance(error, OSError) and error.errno is not None:
        return f"errno {error.errno}"
    driver = getattr(error, "orig", error)  # SQLAlchemy keeps the driver's error there, and asyncpg's below it
    for found in (driver, getattr(driver, "__cause__", None)):
        if isinstance(found, asyncpg.PostgresError):
            names = (getattr(found, name, None) for name in ("table_name", "column_name", "constraint_name"))
            return " ".join([str(found.sqlstate), *(str(name) for name in names if name)])
    return ""


def _place(location: tuple[int | str, ...]) -> str:
    # A key of a mapping is data too: of a path only what looks like a field of ours.
    return ".".join(str(part) if isinstance(part, int) or _FIELD.fullmatch(part) else "…" for part in location)
