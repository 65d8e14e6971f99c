"""`python -m crm_reports serve | migrate | openapi | rebuild`."""

import asyncio
import sys

from crm_chassis.entry import run

from crm_reports.main import wiring
from crm_reports.projections.rebuild import rebuild_now
from crm_reports.settings import ReportsSettings

if __name__ == "__main__":
    if sys.argv[1:] == ["rebuild"]:
        asyncio.run(rebuild_now(ReportsSettings.load()))
    else:
        run(wiring, ReportsSettings)
