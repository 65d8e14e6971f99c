"""The folder keeps a content whole or not at all, also where the disk is full."""

import errno
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from crm_chassis.ids import new_id
from crm_contacts.files.folder import Folder
from crm_contacts.files.store import NoRoom, StoreFailed


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece


def kept(path: Path) -> list[Path]:
    return [each for each in path.rglob("*") if each.is_file()]


async def test_what_was_kept_is_read_back_in_parts_and_dropped(tmp_path: Path) -> None:
    store, id = Folder(tmp_path / "new"), new_id()
    told = await store.keep(id, pieces(b"ab", b"cd"))
    assert (told.size, told.head) == (4, b"abcd")
    assert [piece async for piece in store.read(id, 1, 3)] == [b"bc"]
    assert await store.has(id)
    await store.drop(id)
    await store.drop(id)
    assert not await store.has(id) and kept(tmp_path) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
async def test_a_full_disk_is_no_room_and_nothing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    class Full(io.FileIO):
        def write(self, _: object) -> int:
            raise OSError(code, "no room")

    monkeypatch.setattr("crm_contacts.files.folder.io.FileIO", Full)
    with pytest.raises(NoRoom) as refused:
        await Folder(tmp_path).keep(new_id(), pieces(b"ab"))
    assert refused.value.status == 507
    assert kept(tmp_path) == []


async def test_room_is_left_for_the_databases(tmp_path: Path) -> None:
    with pytest.raises(NoRoom):
        await Folder(tmp_path, spare=1 << 62).keep(new_id(), pieces(b"ab"))
    assert kept(tmp_path) == []


async def test_a_content_cut_short_is_never_given_as_if_whole(tmp_path: Path) -> None:
    store, id = Folder(tmp_path), new_id()
    await store.keep(id, pieces(b"abcd"))
    (path,) = kept(tmp_path)
    path.write_bytes(b"ab")
    with pytest.raises(StoreFailed):
        _ = [piece async for piece in store.read(id, 0, 4)]


async def test_what_can_not_be_dropped_is_tried_again(tmp_path: Path) -> None:
    store, id = Folder(tmp_path), new_id()
    (tmp_path / id.hex[-2:] / id.hex).mkdir(parents=True)
    with pytest.raises(StoreFailed):
        await store.drop(id)
