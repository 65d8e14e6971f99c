"""One readable log of many processes: JSON lines in, a console and a rotated file out."""

import json
import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, Any, TextIO

OWN_NAME = "crm"
_KEPT_BYTES, _KEPT_FILES = 10_000_000, 5
_WIDTH = 13
_LEVELS = {"debug": "2", "info": "32", "warning": "33", "error": "31", "critical": "1;31"}
_SHOWN_APART = {"timestamp", "time", "level", "event", "service", "exception", "logger"}


class Journal:
    """Takes lines from any thread; each reaches the file whole and, from `info` up, the console."""

    def __init__(self, file: Path, console: TextIO | None = None, *, debug: bool = False) -> None:
        """Without a console lines go to the file only."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self.file = file
        self._handler = RotatingFileHandler(file, maxBytes=_KEPT_BYTES, backupCount=_KEPT_FILES, encoding="utf-8")
        self._console = console
        self._colours = console is not None and console.isatty() and "NO_COLOR" not in os.environ
        self._debug = debug
        self._lock = threading.Lock()
        self._recent: dict[str, deque[str]] = {}

    def say(self, text: str, level: str = "info") -> None:
        """A line of our own."""
        self.take(OWN_NAME, json.dumps({"level": level, "event": text}, ensure_ascii=False))

    def take(self, source: str, line: str) -> None:
        """One line of a process, JSON or not."""
        entry = parse(source, line)
        text = json.dumps(entry, ensure_ascii=False, default=str)
        with self._lock:
            self._recent.setdefault(source, deque(maxlen=20)).append(render(entry, colours=False))
            self._handler.emit(logging.LogRecord(source, logging.INFO, "", 0, text, None, None))
            if self._console is not None and (self._debug or entry["level"] != "debug"):
                self._show(render(entry, colours=self._colours))

    def recent(self, source: str) -> list[str]:
        """The last lines of a process, as the console shows them."""
        with self._lock:
            return list(self._recent.get(source, ()))

    def follow(self, source: str, stream: IO[bytes]) -> threading.Thread:
        """Lines of the stream are taken until it ends."""

        def body() -> None:
            for raw in stream:
                self.take(source, raw.decode(errors="replace").rstrip("\r\n"))
            stream.close()

        thread = threading.Thread(target=body, name=f"crm-log-{source}", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        """The file is closed; later lines still reach the console."""
        self._handler.close()

    def _show(self, line: str) -> None:
        try:
            print(line, file=self._console, flush=True)
        except (BrokenPipeError, ValueError):
            self._console = None  # whoever read us is gone; the file goes on


def parse(source: str, line: str) -> dict[str, Any]:
    """The line as a JSON log entry with at least timestamp, level, service and event."""
    entry: dict[str, Any] = {}
    if line.startswith("{"):
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            entry = {}
    if not entry:
        entry = {"event": line}
    entry["service"] = source
    entry.setdefault("level", "info")
    entry.setdefault("event", "")
    entry.setdefault("timestamp", datetime.now(UTC).isoformat(timespec="milliseconds"))
    return entry


def render(entry: Mapping[str, Any], *, colours: bool) -> str:
    """`HH:MM:SS service level event key=value`, local time; an exception follows on lines of its own."""

    def paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colours else text

    level = str(entry["level"])
    parts = [
        paint(_clock(str(entry["timestamp"])), "2"),
        paint(str(entry["service"]).ljust(_WIDTH), "36"),
        paint(level.ljust(7), _LEVELS.get(level, "0")),
        _printable(str(entry["event"])),
    ]
    parts += [paint(f"{key}=", "2") + _value(value) for key, value in entry.items() if key not in _SHOWN_APART]
    trace = f"\n{_printable(str(entry['exception']))}" if entry.get("exception") else ""
    return " ".join(parts) + trace


def console() -> TextIO:
    """Where a person looks: standard output."""
    return sys.stdout


def _printable(text: str) -> str:
    """Control characters as escapes: what strangers sent must not command the terminal of whoever reads."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in text)


def _clock(stamp: str) -> str:
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        moment = datetime.now(UTC)
    return moment.astimezone().strftime("%H:%M:%S")


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = _printable(text)
    return f'"{text}"' if " " in text and isinstance(value, str) else text
