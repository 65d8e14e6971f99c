"""How a file was written is told from the file alone, and right."""

import csv
import io
from collections.abc import Sequence

import pytest
from crm_chassis.imports.files import guess
from crm_chassis.imports.files.columns import Columns
from crm_chassis.imports.files.shape import DELIMITERS, Notes
from hypothesis import given, settings
from hypothesis import strategies as st

SLOVENIAN = [
    "Žan Kovač",
    "Špela Čuk",
    "Tjaša Županc",
    "Jože Kočar",
    "Miha Ščuka",
    "Urša Kržič",
    "Nežka Jež",
    "Blaž Šček",
]
RUSSIAN = ["Иван Петров", "Ольга Щукина", "Пётр Ёлкин", "Анна Жукова", "Юрий Цой", "Эмма Быкова", "Фёдор Чехов"]
WESTERN = ["François Hérault", "Jürgen Müßig", "Zoë Çelik", "Søren Åberg", "Hélène Brûlé", "Núria Piñol", "João Simões"]
PAGES = {"cp1250": SLOVENIAN, "cp1251": RUSSIAN, "cp1252": WESTERN, "koi8-r": RUSSIAN, "cp866": RUSSIAN}
# Each has letters that only its own page writes so; a small file may hold none of them.
TELLING = {
    "cp1250": "Špela Žnidaršič", "cp1251": "Щукина Ольга", "cp1252": "Hélène à côté", "koi8-r": "Ольга Щукина",
    "cp866": "Ольга Щукина",
}  # fmt: skip
ASCII = ["Ana", "John Smith", "info@x.org", "12.5", "Main street 5", ""]


@settings(deadline=None)
@given(st.data(), st.sampled_from(sorted(PAGES)))
def test_the_code_page_of_twenty_rows_is_told(data: st.DataObject, page: str) -> None:
    cells = st.sampled_from([*PAGES[page], *ASCII])
    rows = data.draw(st.lists(st.tuples(cells, st.sampled_from(ASCII), cells), min_size=20, max_size=40))
    text = "\r\n".join([TELLING[page], *(";".join(row) for row in rows)])
    head = text.encode(page)
    found = guess.encoding(head, False, head)
    assert found is not None
    assert head.decode(found.name) == text
    assert found.by_letters


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20), min_size=1))
def test_what_is_utf8_is_never_guessed_otherwise(lines: list[str]) -> None:
    head = ("x" * 40 + "\n".join(lines)).encode()
    assert guess.encoding(head, True, head) == guess.Encoding("utf-8")


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_get_some_answer(head: bytes) -> None:
    guess.encoding(head, False, head)
    assert 0 <= guess.control_share(head) <= 1


def _written(rows: Sequence[Sequence[str]], sign: str) -> list[str]:
    out = io.StringIO()
    csv.writer(out, delimiter=sign).writerows(rows)
    return out.getvalue().splitlines(keepends=True)


WORDS = st.sampled_from(["Ana", "Kos, Ana", "a;b", "one|two", "1,5", "7", "", 'the "best"', "Ž", "x y"])


@settings(deadline=None)
@given(st.data(), st.sampled_from(DELIMITERS), st.integers(3, 8), st.integers(5, 30))
def test_the_delimiter_of_a_table_is_told(data: st.DataObject, sign: str, width: int, height: int) -> None:
    header = [f"Name{i}" for i in range(width)]
    rows = data.draw(st.lists(st.lists(WORDS, min_size=width, max_size=width), min_size=height, max_size=height))
    assert guess.delimiter(_written([header, *rows], sign)) == sign


def test_one_column_has_no_delimiter_and_is_read_with_commas() -> None:
    assert guess.delimiter(["Name\n", "Ana\n"]) == ","
    assert guess.delimiter([]) == ","


@settings(deadline=None)
@given(st.lists(st.text(max_size=30), max_size=20))
def test_any_lines_have_some_delimiter(lines: list[str]) -> None:
    assert guess.delimiter(lines) in DELIMITERS


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ([["Name", "City"], ["Ana", "Kranj"]], 1),
        ([["Ana", "5"], ["Bo", "6"]], 0),
        ([["Report"], ["Name", "City", "Sum"], ["Ana", "Kranj", "5"], ["Bo", "Ptuj", "6"]], 2),
        ([["Name"], ["Ana"], ["Bo"]], 1),
        ([["a@x.org"], ["b@x.org"]], 0),
        ([["", "Name", ""], ["1", "Ana", "x"], ["2", "Bo", "y"]], 0),
        ([], 0),
    ],
)
def test_the_header_is_the_first_full_row_of_words(rows: list[list[str]], header: int) -> None:
    found = guess.header_row(list(enumerate(rows, 1)))
    assert found == header


def _columns(*cells: str) -> Columns:
    columns = Columns()
    columns.take([(row, [cell]) for row, cell in enumerate(cells, 2)])
    return columns


def test_one_day_beyond_twelve_decides_for_all() -> None:
    notes = Notes()
    assert _columns("1/2/2024", "3/4/2024", "5/31/2024").date_order("dmy", notes) == "mdy"
    assert _columns("1/2/2024", "3/4/2024", "31/5/2024").date_order("mdy", notes) == "dmy"
    assert notes.all() == ()


def test_days_that_fit_both_orders_take_the_companys() -> None:
    notes = Notes()
    assert _columns("1/2/2024", "3/4/2024").date_order("mdy", notes) == "mdy"
    assert _columns("1/2/2024", "2024-01-31").date_order("dmy", notes) == "dmy"
    assert _columns("2024-01-31", "2024-02-01").date_order("dmy", notes) == "ymd"
    assert notes.all() == ()


def test_days_in_both_orders_are_told_with_the_row_where_they_part() -> None:
    notes = Notes()
    assert _columns("31/1/2024", "30/1/2024", "1/31/2024").date_order("mdy", notes) == "dmy"
    assert [(note.code, note.row) for note in notes.all()] == [("mixed_date_orders", 4)]


def test_a_column_is_of_a_kind_when_nearly_all_of_it_is() -> None:
    kinds = [_columns(*cells).columns(["x"])[0].kind for cells in (["1"] * 9 + ["n/a"], ["1"] * 8 + ["n/a"] * 2, [])]
    assert kinds == ["number", "text", "empty"]
    assert _columns("38640123456", "38640123457").columns(["Telefon"])[0].kind == "phone"
    assert _columns("38640123456", "38640123457").columns(["Sum"])[0].kind == "number"


def test_samples_are_few_distinct_and_short() -> None:
    column = _columns("a", "a", "b" * 300, "c", "d", "e", "f").columns(["x"])[0]
    assert column.samples == ("a", "b" * 100, "c", "d", "e")
