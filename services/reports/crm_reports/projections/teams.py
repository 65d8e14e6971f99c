"""Which team a fact is credited to: the one its owner was in when it happened."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from crm_reports.projections.models import membership
from crm_reports.projections.repository import LIVE_GENERATION


def team_then(
    user_id: sa.ColumnElement[Any], at: sa.ColumnElement[Any], known_at: sa.ColumnElement[Any]
) -> sa.ScalarSelect[UUID | None]:
    """The team of `user_id` at `at` as known at `known_at`; before the user's first record, the first team known.

    Facts imported from before the CRM would belong to no team otherwise.
    """
    began = membership.c.since <= at
    # Newest record that had begun; else the oldest of all.
    newest_first = [
        sa.case((began, column)).desc().nulls_last() for column in (membership.c.since, membership.c.sequence)
    ]
    return (
        sa.select(membership.c.team_id)
        .where(
            membership.c.generation == LIVE_GENERATION,
            membership.c.user_id == user_id,
            membership.c.archived_at <= known_at,
        )
        .order_by(began.desc(), *newest_first, membership.c.since, membership.c.sequence)
        .limit(1)
        .scalar_subquery()
    )
