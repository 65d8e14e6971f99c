"""What routes take from the running service: the company's zone (every day of a report is a day there), kept sums."""

from typing import Annotated
from zoneinfo import ZoneInfo

from crm_chassis.http import runtime_of
from fastapi import Depends, Request

from crm_reports.kept import KeptSums, kept_of


def _company_zone(request: Request) -> ZoneInfo:
    return ZoneInfo(runtime_of(request).settings.company_zone)


def _kept_sums(request: Request) -> KeptSums:
    return kept_of(runtime_of(request))


Kept = Annotated[KeptSums, Depends(_kept_sums)]
CompanyZone = Annotated[ZoneInfo, Depends(_company_zone)]
