"""XLSX files put together by hand, part by part, so that any part can be wrong."""

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

ROOT_RELS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}">'
    f'<Relationship Id="r1" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
# One style of each kind the reader tells: plain, day, day and time, time, elapsed, percent, five figures, words.
FORMATS = ("General", "dd/mm/yyyy", "d mmm yy h:mm", "h:mm:ss", "[h]:mm", "0.0%", "00000", '"day "0')


def column(index: int) -> str:
    """The letters of a column: 0 is A."""
    letters = ""
    while index >= 0:
        index, rest = divmod(index, 26)
        letters = chr(65 + rest) + letters
        index -= 1
    return letters


def escaped(text: str) -> str:
    """The text as it stands in XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def cell(value: object, style: int = 0) -> str:
    """The inside of one cell element, from its type on; a str that starts with "<" or "t=" is taken as it is."""
    if value is None:
        return f's="{style}"/>'
    if isinstance(value, bool):
        return f't="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f's="{style}"><v>{value!r}</v></c>'
    return f't="inlineStr"><is><t xml:space="preserve">{escaped(str(value))}</t></is></c>'


def data(rows: Iterable[Sequence[object]], first: int = 1) -> str:
    """The rows of a sheet; a pair is (value, style), a str that starts with "raw:" the inside of its element."""
    lines = []
    for number, row in enumerate(rows, first):
        cells = []
        for index, value in enumerate(row):
            if isinstance(value, str) and value.startswith("raw:"):
                inside = value[4:]
            else:
                inside = cell(*value) if isinstance(value, tuple) else cell(value)
            cells.append(f'<c r="{column(index)}{number}" {inside}')
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return "".join(lines)


def sheet(rows: Iterable[Sequence[object]] = (), after: str = "", before: str = "", first: int = 1) -> str:
    """A worksheet part; `before` stands in front of its root, `after` behind its cells."""
    return f'{_HEAD}{before}<worksheet xmlns="{_MAIN}"><sheetData>{data(rows, first)}</sheetData>{after}</worksheet>'


def shared(texts: Iterable[str], before: str = "") -> str:
    """A part of shared texts, each the inside of its element."""
    inside = "".join(f"<si>{text}</si>" for text in texts)
    return f'{_HEAD}{before}<sst xmlns="{_MAIN}">{inside}</sst>'


def styles(formats: Sequence[str] = FORMATS) -> str:
    """A part with one style for each number format."""
    codes = "".join(f'<numFmt numFmtId="{200 + i}" formatCode="{escaped(code)}"/>' for i, code in enumerate(formats))
    cells = "".join(f'<xf numFmtId="{200 + i}"/>' for i in range(len(formats)))
    # The named styles come first and are none of the cells'.
    return (
        f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts>{codes}</numFmts>'
        f'<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>{cells}</cellXfs></styleSheet>'
    )


def workbook(names: Mapping[str, str], properties: str = "", before: str = "") -> str:
    """The workbook part: name → state of each sheet, in order."""
    tabs = "".join(
        f'<sheet name="{escaped(name)}" sheetId="{i}" state="{state}" r:id="s{i}"/>'
        for i, (name, state) in enumerate(names.items(), 1)
    )
    return (
        f'{_HEAD}{before}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}">'
        f"<workbookPr {properties}/><sheets>{tabs}</sheets></workbook>"
    )


def parts(
    sheets: Mapping[str, str],
    states: Mapping[str, str] | None = None,
    texts: str | None = None,
    properties: str = "",
) -> dict[str, str | bytes]:
    """Every part of a sound workbook: name → XML of each sheet."""
    names = {name: (states or {}).get(name, "visible") for name in sheets}
    links = [
        *(("worksheet", f"s{i}", f"worksheets/sheet{i}.xml") for i in range(1, len(sheets) + 1)),
        ("styles", "st", "styles.xml"),
        *([("sharedStrings", "ss", "/xl/sharedStrings.xml")] if texts is not None else []),
    ]
    relations = "".join(f'<Relationship Id="{id}" Type="{_LINKS}/{kind}" Target="{to}"/>' for kind, id, to in links)
    made: dict[str, str | bytes] = {
        "_rels/.rels": ROOT_RELS,
        "xl/workbook.xml": workbook(names, properties),
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>',
        "xl/styles.xml": styles(),
    }
    for i, xml in enumerate(sheets.values(), 1):
        made[f"xl/worksheets/sheet{i}.xml"] = xml
    if texts is not None:
        made["xl/sharedStrings.xml"] = texts
    return made


def packed(contents: Mapping[str, str | bytes], level: int = 6) -> bytes:
    """The parts as a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return out.getvalue()


def book(rows: Iterable[Sequence[object]], **more: object) -> bytes:
    """A workbook of one sheet called Sheet1."""
    return packed(parts({"Sheet1": sheet(rows)}, **more))  # type: ignore[arg-type]


def container(*names: str) -> bytes:
    """An OLE container (what Office wrote before 2007, and writes with a password) with streams of these names."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header = header.ljust(512, b"\xff")
    entries = b"".join(name.encode("utf-16-le").ljust(64, b"\0") + bytes(64) for name in ("Root Entry", *names))
    return header + entries.ljust(1024, b"\0") + bytes(range(256)) * 8
