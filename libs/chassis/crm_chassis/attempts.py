"""What becomes of a message whose handler failed: up the retry ladder, then dead, never lost, never in a hot loop."""

from typing import Any, Protocol

from aiormq.abc import AbstractChannel
from pamqp import commands as spec
from pamqp.common import FieldTable

from crm_chassis import bus
from crm_chassis.metrics import DEAD_LETTERS, RETRIES

ATTEMPT_HEADER = "x-attempt"
REASON_HEADER = "x-reason"


class Delivered(Protocol):
    """A message of the broker, whichever client took it."""

    @property
    def body(self) -> bytes:
        """As it was sent."""

    @property
    def content_type(self) -> str | None:
        """Of the body."""

    @property
    def message_id(self) -> str | None:
        """The (first) event's id."""

    @property
    def type(self) -> str | None:
        """The event's type."""

    @property
    def headers(self) -> FieldTable:
        """What the ladder wrote on it."""

    @property
    def channel(self) -> AbstractChannel:
        """Where it came from."""


class Poison(Exception):
    """The message can not be understood; trying again would not help."""


class NotYet(Exception):
    """What this needs has not arrived here yet: an ordinary thing between services, so it is no warning."""


def log_failure(log: Any, queue: str, type: str | None, error: BaseException) -> None:
    """One line on a handler that failed, with its traceback unless it merely waits for something."""
    if isinstance(error, NotYet):
        log.info("handler waits", queue=queue, type=type, reason=str(error))
    else:
        log.warning("handler failed", queue=queue, type=type, exc_info=error)


def attempt_of(message: Delivered) -> int:
    """How often the message has failed before (0 for a first delivery)."""
    value = message.headers.get(ATTEMPT_HEADER, 0)
    return value if isinstance(value, int) else 0


async def climb(queue: str, message: Delivered, error: BaseException) -> None:
    """A confirmed copy of the message waits in the next retry queue, or lies in the service's dead queue.

    The caller acknowledges the original afterwards. Raises when the broker does not confirm.
    """
    step = attempt_of(message)
    dead = isinstance(error, Poison) or step >= len(bus.RETRY_DELAYS_S)
    await message.channel.basic_publish(
        message.body,
        exchange=bus.DEAD_EXCHANGE if dead else bus.retry_exchange(step),
        routing_key=queue,
        properties=spec.Basic.Properties(
            content_type=message.content_type,
            delivery_mode=2,
            message_id=message.message_id,
            message_type=message.type,
            headers={ATTEMPT_HEADER: step + 1, REASON_HEADER: _reason(error)},
        ),
        mandatory=True,
    )
    if dead:
        DEAD_LETTERS.labels(queue).inc()
    else:
        RETRIES.labels(queue, str(step + 1)).inc()


def _reason(error: BaseException) -> str:
    # The type and the place, not the values: an error's text may quote personal data.
    place = ""
    if error.__traceback__ is not None:
        last = error.__traceback__
        while last.tb_next is not None:
            last = last.tb_next
        place = f" at {last.tb_frame.f_code.co_filename.rpartition('/')[2]}:{last.tb_lineno}"
    text = str(error) if isinstance(error, Poison) else ""
    return f"{type(error).__name__}{place} {text}".strip()[:500]
