"""When a click may become a call. Pure."""

import math
from datetime import datetime, timedelta

PAUSE = timedelta(seconds=3)
TOO_LATE = timedelta(seconds=30)


def wait_s(last: datetime | None, at: datetime) -> int:
    """Whole seconds until the user may dial again; 0 for now."""
    if last is None or at - last >= PAUSE:
        return 0
    # Of two clicks at once the later to get its turn may have read the clock first.
    return math.ceil(min(PAUSE, PAUSE - (at - last)).total_seconds())


def is_too_late(requested_at: datetime, at: datetime) -> bool:
    """True when ringing now would surprise everybody: the order waited for a service that was down."""
    return at - requested_at > TOO_LATE
