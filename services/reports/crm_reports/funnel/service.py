"""Use cases of the funnel: the figures, and the entries behind one of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_chassis.access.principal import Principal
from crm_chassis.paging import Page
from crm_chassis.problems import NotFound
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports.funnel import repository, rules
from crm_reports.funnel.schemas import EntriesQuery, Funnel, FunnelEntry, FunnelFigure, FunnelQuery, StageFunnel
from crm_reports.horizon import Horizon, resolve, window
from crm_reports.kept import KeptSums, Sums
from crm_reports.links import link

RECORDS = "/api/v1/reports/funnel/records"


async def funnel(
    connection: AsyncConnection, kept: KeptSums, caller: Principal, query: FunnelQuery, zone: ZoneInfo, now: datetime
) -> Funnel:
    """The figures of every stage; NotFound when the pipeline was not known by `known_at`, or is not to be seen."""
    horizon = await resolve(connection, query, zone, now)
    asked = _asked(query, zone)
    name, stages = await known_pipeline(connection, caller, query.pipeline_id, horizon)
    moves = [
        rules.Moves(move, repeat, currency, each.count, each.amount)
        for (move, repeat, currency), each in (await _moves(connection, kept, caller, asked, horizon)).items()
    ]
    return Funnel(
        pipeline_id=query.pipeline_id,
        name=name,
        from_day=query.from_day,
        to_day=query.to_day,
        zone=zone.key,
        as_of=horizon.as_of,
        known_at=horizon.known_at,
        stages=[_stage(each, query, horizon) for each in rules.figures(moves, stages)],
    )


async def entries(
    connection: AsyncConnection, kept: KeptSums, caller: Principal, query: EntriesQuery, zone: ZoneInfo, now: datetime
) -> Page[FunnelEntry]:
    """A page of exactly the entries a figure counts, newest first; NotFound as for the figures."""
    horizon = await resolve(connection, query, zone, now)
    asked = _asked(query, zone)
    _, stages = await known_pipeline(connection, caller, query.pipeline_id, horizon)
    positions = rules.positions_of(stages)
    made = None
    if query.figure not in ("entered", "re_entered"):
        all_made = await _moves(connection, kept, caller, asked, horizon)
        made = {
            move
            for move, _, _ in all_made
            if move.stage_id == query.stage_id and rules.outcome_of(move, positions) == query.figure
        }
    page, cursor = await repository.records(
        connection,
        caller,
        asked,
        horizon,
        stage_id=query.stage_id,
        made=made,
        repeats_only=query.figure == "re_entered",
        cursor=query.cursor,
        limit=query.limit,
    )
    items = [
        FunnelEntry(
            stage_entry_id=row.stage_entry_id,
            deal_id=row.deal_id,
            stage_id=row.stage_id,
            entered_at=row.entered_at,
            outcome=rules.outcome_of(move, positions).value,
            next_stage_id=row.next_stage_id,
            re_entered=row.repeat,
            owner_id=row.owner_id,
            team_id=row.team_id,
            amount=format(row.amount, "f"),
            currency=row.currency,
        )
        for move, row in page
    ]
    return Page(items=items, next_cursor=cursor)


async def known_pipeline(
    connection: AsyncConnection, caller: Principal, pipeline_id: UUID, horizon: Horizon
) -> tuple[str, list[rules.Stage]]:
    """The pipeline's name and every stage it ever had; NotFound when not known by then, or not to be seen."""
    found = await repository.pipeline(connection, pipeline_id, horizon.known_at)
    if found is None or caller.scope("pipeline", "read") is None:
        raise NotFound("The pipeline was not known by then.")
    name, versions = found
    return name, rules.stages_of(versions)


async def _moves(
    connection: AsyncConnection, kept: KeptSums, caller: Principal, asked: repository.Asked, horizon: Horizon
) -> Sums:
    async def summing(at: Horizon, deals: Sequence[UUID] | None) -> Sums:
        return await repository.moves(connection, caller, asked, at, deals)

    return await kept.at(connection, caller, horizon, ("funnel", asked), summing)


def _asked(query: FunnelQuery | EntriesQuery, zone: ZoneInfo) -> repository.Asked:
    start, end = window(query.from_day, query.to_day, zone)
    return repository.Asked(query.pipeline_id, start, end, query.owner_id, query.team_id)


def _stage(each: rules.StageFigures, query: FunnelQuery, horizon: Horizon) -> StageFunnel:
    def shown(name: str, figure: rules.Figure) -> FunnelFigure:
        amounts = {currency: format(amount, "f") for currency, amount in sorted(figure.amounts.items())}
        where = {"stage_id": each.stage.id, "figure": name, "pipeline_id": query.pipeline_id}
        return FunnelFigure(count=figure.count, amounts=amounts, drill_down=link(RECORDS, where, query, horizon))

    return StageFunnel(
        stage_id=each.stage.id,
        name=each.stage.name or None,
        kind=each.stage.kind,
        removed=each.stage.removed,
        entered=shown("entered", each.entered),
        re_entered=shown("re_entered", each.re_entered),
        **{outcome.value: shown(outcome.value, figure) for outcome, figure in each.outcomes.items()},
    )
