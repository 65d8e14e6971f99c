"""What a database holds, to be compared with what it holds after a migration."""

from collections import Counter
from dataclasses import dataclass

import asyncpg
from crm_runner.databases import run_sync

# Rows whose nature is to come, change and go while a service merely runs.
RESTLESS = ("outbox", "inbox", "due_work", "idempotency_key", "session")
_TABLES = """
    SELECT c.relname AS name, array_agg(quote_ident(a.attname) ORDER BY a.attnum) AS columns
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    GROUP BY c.relname
"""
_COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, column_default IS NOT NULL AS has_default
    FROM information_schema.columns WHERE table_schema = 'public'
"""


@dataclass(frozen=True)
class Table:
    """Its columns and its rows, each as a hash of their values."""

    columns: tuple[str, ...]
    rows: "Counter[str]"


@dataclass(frozen=True)
class Column:
    """What a statement can rely on."""

    type: str
    nullable: bool
    has_default: bool


def take(url: str, like: dict[str, Table] | None = None) -> dict[str, Table]:
    """The tables of a database, without the restless ones; `like`: the same columns as then."""
    return run_sync(_take(url, like))


async def _take(url: str, like: dict[str, Table] | None) -> dict[str, Table]:
    connection = await asyncpg.connect(url)
    try:
        found = {}
        for name, columns in await connection.fetch(_TABLES):
            if name.startswith(RESTLESS) or name.endswith("_version") or (like is not None and name not in like):
                continue
            chosen = like[name].columns if like else tuple(columns)
            rows = await connection.fetch(
                f"SELECT md5(ROW({', '.join(chosen)})::text) AS hash, count(*) FROM {name} GROUP BY 1"  # noqa: S608
            )
            found[name] = Table(chosen, Counter({row["hash"]: row["count"] for row in rows}))
        return found
    finally:
        await connection.close()


def columns(url: str) -> dict[tuple[str, str], Column]:
    """Every column of a database by table and name."""
    return run_sync(_columns(url))


async def _columns(url: str) -> dict[tuple[str, str], Column]:
    connection = await asyncpg.connect(url)
    try:
        return {
            (row["table_name"], row["column_name"]): Column(
                row["data_type"], row["is_nullable"] == "YES", row["has_default"]
            )
            for row in await connection.fetch(_COLUMNS)
        }
    finally:
        await connection.close()


def scalar(url: str, query: str) -> int:
    """The one number a query answers."""

    async def ask() -> int:
        connection = await asyncpg.connect(url)
        try:
            return int(await connection.fetchval(query))
        finally:
            await connection.close()

    return run_sync(ask())
