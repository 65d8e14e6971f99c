"""Import jobs as the API takes and gives them."""

from typing import Annotated, Any, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model

from crm_chassis.imports.kinds import Ended, Kind, Verdict
from crm_chassis.paging import ListQuery
from crm_chassis.text import Line, OneLine

State = Literal[
    "reading", "ready", "checking", "checked", "running", "done", "cancelled", "undoing", "undone", "failed"
]
"""reading → ready → checking → checked → running → done or cancelled; then undoing → undone."""

Code = Annotated[str, Field(pattern="^[a-z_][a-z0-9_]{0,59}$")]
Mapping = Annotated[
    dict[Code, Annotated[int, Field(ge=0, lt=200)]],
    Field(max_length=100, json_schema_extra={"additionalProperties": False}),
]
"""Fields by the number of their column."""


class FormatChange(BaseModel):
    """How to read the file, where the guess was wrong; only what is sent is overruled."""

    model_config = ConfigDict(extra="forbid")

    encoding: Annotated[OneLine, Field(max_length=40)] | None = None
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    sheet: Annotated[OneLine, Field(max_length=100)] | None = None
    header_row: Annotated[int, Field(ge=0, le=1000)] | None = None
    date_order: Literal["dmy", "mdy", "ymd"] | None = None
    decimal: Literal[".", ","] | None = None


class ImportChange(BaseModel):
    """What a person decides: how to read, which column is which field, what holds for all rows, which to leave out."""

    model_config = ConfigDict(extra="forbid")

    format: FormatChange | None = None
    mapping: Mapping | None = None
    options: BaseModel | None = None
    skipped_doubts: Annotated[list[Code] | None, Field(max_length=50)] = None


def change_of(kind: Kind) -> type[ImportChange]:
    """The body of a change with the options of this kind."""
    name = f"{kind.name.capitalize()}ImportChange"
    options: Any = (kind.options | None, None)
    return create_model(name, __base__=ImportChange, __doc__=ImportChange.__doc__, options=options)


class ImportField(BaseModel):
    """A field a column can be mapped to."""

    name: str
    label: str
    kind: str
    required: bool


class ImportFormat(BaseModel):
    """How the file is read; before it was, only what a person has said of it."""

    kind: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    date_order: str | None = None
    decimal: str | None = None


class ImportColumn(BaseModel):
    """A column of the file: what it looks to hold, and up to five different samples."""

    index: int
    name: str
    kind: str
    samples: list[str]


class ImportNote(BaseModel):
    """What a person should know of the file, and the first row it was met in."""

    code: str
    row: int | None
    message: str


class ImportFailure(BaseModel):
    """Why the job is over before its end, or why its file can not be read, and the row that says so."""

    code: str
    message: str | None
    row: int | None = None


class ImportFinding(BaseModel):
    """What is said of a row: an `error` keeps it out, a `doubt` is for a person to look at."""

    level: Literal["error", "doubt"]
    code: str
    message: str
    field: str | None


class ImportOut(BaseModel):
    """A job. `counts` tells rows by what writing them would do or did (`skipped`: left out for their doubts), and
    doubts by their code; `done` of `total` rows have been dealt with in this state."""

    id: UUID
    kind: str
    state: State
    file_name: str
    file_bytes: int
    format: ImportFormat | None
    columns: list[ImportColumn]
    sheets: list[str]
    notes: list[ImportNote]
    fields: list[ImportField]
    mapping: dict[str, int]
    options: dict[str, Any]
    skipped_doubts: list[str]
    total: int
    done: int
    counts: dict[str, int]
    failure: ImportFailure | None
    created_at: AwareDatetime
    finished_at: AwareDatetime | None
    version: int


class ImportRow(BaseModel):
    """A row of the file: its number as a person counts, its cells, what writing it does, why, and what became of it."""

    number: int
    cells: list[str]
    verdict: Verdict | None
    findings: list[ImportFinding]
    ended: Ended | None
    subject_id: UUID | None


class RowQuery(ListQuery):
    """Rows of one verdict, with one finding; those written in doubt; those an undo had to leave as they are."""

    verdict: Verdict | None = None
    finding: Code | None = None
    about: Literal["doubtful", "kept"] | None = None


class ImportQuery(ListQuery):
    """Jobs are listed the newest first."""


class Upload(BaseModel):
    """What goes with a file."""

    model_config = ConfigDict(extra="forbid")

    file_name: Line


def told(row: sa.Row[Any], kind: Kind) -> ImportOut:
    """The job as the API gives it."""
    outline = row.outline or {}
    return ImportOut(
        id=row.id,
        kind=row.kind,
        state=row.state,
        file_name=row.file_name,
        file_bytes=row.file_bytes,
        format=row.format,
        columns=outline.get("columns", []),
        sheets=outline.get("sheets", []),
        notes=outline.get("notes", []),
        fields=[ImportField(name=f.name, label=f.label, kind=f.kind, required=f.required) for f in kind.fields],
        mapping=row.mapping,
        options=row.options,
        skipped_doubts=row.skipped_doubts,
        total=row.total,
        done=_done(row),
        counts=row.counts,
        failure=row.failure,
        created_at=row.created_at,
        finished_at=row.finished_at,
        version=row.version,
    )


def _done(row: sa.Row[Any]) -> int:
    # Doubts are counted beside the verdicts: they are no rows of their own.
    return sum(count for name, count in row.counts.items() if ":" not in name and name != "waiting")


def row_told(row: sa.Row[Any]) -> ImportRow:
    """A row of the file as the API gives it."""
    return ImportRow(
        number=row.number,
        cells=row.cells,
        verdict=row.verdict,
        findings=row.findings,
        ended=row.ended,
        subject_id=row.subject_id,
    )
