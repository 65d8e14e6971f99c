"""Settings of deals beyond those every service has."""

from functools import cached_property
from typing import ClassVar
from zoneinfo import ZoneInfo

from crm_chassis.settings import ServiceSettings
from pydantic import Field

from crm_deals.working_time.rules import WorkingHours


class DealsSettings(ServiceSettings):
    """Working days and the times of call-backs; hours, zone and currency come from the chassis."""

    service: ClassVar[str] = "deals"

    workdays: frozenset[int] = Field(
        default=frozenset(range(5)), min_length=1, description="Days worked, 0 = Monday … 6 = Sunday"
    )
    callback_due_minutes: int = Field(
        default=15, ge=0, le=10_000, description="Working minutes from a missed call to the call back"
    )
    callback_reminder_minutes: int = Field(
        default=5, ge=0, le=10_000, description="Minutes before a call-back is due at which its owner is reminded"
    )

    @cached_property
    def zone(self) -> ZoneInfo:
        """The company's zone."""
        return ZoneInfo(self.company_zone)

    @cached_property
    def working_hours(self) -> WorkingHours:
        """The company's calendar."""
        return WorkingHours(self.zone, self.workdays, self.workday_start, self.workday_end)
