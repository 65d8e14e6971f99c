"""A process killed in the middle of a download: the next one makes it whole, and nobody ever sees the half."""

import asyncio
import hashlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from crm_chassis.access.tokens import new_key_pair
from crm_chassis.ids import new_id
from crm_chassis.testing import eventually
from crm_telephony.vault import Vault
from crm_telephony.vendors.port import Secrets
from cryptography.fernet import Fernet

from .storehouse import sound, storehouse
from .test_emulated_pbx import free_port

_CONNECTION = (
    "INSERT INTO pbx_connection (id, name, vendor, token_sha256, secrets, api_url, trusted_networks, default_region,"
    " zone, fallback_user_id, active, created_at, updated_at, version)"
    " VALUES ($1, 'PBX', 'generic', 'x', $2, $3, '{}', 'SI', 'UTC', $4, true, now(), now(), 1)"
)
_RECORDING = (
    "INSERT INTO call_recording (id, connection_id, vendor_recording_id, vendor_call_id, url, state, try_after,"
    " correlation_id, created_at, updated_at, version)"
    " VALUES ($1, $2, 'r1', 'c1', $3, 'pending', now(), $4, now(), now(), 1)"
)


@asynccontextmanager
async def serving(environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """The service as a process of its own, ready."""
    port = free_port()
    command = (sys.executable, "-m", "crm_telephony", "serve", "--port", str(port))
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    try:
        async with httpx.AsyncClient(trust_env=False) as client:

            async def ready() -> bool:
                try:
                    return (await client.get(f"http://127.0.0.1:{port}/health/live")).status_code == 200
                except httpx.HTTPError:
                    return False

            await eventually(ready, 120)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _files(root: Path, pattern: str) -> list[Path]:
    return sorted(root.glob(pattern))


async def test_a_download_cut_by_a_kill_is_made_whole_by_the_next_process(
    make_database: Callable[[str], str], make_vhost: Callable[[], str], tmp_path: Path
) -> None:
    url, key, id, connection_id = make_database("telephony"), Fernet.generate_key().decode(), new_id(), new_id()
    _, public = new_key_pair()
    environment = dict(os.environ) | {
        "CRM_TELEPHONY_DATABASE_URL": url,
        "CRM_AMQP_URL": make_vhost(),
        "CRM_SECRETS_KEY": key,
        "CRM_INTERNAL_PUBLIC_KEY": public,
        "CRM_TELEPHONY_RECORDINGS_DIR": str(tmp_path),
        "CRM_RECORDING_LEASE_S": "1",
        "CRM_RECORDING_TIMEOUT_S": "60",
    }

    async def row() -> dict[str, Any]:
        database = await asyncpg.connect(url)
        try:
            return dict(await database.fetchrow("SELECT * FROM call_recording WHERE id = $1", id))
        finally:
            await database.close()

    async def stands(state: str) -> bool:
        return bool((await row())["state"] == state)

    async with storehouse() as house:
        async with serving(environment) as process:
            database = await asyncpg.connect(url)
            locked = Vault(key).lock(Secrets(hook_secret="secret-of-the-hook"))
            await database.execute(_CONNECTION, connection_id, locked, house.url, uuid4())
            await database.execute(_RECORDING, id, connection_id, f"{house.url}/slow", uuid4())
            await database.close()
            await eventually(lambda: house.asked == ["/slow"] and _files(tmp_path, "incoming/*"), 60)
            process.send_signal(signal.SIGKILL)
            await process.wait()
        assert await stands("fetching")
        assert not _files(tmp_path, f"*/{id}")
        house.opened.set()
        async with serving(environment):
            await eventually(lambda: stands("stored"), 60)
    made = await row()
    (file,) = _files(tmp_path, f"*/{id}")
    content = await asyncio.to_thread(file.read_bytes)
    assert content == sound()
    assert made["sha256"] == hashlib.sha256(content).hexdigest()
    assert (made["attempts"], made["claim"]) == (2, None)
