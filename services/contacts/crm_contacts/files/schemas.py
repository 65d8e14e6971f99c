"""Files as the API takes and gives them."""

from typing import Annotated
from uuid import UUID

from crm_chassis.paging import ListQuery
from crm_chassis.text import OneLine, not_blank
from crm_contracts.contacts import Subject
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError


def _no_path(value: str) -> str:
    if "/" in value or "\\" in value or value.strip(" .") == "":
        raise PydanticCustomError("path_in_name", "a file's name is no path: no slashes, not only dots")
    return value


FileName = Annotated[
    OneLine, StringConstraints(min_length=1, max_length=200), AfterValidator(not_blank), AfterValidator(_no_path)
]


class FileUpload(BaseModel):
    """What goes with a new file on a person, a company or a deal."""

    model_config = ConfigDict(extra="forbid")

    subject: Subject
    subject_id: UUID
    file_name: FileName


class FilePatch(BaseModel):
    """A JSON merge patch: only what is sent changes. The default is never read."""

    model_config = ConfigDict(extra="forbid")

    name: FileName = ""


class FileOut(BaseModel):
    """A file. What is in it is under `/content`, and never changes."""

    id: UUID
    subject: Subject
    subject_id: UUID
    author_id: UUID
    name: str
    size: int = Field(description="Bytes")
    media_type: str = Field(description="What it is by its content, whatever its name says")
    sha256: str = Field(description="Of its content, in hexadecimal digits")
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int


class FilesQuery(ListQuery):
    """On what the files are."""

    subject: Subject
    subject_id: UUID
