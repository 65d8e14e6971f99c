"""Whatever is sent, the answer is rows or a refusal with a code: never another fault, and never a silence."""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest
from crm_chassis.imports.files import reading
from crm_chassis.imports.files.shape import NOTES, REFUSALS, Unreadable
from files.expected import Read, Refused
from files.hostile import HOSTILE
from structlog.testing import capture_logs


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 40


def test_what_they_give_are_words_the_clients_know() -> None:
    expected = [one.expected for one in HOSTILE.values()]
    assert {one.code for one in expected if isinstance(one, Refused)} <= {*REFUSALS}
    assert {note for one in expected if isinstance(one, Read) for note in one.notes} == {*NOTES}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_file_gives_its_rows_or_its_refusal(name: str, tmp_path: Path) -> None:
    hostile = HOSTILE[name]
    path = tmp_path / "upload"
    path.write_bytes(hostile.make())
    logged: list[MutableMapping[str, Any]] = []
    try:
        with capture_logs() as logged:
            found = await reading.outline(path, hostile.file)
            rows = {number: cells async for batch in reading.rows(path, found.format) for number, cells in batch}
    except Unreadable as error:
        assert Refused(error.code, error.row) == hostile.expected
        assert error.message
        # The reader itself said so: it neither failed nor died.
        assert logged == []
        return
    expected = hostile.expected
    assert isinstance(expected, Read), found
    assert len(rows) == found.rows == expected.count
    assert {number: rows.get(number) for number in expected.rows} == expected.rows
    assert {note.code for note in found.notes} == expected.notes
    if expected.columns is not None:
        assert tuple(column.name for column in found.columns) == expected.columns
