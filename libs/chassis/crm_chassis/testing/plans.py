"""How the database means to answer: which tables would be read whole."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement, Executable

from crm_chassis.database import Database


class Plans:
    """A connection that tells how each statement is done before doing it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._lines: list[str] = []

    async def execute(self, statement: Any) -> Any:
        """The statement's result; its plan is known from now on."""
        self._lines += (await self._connection.execute(_Explain(statement))).scalars()
        return await self._connection.execute(statement)

    @property
    def whole(self) -> list[str]:
        """Lines of the plans that read a table from its beginning to its end."""
        assert self._lines, "nothing was asked"
        return [line for line in self._lines if "Seq Scan" in line]


@asynccontextmanager
async def plans(database: Database) -> AsyncIterator[Any]:
    """Stands in for an AsyncConnection; while it does, tables are read whole only where no index would help."""
    async with database.read() as connection:
        await connection.exec_driver_sql("SET enable_seqscan = off")
        try:
            yield Plans(connection)
        finally:
            await connection.exec_driver_sql("RESET enable_seqscan")


class _Explain(Executable, ClauseElement):
    inherit_cache = False

    def __init__(self, statement: Any) -> None:
        self.statement = statement


@compiles(_Explain)
def _explain(explain: _Explain, compiler: Any, **more: Any) -> str:
    return f"EXPLAIN {compiler.process(explain.statement, **more)}"
