"""What is said of a webhook names nobody."""

from typing import get_args

from crm_telephony.arrivals.rules import What, what_of, what_was
from crm_telephony.vendors import VENDORS
from crm_telephony.vendors.port import CallOver, CommandResult, Kind, LegSeen, Parsed, Side
from hypothesis import given
from hypothesis import strategies as st

WORDS = set(get_args(What))
sides = st.builds(Side, extension=st.text(max_size=5), number=st.text(max_size=12))
legs = st.builds(LegSeen, kind=st.sampled_from(Kind), leg=st.text(), at=st.floats(), arrived=st.floats(), caller=sides)
overs = st.builds(CallOver, at=st.floats(), arrived=st.floats(), caller=sides)
read = st.builds(
    Parsed,
    event_key=st.text(),
    seen=st.lists(st.one_of(legs, overs), max_size=3).map(tuple),
    command=st.one_of(st.none(), st.builds(CommandResult, st.uuids(), st.one_of(st.none(), st.text()))),
)


@given(read)
def test_a_webhook_has_one_of_a_few_words_whatever_it_says(parsed: Parsed) -> None:
    assert what_of(parsed) in WORDS


@given(st.sampled_from(sorted(VENDORS)), st.text(max_size=30), st.binary(max_size=200))
def test_what_can_not_be_read_any_more_is_something_else(vendor: str, path: str, body: bytes) -> None:
    assert what_was(VENDORS[vendor], path, body) in WORDS


def test_the_last_thing_a_webhook_says_is_what_it_was_about() -> None:
    leg = LegSeen(kind=Kind.RINGING, leg="1", at=0, arrived=0)
    assert what_of(Parsed("k", "c", (leg,))) == "ringing"
    assert what_of(Parsed("k", "c", (leg, CallOver(at=0, arrived=0)))) == "call_over"
    assert what_of(Parsed("k")) == "other"
