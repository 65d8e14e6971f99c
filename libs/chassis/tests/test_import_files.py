"""An uploaded file becomes rows, or is refused by name; the process that reads it never outlives the reading."""

import asyncio
import csv
import io
from contextlib import aclosing, suppress
from pathlib import Path

import pytest
from crm_chassis.imports.files import reading
from crm_chassis.imports.files.shape import Format, Unreadable

PLAIN = Format("csv", "utf-8", ",", None, 1, "dmy", ".")


def _csv(path: Path, *rows: list[str], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


async def _rows(path: Path, shape: Format) -> list[tuple[int, list[str]]]:
    return [row async for batch in reading.rows(path, shape) for row in batch]


async def test_a_file_is_outlined_and_its_rows_come_with_their_numbers(tmp_path: Path) -> None:
    path = _csv(
        tmp_path / "up", ["Name", "Since", "Sum"], ["Ana", "31.01.2024", "1.200,50"], [], ["Bo", "1.2.2024", "7"],
        delimiter=";",
    )  # fmt: skip
    found = await reading.outline(path, "people.csv")
    assert found.format == Format("csv", "utf-8", ";", None, 1, "dmy", ",")
    assert [(column.name, column.kind) for column in found.columns] == [
        ("Name", "text"), ("Since", "date"), ("Sum", "number"),
    ]  # fmt: skip
    assert found.columns[0].samples == ("Ana", "Bo")
    assert (found.rows, found.notes) == (2, ())
    # The blank line between them counts, as it does on the screen.
    assert await _rows(path, found.format) == [(2, ["Ana", "31.01.2024", "1.200,50"]), (4, ["Bo", "1.2.2024", "7"])]


async def test_what_a_person_chose_is_not_guessed(tmp_path: Path) -> None:
    path = _csv(tmp_path / "up", ["a;b", "c"], ["1;2", "03/04/2024"])
    chosen = {"delimiter": ";", "header_row": 0, "date_order": "mdy", "decimal": ","}
    found = await reading.outline(path, "x.csv", chosen)
    assert found.format == Format("csv", "utf-8", ";", None, 0, "mdy", ",")
    assert [column.name for column in found.columns] == ["Column 1", "Column 2"]
    assert found.rows == 2


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ({"encoding": "rot13"}, "unknown_encoding"),
        ({"delimiter": "x"}, "unknown_choice"),
        ({"decimal": "·"}, "unknown_choice"),
        ({"date_order": "ydm"}, "unknown_choice"),
        ({"kind": "xlsx"}, "not_a_spreadsheet"),
        ({"header_row": 9}, "header_missing"),
        ({"header_row": -1}, "header_missing"),
        ({"header_row": "1"}, "header_missing"),
    ],
)
async def test_a_choice_that_can_not_be_is_refused(tmp_path: Path, chosen: dict[str, object], code: str) -> None:
    path = _csv(tmp_path / "up", ["Name"], ["Ana"])
    with pytest.raises(Unreadable) as refused:
        await reading.outline(path, "x.csv", chosen)
    assert refused.value.code == code


def _children() -> set[int]:
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that ended meanwhile has none
            found |= {int(pid) for pid in (task / "children").read_text().split()}
    return found


async def test_the_reader_is_gone_when_the_reading_is_given_up(tmp_path: Path) -> None:
    path = _csv(tmp_path / "up", ["Name"], *[["Ana " * 200]] * 20_000)
    before = _children()
    taken = reading.rows(path, PLAIN)
    assert len(await anext(taken)) > 1
    assert len(_children() - before) == 1
    await taken.aclose()
    assert _children() <= before


async def test_the_reader_is_gone_when_the_reading_is_cancelled(tmp_path: Path) -> None:
    path = _csv(tmp_path / "up", ["Name"], *[["Ana " * 200]] * 20_000)
    before = _children()
    begun = asyncio.Event()

    async def slowly() -> None:
        async with aclosing(reading.rows(path, PLAIN)) as taken:
            async for _ in taken:
                begun.set()
                await asyncio.Event().wait()

    running = asyncio.create_task(slowly())
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert _children() <= before


async def test_the_death_of_the_reader_is_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _csv(tmp_path / "up", ["Name"], ["Ana"])
    # A module that ends at once, as a reader killed by the kernel does.
    monkeypatch.setattr(reading, "_CHILD", "this")
    with pytest.raises(Unreadable) as refused:
        await reading.outline(path, "x.csv")
    assert refused.value.code == "broken_file"


async def test_a_silent_reader_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "silent_reader.py").write_text("import time; time.sleep(600)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(reading, "_CHILD", "silent_reader")
    monkeypatch.setattr(reading, "_PATIENCE_S", 0.2)
    before = _children()
    with pytest.raises(Unreadable) as refused:
        await reading.outline(tmp_path / "up", "x.csv")
    assert refused.value.code == "broken_file"
    assert _children() <= before


async def test_a_reader_out_of_memory_says_that_the_file_is_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "starved_reader.py").write_text(
        "from crm_chassis.imports.files import child\nchild.MEMORY_BYTES = 64 * 1024 * 1024\nchild.main()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(reading, "_CHILD", "starved_reader")
    path = tmp_path / "up"
    path.write_bytes(b"Name\n" + b"y" * 40_000_000)
    with pytest.raises(Unreadable) as refused:
        await reading.outline(path, "x.csv")
    assert refused.value.code == "too_large_unpacked"


async def test_a_file_that_is_gone_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as refused:
        await reading.outline(tmp_path / "nothing", "x.csv")
    assert refused.value.code == "broken_file"
