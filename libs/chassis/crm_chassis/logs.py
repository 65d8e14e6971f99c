"""One JSON object a line on stdout, with service and correlation id; no personal data, no secrets."""

import asyncio
import logging
import sys
from contextlib import suppress
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from crm_chassis.context import current
from crm_chassis.tracebacks import traced


def configure(service: str, level: str = "info") -> None:
    """Every log line of this process, ours or a library's, is JSON from now on."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _story(service),
        structlog.processors.ExceptionRenderer(_told),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_dumps)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_dumps),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    # These two shout at each lost connection; whoever holds the connection tells of it once, with the reason.
    for name in ("aio_pika", "aiormq"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "faststream"):
        logging.getLogger(name).handlers = []


def on_loop_error(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """asyncio's own complaint, without the objects it would print: an exception's text may quote people's data."""
    structlog.get_logger().error("event loop", said=context.get("message"), exc_info=context.get("exception"))


def _told(exc_info: Any) -> str:
    return traced(exc_info[1]) if exc_info and exc_info[1] is not None else ""


def _story(service: str) -> Any:
    def add(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["service"] = service
        with suppress(LookupError):
            event["correlation_id"] = str(current().correlation_id)
        return event

    return add


def _dumps(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=str).decode()
