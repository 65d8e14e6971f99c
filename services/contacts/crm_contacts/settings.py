"""Settings of contacts beyond the chassis' own."""

from typing import ClassVar

from crm_chassis.settings import ServiceSettings


class ContactsSettings(ServiceSettings):
    """Contacts needs nothing of its own: `default_region` says how national phone numbers are read."""

    service: ClassVar[str] = "contacts"
