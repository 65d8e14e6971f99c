"""What the text in the search box asks for.

Pure. The kinds differ by the index that answers them: exact and prefix by btree, the tail of a number by btree over
the reversed number, words by trigrams (three letters at least).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

QueryKind = Literal["phone_exact", "phone_prefix", "phone_tail", "email_prefix", "name_prefix", "name_words"]

MIN_TRIGRAM = 3
MAX_WORDS = 6
_IN_A_ROW = re.compile(r"[^\W_]{3}")
_PHONE = re.compile(r"^\+?[\d\s()./-]+$")


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A classified query; `terms` are literal text, no wildcards yet.

    `name_prefix`: the name starts with the first term and holds the others. `name_words`: it holds every term.
    """

    kind: QueryKind
    terms: tuple[str, ...]


def classify(text: str, e164: Callable[[str], str | None]) -> SearchQuery | None:
    """The query for `text`, or None when there is nothing to look for. `e164` tells a whole valid number."""
    text = " ".join(text.split())
    if not text:
        return None
    if "@" in text:
        return SearchQuery("email_prefix", (text.lower(),))
    digits = re.sub(r"\D", "", text)
    if _PHONE.match(text) and len(digits) >= MIN_TRIGRAM:
        return _phone(text, digits, e164)
    words = tuple(dict.fromkeys(text.split(" ")))[:MAX_WORDS]
    if max(map(len, words)) < MIN_TRIGRAM:
        return SearchQuery("name_prefix", words)
    return SearchQuery("name_words", words)


def _phone(text: str, digits: str, e164: Callable[[str], str | None]) -> SearchQuery:
    whole = e164(text)
    if whole:
        return SearchQuery("phone_exact", (whole,))
    if text.startswith("+"):
        return SearchQuery("phone_prefix", ("+" + digits,))
    if digits.startswith("00"):
        return SearchQuery("phone_prefix", ("+" + digits[2:],))
    # A leading zero is a trunk prefix in most plans and never part of E.164.
    return SearchQuery("phone_tail", (digits.lstrip("0") or digits,))


def is_indexed(query: SearchQuery) -> bool:
    """False when every row would have to be read: only letters and digits that stand three in a row have trigrams."""
    return query.kind != "name_words" or any(_IN_A_ROW.search(term) for term in query.terms)


def like_literal(term: str) -> str:
    """The term with LIKE's own characters escaped."""
    return re.sub(r"([\\%_])", r"\\\1", term)
