"""Which team and office a fact is credited to: those of its owner when it happened."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from crm_reports.projections.models import membership, team_version
from crm_reports.projections.repository import LIVE_GENERATION

_Column = sa.ColumnElement[Any]


def team_then(user_id: _Column, at: _Column, known_at: _Column) -> sa.ScalarSelect[UUID | None]:
    """The team of `user_id` at `at` as known at `known_at`; before the user's first record, the first team known.

    Facts imported from before the CRM would belong to no team otherwise.
    """
    return _then(membership, membership.c.user_id, user_id, at, known_at, membership.c.team_id)


def office_then(team_id: _Column, at: _Column, known_at: _Column) -> sa.ScalarSelect[str | None]:
    """The office of `team_id` at `at` as known at `known_at`; before the team's first record, the first one known."""
    return _then(team_version, team_version.c.team_id, team_id, at, known_at, team_version.c.office)


def _then(
    told: sa.Table, subject: _Column, id: _Column, at: _Column, known_at: _Column, value: sa.Column[Any]
) -> sa.ScalarSelect[Any]:
    began = told.c.since <= at
    # Newest record that had begun; else the oldest of all that names one.
    newest_first = [sa.case((began, column)).desc().nulls_last() for column in (told.c.since, told.c.sequence)]
    names_none = sa.case((began, sa.false()), else_=value.is_(None))
    return (
        sa.select(value)
        .where(told.c.generation == LIVE_GENERATION, subject == id, told.c.archived_at <= known_at)
        .order_by(began.desc(), *newest_first, names_none, told.c.since, told.c.sequence)
        .limit(1)
        .correlate_except(told)  # also where one stands inside the other
        .scalar_subquery()
    )
