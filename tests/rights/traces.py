"""What refused requests left in any table of any database: nothing."""

from typing import Any

import asyncpg
from crm_runner.databases import plain, run_sync

from tests.rights.scene import Scene
from tests.rights.walk import Walk


def find_traces(scene: Scene, walk: Walk) -> list[str]:
    """Rows anywhere that hold a mark or a correlation id of the walk, or that nobody or the reader have caused."""
    rightless = [f"user:{user.id}" for user in (scene.cast.nobody, scene.cast.reader)]
    return run_sync(_search(dict(scene.stack.database_urls), [walk.mark, *rightless], walk.correlations))


async def _search(urls: dict[str, str], needles: list[str], correlations: list[str]) -> list[str]:
    found: list[str] = []
    for name, url in urls.items():
        connection = await asyncpg.connect(plain(url))
        try:
            for table in await connection.fetch(_TABLES):
                found += [f"{name}.{table['name']}: {row}" for row in await _rows(connection, table["name"], needles)]
            if name != "reports":
                found += [f"{name}: an event of {row}" for row in await connection.fetch(_TOLD, correlations)]
        finally:
            await connection.close()
    return found


_TABLES = """
    SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r'
"""
_TOLD = """
    SELECT DISTINCT convert_from(body, 'UTF8')::jsonb ->> 'correlationid' FROM
    (SELECT body FROM outbox UNION ALL SELECT body FROM outbox_sent) AS told
    WHERE convert_from(body, 'UTF8')::jsonb ->> 'correlationid' = ANY($1::text[])
"""


async def _rows(connection: Any, table: str, needles: list[str]) -> list[str]:
    """Rows with one of the needles in any column; binary columns are searched by their hexadecimal text."""
    both = [*needles, *(needle.encode().hex() for needle in needles)]
    query = f"SELECT left(r::text, 200) AS row FROM {table} r WHERE r::text LIKE ANY($1::text[]) LIMIT 3"  # noqa: S608
    return [row["row"] for row in await connection.fetch(query, [f"%{needle}%" for needle in both])]
