"""The company's zone for routes: every day of a report is a day there."""

from typing import Annotated
from zoneinfo import ZoneInfo

from crm_chassis.http import runtime_of
from fastapi import Depends, Request


def _company_zone(request: Request) -> ZoneInfo:
    return ZoneInfo(runtime_of(request).settings.company_zone)


CompanyZone = Annotated[ZoneInfo, Depends(_company_zone)]
