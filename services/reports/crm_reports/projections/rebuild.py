"""The command `rebuild`: every projection made anew from the archive, beside the one in use, then swapped in."""

import asyncio

import structlog
from crm_chassis import logs
from crm_chassis.context import Story, telling
from crm_chassis.database import Database

from crm_reports.projections import repository, service
from crm_reports.settings import ReportsSettings

_LOOK_EVERY_S = 0.1

log = structlog.get_logger()


async def rebuild_now(settings: ReportsSettings) -> None:
    """A new generation is live, read from the archive's first event on; the service clears the old one away.

    The service may be running meanwhile; if this process is stopped half-way, the running service finishes it.
    """
    logs.configure(settings.service, settings.log_level)
    database = Database(settings.service_database_url(), settings.service, pool_size=1, pool_overflow=1)
    try:
        with telling(Story.of_system(settings.service)):
            await rebuild(database)
    finally:
        await database.close()


async def rebuild(database: Database) -> int:
    """The number of the new live generation."""
    async with database.transaction() as tx:
        generation = await service.begin_rebuild(tx)
    log.info("rebuild begun", generation=generation)
    while await _is_building(database, generation):
        if not await service.catch_up(database):
            await asyncio.sleep(_LOOK_EVERY_S)  # the running service is at it
    log.info("rebuild done", generation=generation)
    return generation


async def _is_building(database: Database, generation: int) -> bool:
    async with database.read() as connection:
        return any(each.generation == generation and each.is_building for each in await repository.current(connection))
