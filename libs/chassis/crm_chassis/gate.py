"""The one effect gate: whether an event may still cause an effect (mail, task, notice, pop …)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from crm_contracts.envelope import Envelope, Lane

Verdict = Literal["do", "bulk", "replay", "late", "expired"]
SKIPS: tuple[Verdict, ...] = ("bulk", "replay", "late", "expired")


@dataclass(frozen=True, slots=True)
class Gate:
    """`late_after`: how much later than it happened an event may have been recorded (None: any); `expires_after`:
    age at which the effect is pointless (None: never)."""

    late_after: timedelta | None
    expires_after: timedelta | None = None

    def judge(self, event: Envelope, at: datetime) -> Verdict:
        """`do`, or the reason why not."""
        if event.replay:
            return "replay"
        if event.lane is Lane.BULK:
            return "bulk"
        if self.late_after is not None and event.recordedtime - event.time > self.late_after:
            return "late"
        if self.expires_after is not None and at - event.time > self.expires_after:
            return "expired"
        return "do"
