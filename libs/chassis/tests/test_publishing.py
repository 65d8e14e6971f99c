"""Many messages in one write: as the client's own publish would send them, and each with an answer of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import cast

import aiormq
import pytest
from aiormq.channel import Channel
from aiormq.exceptions import ChannelNotFoundEntity, PublishError
from crm_chassis.publishing import Letter, frames, publish_all
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands as spec
from pamqp import frame
from pamqp.body import ContentBody
from pamqp.header import ContentHeader

_NAMES = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x2FF), min_size=1, max_size=80)
_MOST = 1_000


@given(_NAMES, _NAMES, _NAMES, _NAMES, st.binary(max_size=3 * _MOST), st.integers(1, 2047))
def test_the_frames_of_a_letter_are_those_of_the_clients_own_publish(
    key: str, content_type: str, message_id: str, type_: str, body: bytes, channel: int
) -> None:
    letter = Letter("crm.events", key, content_type, message_id, type_, body)
    properties = spec.Basic.Properties(
        content_type=content_type, delivery_mode=2, message_id=message_id, message_type=type_
    )
    agreed: list[spec.Basic.Publish | ContentHeader | ContentBody] = [
        spec.Basic.Publish(exchange="crm.events", routing_key=key, mandatory=True),
        ContentHeader(properties=properties, body_size=len(body)),
        *(ContentBody(body[start : start + _MOST]) for start in range(0, len(body), _MOST)),
    ]
    assert b"".join(frames(letter, channel, _MOST)) == b"".join(frame.marshal(each, channel) for each in agreed)


@pytest.fixture
async def channel(make_vhost: Callable[[], str]) -> AsyncIterator[Channel]:
    """With confirms, and a queue called `here`."""
    connection = await aiormq.connect(make_vhost())
    opened = cast(Channel, await connection.channel(publisher_confirms=True, on_return_raises=True))
    await opened.queue_declare("here")
    yield opened
    await connection.close()


def _letter(number: int, queue: str = "here", exchange: str = "") -> Letter:
    return Letter(exchange, queue, "text/plain", f"id-{number}", "a.type", str(number).encode())


async def test_all_are_there_in_order_and_one_that_finds_no_queue_is_told_apart(channel: Channel) -> None:
    letters = [_letter(number, "nowhere" if number == 250 else "here") for number in range(500)]
    outcomes = await publish_all(channel, letters)
    assert [number for number, error in enumerate(outcomes) if error is not None] == [250]
    assert isinstance(outcomes[250], PublishError)
    assert await publish_all(channel, [_letter(500)]) == [None]
    bodies = []
    while (message := await channel.basic_get("here", no_ack=True)).body:
        bodies.append(int(message.body))
    assert bodies == [number for number in range(501) if number != 250]


async def test_what_is_not_answered_when_the_channel_closes_is_not_taken_for_sent(channel: Channel) -> None:
    letters = [_letter(1), _letter(2, exchange="no such exchange"), _letter(3)]
    async with asyncio.timeout(10):
        outcomes = await publish_all(channel, letters)
    assert isinstance(outcomes[1], ChannelNotFoundEntity)
    assert isinstance(outcomes[2], ChannelNotFoundEntity)


async def test_a_stopped_publisher_ends_at_once(channel: Channel) -> None:
    sending = asyncio.create_task(publish_all(channel, [_letter(number) for number in range(1_000)]))
    await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
