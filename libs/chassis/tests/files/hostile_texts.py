"""CSV files nobody should send, and somebody will."""

import random

from files.expected import Hostile, Read, Refused

_SLOVENIAN = [
    "Žiga Kovačič;Ljubljana;Čopova ulica 5",
    "Špela Žnidaršič;Škofja Loka;Cesta na Rožnik",
    "Jože Novak;Kočevje;Glavni trg",
    "Mojca Šuštaršič;Črnomelj;Trg svobode",
    "Anže Čeh;Šentjur;Pod lipo",
    "Uroš Kralj;Žalec;Hmeljarska pot",
]
_RUSSIAN = [
    "Иванов Пётр;Москва;улица Ленина",
    "Щукина Ольга;Тверь;Набережная",
    "Ёлкин Юрий;Санкт-Петербург;Невский проспект",
    "Жукова Анна;Казань;площадь Свободы",
    "Цой Виктор;Якутск;объездная дорога",
    "Хромов Илья;Уфа;съезд № 5",
]
_FRENCH = [
    "Hélène Lefèvre;Orléans;rue du Château",
    "François Côté;Besançon;allée des Chênes",
    "Noël Brûlé;Nîmes;où ça",
    "Zoë Garçon;Mâcon;à côté du théâtre",
    "Gaëlle Évêque;Angoulême;près de la forêt",
    "Jérôme Bœuf;Liège;île aux pêches",
]


def _lines(header: str, lines: list[str], times: int = 4) -> str:
    return "\r\n".join([header, *lines * times]) + "\r\n"


def _cells(line: str) -> list[str]:
    return line.split(";")


def _random_table() -> bytes:
    dice = random.Random(7)
    return bytes(dice.randrange(256) for _ in range(4096))


TEXTS: dict[str, Hostile] = {
    "empty": Hostile("empty.csv", lambda: b"", Refused("empty_file")),
    "only a byte order mark": Hostile("bom.csv", lambda: b"\xef\xbb\xbf", Refused("empty_file")),
    "only blank lines": Hostile("blank.csv", lambda: b"\r\n  \r\n\r\n" * 500, Refused("empty_file")),
    "only separators": Hostile("commas.csv", lambda: b",,,\n,,,\n", Refused("empty_file")),
    "only a header": Hostile(
        "header.csv", lambda: b"Name,Email,City\n", Read(0, {}, columns=("Name", "Email", "City"))
    ),
    "one word": Hostile("word.csv", lambda: b"Name", Read(0, {}, columns=("Name",))),
    "cp1251": Hostile(
        "old.csv",
        lambda: _lines("Имя;Город;Улица", _RUSSIAN).encode("cp1251"),
        Read(24, {2: _cells(_RUSSIAN[0]), 7: _cells(_RUSSIAN[5])}, frozenset({"guessed_encoding"})),
    ),
    "cp1250": Hostile(
        "stara.csv",
        lambda: _lines("Ime;Mesto;Naslov", _SLOVENIAN).encode("cp1250"),
        Read(24, {2: _cells(_SLOVENIAN[0]), 5: _cells(_SLOVENIAN[3])}, frozenset({"guessed_encoding"})),
    ),
    "cp1252": Hostile(
        "vieux.csv",
        lambda: _lines("Nom;Ville;Rue", _FRENCH).encode("cp1252"),
        Read(24, {2: _cells(_FRENCH[0]), 7: _cells(_FRENCH[5])}, frozenset({"guessed_encoding"})),
    ),
    "koi8-r": Hostile(
        "koi.csv",
        lambda: _lines("Имя;Город;Улица", _RUSSIAN).encode("koi8-r", "replace"),
        Read(24, {3: _cells(_RUSSIAN[1])}, frozenset({"guessed_encoding"})),
    ),
    "cp866": Hostile(
        "dos.csv",
        lambda: _lines("Имя;Город;Улица", _RUSSIAN).encode("cp866"),
        Read(24, {3: _cells(_RUSSIAN[1])}, frozenset({"guessed_encoding"})),
    ),
    "utf-16 with its mark": Hostile(
        "wide.csv", lambda: _lines("Имя;Город;Улица", _RUSSIAN).encode("utf-16"), Read(24, {2: _cells(_RUSSIAN[0])})
    ),
    "utf-16 without its mark": Hostile(
        "wide.csv",
        lambda: _lines("Name;City", ["Ana;Maribor", "Žiga;Kranj"]).encode("utf-16-le"),
        Read(8, {3: ["Žiga", "Kranj"]}),
    ),
    "utf-16 cut in a letter": Hostile(
        "cut.csv", lambda: "Name;City\nAna;Kranj\n".encode("utf-16")[:-1], Refused("unknown_encoding", 2)
    ),
    "utf-8 and cp1251 mixed": Hostile(
        "two.csv",
        lambda: _lines("Имя;Город;Улица", _RUSSIAN, 1).encode() + _lines(_RUSSIAN[0], _RUSSIAN[1:], 1).encode("cp1251"),
        Refused("unknown_encoding", 8),
    ),
    "utf-8 with one torn letter": Hostile(
        "torn.csv",
        lambda: "Name,City\nŽiga,Kranj\nAn\xc4,Ptuj\n".encode().replace(b"An\xc3\x84", b"An\xc4"),
        Refused("unknown_encoding", 3),
    ),
    "a lone surrogate as utf-8": Hostile(
        "half.csv", lambda: "Имя,Город\nАня,Тверь\n".encode() + b"Bo\xed\xa0\x80b,X\n", Refused("unknown_encoding", 3)
    ),
    "a lone surrogate as utf-16": Hostile(
        "half.csv",
        lambda: "Name;City\nAna;Kranj\nBo;\ud800x\n".encode("utf-16", "surrogatepass"),
        Refused("unknown_encoding", 3),
    ),
    "a NUL byte": Hostile(
        "nul.csv", lambda: b"Name,City\nAna,Kranj\nB\0o,Ptuj\n" + b"Cid,Celje\n" * 40, Refused("nul_character", 3)
    ),
    "a byte order mark in the middle": Hostile(
        "joined.csv",
        lambda: "\ufeffName,City\nAna,Kranj\n\ufeffBo,Ptuj\n".encode(),
        Read(2, {3: ["Bo", "Ptuj"]}, frozenset({"mark_inside"}), ("Name", "City")),
    ),
    "only carriage returns": Hostile(
        "mac.csv", lambda: b"Name,City\rAna,Kranj\rBo,Ptuj\r", Read(2, {2: ["Ana", "Kranj"], 3: ["Bo", "Ptuj"]})
    ),
    "mixed line ends": Hostile(
        "ends.csv",
        lambda: b"Name,City\r\nAna,Kranj\nBo,Ptuj\rCid,Celje",
        Read(3, {3: ["Bo", "Ptuj"], 4: ["Cid", "Celje"]}),
    ),
    "line breaks inside cells": Hostile(
        "notes.csv",
        lambda: b'Name,Note\nAna,"one\ntwo\r\nthree"\nBo,x\n',
        Read(2, {2: ["Ana", "one\ntwo\r\nthree"], 3: ["Bo", "x"]}),
    ),
    "an unclosed quotation mark": Hostile(
        "open.csv", lambda: b'Name,City\nAna,Kranj\n"Bo,Ptuj\nCid,Celje\n', Refused("unclosed_quotation", 3)
    ),
    "an unclosed quotation mark early in a long file": Hostile(
        "open.csv",
        lambda: b'Name,City\nAna,Kranj\n"Bo,Ptuj\n' + b"Cid,Celje\n" * 5000,
        Refused("unclosed_quotation", 3),
    ),
    "a quotation mark closed rows later": Hostile(
        "late.csv", lambda: b'Name,City\n"Bo,Ptuj\nCid,Celje\n"Ana",Kranj\n', Refused("unclosed_quotation", 2)
    ),
    "a tab file with quotation marks": Hostile(
        "tabs.tsv",
        lambda: b'Name\tSize\n"Ana ""A"" Kos"\t12" wide\n"a\tb"\t7\n',
        Read(2, {2: ['Ana "A" Kos', '12" wide'], 3: ["a\tb", "7"]}),
    ),
    "ragged rows": Hostile(
        "ragged.csv",
        lambda: b"A,B,C\n1,2,3\n1,2\n1,2,3,4,5\n\n9,9,9\n",
        Read(
            4,
            {3: ["1", "2", ""], 4: ["1", "2", "3", "4", "5"]},
            frozenset({"ragged_rows"}),
            ("A", "B", "C", "Column 4", "Column 5"),
        ),
    ),
    "the same name twice, and none": Hostile(
        "twice.csv",
        lambda: b"Tel,tel,,Name\n1,2,3,x\n",
        Read(
            1,
            {2: ["1", "2", "3", "x"]},
            frozenset({"duplicate_header", "empty_header"}),
            ("Tel", "tel (2)", "Column 3", "Name"),
        ),
    ),
    "semicolons and decimal commas": Hostile(
        "sums.csv",
        lambda: b"a;b;c\n1,5;2,5;3,5\n4,25;1.000,5;6,5\n7,5;8,5;9,5\n",
        Read(3, {3: ["4,25", "1.000,5", "6,5"]}, columns=("a", "b", "c")),
    ),
    "a word to the spreadsheet program": Hostile(
        "sep.csv",
        lambda: b"sep=|\r\nName|City\r\nAna|Kranj\r\n",
        Read(1, {3: ["Ana", "Kranj"]}, columns=("Name", "City")),
    ),
    "a title above the table": Hostile(
        "title.csv",
        lambda: b"Report of May,,\n,,\nName,City,Sum\nAna,Kranj,5\nBo,Ptuj,6\n",
        Read(2, {4: ["Ana", "Kranj", "5"]}, frozenset({"rows_above_header"}), ("Name", "City", "Sum")),
    ),
    "no header": Hostile(
        "bare.csv",
        lambda: b"Ana,a@x.org,5\nBo,b@x.org,6\n",
        Read(2, {1: ["Ana", "a@x.org", "5"]}, columns=("Column 1", "Column 2", "Column 3")),
    ),
    "days and months in both orders": Hostile(
        "days.csv",
        lambda: b"Name,Day\na,31/01/2024\nb,01/31/2024\nc,28/02/2024\n",
        Read(3, {3: ["b", "01/31/2024"]}, frozenset({"mixed_date_orders"})),
    ),
    "commas and points as decimals": Hostile(
        "signs.csv",
        lambda: b"Name;Sum\na;1,5\nb;2.5\nc;3,5\n",
        Read(3, {3: ["b", "2.5"]}, frozenset({"mixed_decimal_signs"})),
    ),
    "a formula": Hostile(
        "cmd.csv",
        lambda: b"Name,Note\n=cmd|' /C calc'!A0,@SUM(1)\n+1,-2\n",
        Read(2, {2: ["=cmd|' /C calc'!A0", "@SUM(1)"], 3: ["+1", "-2"]}),
    ),
    "text from right to left": Hostile(
        "rtl.csv",
        lambda: "שם,עיר\nדוד,חיפה\nمحمد,\u202eالقاهرة\u202c\n".encode(),
        Read(2, {2: ["דוד", "חיפה"], 3: ["محمد", "\u202eالقاهرة\u202c"]}),
    ),
    "letters beyond the first plane": Hostile(
        "emoji.csv", lambda: "Name,Note\n😀 Ana,👩‍👩‍👧\n𝒜,é\n".encode(), Read(2, {2: ["😀 Ana", "👩‍👩‍👧"]})
    ),
    "a cell of a megabyte": Hostile(
        "long.csv", lambda: b"Name,Note\nAna,x\nBo," + b"y" * 1_000_000 + b"\n", Refused("cell_too_long", 3)
    ),
    "a line of 40 megabytes": Hostile("line.csv", lambda: b"Name\n" + b"y" * 40_000_000, Refused("cell_too_long", 2)),
    "17,000 columns": Hostile(
        "wide.csv", lambda: b"Name\n" + b",".join([b"1"] * 17_000) + b"\n", Refused("too_many_columns", 2)
    ),
    "17,000 empty columns": Hostile(
        "wide.csv", lambda: b"Name,B" + b"," * 17_000 + b"\nAna,1" + b"," * 17_000, Read(1, {2: ["Ana", "1"]})
    ),
    "300,000 rows": Hostile(
        "many.csv", lambda: b"Name,City\n" + b"Ana,Kranj\n" * 300_000, Refused("too_many_rows", 200_002)
    ),
    "two million blank lines": Hostile(
        "gap.csv",
        lambda: b"Name,City\nAna,Kranj\n" + b"\n" * 2_000_000 + b"Bo,Ptuj\n",
        Read(2, {2: ["Ana", "Kranj"], 2_000_003: ["Bo", "Ptuj"]}),
    ),
    "larger than may be sent": Hostile("large.csv", lambda: b"Ana,1\n" * 9_000_000, Refused("file_too_large")),
    "a web page": Hostile(
        "page.csv",
        lambda: b"\n <!DOCTYPE html><html><body><table><tr><td>Ana</td></tr></table>",
        Refused("not_a_spreadsheet"),
    ),
    "an XML spreadsheet of 2003": Hostile(
        "book.xls", lambda: b'<?xml version="1.0"?><Workbook><Worksheet/></Workbook>', Refused("not_a_spreadsheet")
    ),
    "dice": Hostile("dice.csv", _random_table, Refused("not_a_spreadsheet")),
    "a picture called .xlsx": Hostile(
        "photo.xlsx", lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200), Refused("not_a_spreadsheet")
    ),
    "a gzip called .csv": Hostile("zip.csv", lambda: b"\x1f\x8b\x08\0" + bytes(100), Refused("not_a_spreadsheet")),
    "text called .xlsx": Hostile(
        "text.xlsx", lambda: b"Name,City\nAna,Kranj\n", Read(1, {2: ["Ana", "Kranj"]}, frozenset({"other_kind"}))
    ),
}
