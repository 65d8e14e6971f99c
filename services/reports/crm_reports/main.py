"""Composition root of reports.

Owns the event archive, the projections made from it and the figures computed from those. Knows the others by
their events only, records no event itself and causes no effect; tells from the archive again to who asks.
"""

from pathlib import Path

from crm_chassis.service import Wiring
from crm_contracts.archive import COMPARE, REPLAY

from crm_reports.archive import api as archive_api
from crm_reports.archive.comparison import Comparison
from crm_reports.archive.gaps import watch_gaps
from crm_reports.archive.partitions import keep_partitions, make_partitions
from crm_reports.archive.replay import send_portion
from crm_reports.archive.service import Archivist
from crm_reports.calls import api as calls_api
from crm_reports.day import api as day_api
from crm_reports.funnel import api as funnel_api
from crm_reports.pipeline import api as pipeline_api
from crm_reports.projections.worker import Projector
from crm_reports.sales import api as sales_api
from crm_reports.settings import ReportsSettings

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def wiring(settings: ReportsSettings) -> Wiring:
    """Reports, joined together; connects to nothing."""
    projector = Projector()
    return Wiring(
        name="reports",
        migrations=MIGRATIONS,
        routers=[
            funnel_api.router,
            pipeline_api.router,
            sales_api.router,
            calls_api.router,
            day_api.router,
            archive_api.router,
        ],
        batches={"reports.archive": Archivist(projector.wake)},
        commands={COMPARE: Comparison.on_bus(settings.amqp_url), REPLAY: send_portion},
        bootstrap=make_partitions,
        workers=[projector.follow_archive, keep_partitions, watch_gaps],
    )
