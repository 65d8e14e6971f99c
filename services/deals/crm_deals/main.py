"""Composition root of deals: joins routes, readers, timers and the default pipeline into one wiring.

Owns nothing else; connects to nothing.
"""

from pathlib import Path

from crm_chassis.clock import now
from crm_chassis.database import Transaction
from crm_chassis.effects import Effect
from crm_chassis.service import Wiring

from crm_deals.automation import service as automation
from crm_deals.automation.api import router as automation_router
from crm_deals.board.api import router as board_router
from crm_deals.callbacks.service import LATE_AFTER
from crm_deals.cards.api import router as cards_router
from crm_deals.cards.service import apply_cards
from crm_deals.consumers import calls_reader, on_stage_entered
from crm_deals.deals.api import router as deals_router
from crm_deals.imports.deals import Deals
from crm_deals.imports.products import Products
from crm_deals.lines.api import router as lines_router
from crm_deals.pipelines.api import router as pipelines_router
from crm_deals.pipelines.service import make_default_pipeline
from crm_deals.products.api import router as products_router
from crm_deals.resync import stream_deals, stream_pipelines, stream_products
from crm_deals.search.api import router as search_router
from crm_deals.settings import DealsSettings
from crm_deals.tasks import service as tasks
from crm_deals.tasks.api import router as tasks_router


async def bootstrap(tx: Transaction) -> None:
    """The default pipeline and its rule exist; safe to run at every start."""
    await make_default_pipeline(tx, now())
    await automation.make_default_rule(tx, now())


def wiring(settings: DealsSettings) -> Wiring:
    """Everything deals brings."""
    return Wiring(
        name="deals",
        migrations=Path(__file__).parents[1] / "migrations",
        routers=[
            pipelines_router,
            deals_router,
            lines_router,
            products_router,
            board_router,
            tasks_router,
            automation_router,
            cards_router,
            search_router,
        ],
        batches={"deals.cards": apply_cards},
        effects={
            "deals.calls": Effect(calls_reader(settings), late_after=LATE_AFTER),
            "deals.automation": Effect(on_stage_entered, late_after=automation.LATE_AFTER),
        },
        due={tasks.REMINDER: tasks.remind, tasks.OVERDUE: tasks.become_overdue},
        resync={"deal": stream_deals, "pipeline": stream_pipelines, "product": stream_products},
        bootstrap=bootstrap,
        imports=[Products(settings.currency), Deals(settings.currency, settings.zone)],
    )
