"""What a service says about one kind of thing that can be imported: its fields, and how rows become rows."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from uuid import UUID

from pydantic import BaseModel

from crm_chassis.access.principal import Principal
from crm_chassis.database import Transaction
from crm_chassis.imports.files.shape import Format

Verdict = Literal["create", "update", "same", "duplicate", "error", "waiting"]
"""What writing the row would do. `same`: nothing would change; `duplicate`: an earlier row of the file is the same;
`waiting`: it names something not known here yet."""

Ended = Literal["created", "updated", "same", "duplicate", "error", "skipped", "removed", "restored", "kept"]
"""What became of the row; the last three after an undo."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field a column can be mapped to; `synonyms` are how other systems head that column, in any language."""

    name: str
    label: str
    kind: Literal["text", "phone", "email", "number", "date", "boolean", "reference"] = "text"
    required: bool = False
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be said about a row: an `error` keeps it out, a `doubt` is for a person to look at."""

    level: Literal["error", "doubt"]
    code: str
    message: str
    field: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As stored and shown."""
        return {"level": self.level, "code": self.code, "message": self.message, "field": self.field}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file by fields; empty cells are left out. On its `last_try` it may wait no longer."""

    number: int
    values: Mapping[str, str]
    last_try: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What writing the row would do, and the kind's own `plan` for it.

    Rows of one file that share one of `keys` are the same thing: the first one counts, also one that is refused. So
    is a row that `meets` what an earlier one that counts `takes`; what a duplicate meets is left to the rows after it.
    """

    row: Row
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    keys: tuple[str, ...] = ()
    plan: Any = None
    meets: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()

    @property
    def doubts(self) -> frozenset[str]:
        """Codes of what a person should look at."""
        return frozenset(finding.code for finding in self.findings if finding.level == "doubt")


@dataclass(frozen=True, slots=True)
class Written:
    """The row became (part of) a subject; `before` is what an undo puts back, None for what was made new."""

    number: int
    subject_id: UUID
    after_version: int
    before: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Undone:
    """Whether the row's work was taken back; if not, because of `finding`."""

    number: int
    finding: Finding | None = None


Claimed = Callable[[Collection[str]], Awaitable[Mapping[str, int]]]
"""Which of these keys rows of earlier chunks have, each with the number of the first that does."""


async def _none_claimed(_: Collection[str]) -> Mapping[str, int]:
    return {}


@dataclass(frozen=True, slots=True)
class Run:
    """In what a kind works: one transaction of one chunk, in the name of who imports, with the rights of now.

    `mapping` tells an empty cell from a file without such a column. `claimed` tells which keys rows of earlier chunks
    have; when rows are written there are none, for duplicates are not written.
    """

    tx: Transaction
    caller: Principal
    options: Any
    format: Format
    job_id: UUID
    notes: dict[str, Any] = field(default_factory=dict)
    mapping: Mapping[str, int] = field(default_factory=dict)
    claimed: Claimed = _none_claimed


class Kind(Protocol):
    """One kind of thing that can be imported."""

    @property
    def name(self) -> str:
        """As in the path: `people`."""

    @property
    def fields(self) -> Sequence[Field]:
        """What a column can be mapped to."""

    @property
    def options(self) -> type[BaseModel]:
        """What a person may say about a whole file: its default owner, its pipeline."""

    def require(self, caller: Principal) -> None:
        """Forbidden unless the caller may import this kind at all."""

    async def judge(self, run: Run, rows: Sequence[Row]) -> list[Judged]:
        """What writing each row would do; writes nothing, raises nothing for what stands in a row."""

    async def write(self, run: Run, rows: Sequence[Judged]) -> list[Written]:
        """The rows (verdicts create and update) are written and told."""

    async def undo(self, run: Run, rows: Sequence[Written]) -> list[Undone]:
        """What the rows did is taken back, except where somebody has changed it since."""
