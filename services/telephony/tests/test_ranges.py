"""Which bytes a Range header means, for any header and any file (RFC 9110 §14)."""

import pytest
from crm_telephony.recordings.rules import Part, part_of, still_fits
from hypothesis import given
from hypothesis import strategies as st

SIZES = st.integers(1, 10_000)
NUMBERS = st.integers(0, 20_000)


@given(NUMBERS, NUMBERS, SIZES)
def test_from_a_byte_to_a_byte(first: int, last: int, size: int) -> None:
    part = part_of(f"bytes={first}-{last}", size)
    if last < first:
        assert part == "whole"  # no range at all, so the header is as if it were not there
    elif first >= size:
        assert part == "none"
    else:
        assert part == Part(first, min(last, size - 1))


@given(NUMBERS, SIZES)
def test_from_a_byte_to_the_end(first: int, size: int) -> None:
    assert part_of(f"bytes={first}-", size) == (Part(first, size - 1) if first < size else "none")


@given(NUMBERS, SIZES)
def test_the_last_bytes(count: int, size: int) -> None:
    expected = Part(max(0, size - count), size - 1) if count else "none"
    assert part_of(f"bytes=-{count}", size) == expected


@given(st.text(max_size=40), SIZES)
def test_any_text_at_all_means_the_whole_a_part_of_it_or_nothing_there_is(text: str, size: int) -> None:
    for header in (text, f"bytes={text}"):
        part = part_of(header, size)
        assert part in ("whole", "none") or (isinstance(part, Part) and 0 <= part.first <= part.last < size)


@given(st.integers(0, 10**60), SIZES, st.integers(0, 30))
def test_numbers_of_any_length_are_numbers(first: int, size: int, zeros: int) -> None:
    expected = Part(first, size - 1) if first < size else "none"
    assert part_of(f"bytes={'0' * zeros}{first}-{10**70}", size) == expected


@pytest.mark.parametrize(
    "header", [None, "", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=a-b", "bytes=1-2-3", "items=0-1", "bytes=+1-2",
               "bytes=0-1,4-5", "bytes=1 -2", "bytes=٣-", "bytes=0x1-2"],
)  # fmt: skip
def test_what_is_no_single_range_of_bytes_gets_the_whole(header: str | None) -> None:
    assert part_of(header, 100) == "whole"


def test_units_have_no_case_and_empty_elements_no_meaning() -> None:
    assert part_of("BYTES=1-2", 100) == part_of("bytes= 1-2 ,", 100) == part_of(" bytes=,1-2", 100) == Part(1, 2)


@pytest.mark.parametrize(
    ("if_range", "fits"),
    [
        (None, True),
        ('"abc"', True),
        (' "abc" ', True),
        ('W/"abc"', False),
        ('"abd"', False),
        ("abc", False),
        ("Fri, 27 Nov 2026 10:00:00 GMT", False),
    ],
)
def test_a_part_is_given_of_the_very_file_that_is_meant(if_range: str | None, fits: bool) -> None:
    assert still_fits(if_range, '"abc"') is fits
