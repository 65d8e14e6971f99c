"""What the text in the search box asks for."""

from functools import partial

import pytest
from crm_contacts.identities.parsing import e164
from crm_contacts.search.rules import SearchQuery, classify, like_literal
from hypothesis import given
from hypothesis import strategies as st

slovenian = partial(e164, region="SI")


@pytest.mark.parametrize(
    ("text", "kind", "terms"),
    [
        ("040 123 456", "phone_exact", ("+38640123456",)),
        ("+386 40 123 456", "phone_exact", ("+38640123456",)),
        ("+386 40", "phone_prefix", ("+38640",)),
        ("00386 40", "phone_prefix", ("+38640",)),
        ("3456", "phone_tail", ("3456",)),
        ("0456", "phone_tail", ("456",)),
        ("000", "phone_prefix", ("+0",)),
        ("12", "name_prefix", ("12",)),
        ("Ana@", "email_prefix", ("ana@",)),
        ("an", "name_prefix", ("an",)),
        ("Li Wu", "name_prefix", ("Li", "Wu")),
        ("  ana   no ", "name_words", ("ana", "no")),
        ("ana ana", "name_words", ("ana",)),
    ],
)
def test_a_query_goes_to_the_index_that_answers_it(text: str, kind: str, terms: tuple[str, ...]) -> None:
    assert classify(text, slovenian) == SearchQuery(kind, terms)  # type: ignore[arg-type]


@given(st.text(max_size=100))
def test_every_text_is_classified_and_blank_ones_ask_for_nothing(text: str) -> None:
    query = classify(text, slovenian)
    assert (query is None) == (not text.split())
    if query:
        assert query.terms
        assert all(query.terms)


def test_a_percent_sign_means_itself() -> None:
    assert like_literal(r"50%_\ ") == r"50\%\_\\ "
