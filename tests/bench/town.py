"""The customers a bench invents: the same for the same number, so that two runs are about the same data. Pure."""

import csv
import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_FIRST_NAMES = (
    "Ana Boris Cene Darja Eva Franc Gregor Helena Igor Jana Katja Luka Marija Nina Oskar Petra Rok Sara Tomaž Urša Vid"
    " Zala Aleš Barbara David Ema Filip Gašper Iva Jakob Kristina Lara Matej Nika Polona Simon Tina Uroš Vesna Žiga"
)
_OF_LAST_NAMES = (
    "ko no va ber gra mi tro za lo ven pe ri sto ku dol hri bar ma lin da ter vo sla ne ži ka bo re go ple či sko la mo"
    " ša dre ju bi ce fra"
)
_FIRST = tuple(_FIRST_NAMES.split())
_SYLLABLES = tuple(_OF_LAST_NAMES.split())
_WORK = ("Windows", "Doors", "Shutters", "Balcony", "Roof", "Facade")
_MOBILE = "+38651"
_OFFICE = "+38615"


@dataclass(frozen=True)
class Somebody:
    """A person or company to be entered."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True)
class Work:
    """A deal to be entered, of the person with this number."""

    title: str
    person: int
    stage: int
    amount: str


def person(number: int) -> Somebody:
    """The person of this number, below a million: the phone is nobody else's, the name may be."""
    dice = random.Random(f"person {number}")
    last = "".join(dice.choice(_SYLLABLES) for _ in range(3)).capitalize()
    return Somebody(f"{dice.choice(_FIRST)} {last}", f"{_MOBILE}{number:06d}", f"person{number}@customers.example")


def company(number: int) -> Somebody:
    """The company of this number, below a million."""
    dice = random.Random(f"company {number}")
    name = "".join(dice.choice(_SYLLABLES) for _ in range(3)).capitalize()
    return Somebody(f"{name} {number} d.o.o.", f"{_OFFICE}{number:06d}", f"office{number}@companies.example")


def deal(number: int, people: int, stages: int) -> Work:
    """The deal of this number: spread evenly over stages, by chance over people."""
    dice = random.Random(f"deal {number}")
    title = f"{dice.choice(_WORK)} {number}"
    return Work(title, dice.randrange(people), number % stages, f"{dice.randrange(100, 20_000)}.00")


def name_parts(names: Sequence[str], count: int) -> list[str]:
    """Five letters out of the middle of last names."""
    dice = random.Random("name parts")
    long = [last for last in (name.split(" ")[-1] for name in names) if len(last) >= 6] or list(names)
    return [last[1:6] for last in (dice.choice(long) for _ in range(count))]


def phone_parts(phones: Sequence[str], count: int) -> list[str]:
    """The last seven digits of numbers."""
    dice = random.Random("phone parts")
    return [dice.choice(phones)[-7:] for _ in range(count)]


def as_csv(head: Sequence[str], rows: Iterator[Sequence[str]]) -> bytes:
    """A file as an importer takes it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode()
