"""Bodies of /notices."""

from datetime import datetime
from uuid import UUID

from crm_chassis.paging import ListQuery
from pydantic import BaseModel


class NoticeQuery(ListQuery):
    """Filters of the list."""

    unread: bool | None = None


class NoticeOut(BaseModel):
    """A notice of the caller's; clients word it from `kind` and `params` in the user's language."""

    id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID
    params: dict[str, str]
    created_at: datetime
    read_at: datetime | None
    version: int


class AllRead(BaseModel):
    """How many notices were unread before."""

    read: int
