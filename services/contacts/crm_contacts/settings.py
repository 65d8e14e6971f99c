"""Settings of contacts beyond the chassis' own."""

from pathlib import Path
from typing import ClassVar

from crm_chassis.settings import ServiceSettings
from pydantic import Field


class ContactsSettings(ServiceSettings):
    """`default_region` says how national phone numbers are read; the rest is about files on cards."""

    service: ClassVar[str] = "contacts"

    contacts_files_dir: Path = Field(
        default=Path(".data/files"), description="The folder of the files on cards; every process has the same"
    )
    contacts_files_spare_mb: int = Field(
        default=256, ge=0, description="Megabytes of its disk that no file may take: databases need room as well"
    )
