"""Statements on templates."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.database import Transaction
from crm_chassis.filters import Filters, equals
from crm_chassis.paging import Keyset
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_notifications.templates.models import template
from crm_notifications.templates.schemas import TemplateQuery

ORDER = Keyset(
    ("key", template.c.key, "asc"), ("locale", template.c.locale, "asc"), ("channel", template.c.channel, "asc")
)
FILTERS = Filters(
    {"key": equals(template.c.key), "locale": equals(template.c.locale), "channel": equals(template.c.channel)}
)

_BY_ID = sa.select(template).where(template.c.id == sa.bindparam("id"))
_WORDINGS = sa.select(template).where(
    template.c.key == sa.bindparam("key"),
    template.c.channel == sa.bindparam("channel"),
    template.c.locale.in_(sa.bindparam("locales", expanding=True)),
)
_ADD = insert(template).on_conflict_do_nothing(index_elements=["key", "locale", "channel"]).returning(*template.c)
_CHANGE = (
    sa.update(template)
    .where(template.c.id == sa.bindparam("p_id"))
    .values(
        subject=sa.bindparam("subject"),
        text=sa.bindparam("text"),
        html=sa.bindparam("html"),
        updated_at=sa.func.now(),
        version=template.c.version + 1,
    )
    .returning(*template.c)
)


async def page(connection: AsyncConnection, query: TemplateQuery) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """One page of templates by key, locale, channel, and the next cursor."""
    statement = ORDER.apply(FILTERS.apply(sa.select(template), query), query.cursor, query.limit)
    return ORDER.page((await connection.execute(statement)).all(), query.limit)


async def find(connection: AsyncConnection, id: UUID) -> sa.Row[Any] | None:
    """The template, None when there is none."""
    return (await connection.execute(_BY_ID, {"id": id})).first()


async def find_for_change(tx: Transaction, id: UUID) -> sa.Row[Any] | None:
    """The template, locked until the transaction ends."""
    return (await tx.execute(_BY_ID.with_for_update(), {"id": id})).first()


async def best(connection: AsyncConnection, key: str, channel: str, locales: Sequence[str]) -> sa.Row[Any] | None:
    """The template in the first of `locales` that has one."""
    rows = (await connection.execute(_WORDINGS, {"key": key, "channel": channel, "locales": list(locales)})).all()
    return min(rows, key=lambda row: locales.index(row.locale), default=None)


async def add(tx: Transaction, row: Mapping[str, Any]) -> sa.Row[Any] | None:
    """The new template; None when its key, locale and channel are taken."""
    return (await tx.execute(_ADD, row)).first()


async def change(tx: Transaction, id: UUID, subject: str | None, text: str, html: str | None) -> sa.Row[Any]:
    """The template as it is now, one version on."""
    return (await tx.execute(_CHANGE, {"p_id": id, "subject": subject, "text": text, "html": html})).one()
