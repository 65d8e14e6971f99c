"""Workbooks nobody should send, and somebody will."""

import io
import zipfile
from collections.abc import Callable, Iterator

from files.books import book, container, packed, parts, shared, sheet
from files.expected import Hostile, Read, Refused

_NAMES = ["Name", "City"]
_ANA = ["Ana", "Kranj"]
_ENTITY = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>\n'
_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>\n"
)


def _changed(change: Callable[[dict[str, str | bytes]], None], *rows: list[object]) -> bytes:
    """A sound workbook with one part changed by hand."""
    made = parts({"Sheet1": sheet(rows or (_NAMES, _ANA))}, texts=shared(["<t>Name</t>", "<t>Ana</t>"]))
    change(made)
    return packed(made)


def _with(part: str, content: str | bytes) -> Callable[[], bytes]:
    return lambda: _changed(lambda made: made.update({part: content}))


def _replaced(part: str, old: str, new: str) -> Callable[[], bytes]:
    def change(made: dict[str, str | bytes]) -> None:
        text = made[part]
        assert isinstance(text, str)
        assert old in text
        made[part] = text.replace(old, new)

    return lambda: _changed(change)


def _without(part: str) -> Callable[[], bytes]:
    def change(made: dict[str, str | bytes]) -> None:
        del made[part]

    return lambda: _changed(change)


def _bomb() -> bytes:
    """One sheet of a gigabyte of spaces: about a megabyte to send."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts({"Sheet1": sheet([_NAMES])}).items():
            if not name.startswith("xl/worksheets"):
                archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(1024):
                part.write(b" " * 1024 * 1024)
    return out.getvalue()


def _nested_bomb() -> bytes:
    """A zip of zips of zips: nothing in it is ever opened twice, and the outer one alone is too much."""
    inner = bytes(64 * 1024 * 1024)
    for depth in range(3):
        inner = packed({f"{depth}.{copy}.zip": inner for copy in range(2)})
    return _changed(lambda made: made.update({"xl/media/x.zip": inner}))


def _liar() -> bytes:
    """A part that says it is of 100 bytes and unpacks to more."""
    whole = bytearray(book([_NAMES, *[_ANA] * 5_000]))
    at = whole.rindex(b"PK\x01\x02", 0, whole.index(b"xl/worksheets/sheet1.xml", whole.index(b"PK\x01\x02")))
    whole[at + 24 : at + 28] = (100).to_bytes(4, "little")
    return bytes(whole)


def _locked_part() -> bytes:
    whole = bytearray(book([_NAMES, _ANA]))
    at = whole.index(b"PK\x01\x02")
    whole[at + 8] |= 1
    return bytes(whole)


def _many(count: int) -> Iterator[list[object]]:
    yield list(_NAMES)
    for _ in range(count):
        yield list(_ANA)


def _deep() -> bytes:
    return _changed(lambda made: made.update({"xl/worksheets/sheet1.xml": "<worksheet>" + "<a>" * 2_000_000}))


def _sheets(states: dict[str, str], rows: dict[str, list[list[object]]]) -> bytes:
    return packed(parts({name: sheet(rows.get(name, [])) for name in states}, states))


_TWO: list[list[object]] = [list(_NAMES), list(_ANA)]

BOOKS: dict[str, Hostile] = {
    "a zip bomb": Hostile("bomb.xlsx", _bomb, Refused("too_large_unpacked")),
    "a zip bomb in zips": Hostile("nest.xlsx", _nested_bomb, Read(1, {2: _ANA})),
    "a part larger than it says": Hostile("liar.xlsx", _liar, Refused("broken_file")),
    "50,000 parts": Hostile(
        "parts.xlsx", lambda: packed({f"xl/media/{i}": b"" for i in range(50_000)}), Refused("too_large_unpacked")
    ),
    "elements two million deep": Hostile("deep.xlsx", _deep, Refused("broken_file")),
    "an outside entity in the sheet": Hostile(
        "xxe.xlsx",
        _with("xl/worksheets/sheet1.xml", sheet([_NAMES, ['raw:t="str"><v>&e;</v></c>']], before=_ENTITY)),
        Refused("broken_file"),
    ),
    "an outside entity in the texts": Hostile(
        "xxe.xlsx", _with("xl/sharedStrings.xml", shared(["<t>&e;</t>"], before=_ENTITY)), Refused("broken_file")
    ),
    "an outside entity in the workbook": Hostile(
        "xxe.xlsx", _replaced("xl/workbook.xml", "<workbook ", _ENTITY + "<workbook "), Refused("broken_file")
    ),
    "a billion laughs": Hostile(
        "lol.xlsx", _with("xl/sharedStrings.xml", shared(["<t>&j;</t>"], before=_LAUGHS)), Refused("broken_file")
    ),
    "an entity nobody declared": Hostile(
        "odd.xlsx", _with("xl/sharedStrings.xml", shared(["<t>&nbsp;</t>"])), Refused("broken_file")
    ),
    "a link to another file": Hostile(
        "link.xlsx",
        _replaced(
            "xl/_rels/workbook.xml.rels",
            "</Relationships>",
            '<Relationship Id="x" TargetMode="External" Type="http://x/externalLink" Target="file://10.0.0.1/c$/a.xlsx"/>'
            "</Relationships>",
        ),
        Read(1, {2: _ANA}),
    ),
    "a sheet that is outside": Hostile(
        "out.xlsx",
        _replaced(
            "xl/_rels/workbook.xml.rels",
            'Target="worksheets/sheet1.xml"',
            'TargetMode="External" Target="http://10.0.0.1/sheet1.xml"',
        ),
        Refused("no_such_sheet"),
    ),
    "names that climb out of the zip": Hostile("slip.xlsx", _with("../../../../tmp/slip", b"x"), Read(1, {2: _ANA})),
    "a sheet that points out of the zip": Hostile(
        "slip.xlsx",
        _replaced("xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", "../../../../etc/passwd"),
        Refused("broken_file"),
    ),
    "formulas": Hostile(
        "cmd.xlsx",
        lambda: book(
            [_NAMES, ["raw:t=\"str\"><f>cmd|' /C calc'!A0</f><v>4</v></c>", "raw:><f>1+1</f></c>"], ["=1+1", "b"]]
        ),
        Read(2, {2: ["4", ""], 3: ["=1+1", "b"]}, frozenset({"formulas", "formula_without_value"})),
    ),
    "error cells": Hostile(
        "ref.xlsx",
        lambda: book([_NAMES, ["Ana", 'raw:t="e"><f>A0</f><v>#REF!</v></c>'], ["Bo", 'raw:t="e"><v>#N/A</v></c>']]),
        Read(2, {2: ["Ana", "#REF!"], 3: ["Bo", "#N/A"]}, frozenset({"error_cells", "formulas"})),
    ),
    "merged cells": Hostile(
        "merged.xlsx",
        lambda: packed(
            parts({"S": sheet([_NAMES, _ANA, ["Bo"]], after='<mergeCells><mergeCell ref="B2:B3"/></mergeCells>')})
        ),
        Read(2, {2: _ANA, 3: ["Bo", ""]}, frozenset({"merged_cells"})),
    ),
    "hidden rows": Hostile(
        "rows.xlsx",
        _replaced("xl/worksheets/sheet1.xml", '<row r="2">', '<row r="2" hidden="1">'),
        Read(1, {2: _ANA}, frozenset({"hidden_rows"})),
    ),
    "an empty first sheet": Hostile(
        "first.xlsx",
        lambda: _sheets({"A": "visible", "B": "visible"}, {"B": _TWO}),
        Read(1, {2: _ANA}, frozenset({"empty_sheet"})),
    ),
    "every sheet empty": Hostile(
        "none.xlsx", lambda: _sheets({"A": "visible", "B": "visible"}, {}), Refused("empty_file")
    ),
    "a hidden and a very hidden sheet": Hostile(
        "hidden.xlsx",
        lambda: _sheets({"H": "hidden", "V": "veryHidden", "B": "visible"}, {"H": [["x"]], "V": [["y"]], "B": _TWO}),
        Read(1, {2: _ANA}, frozenset({"hidden_sheets"})),
    ),
    "only hidden sheets": Hostile(
        "dark.xlsx", lambda: _sheets({"H": "hidden", "V": "veryHidden"}, {"H": _TWO}), Refused("no_such_sheet")
    ),
    "no sheets": Hostile("bare.xlsx", lambda: packed(parts({})), Refused("no_such_sheet")),
    "only a header row": Hostile("head.xlsx", lambda: book([_NAMES]), Read(0, {}, columns=("Name", "City"))),
    "dates from 1904": Hostile(
        "mac.xlsx",
        lambda: book([["Name", "Day", "At"], ["Ana", (40000, 1), (40000.5, 2)]], properties='date1904="1"'),
        Read(1, {2: ["Ana", "2013-07-07", "2013-07-07 12:00:00"]}),
    ),
    "dates as numbers, as texts and out of range": Hostile(
        "days.xlsx",
        lambda: book(
            [
                ["Name", "Day"],
                ["a", (45322, 1)],
                ["b", "31.01.2024"],
                ["c", (-5, 1)],
                ["d", (60, 1)],
                ["e", (59, 1)],
                ["f", 'raw:t="d"><v>2024-01-31T10:30:00</v></c>'],
                ["g", (2958465, 1)],
                ["h", (2958466, 1)],
                ["i", (1, 1)],
            ]
        ),
        Read(
            9,
            {
                2: ["a", "2024-01-31"],
                3: ["b", "31.01.2024"],
                4: ["c", "-5"],
                5: ["d", "1900-02-29"],
                6: ["e", "1900-02-28"],
                7: ["f", "2024-01-31 10:30:00"],
                8: ["g", "9999-12-31"],
                9: ["h", "2958466"],
                10: ["i", "1900-01-01"],
            },
            frozenset({"date_out_of_range"}),
        ),
    ),
    "times": Hostile(
        "times.xlsx",
        lambda: book(
            [
                ["Name", "At"],
                ["a", (0.75, 3)],
                ["b", (1.5, 4)],
                ["c", (45322.999999, 2)],
                ["d", (45322.7, 1)],
                ["e", (-0.5, 4)],
            ]
        ),
        Read(
            5,
            {
                2: ["a", "18:00:00"],
                3: ["b", "36:00:00"],
                4: ["c", "2024-02-01 00:00:00"],
                5: ["d", "2024-01-31"],
                6: ["e", "-12:00:00"],
            },
        ),
    ),
    "numbers great, small and with noise": Hostile(
        "numbers.xlsx",
        lambda: book(
            [
                ["Name", "N"],
                ["a", 1.1],
                ["b", 12345678901],
                ["c", 1e300],
                ["d", 1e-300],
                ["e", 0.1 + 0.2],
                ["f", -0.0],
                ["g", 5.0],
                ["h", (7, 6)],
                ["i", (0.125, 5)],
                ["j", 1234567.891],
                ["k", (3, 7)],
                ["l", "raw:><v>1E999999999</v></c>"],
                ["m", "raw:><v>nonsense</v></c>"],
                ["n", 1e20],
                ["o", True],
            ]
        ),
        Read(
            15,
            {
                2: ["a", "1.1"],
                3: ["b", "12345678901"],
                4: ["c", "1e+300"],
                5: ["d", "1e-300"],
                6: ["e", "0.3"],
                7: ["f", "0"],
                8: ["g", "5"],
                9: ["h", "00007"],
                10: ["i", "12.5%"],
                11: ["j", "1234567.891"],
                12: ["k", "3"],
                13: ["l", "1E999999999"],
                14: ["m", "nonsense"],
                15: ["n", "100000000000000000000"],
                16: ["o", "TRUE"],
            },
        ),
    ),
    "numbers as text": Hostile(
        "texts.xlsx",
        lambda: book([["Name", "N"], ["Ana", "007"], ["Bo", "1 234,50"], ["Cid", "12345678901234567890"]]),
        Read(3, {2: ["Ana", "007"], 3: ["Bo", "1 234,50"], 4: ["Cid", "12345678901234567890"]}),
    ),
    "rich, spoken and escaped texts": Hostile(
        "rich.xlsx",
        lambda: packed(
            parts(
                {
                    "S": sheet(
                        [_NAMES, ['raw:t="s"><v>0</v></c>', 'raw:t="s"><v>1</v></c>'], ['raw:t="s"><v>2</v></c>', "x"]]
                    )
                },
                texts=shared(
                    [
                        "<r><t>An</t></r><r><t>a</t></r>",
                        "<t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh>",
                        "<t>a_x000D_b_x0000__xD800_\ufeff</t>",
                    ]
                ),
            )
        ),
        Read(2, {2: ["Ana", "東京"], 3: ["a\rb_x0000__xD800_", "x"]}),
    ),
    "a text that is not there": Hostile(
        "gone.xlsx", lambda: book([_NAMES, ["Ana", 'raw:t="s"><v>7</v></c>']]), Refused("broken_file", 2)
    ),
    "a text of a megabyte": Hostile(
        "long.xlsx", lambda: book([_NAMES, _ANA, ["Bo", "y" * 1_000_000]]), Refused("cell_too_long", 3)
    ),
    "a shared text of a megabyte": Hostile(
        "long.xlsx",
        lambda: packed(
            parts(
                {"S": sheet([_NAMES, ["Ana", 'raw:t="s"><v>0</v></c>']])}, texts=shared([f"<t>{'y' * 1_000_000}</t>"])
            )
        ),
        Refused("cell_too_long", 2),
    ),
    "17,000 columns in a sheet": Hostile("wide.xlsx", lambda: book([["x"] * 17_000]), Refused("too_many_columns", 1)),
    "one cell in the last corner": Hostile(
        "corner.xlsx",
        _replaced(
            "xl/worksheets/sheet1.xml",
            "</sheetData>",
            '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
        ),
        Refused("too_many_columns", 1_048_576),
    ),
    "a million empty rows": Hostile(
        "blank.xlsx",
        _replaced(
            "xl/worksheets/sheet1.xml",
            "</sheetData>",
            "".join(f'<row r="{r}"><c r="A{r}" s="1"/></row>' for r in range(3, 300_000)) + "</sheetData>",
        ),
        Read(1, {2: _ANA}),
    ),
    "300,000 rows in a sheet": Hostile("many.xlsx", lambda: book(_many(300_000)), Refused("too_many_rows", 200_002)),
    "rows out of order": Hostile(
        "order.xlsx", _replaced("xl/worksheets/sheet1.xml", '<row r="2">', '<row r="1">'), Refused("broken_file", 2)
    ),
    "cells without places": Hostile(
        "plain.xlsx",
        _with(
            "xl/worksheets/sheet1.xml",
            '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row>'
            '<x:c t="str"><x:v>Name</x:v></x:c><x:c t="str"><x:v>N</x:v></x:c></x:row><x:row/><x:row>'
            '<x:c t="str"><x:v>Ana</x:v></x:c><x:c><x:v>5.50</x:v></x:c></x:row></x:sheetData></x:worksheet>',
        ),
        Read(1, {3: ["Ana", "5.5"]}),
    ),
    "a cell with an impossible place": Hostile(
        "place.xlsx", _replaced("xl/worksheets/sheet1.xml", 'r="B2"', 'r="ZZZZZ2"'), Refused("broken_file", 2)
    ),
    "a sheet cut in the middle": Hostile(
        "cut.xlsx", _replaced("xl/worksheets/sheet1.xml", "</sheetData></worksheet>", ""), Refused("broken_file")
    ),
    "a truncated zip": Hostile("short.xlsx", lambda: book([_NAMES, *[_ANA] * 500])[:-300], Refused("broken_file")),
    "a zip with a torn part": Hostile(
        "torn.xlsx",
        lambda: (made := book([_NAMES, *[_ANA] * 500]))[:60] + b"\xff" * 40 + made[100:],
        Refused("broken_file"),
    ),
    "only the first bytes of a zip": Hostile("pk.xlsx", lambda: b"PK\x03\x04", Refused("broken_file")),
    "an empty zip": Hostile("zip.xlsx", lambda: packed({}), Refused("not_a_spreadsheet")),
    "a zip of pictures": Hostile("zip.xlsx", lambda: packed({"a.png": b"x"}), Refused("not_a_spreadsheet")),
    "a text document": Hostile("letter.xlsx", _with("xl/workbook.xml", "<document/>"), Refused("not_a_spreadsheet")),
    "a workbook without its sheet": Hostile("gone.xlsx", _without("xl/worksheets/sheet1.xml"), Refused("broken_file")),
    "a workbook without styles": Hostile("plain.xlsx", _without("xl/styles.xml"), Read(1, {2: _ANA})),
    "a zip with a password": Hostile("locked.xlsx", _locked_part, Refused("password_protected")),
    "a workbook with a password": Hostile(
        "secret.xlsx", lambda: container("EncryptionInfo", "EncryptedPackage"), Refused("password_protected")
    ),
    "an Excel file of 1997": Hostile("old.xls", lambda: container("Workbook"), Refused("old_excel")),
}
