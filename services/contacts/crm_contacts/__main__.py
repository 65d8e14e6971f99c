"""`python -m crm_contacts serve | migrate | openapi`."""

from crm_chassis.entry import run

from crm_contacts.main import wiring
from crm_contacts.settings import ContactsSettings

run(wiring, ContactsSettings)
