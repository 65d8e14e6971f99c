"""Deals from a file: each known for good by its number, with its history as far as the file tells it."""

from collections.abc import Sequence
from typing import Annotated, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_chassis.access.policy import require
from crm_chassis.access.principal import Principal
from crm_chassis.clock import now
from crm_chassis.imports.kinds import Field, Judged, Row, Run, Undone, Written
from crm_chassis.text import Line
from pydantic import BaseModel, ConfigDict
from pydantic import Field as Described

from crm_deals.imports import fields, repository
from crm_deals.imports.cells import Reader, deal_cells
from crm_deals.imports.judging import House, Judge, number_of
from crm_deals.imports.known import known
from crm_deals.imports.locks import alone
from crm_deals.imports.undoing import take_back
from crm_deals.imports.writing import write_changed, write_new
from crm_deals.lines.schemas import Currency

NO_REASON = "Not stated"


class DealOptions(BaseModel):
    """What may be said of a whole file of deals."""

    model_config = ConfigDict(extra="forbid")

    pipeline_id: Annotated[UUID | None, Described(description="Whose stages are named; null: the default one")] = None
    opened_stage_id: Annotated[
        UUID | None, Described(description="The stage a closed deal was opened in; null: the last open one")
    ] = None
    owner_id: Annotated[UUID | None, Described(description="Owner of deals without one; null: who imports")] = None
    currency: Annotated[Currency | None, Described(description="Of amounts without one; null: the company's")] = None
    loss_reason: Annotated[Line, Described(description="Of lost deals without one")] = NO_REASON


class Deals:
    """The kind `deals`; its days are days in the company's zone."""

    name: ClassVar[str] = "deals"
    fields: ClassVar[Sequence[Field]] = fields.DEAL
    options: ClassVar[type[BaseModel]] = DealOptions

    def __init__(self, currency: str, zone: ZoneInfo) -> None:
        self._currency = currency
        self._zone = zone

    def require(self, caller: Principal) -> None:
        """Forbidden unless the caller may create and change deals."""
        require(caller, "deal", "create")
        require(caller, "deal", "update")

    async def judge(self, run: Run, rows: Sequence[Row]) -> list[Judged]:
        """What each row would do, in some ten statements for the chunk."""
        await alone(run.tx)
        readers = [Reader(row, run.format) for row in rows]
        cells = [deal_cells(reader) for reader in readers]
        meanings = await known(run, [row.number for row in rows], cells)
        origins = {number_of(row, cell, meanings) for row, cell in zip(rows, cells, strict=True)}
        there = await repository.there(run.tx, origins)
        judge = Judge(run, House(self._currency, self._zone, now()), meanings, there)
        return [judge.judged(*each) for each in zip(rows, readers, cells, strict=True)]

    async def write(self, run: Run, rows: Sequence[Judged]) -> list[Written]:
        """New deals are stored with their histories and lines, changed ones as the file says now; each is told."""
        moment = now()
        made = await write_new(run, [row for row in rows if row.verdict == "create"], moment)
        return made + await write_changed(run, [row for row in rows if row.verdict == "update"], moment)

    async def undo(self, run: Run, rows: Sequence[Written]) -> list[Undone]:
        """New deals are gone with lines and history, changed ones as they were; those touched since stay."""
        return await take_back(run, rows, now())
