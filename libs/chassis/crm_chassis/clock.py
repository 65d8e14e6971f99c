"""The one clock. Rules take time as an argument; edges ask here, so tests can tell the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)
