"""How a search text is understood (limits.md §6: trigrams serve three letters and more, a prefix serves fewer).

Must never know a database.
"""

import re

SHORTEST_SUBSTRING = 3
MOST_WORDS = 6
_IN_A_ROW = re.compile(r"[^\W_]{3}")


def patterns(text: str) -> list[str]:
    """LIKE patterns over lower-case text, all of which must match; none for a text without words."""
    words = text.lower().split()[:MOST_WORDS]
    if len(words) == 1 and len(words[0]) < SHORTEST_SUBSTRING:
        return [_literal(words[0]) + "%"]
    return [f"%{_literal(word)}%" for word in words]


def is_indexed(text: str) -> bool:
    """False when every row would have to be read: only letters and digits that stand three in a row have trigrams,
    and the first ones of a text that is a beginning."""
    words = text.lower().split()[:MOST_WORDS]
    if len(words) == 1 and len(words[0]) < SHORTEST_SUBSTRING:
        return words[0][0].isalnum()
    return any(_IN_A_ROW.search(word) for word in words)


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
