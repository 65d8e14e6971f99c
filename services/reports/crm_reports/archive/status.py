"""How far the archive is, for operations and tests."""

from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports.archive import repository
from crm_reports.archive.schemas import ArchiveStatus, ProjectionStatus
from crm_reports.projections import repository as projections
from crm_reports.projections.repository import Generation


async def status(connection: AsyncConnection) -> ArchiveStatus:
    """The archive's end, what was odd about it, and where the projections stand."""
    # Projections first: they never pass the archive, so a lag read this way round is never negative.
    generations = await projections.current(connection)
    rejected = await projections.rejected(connection)
    position, conflicts = await repository.head_and_conflicts(connection)

    def shown(generation: Generation) -> ProjectionStatus:
        return ProjectionStatus(
            generation=generation.generation,
            position=generation.position,
            archived_at=generation.archived_at,
            lag_events=position - generation.completed,
        )

    building = [each for each in generations if each.is_building]
    return ArchiveStatus(
        position=position,
        archived_at=await repository.archived_at(connection, position),
        conflicts=conflicts,
        rejected=rejected,
        projection=next(shown(each) for each in generations if not each.is_building),
        rebuilding=shown(building[0]) if building else None,
    )
