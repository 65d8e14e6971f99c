"""`python -m crm_deals serve --port N | migrate | openapi`."""

from crm_chassis.entry import run

from crm_deals.main import wiring
from crm_deals.settings import DealsSettings

run(wiring, DealsSettings)
