"""What teams, products and companies are called, as last known. People are named by nobody here: names are personal."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_reports.projections.models import company_version, product_version, team_version
from crm_reports.projections.repository import LIVE_GENERATION

Named = Literal["team", "product", "company"]


def _last_names(table: sa.Table, id: sa.Column[UUID]) -> sa.Select[tuple[UUID, str]]:
    return (
        sa.select(id.label("id"), table.c.name)
        .ext(distinct_on(id))
        .where(
            table.c.generation == LIVE_GENERATION,
            id == sa.any_(sa.bindparam("ids", type_=ARRAY(PG_UUID(as_uuid=True)))),
            table.c.archived_at <= sa.bindparam("known_at"),
        )
        .order_by(id, table.c.sequence.desc(), table.c.event_id.desc())
    )


_NAMES: dict[Named, sa.Select[tuple[UUID, str]]] = {
    "team": _last_names(team_version, team_version.c.team_id),
    "product": _last_names(product_version, product_version.c.product_id),
    "company": _last_names(company_version, company_version.c.company_id),
}


async def names(connection: AsyncConnection, noun: Named, ids: Iterable[UUID], known_at: datetime) -> dict[UUID, str]:
    """The last name of each, as far as one was known by `known_at`."""
    rows = (await connection.execute(_NAMES[noun], {"ids": list(ids), "known_at": known_at})).all()
    return {row.id: row.name for row in rows}
