"""The fetching worker: recordings as they become due, some at once, each claimed for as long as its fetcher lives."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from crm_chassis.clock import now
from crm_chassis.ids import new_id
from crm_chassis.runtime import Runtime

from crm_telephony.adapters.folder import Folder
from crm_telephony.connections import repository as connections
from crm_telephony.recordings import repository, service
from crm_telephony.recordings.download import Bounds, NotFetched, fetch
from crm_telephony.recordings.port import FileDamaged
from crm_telephony.recordings.repository import Row
from crm_telephony.recordings.service import Kept, NotKept
from crm_telephony.settings import TelephonySettings
from crm_telephony.vault import vault_of
from crm_telephony.vendors import VENDORS
from crm_telephony.vendors.port import RecordingTold

POLL_S = 1.0
_AT_ONCE = 4

log = structlog.get_logger()


def files_of(runtime: Runtime[TelephonySettings]) -> Folder:
    """Where this service keeps recordings."""
    return Folder(runtime.settings.telephony_recordings_dir)


async def fetch_recordings(runtime: Runtime[TelephonySettings]) -> None:
    """Recordings are fetched as they become due until the service stops."""
    await files_of(runtime).sweep(runtime.settings.recording_timeout_s)
    places = asyncio.Semaphore(_AT_ONCE)
    async with asyncio.TaskGroup() as fetching:
        while True:
            await places.acquire()
            at = now()
            recording = await _claimed(runtime, at)
            if recording is not None:
                task = fetching.create_task(_fetch(runtime, recording, at))
                task.add_done_callback(lambda _: places.release())
                continue
            places.release()
            await asyncio.sleep(POLL_S)


async def fetch_next(runtime: Runtime[TelephonySettings], at: datetime) -> bool:
    """Whether a recording was due at `at`; the attempt to fetch it is over."""
    recording = await _claimed(runtime, at)
    if recording is None:
        return False
    await _fetch(runtime, recording, at)
    return True


async def _claimed(runtime: Runtime[TelephonySettings], at: datetime) -> Row | None:
    async with runtime.database.transaction() as tx:
        await repository.revive_abandoned(tx, at)
        return await repository.claim(tx, new_id(), at, at + _lease(runtime))


def _lease(runtime: Runtime[TelephonySettings]) -> timedelta:
    return timedelta(seconds=runtime.settings.recording_lease_s)


async def _fetch(runtime: Runtime[TelephonySettings], recording: Row, at: datetime) -> None:
    holding = asyncio.create_task(_hold(runtime, recording, _lease(runtime)))
    try:
        outcome = await _attempt(runtime, recording, at)
    finally:
        holding.cancel()
        with suppress(asyncio.CancelledError):
            await holding
    async with runtime.database.transaction() as tx:
        await service.settle(tx, recording, outcome, at)


async def _hold(runtime: Runtime[TelephonySettings], recording: Row, lease: timedelta) -> None:
    while True:
        await asyncio.sleep(lease.total_seconds() / 3)
        async with runtime.database.transaction() as tx:
            await repository.renew(tx, recording.claim, now() + lease)


async def _attempt(runtime: Runtime[TelephonySettings], recording: Row, at: datetime) -> Kept | NotKept:
    async with runtime.database.read() as reading:
        connection = await connections.by_id(reading, recording.connection_id)
    assert connection is not None
    told = RecordingTold(recording.vendor_recording_id, recording.url, recording.duration_s)
    secrets = vault_of(runtime).open(connection.secrets)
    url = VENDORS[connection.vendor].recording_url(told, secrets, connection.api_url, at)
    settings = runtime.settings
    bounds = Bounds(settings.recording_max_bytes, settings.recording_timeout_s)
    try:
        if not url:
            raise NotFetched("unreachable", "the connection has no address of the PBX's API")
        return await fetch(files_of(runtime), str(recording.id), url, connection.api_url, bounds)
    except NotFetched as error:
        log.info("recording not fetched", recording=str(recording.id), reason=error.reason, attempt=recording.attempts)
        return NotKept(error.reason, str(error))
    except FileDamaged as error:
        return NotKept("broken_off", str(error))
