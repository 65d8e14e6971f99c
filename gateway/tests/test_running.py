"""The gateway as a process of its own: its tables, its start, its stop."""

import asyncio
import os
import signal
import sys

import aiohttp
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from crm_chassis.testing import Harness, eventually
from crm_gateway.metadata import metadata
from sqlalchemy import Connection

from .conftest import PRIVATE_KEY, PUBLIC_KEY, Staff, free_port


async def test_the_migrations_make_exactly_what_the_models_say(gateway: Harness) -> None:
    def differences(connection: Connection) -> list[object]:
        ours = {"include_object": lambda thing, name, kind, *_: kind != "table" or name in metadata.tables}
        return list(compare_metadata(MigrationContext.configure(connection, opts=ours), metadata))

    async with gateway.database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_process_told_to_stop_ends_its_streams_cleanly(gateway: Harness, staff: Staff) -> None:
    me, port = await staff.hire(), free_port()
    environment = os.environ | {
        "CRM_GATEWAY_DATABASE_URL": gateway.database.url.replace("postgresql+asyncpg", "postgresql"),
        "CRM_AMQP_URL": gateway.runtime.settings.amqp_url,
        "CRM_INTERNAL_PRIVATE_KEY": PRIVATE_KEY,
        "CRM_INTERNAL_PUBLIC_KEY": PUBLIC_KEY,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "crm_gateway",
        "serve",
        "--port",
        str(port),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as browser:

            async def up() -> bool:
                try:
                    async with browser.get(f"http://127.0.0.1:{port}/health/ready") as answer:
                        return answer.status == 200
                except aiohttp.ClientError:
                    return False

            await eventually(up, timeout=60)
            async with browser.get(f"http://127.0.0.1:{port}/api/v1/live", headers=me.headers) as stream:
                await stream.content.readuntil(b"event: snapshot")
                process.send_signal(signal.SIGTERM)
                await stream.content.read()  # raises when the stream is cut off rather than ended
        assert await process.wait() in (0, -signal.SIGTERM)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_public_door_shows_no_metrics(gateway: Harness) -> None:
    assert (await gateway.client.get("/metrics")).status_code == 404
    assert (await gateway.client.get("/health/ready")).status_code == 200
