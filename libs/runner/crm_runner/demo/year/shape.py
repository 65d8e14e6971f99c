"""What a year is made of. Times are aware, days are the company's, money is in whole cents."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from crm_runner.demo.year.words import Locale


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything; calls are about as many as said."""

    people: int
    companies: int
    deals: int
    calls: int


FULL = Size(people=400, companies=60, deals=350, calls=2_500)
SMALL = Size(people=40, companies=8, deals=40, calls=160)


@dataclass(frozen=True, slots=True)
class Firm:
    """A company that buys."""

    name: str
    phone: str
    email: str
    owner: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who buys; `owner` is a colleague's first name, `company` a firm's name."""

    name: str
    phone: str
    email: str
    locale: Locale
    town: str
    owner: str
    source: str
    company: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """The deal entered this stage on that day."""

    stage: str
    day: date


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal with its whole way; `waits` when its owner has forgotten it."""

    number: str
    title: str
    person: Person
    owner: str
    sku: str
    quantity: int
    amount: Decimal
    steps: tuple[Step, ...]
    loss_reason: str | None
    expected_on: date | None
    waits: bool

    @property
    def stage(self) -> str:
        """Where it stands."""
        return self.steps[-1].stage

    @property
    def is_open(self) -> bool:
        """Neither won nor lost."""
        return self.stage not in ("Won", "Lost")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is over. `recorded`: recent and answered, so there would be a recording of it."""

    id: str
    direction: Literal["in", "out"]
    result: Literal["answered", "missed", "no_answer", "busy"]
    phone: str
    line: str
    user: str
    started_at: datetime
    ring_s: int
    talk_s: int
    outcome: str | None
    note: str
    recorded: bool


@dataclass(frozen=True, slots=True)
class Task:
    """What somebody is to do, or has done."""

    owner: str
    title: str
    deal: str
    person: str
    due_at: datetime
    done: bool


@dataclass(frozen=True, slots=True)
class Written:
    """Something a colleague wrote of a person, or (with a subject) to them."""

    author: str
    phone: str
    text: str
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """A customer who rings one colleague in vain, today."""

    phone: str
    user: str


@dataclass(frozen=True, slots=True)
class Year:
    """Everything of a year up to now, oldest first."""

    firms: tuple[Firm, ...]
    people: tuple[Person, ...]
    deals: tuple[Deal, ...]
    calls: tuple[Call, ...]
    tasks: tuple[Task, ...]
    notes: tuple[Written, ...]
    letters: tuple[Written, ...]
    rings: tuple[Ring, ...]
