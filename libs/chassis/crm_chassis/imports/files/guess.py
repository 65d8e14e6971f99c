"""How a file was probably written: code page, delimiter, header, decimal sign. Pure; the first lines are enough."""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from crm_chassis.imports.files.columns import kind_of_cell
from crm_chassis.imports.files.shape import DELIMITERS

# How many records of the head speak for the delimiter and the header.
HEAD_ROWS = 200

_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяё")
_CENTRAL = frozenset("čšžćđąęłńóśźżáéíýúůřěťňďľäöüőűßșţ")
_WESTERN = frozenset("äöüßéèêëàâçîïôûùñáíóúãõåæøœ")
_OFTEN = frozenset("оеаинтсрвл")
_MARKS = frozenset("«»„“”‘’‚…–—№€£§°·• ©®™\u00a0\u00ad")


@dataclass(frozen=True, slots=True)
class Encoding:
    """The code page, and whether it was only guessed from how the letters look."""

    name: str
    by_letters: bool = False


def encoding(head: bytes, is_utf8: bool, letters: bytes) -> Encoding | None:
    """The code page: by its mark, as UTF-8 when the whole file `is_utf8`, by the look of `letters` else.

    `letters` are lines with bytes above 127, from anywhere in the file. None when no page makes words of them.
    """
    if head.startswith(b"\xef\xbb\xbf"):
        return Encoding("utf-8-sig")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Encoding("utf-16")
    if unmarked := wide(head):
        return Encoding(unmarked)
    if is_utf8:
        return Encoding("utf-8")
    # In the order in which a tie is decided.
    pages: tuple[tuple[str, Callable[[str], float]], ...] = (
        ("cp1251", _cyrillic), ("cp1250", _central), ("cp1252", _western), ("koi8-r", _cyrillic), ("cp866", _cyrillic),
    )  # fmt: skip
    best, most = None, 0.0
    for name, worth in pages:
        try:
            score = worth(letters.decode(name))
        except UnicodeDecodeError:
            continue
        if score > most:
            best, most = name, score
    # Two code pages in one file: read as UTF-8, which names the first row that is not. Some short words of the DOS page
    # happen to be UTF-8 as well, hardly any of the others.
    runs = _HIGH_RUN.findall(letters)
    if sum(map(_is_utf8, runs)) > len(runs) * (0.3 if best == "cp866" else 0.02):
        return Encoding("utf-8")
    return None if best is None else Encoding(best, by_letters=True)


def _is_utf8(run: bytes) -> bool:
    try:
        run.decode()
    except UnicodeDecodeError:
        return False
    return True


def wide(head: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of Latin text is then a NUL."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd * 3 > len(head) / 2 and odd > even * 10:
        return "utf-16-le"
    if even * 3 > len(head) / 2 and even > odd * 10:
        return "utf-16-be"
    return None


def _spelt(word: str) -> bool:
    return word.islower() or word.isupper() or (word[0].isupper() and word[1:].islower())


def _strangers(text: str) -> int:
    """Signs above 127 that stand in no ordinary text: what a wrong code page makes of letters."""
    return sum(1 for char in text if char > "\x7f" and not char.isalpha() and char not in _MARKS)


def _cyrillic(text: str) -> float:
    score = -float(_strangers(text))
    for word in _WORD.findall(text):
        foreign = sum(char > "\x7f" for char in word)
        if not foreign:
            continue
        if foreign == len(word) and _spelt(word) and set(word.lower()) <= _CYRILLIC:
            # Read by the wrong Cyrillic page small letters become great ones, and rare ones at that.
            often = sum(char in _OFTEN for char in word.lower())
            score += (foreign + often) * (0.5 if word.isupper() and len(word) > 1 else 1)
        else:
            score -= foreign
    return score


def _latin(text: str, letters: frozenset[str]) -> float:
    score = -float(_strangers(text))
    for word in _WORD.findall(text):
        foreign = [char.lower() for char in word if char > "\x7f"]
        if not foreign:
            continue
        if _spelt(word) and (len(word) < 3 or len(foreign) * 5 <= len(word) * 3):
            score += sum(1 if char in letters else -1 for char in foreign)
        else:
            score -= len(foreign)
    return score


def _central(text: str) -> float:
    return _latin(text, _CENTRAL)


def _western(text: str) -> float:
    return _latin(text, _WESTERN)


def delimiter(lines: Sequence[str]) -> str:
    """The sign which cuts the most lines into equally many cells; a comma when none does."""
    if lines and (named := re.fullmatch(r"\ufeff?\"?sep=([,;|\t])\"?\s*", lines[0], re.IGNORECASE)):
        return named[1]
    best, most = ",", (0.0, 0)
    for sign in DELIMITERS:
        widths = _widths(lines, sign)
        if not widths:
            continue
        width, times = max(Counter(widths).items(), key=lambda item: (item[1], item[0]))
        if width < 2:
            continue
        # A decimal comma cuts every line but the header as regularly as a delimiter does.
        share = times / len(widths) * (1.0 if widths[0] == width else 0.5)
        if (round(share, 1), width) > most:
            best, most = sign, (round(share, 1), width)
    return best


def _widths(lines: Sequence[str], sign: str) -> list[int]:
    widths: list[int] = []
    try:
        for record in csv.reader(iter(lines), delimiter=sign, strict=True, skipinitialspace=True):
            if any(cell.strip() for cell in record):
                widths.append(len(record))
            if len(widths) >= HEAD_ROWS:
                break
    except csv.Error:
        # The last lines of the head may be cut inside quotation marks: what came before them counts.
        pass
    return widths


def header_row(head: Sequence[tuple[int, list[str]]]) -> int:
    """The number of the row that names the columns; 0 when the first full row already is data."""
    if not head:
        return 0
    filled = [sum(1 for cell in cells if cell.strip()) for _, cells in head]
    usual = max(Counter(filled).items(), key=lambda item: (item[1], item[0]))[0]
    for (row, cells), width in zip(head, filled, strict=True):
        # A title above the table fills one cell; the row of names fills most of them.
        if width * 2 <= usual and usual > 1:
            continue
        return row if _names(cells) else 0
    return 0


def _names(cells: Iterable[str]) -> bool:
    kinds = [kind_of_cell(cell) for cell in cells if cell.strip()]
    return bool(kinds) and all(kind in ("text", "boolean") for kind in kinds)


def control_share(head: bytes) -> float:
    """How much of the head is control bytes, which no text has: 0 to 1."""
    odd = sum(head.count(byte) for byte in range(32) if byte not in b"\t\n\v\f\r\x1a\x1b")
    return odd / len(head) if head else 0.0


def plain(name: str) -> str:
    """A column's name without invisible signs and doubled spaces."""
    return " ".join("".join(char for char in name if unicodedata.category(char) not in ("Cc", "Cf", "Cs")).split())
