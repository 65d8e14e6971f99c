"""The composition root of telephony: joins nouns, readers, timers and workers to the chassis.

Owns the list of parts. Must never hold a rule.
"""

from pathlib import Path

from crm_chassis.service import Wiring

from crm_telephony.calls import api as calls
from crm_telephony.calls.links import apply_links
from crm_telephony.calls.upkeep import due_handlers
from crm_telephony.calls.worker import fold_webhooks, patience_of
from crm_telephony.connections import api as connections
from crm_telephony.connections import service as connection_service
from crm_telephony.dialing import api as dialing
from crm_telephony.dialing.worker import dial
from crm_telephony.extensions import api as extensions
from crm_telephony.hooks import api as hooks
from crm_telephony.measures import measures
from crm_telephony.past_calls import api as past_calls
from crm_telephony.phone_index.service import apply_people
from crm_telephony.recordings import api as recordings
from crm_telephony.recordings.worker import fetch_recordings
from crm_telephony.settings import TelephonySettings
from crm_telephony.vault import require_key


def wiring(settings: TelephonySettings) -> Wiring:
    """Everything telephony brings; connects to nothing."""
    return Wiring(
        name="telephony",
        migrations=Path(__file__).parents[1] / "migrations",
        routers=[
            connections.routes,
            extensions.routes,
            calls.routes,
            recordings.routes,
            dialing.routes,
            past_calls.routes,
        ],
        root_routers=[hooks.routes],
        batches={"telephony.phone-index": apply_people, "telephony.call-links": apply_links},
        due=due_handlers(patience_of(settings)),
        resync={"connection": connection_service.resync},
        workers=[fold_webhooks, dial, fetch_recordings],
        measures=measures(patience_of(settings)),
        resources=[require_key],
    )
