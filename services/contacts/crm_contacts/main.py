"""The composition root of contacts: the only file that joins its parts.

Owns people, companies, notes, files, capture and the timeline. Must never ask another service for anything.
"""

from pathlib import Path

from crm_chassis.database import Transaction
from crm_chassis.effects import Effect
from crm_chassis.schedule import Due
from crm_chassis.service import API_PREFIX, Wiring
from crm_contracts.archive import REBUILD_TIMELINE, TIMELINE_REPLAY

from crm_contacts import consumers, resync
from crm_contacts.cards.api import router as cards
from crm_contacts.companies.api import router as companies
from crm_contacts.files import service as file_service
from crm_contacts.files.api import MAX_BYTES
from crm_contacts.files.api import router as files
from crm_contacts.files.folder import Folder
from crm_contacts.imports.companies import Companies
from crm_contacts.imports.people import People
from crm_contacts.merging.api import router as merging
from crm_contacts.notes.api import router as notes
from crm_contacts.people.api import router as people
from crm_contacts.search.api import router as search
from crm_contacts.settings import ContactsSettings
from crm_contacts.timeline import rebuild
from crm_contacts.timeline.api import router as timeline


def wiring(settings: ContactsSettings) -> Wiring:
    """Everything contacts brings. Connects to nothing."""
    region = settings.default_region
    store = Folder(settings.contacts_files_dir, settings.contacts_files_spare_mb * 1024 * 1024)

    async def drop_content(_: Transaction, due: Due) -> None:
        await file_service.drop(store, due)

    return Wiring(
        name="contacts",
        migrations=Path(__file__).parents[1] / "migrations",
        routers=[people(region), merging, timeline, companies(region), search(region), cards, notes, files(store)],
        batches={"contacts.timeline": consumers.keep_history, TIMELINE_REPLAY: consumers.take_replay},
        commands={REBUILD_TIMELINE: consumers.rebuild_history},
        due={rebuild.FINISH: rebuild.finish, file_service.DROP: drop_content},
        # A call parked for hours still makes its card: lateness never counts here.
        effects={"contacts.capture": Effect(consumers.capture_call, late_after=None)},
        resync={"person": resync.people, "company": resync.companies, "call": resync.calls},
        imports=[Companies(region), People(region)],
        uploads={f"{API_PREFIX}/files": MAX_BYTES},
    )
