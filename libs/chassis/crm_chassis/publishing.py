"""Many messages through one channel in one write, each confirmed by itself.

What `basic_publish` does for one message, done for a batch at a third of its cost: the same frames, written together.
Owns the frames of a publish (AMQP 0-9-1 §4.2). Must never know what a message says.
"""

import asyncio
import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from aiormq.abc import ChannelFrame
from aiormq.channel import Channel
from aiormq.exceptions import ChannelInvalidStateError
from pamqp import commands as spec
from pamqp import frame

_FRAME = struct.Struct(">BHI")
_HEADER = struct.Struct(">HHQH")
_END = b"\xce"
_METHOD_FRAME, _HEADER_FRAME, _BODY_FRAME = 1, 2, 3
_BASIC = 60
_FLAGS = 0x8000 | 0x1000 | 0x0080 | 0x0020  # content type, delivery mode, message id, type: written in this order
_PERSISTENT = b"\x02"
_STRIDE = 200


class Letter(NamedTuple):
    """One persistent message, which must find a queue."""

    exchange: str
    routing_key: str
    content_type: str
    message_id: str
    type: str
    body: bytes


async def publish_all(channel: Channel, letters: Sequence[Letter]) -> list[Exception | None]:
    """What became of each, in order: None when the broker has it, else why that is not known.

    All were written in this order. After an error the channel is of no more use.
    """
    loop = asyncio.get_running_loop()
    answers: list[asyncio.Future[object]] = [loop.create_future() for _ in letters]
    async with channel.lock:
        all_answered = channel.create_future()  # which the channel itself fails when it closes
        _when_all(answers, all_answered)
        for start in range(0, len(letters), _STRIDE):
            written: list[bytes] = []
            for letter, answer in zip(letters[start : start + _STRIDE], answers[start:], strict=False):
                # The broker counts what it is sent on the channel: the tag is the number of the message.
                channel.delivery_tag += 1
                channel.confirmations[channel.delivery_tag] = answer
                channel.message_id_delivery_tag[letter.message_id] = channel.delivery_tag
                written.extend(frames(letter, channel.number, channel.max_content_size))
            await channel.write_queue.put(ChannelFrame(payload=b"".join(written), should_close=False))
            await asyncio.sleep(0)  # requests are answered by the same loop
    closed: Exception | None = None
    try:
        await all_answered
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        closed = ChannelInvalidStateError(f"closed while publishing: {error!r}")
    except Exception as error:
        closed = error
    finally:
        for letter in letters:
            channel.message_id_delivery_tag.pop(letter.message_id, None)
    return [_outcome(answer, closed) for answer in answers]


def frames(letter: Letter, channel: int, most: int) -> Iterator[bytes]:
    """The frames of the message as they go over the wire, the body in parts of at most `most` bytes."""
    yield _publish(channel, letter.exchange, letter.routing_key)
    yield _frame(
        _HEADER_FRAME,
        channel,
        b"".join(
            (
                _HEADER.pack(_BASIC, 0, len(letter.body), _FLAGS),
                _short(letter.content_type),
                _PERSISTENT,
                _short(letter.message_id),
                _short(letter.type),
            )
        ),
    )
    for start in range(0, len(letter.body), most):
        yield _frame(_BODY_FRAME, channel, letter.body[start : start + most])


@lru_cache(maxsize=1_000)
def _publish(channel: int, exchange: str, routing_key: str) -> bytes:
    return frame.marshal(spec.Basic.Publish(exchange=exchange, routing_key=routing_key, mandatory=True), channel)


def _frame(kind: int, channel: int, payload: bytes) -> bytes:
    return _FRAME.pack(kind, channel, len(payload)) + payload + _END


def _short(text: str) -> bytes:
    raw = text.encode()
    return bytes((len(raw),)) + raw


def _when_all(answers: Sequence[asyncio.Future[object]], done: "asyncio.Future[None]") -> None:
    left = len(answers)

    def one(_: asyncio.Future[object]) -> None:
        nonlocal left
        left -= 1
        if not left and not done.done():
            done.set_result(None)

    for answer in answers:
        answer.add_done_callback(one)


def _outcome(answer: asyncio.Future[object], closed: Exception | None) -> Exception | None:
    if not answer.done():
        answer.cancel()
        return closed
    error = answer.exception()
    return error if error is None or isinstance(error, Exception) else ChannelInvalidStateError(repr(error))
