"""The fixtures every other suite stands on."""

import aio_pika
import asyncpg
from crm_runner.pytest_plugin import MakeDatabase, MakeVhost


async def test_each_database_is_fresh_and_has_the_extensions_services_use(
    make_database: MakeDatabase,
) -> None:
    first, second = make_database("shop"), make_database("shop")
    assert first != second
    connection = await asyncpg.connect(first)
    try:
        assert await connection.fetchval("SHOW server_version_num") >= "180000"
        for extension in ("pg_trgm", "unaccent", "btree_gist", "citext", "pg_stat_statements"):
            await connection.execute(f"CREATE EXTENSION {extension}")
        assert await connection.fetchval("SELECT lower('ÄÖИ')") == "äöи"
    finally:
        await connection.close()


async def test_virtual_hosts_do_not_see_each_others_queues(make_vhost: MakeVhost) -> None:
    first, second = make_vhost(), make_vhost()
    assert first != second
    async with await aio_pika.connect(first) as one, await aio_pika.connect(second) as other:
        channel = await one.channel()
        await channel.declare_queue("q", durable=True, arguments={"x-queue-type": "quorum"})
        await channel.default_exchange.publish(aio_pika.Message(b"hello"), "q")
        elsewhere = await (await other.channel()).declare_queue("q", durable=True)
        assert elsewhere.declaration_result.message_count == 0
