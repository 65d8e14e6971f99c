"""What an XLSX file says of itself: its sheets, its shared texts, and which numbers are dates."""

import re
from dataclasses import dataclass
from pathlib import Path

from crm_chassis.imports.files.package import Package, beside, elements, local, parse, parser
from crm_chassis.imports.files.shape import MAX_CELL, Unreadable

_ROOT = "_rels/.rels"
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# The formats every spreadsheet program knows by number only (ECMA-376, 18.8.30; 27 to 58 are East Asian dates).
_BUILT_IN = {
    9: "%", 10: "%", 14: "d", 15: "d", 16: "d", 17: "d", 18: "t", 19: "t", 20: "t", 21: "t", 22: "dt",
    **dict.fromkeys((*range(27, 32), 36, *range(50, 59)), "d"), **dict.fromkeys(range(32, 36), "t"),
    45: "t", 46: "e", 47: "t",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet: its name, its part and whether a person sees its tab."""

    name: str
    part: str
    visible: bool


class Workbook:
    """An open workbook. `shared` holds None for a text that is longer than a cell may be."""

    def __init__(self, path: Path) -> None:
        self.package = Package(path)
        part = self._root()
        self.sheets, self.epoch_1904 = self._sheets(part)
        if not self.sheets:
            raise Unreadable("no_such_sheet", "the workbook has no sheet of cells")
        self._relations_of = part
        self.shared = self._shared()
        self.styles = self._styles()

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Id → (kind, part) of what a part points at inside the package; links to the outside are never followed."""
        folder, _, name = part.rpartition("/")
        found: dict[str, tuple[str, str]] = {}
        rels = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        if rels not in self.package:
            return found
        with self.package.open(rels) as stream:
            for tag, attributes in elements(stream):
                if tag == "Relationship" and attributes is not None and attributes.get("TargetMode") != "External":
                    kind = attributes.get("Type", "").rpartition("/")[2]
                    found[attributes.get("Id", "")] = kind, beside(part, attributes.get("Target", ""))
        return found

    def _root(self) -> str:
        targets = self._relations("").values()
        part = next((target for kind, target in targets if kind == "officeDocument"), "xl/workbook.xml")
        if part not in self.package or not part.lower().endswith(".xml"):
            raise Unreadable("not_a_spreadsheet", "the file is an archive, not an .xlsx workbook")
        return part

    def _sheets(self, part: str) -> tuple[list[Sheet], bool]:
        relations = self._relations(part)
        sheets, epoch_1904, is_workbook = [], False, False
        with self.package.open(part) as stream:
            for tag, attributes in elements(stream):
                if attributes is None:
                    continue
                is_workbook = is_workbook or tag == "workbook"
                if tag == "workbookPr":
                    epoch_1904 = attributes.get("date1904", "0") in ("1", "true", "on")
                elif tag == "sheet":
                    kind, target = relations.get(attributes.get("id", ""), ("", ""))
                    if kind == "worksheet":
                        visible = attributes.get("state", "visible") == "visible"
                        sheets.append(Sheet(attributes.get("name", ""), target, visible))
        if not is_workbook:
            raise Unreadable("not_a_spreadsheet", "the file is a document of another program")
        return sheets, epoch_1904

    def _part(self, kind: str) -> str | None:
        targets = self._relations(self._relations_of).values()
        return next((part for found, part in targets if found == kind and part in self.package), None)

    def _shared(self) -> list[str | None]:
        part = self._part("sharedStrings")
        texts: list[str | None] = []
        if part is None:
            return texts
        pieces: list[str] = []
        length = 0
        # Within a text, and not in the small signs above it that tell how to pronounce it.
        spoken, inside = 0, False

        def start(name: str, _: dict[str, str]) -> None:
            nonlocal spoken, inside, length
            tag = local(name)
            if tag == "si":
                pieces.clear()
                length = 0
            elif tag == "rPh":
                spoken += 1
            elif tag == "t" and not spoken:
                inside = True

        def end(name: str) -> None:
            nonlocal spoken, inside
            tag = local(name)
            if tag == "t":
                inside = False
            elif tag == "rPh":
                spoken -= 1
            elif tag == "si":
                texts.append(unescaped("".join(pieces)) if length <= MAX_CELL else None)

        def chars(text: str) -> None:
            nonlocal length
            if inside:
                length += len(text)
                if length <= MAX_CELL:
                    pieces.append(text)

        xml = parser()
        xml.StartElementHandler, xml.EndElementHandler, xml.CharacterDataHandler = start, end, chars
        with self.package.open(part) as stream:
            for _ in parse(stream, xml):
                pass
        return texts

    def _styles(self) -> list[str]:
        """How the cells of each style are shown: see `shown_as`."""
        part = self._part("styles")
        styles: list[str] = []
        if part is None:
            return styles
        codes: dict[str, str] = {}
        within = False
        with self.package.open(part) as stream:
            for tag, attributes in elements(stream):
                if tag == "cellXfs":
                    within = attributes is not None
                elif attributes is None:
                    continue
                elif tag == "numFmt":
                    codes[attributes.get("numFmtId", "")] = shown_as(attributes.get("formatCode", ""))
                elif tag == "xf" and within:
                    number = attributes.get("numFmtId", "0")
                    known = _BUILT_IN.get(int(number), "") if number.isascii() and number.isdigit() else ""
                    styles.append(codes.get(number, known))
        return styles


def shown_as(code: str) -> str:
    """What a number format shows: "d" a day, "t" a time of day, "dt" both, "e" time elapsed, "%", zeros as they stand
    ("00000": a number filled up to five figures), and "" a plain number."""
    section = code.partition(";")[0]
    bare = _QUOTED.sub("", section).lower()
    if _ELAPSED.search(bare):
        return "e"
    if "general" in bare:
        return ""
    day, time = "d" in bare or "y" in bare, "h" in bare or "s" in bare
    if day or time or "m" in bare:
        return "dt" if day and time else "t" if time else "d"
    if "%" in bare:
        return "%"
    return bare if bare and not bare.strip("0") and len(bare) > 1 and bare == section else ""


def unescaped(text: str) -> str:
    """The text with `_x000D_` and its like read as the letters they stand for, where they stand for any."""
    if "_x" not in text:
        return text

    def letter(found: re.Match[str]) -> str:
        code = int(found[1], 16)
        # A NUL and half of a pair are no letters: they stay as they are written.
        return found[0] if code == 0 or 0xD800 <= code <= 0xDFFF else chr(code)

    return _ESCAPED.sub(letter, text)
