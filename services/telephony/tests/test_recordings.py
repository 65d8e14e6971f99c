"""Recordings are fetched from wherever the PBX has them, kept, shown on their call, and heard by who may."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from crm_chassis.access.principal import Principal
from crm_chassis.context import Story, telling
from crm_chassis.testing import eventually, nobody, salesperson
from crm_contracts.telephony import CALL_UPDATED, RECORDING_FAILED, RECORDING_STORED
from crm_telephony.adapters.emulated.generic_pbx import answered_call, event
from crm_telephony.recordings.worker import fetch_next

from .office import NOUNS, Office, Pbx, call_event, new_phone
from .storehouse import Storehouse, sound, storehouse

WAV = sound()


@pytest.fixture
async def house() -> AsyncIterator[Storehouse]:
    async with storehouse() as house:
        yield house


async def connected(office: Office, house: Storehouse, ann: Principal | None = None) -> Pbx:
    return await office.pbx("generic", desks={"101": ann} if ann else None, api_url=house.url)


async def talked(office: Office, pbx: Pbx) -> str:
    """The vendor's id of a call that was answered and is over."""
    events = answered_call(f"+{new_phone()}", pbx.line, ["101"], time.time() - 9, ring_s=1, talk_s=8)
    for one in events:
        assert (await office.generic_hook(pbx, one)).status_code == 200
    return str(events[0]["call_id"])


async def ready(office: Office, pbx: Pbx, call: str, url: str, **more: Any) -> None:
    told = event("recording.ready", call, time.time(), recording_url=url, **more)
    answer = await office.generic_hook(pbx, told)
    assert answer.status_code == 200, answer.text


async def recording(office: Office, pbx: Pbx, **wanted: Any) -> dict[str, Any]:
    """The one recording of the connection, once it is as wanted."""

    async def there() -> dict[str, Any] | None:
        rows = await office.rows("SELECT * FROM call_recording WHERE connection_id = :id", id=pbx.id)
        assert len(rows) <= 1, rows
        return rows[0] if rows and all(rows[0][name] == value for name, value in wanted.items()) else None

    found: dict[str, Any] = await eventually(there)
    return found


def folder(office: Office) -> Path:
    where: Path = office.harness.runtime.settings.telephony_recordings_dir
    return where


async def stored(office: Office, house: Storehouse, ann: Principal) -> dict[str, Any]:
    """A call of Ann's with a kept recording."""
    pbx = await connected(office, house, ann)
    await ready(office, pbx, await talked(office, pbx), f"{house.url}/sound.wav", duration=3)
    return await office.call(pbx, recording_state="stored", phase="ended")


async def test_a_recording_is_kept_told_and_shown_on_its_call(office: Office, house: Storehouse) -> None:
    ann = await office.user("call:listen")
    pbx = await connected(office, house, ann)
    await ready(office, pbx, await talked(office, pbx), f"{house.url}/twice?secret=key", duration="2.6")
    call = await office.call(pbx, recording_state="stored", phase="ended")
    row = await recording(office, pbx, state="stored")
    assert (row["mime"], row["duration_s"], row["bytes"], row["attempts"]) == ("audio/wav", 3, len(WAV), 1)
    assert row["sha256"] == hashlib.sha256(WAV).hexdigest()
    assert house.asked == ["/twice?secret=key", "/once", "/sound.wav?token=a"]
    assert not any(b"authorization" in head.lower() or b"cookie" in head.lower() for head in house.heads)

    wanted = {"state": "stored", "duration_s": 3, "reason": None}
    one = await office.get(f"/calls/{call['id']}", ann)
    listed = await office.get("/calls", ann, phone=call["phone_e164"])
    (item,) = listed.json()["items"]
    assert one.json()["recording"] == item["recording"] == wanted
    assert not any(text in answer.text for answer in (one, listed) for text in ("secret", "127.0.0.1"))
    last = (await office.news(call["id"]))[-1]
    assert (last.type, last.data["recording"], last.data["changed"]) == (CALL_UPDATED, wanted, ["recording"])
    assert (last.sequence, last.correlationid) == (call["version"], call["correlation_id"])
    (told,) = [one for one in await office.harness.recorded(RECORDING_STORED) if one.data["id"] == str(row["id"])]
    assert (told.data["call_id"], told.data["state"], told.data["sha256"]) == (str(call["id"]), "stored", row["sha256"])
    assert "secret" not in told.model_dump_json()


async def test_a_recording_may_come_before_its_call_and_be_told_of_thrice(office: Office, house: Storehouse) -> None:
    ann = await office.user()
    pbx = await connected(office, house, ann)
    *before, end = answered_call(f"+{new_phone()}", pbx.line, ["101"], time.time() - 9, ring_s=1, talk_s=8)
    call_id = before[0]["call_id"]
    for _ in range(3):
        await ready(office, pbx, call_id, f"{house.url}/sound.wav", recording_id="r1")
    row = await recording(office, pbx, state="stored")
    assert await office.rows('SELECT 1 FROM "call" WHERE connection_id = :id', id=pbx.id) == []
    for one in (end, *before):
        await office.generic_hook(pbx, one)
    call = await office.call(pbx, phase="ended", recording_state="stored")
    assert call["recording_id"] == row["id"]
    assert call["recording_duration_s"] == 3  # nobody said: as the file is
    assert house.asked == ["/sound.wav"]


async def test_a_call_that_waits_for_its_recording_says_so(office: Office, house: Storehouse) -> None:
    pbx = await connected(office, house, await office.user())
    await ready(office, pbx, await talked(office, pbx), f"{house.url}/slow", duration=3)
    call = await office.call(pbx, recording_state="pending", phase="ended")
    assert (await office.get(f"/calls/{call['id']}")).json()["recording"]["state"] == "pending"
    refused = await office.get(f"/calls/{call['id']}/recording")
    assert (refused.status_code, refused.json()["code"]) == (404, "no_recording")
    house.opened.set()
    await office.call(pbx, recording_state="stored")


@pytest.mark.parametrize(
    ("path", "state", "reason"),
    [
        ("/away", "failed", "forbidden_address"),
        ("/named-so", "failed", "forbidden_address"),
        ("/metadata", "failed", "forbidden_address"),
        ("/octal", "failed", "forbidden_address"),
        ("/file", "failed", "forbidden_address"),
        ("/declared-huge", "failed", "too_large"),
        ("/huge", "failed", "too_large"),
        ("/round", "pending", "refused"),
        ("/page", "pending", "not_audio"),
        ("/empty", "pending", "not_audio"),
        ("/cut", "pending", "broken_off"),
        ("/slow", "pending", "too_slow"),
        ("/forbidden", "pending", "refused"),
        ("/broken", "pending", "unreachable"),
        ("/gone", "pending", "not_there"),
    ],
)
async def test_what_is_wrong_is_not_kept_and_says_why(
    office: Office, house: Storehouse, path: str, state: str, reason: str
) -> None:
    async with storehouse() as inside:
        house.elsewhere = f"{inside.url}/sound.wav"
        pbx = await connected(office, house, await office.user())
        await ready(office, pbx, await talked(office, pbx), house.url + path)
        row = await recording(office, pbx, state=state, reason=reason, attempts=1)
        assert inside.asked == []
    assert (row["sha256"], row["bytes"], row["mime"]) == (None, None, None)
    assert list(folder(office).glob(f"*/{row['id']}*")) == []
    call = await office.call(pbx, recording_state=state, phase="ended")
    shown = (await office.get(f"/calls/{call['id']}")).json()["recording"]
    assert shown == {"state": state, "duration_s": None, "reason": reason if state == "failed" else None}
    failed = [one for one in await office.harness.recorded(RECORDING_FAILED) if one.data["id"] == str(row["id"])]
    assert [one.data["reason"] for one in failed] == ([reason] if state == "failed" else [])
    if state == "pending":
        await office.harness.execute("UPDATE call_recording SET try_after = 'infinity' WHERE id = :id", id=row["id"])


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://localhost/", "http://[::1]/", "http://10.0.0.1/",
                                 "http://2130706433/", "http://0x7f.1/", "http://[::ffff:127.0.0.1]/"])  # fmt: skip
async def test_a_pbx_without_an_address_of_its_own_leads_to_no_inner_machine(office: Office, url: str) -> None:
    pbx = await office.pbx("generic")
    await ready(office, pbx, "c", url)
    row = await recording(office, pbx, state="failed")
    assert (row["reason"], row["attempts"]) == ("forbidden_address", 1)


async def test_one_that_never_comes_is_asked_for_by_the_ladder_and_then_absent(
    office: Office, house: Storehouse
) -> None:
    pbx = await connected(office, house, await office.user())
    await ready(office, pbx, await talked(office, pbx), f"{house.url}/gone")
    row = await recording(office, pbx, state="pending", attempts=1)
    waits: list[timedelta] = []
    while row["try_after"] is not None:
        waits.append(row["try_after"] - row["updated_at"])
        row = await again(office, row["try_after"], pbx)
    assert waits == [timedelta(minutes=m) for m in (1, 5, 30, 180, 1440)]
    assert (row["state"], row["attempts"], len(house.asked)) == ("absent", 6, 6)
    call = await office.call(pbx, recording_state="absent")
    assert call["recording_reason"] == "not_there"
    (told,) = [one for one in await office.harness.recorded(RECORDING_FAILED) if one.data["id"] == str(row["id"])]
    assert (told.data["state"], told.data["call_id"]) == ("absent", str(call["id"]))


async def again(office: Office, at: datetime, pbx: Pbx) -> dict[str, Any]:
    """The connection's recording after the attempt that is due at `at`."""
    before = await recording(office, pbx)
    while (row := await recording(office, pbx))["attempts"] == before["attempts"]:
        with telling(Story.of_system("telephony")):
            assert await fetch_next(office.harness.runtime, at)
    return row


async def test_one_whose_fetcher_was_killed_is_fetched_by_another(office: Office, house: Storehouse) -> None:
    pbx = await connected(office, house)
    await ready(office, pbx, "c", f"{house.url}/gone")
    row = await recording(office, pbx, state="pending", attempts=1)
    lost = uuid4()
    await office.harness.execute(
        "UPDATE call_recording SET state = 'fetching', claim = :claim, url = :url,"
        " try_after = clock_timestamp() + interval '0.3 s' WHERE id = :id",
        id=row["id"], claim=lost, url=f"{house.url}/sound.wav",
    )  # fmt: skip
    found = await recording(office, pbx, state="stored")
    assert found["attempts"] == 2 and found["claim"] is None


async def test_every_part_of_a_recording_can_be_had(office: Office, house: Storehouse) -> None:
    ann = await office.user("call:listen")
    call = await stored(office, house, ann)

    async def ask(**headers: str) -> httpx.Response:
        path = f"/api/v1/calls/{call['id']}/recording"
        return await office.client.get(path, headers=office.harness.headers(ann, **headers))

    whole = await ask()
    etag = f'"{hashlib.sha256(WAV).hexdigest()}"'
    assert (whole.status_code, whole.content) == (200, WAV)
    assert whole.headers["content-type"] == "audio/wav"
    assert whole.headers["cache-control"] == "private, no-store"
    assert (whole.headers["accept-ranges"], whole.headers["etag"]) == ("bytes", etag)
    assert whole.headers["content-disposition"].startswith('inline; filename="call-2')
    size = len(WAV)
    for asked, first, last in (
        ("0-0", 0, 0),
        ("100-", 100, size - 1),
        ("-7", size - 7, size - 1),
        ("5-999999", 5, size - 1),
    ):
        part = await ask(range=f"bytes={asked}")
        assert (part.status_code, part.content) == (206, WAV[first : last + 1])
        assert part.headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert int(part.headers["content-length"]) == len(part.content)
    assert (await ask(range="bytes=1-2", if_range=etag)).status_code == 206
    assert (await ask(range="bytes=1-2", if_range='"other"')).status_code == 200
    assert (await ask(range="bytes=0-1,5-6")).content == WAV
    beyond = await ask(range=f"bytes={size}-")
    assert (beyond.status_code, beyond.json()["code"]) == (416, "no_such_part")
    assert beyond.headers["content-range"] == f"bytes */{size}"


async def test_who_heard_what_from_where_is_on_record(office: Office, house: Storehouse) -> None:
    ann = await office.user("call:listen")
    call = await stored(office, house, ann)
    headers = office.harness.headers(ann, range="bytes=500-", x_internal_client="93.184.216.34")
    with office.harness.statements() as statements:
        await office.client.get(f"/api/v1/calls/{call['id']}/recording", headers=headers)
    assert len(statements) <= 5, statements
    plays = await office.rows("SELECT * FROM recording_play WHERE call_id = :id", id=call["id"])
    assert [(play["user_id"], play["remote_ip"], play["first_byte"]) for play in plays] == [
        (ann.id, "93.184.216.34", 500)
    ]
    assert plays[0]["recording_id"] == call["recording_id"] and plays[0]["played_at"] is not None


async def test_only_who_sees_the_call_learns_of_it_and_only_who_may_listen_hears(
    office: Office, house: Storehouse
) -> None:
    ann = await office.user("call:listen")
    call = await stored(office, house, ann)
    reader = salesperson(NOUNS, id=ann.id)
    for who, status in ((nobody(), 404), (await office.user("call:listen"), 404), (reader, 403), (ann, 200)):
        answer = await office.get(f"/calls/{call['id']}/recording", who)
        assert answer.status_code == status, answer.text
    random = await office.get(f"/calls/{uuid4()}/recording", nobody())
    hidden = await office.get(f"/calls/{call['id']}/recording", nobody())
    assert random.json() | {"correlation_id": ""} == hidden.json() | {"correlation_id": ""}
    plays = await office.rows("SELECT user_id FROM recording_play WHERE call_id = :id", id=call["id"])
    assert [play["user_id"] for play in plays] == [ann.id]


async def test_a_file_that_is_gone_is_said_to_be_lost(office: Office, house: Storehouse) -> None:
    ann = await office.user("call:listen")
    call = await stored(office, house, ann)
    (file,) = folder(office).glob(f"*/{call['recording_id']}")
    await asyncio.to_thread(file.write_bytes, WAV[:-1])
    answer = await office.get(f"/calls/{call['id']}/recording", ann)
    assert (answer.status_code, answer.json()["code"]) == (410, "recording_lost")


async def test_a_mango_recording_is_looked_for_when_it_is_complete(office: Office, house: Storehouse) -> None:
    pbx = await office.pbx(api_url=f"{house.url}/vpbx")
    await office.hook(pbx, "events/call", call_event(pbx, "Appeared", entry="E1"))
    told = {"recording_id": "r1", "call_id": "L1", "entry_id": "E1", "extension": "101", "timestamp": "1399906976"}
    for seq, state in enumerate(("Started", "Continued", "Completed"), start=1):
        body = told | {"recording_state": state, "seq": seq, "completion_code": 1000}
        assert (await office.hook(pbx, "events/recording", body)).status_code == 200
    assert (await office.hook(pbx, "events/record/added", told)).status_code == 200
    row = await recording(office, pbx, reason="not_there")
    assert row["vendor_recording_id"] == "r1" and row["url"] == ""
    assert [path.rpartition("/play/")[0] for path in house.asked] == ["/vpbx/queries/recording/link/r1"]
    await office.call(pbx, recording_state="pending")
