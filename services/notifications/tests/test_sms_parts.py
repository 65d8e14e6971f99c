"""The parts of an SMS, against the standard's limits and against an independent encoder."""

import pytest
from crm_notifications.sms.rules import SEPTETS, segment
from hypothesis import given
from hypothesis import strategies as st

GSM = st.text(st.sampled_from(sorted(SEPTETS)), max_size=700)
ANY = st.text(st.characters(codec="utf-8"), max_size=400)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", "gsm7", 0, 1),
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("€" * 80, "gsm7", 160, 1),
        ("€" * 81, "gsm7", 162, 2),
        ("a" * 152 + "€" + "a" * 152, "gsm7", 306, 3),  # the € would straddle the first border
        ("a" * 159 + "{", "gsm7", 161, 2),
        ("я" * 70, "ucs2", 70, 1),
        ("я" * 71, "ucs2", 71, 2),
        ("я" * 134, "ucs2", 134, 2),
        ("я" * 135, "ucs2", 135, 3),
        ("🙂" * 35, "ucs2", 70, 1),
        ("🙂" * 36, "ucs2", 72, 2),
        ("я" * 66 + "🙂" + "я" * 66, "ucs2", 134, 3),
    ],
)
def test_a_text_is_billed_as_the_standard_says(text: str, encoding: str, units: int, parts: int) -> None:
    cut = segment(text)
    assert (cut.encoding, cut.units, len(cut.parts)) == (encoding, units, parts)


def test_one_typographic_quote_is_named_as_the_reason_for_ucs2() -> None:
    cut = segment("Call us — «today» — please")
    assert cut.encoding == "ucs2"
    assert cut.outside_gsm7 == ("—", "«", "»")


def test_remaining_counts_down_to_the_next_part() -> None:
    assert segment("a" * 150).remaining == 10
    assert segment("a" * 161).remaining == 153 - 8


@given(GSM)
def test_gsm7_parts_join_to_the_text_and_fit(text: str) -> None:
    cut = segment(text)
    assert cut.encoding == "gsm7"
    assert "".join(cut.parts) == text
    limit = 160 if len(cut.parts) == 1 else 153
    assert all(sum(SEPTETS[char] for char in part) <= limit for part in cut.parts)


@given(ANY)
def test_ucs2_parts_join_to_the_text_fit_and_hold_whole_characters(text: str) -> None:
    cut = segment(text + "я")
    assert "".join(cut.parts) == text + "я"
    limit = 70 if len(cut.parts) == 1 else 67
    for part in cut.parts:
        encoded = part.encode("utf-16-be")  # raises on half a pair
        assert len(encoded) // 2 <= limit
    assert cut.units == len((text + "я").encode("utf-16-be")) // 2


@given(st.one_of(GSM, ANY))
def test_a_part_ends_only_where_the_next_character_does_not_fit(text: str) -> None:
    cut = segment(text)
    if len(cut.parts) == 1:
        return
    size = 153 if cut.encoding == "gsm7" else 67

    def width(part: str) -> int:
        if cut.encoding == "gsm7":
            return sum(SEPTETS[char] for char in part)
        return len(part.encode("utf-16-be")) // 2

    for part, following in zip(cut.parts, cut.parts[1:], strict=False):
        assert width(part + following[0]) > size
