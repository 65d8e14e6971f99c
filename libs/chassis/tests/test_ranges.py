"""A Range header names bytes that are there, is refused with the size, or is as if it were not sent."""

import pytest
from crm_chassis.ranges import plan
from hypothesis import given, settings
from hypothesis import strategies as st

SIZES = st.integers(0, 10_000)
NUMBERS = st.integers(0, 20_000)
unhurried = settings(deadline=None)


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        (None, (200, 0, 100)),
        ("", (200, 0, 100)),
        ("bytes=0-0", (206, 0, 1)),
        ("bytes=0-", (206, 0, 100)),
        ("Bytes=10-19", (206, 10, 20)),
        ("bytes= 10-19 ", (206, 10, 20)),
        ("bytes=90-1000", (206, 90, 100)),
        ("bytes=-10", (206, 90, 100)),
        ("bytes=-1000", (206, 0, 100)),
        ("bytes=99-99", (206, 99, 100)),
        ("bytes=100-", (416, 0, 0)),
        ("bytes=-0", (416, 0, 0)),
        ("bytes=20-10", (200, 0, 100)),
        ("bytes=-", (200, 0, 100)),
        ("bytes=0-1,5-9", (200, 0, 100)),
        ("items=0-1", (200, 0, 100)),
        ("bytes=a-b", (200, 0, 100)),
        ("bytes=٣-٤", (200, 0, 100)),
        ("bytes=+1-2", (200, 0, 100)),
        (f"bytes={'9' * 5000}-", (200, 0, 100)),
    ],
)
def test_what_is_answered_about_a_hundred_bytes(header: str | None, answer: tuple[int, int, int]) -> None:
    told = plan(header, 100)
    assert (told.status, told.start, told.stop) == answer


def test_the_headers_say_which_bytes_there_are() -> None:
    assert plan("bytes=10-19", 100).headers == {
        "Accept-Ranges": "bytes",
        "Content-Length": "10",
        "Content-Range": "bytes 10-19/100",
    }
    assert plan(None, 100).headers == {"Accept-Ranges": "bytes", "Content-Length": "100"}
    assert plan("bytes=100-", 100).headers == {"Accept-Ranges": "bytes", "Content-Range": "bytes */100"}


@unhurried
@given(NUMBERS, NUMBERS, SIZES)
def test_a_range_from_a_to_b_is_those_bytes_as_far_as_there_are_any(first: int, last: int, size: int) -> None:
    content = bytes(index % 251 for index in range(size))
    told = plan(f"bytes={first}-{last}", size)
    given = content[told.start : told.stop]
    if last < first:
        assert (told.status, given) == (200, content)
    elif first >= size:
        assert (told.status, given) == (416, b"")
    else:
        assert (told.status, given) == (206, content[first : last + 1])


@unhurried
@given(NUMBERS, SIZES)
def test_the_last_bytes_are_asked_for_by_their_number(length: int, size: int) -> None:
    content = bytes(index % 251 for index in range(size))
    told = plan(f"bytes=-{length}", size)
    given = content[told.start : told.stop]
    assert given == (content[-length:] if length else b"")
    assert told.status == (416 if not length else 206 if size else 200)


@unhurried
@given(st.text(max_size=40), SIZES)
def test_no_header_asks_for_what_is_not_there(header: str, size: int) -> None:
    for each in (header, f"bytes={header}"):
        told = plan(each, size)
        assert 0 <= told.start <= told.stop <= size
        assert told.status != 206 or told.stop > told.start
        assert told.status != 200 or (told.start, told.stop) == (0, size)
