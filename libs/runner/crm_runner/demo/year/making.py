"""The year itself: people, their deals' ways, and the calls around them, all of one seed and one moment.

Pure: no clock, no network. Must never know how any of it enters the product.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from crm_runner.demo.year.calls import Switchboard
from crm_runner.demo.year.shape import Deal, Firm, Person, Ring, Size, Step, Task, Written, Year
from crm_runner.demo.year.staff import MANNERS, MENTOR, Manner
from crm_runner.demo.year.words import (
    FIRMS,
    GIVEN,
    GOODS,
    LATIN,
    LETTERS,
    MAIL_DOMAINS,
    NEXT_STEPS,
    PLACES,
    SAID,
    SURNAMES,
    TOWNS,
    Locale,
)

T = TypeVar("T")
ZONE = ZoneInfo("Europe/Ljubljana")
DAYS = 365
# How busy the months are: windows are bought in spring and autumn, and in August everybody is at the sea.
SEASON = (60, 75, 110, 125, 125, 105, 60, 45, 115, 130, 110, 70)
_WAY = ("New", "Contacted", "Measuring", "Offer", "Contract", "Won")
_TAKES = ((0, 4), (3, 11), (5, 16), (10, 32), (8, 26))
# Of those lost, how far they came.
_LOST_FROM = (("New", 12), ("Contacted", 26), ("Measuring", 20), ("Offer", 36), ("Contract", 6))
_PRICES = {"PVC-120": "389.00", "WOOD-120": "645.00", "ROOF-78": "720.00", "DOOR-90": "910.00", "SHUT-1": "145.50"}
_SKUS = (("PVC-120", 46), ("WOOD-120", 18), ("ROOF-78", 14), ("DOOR-90", 10), ("SHUT-1", 12))
_SOURCES = (("Web", 34), ("Recommendation", 30), ("Phone", 18), ("Fair", 8), ("Advert", 10))
_LOCALES: tuple[tuple[Locale, int], ...] = (("sl", 72), ("ru", 16), ("en", 12))
_PREFIXES = ("40", "41", "31", "51", "70")
_FRESH, _JUST_IN = 20, 3
_DONE_EACH, _NOTES_PER_DEAL, _LETTERS = 8, 0.35, 25


def chosen(dice: random.Random, weighted: Sequence[tuple[T, int]]) -> T:
    """One of the things, by their weights."""
    return dice.choices([thing for thing, _ in weighted], [weight for _, weight in weighted])[0]


def workday(day: date) -> date:
    """The day, or the Monday after it."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)


def make(size: Size, seed: int, now: datetime) -> Year:
    """The year up to `now`; the same for the same seed and moment."""
    dice = random.Random(f"okna novak {seed}")
    today = now.astimezone(ZONE).date()
    phones = _phones(dice)
    firms = _firms(dice, size.companies, phones)
    people = _people(dice, size.people, firms, phones)
    deals = _deals(dice, size.deals, people, today)
    calls = Switchboard(dice, now, ZONE).year(deals, people, phones, size.calls)
    return Year(
        firms=firms,
        people=people,
        deals=deals,
        calls=calls,
        tasks=_tasks(dice, deals, now),
        notes=_notes(dice, deals),
        letters=_letters(dice, deals),
        rings=_rings(deals),
    )


def _phones(dice: random.Random) -> Iterator[str]:
    """Mobile numbers, none twice."""
    given: set[str] = set()
    while True:
        phone = f"+386{dice.choice(_PREFIXES)}{dice.randrange(200_000, 999_999)}"
        if phone not in given:
            given.add(phone)
            yield phone


def _firms(dice: random.Random, count: int, phones: Iterator[str]) -> tuple[Firm, ...]:
    towns = [town for town, _ in TOWNS]
    names: list[str] = []
    for pattern in FIRMS:
        fillings = towns if "{town}" in pattern else [name for name, _ in SURNAMES["sl"]]
        names += [pattern.format(town=filling, name=filling) for filling in fillings]
    firms = []
    for name in dice.sample(names, count):
        domain = name.removesuffix(" d.o.o.").removesuffix(" s.p.").lower().translate(LATIN).replace(".", "-")
        firms.append(Firm(name, next(phones), f"info@{domain}.example", _owner(dice)))
    return tuple(firms)


def _people(dice: random.Random, count: int, firms: Sequence[Firm], phones: Iterator[str]) -> tuple[Person, ...]:
    people: list[Person] = []
    names, mails = set[str](), set[str]()
    without = iter(MANNERS)  # everybody has a customer of their own, however few there are
    while len(people) < count:
        locale = chosen(dice, _LOCALES)
        given, sex = dice.choice(GIVEN[locale])
        man, woman = dice.choice(SURNAMES[locale])
        name = f"{given} {man if sex == 'm' else woman}"
        mail = name.lower().translate(LATIN)
        if name in names or mail in mails:
            continue
        names.add(name)
        mails.add(mail)
        firm = firms[len(people)] if len(people) < len(firms) else None
        if firm is None and dice.random() < 0.12:
            firm = dice.choice(firms)
        owner = firm.owner if firm else next(without, _owner(dice))
        town, source = chosen(dice, TOWNS), chosen(dice, _SOURCES)
        email = f"{mail}@{dice.choice(MAIL_DOMAINS)}"
        people.append(Person(name, next(phones), email, locale, town, owner, source, firm.name if firm else None))
    dice.shuffle(people)
    return tuple(people)


def _owner(dice: random.Random) -> str:
    return chosen(dice, [(name, round(100 * manner.share)) for name, manner in MANNERS.items()])


def _deals(dice: random.Random, count: int, people: Sequence[Person], today: date) -> tuple[Deal, ...]:
    first = today - timedelta(days=DAYS)
    days = [day for day in (first + timedelta(days=n) for n in range(DAYS)) if day.weekday() < 5]
    # The company grows a little, so that there is something on the board.
    weights = [SEASON[day.month - 1] * (1.0 + 1.1 * n / len(days)) for n, day in enumerate(days)]
    old = max(0, count - min(_FRESH, count // 2))
    opened = sorted(dice.choices(days, weights, k=old))
    customers = [*dice.sample(people, min(len(people), round(0.8 * old))), *dice.choices(people, k=old)]
    deals = [
        _deal(dice, number, day, person, today, fresh=False)
        for number, (day, person) in enumerate(zip(opened, customers, strict=False), 1)
    ]
    # The newest are dealt out one by one: everybody has something to do today; the last of them came just now.
    names = tuple(MANNERS)
    fresh = sorted(dice.choices(days[-30:], k=count - old))
    before = len(fresh) - min(_JUST_IN, len(fresh) // 4)
    for place, day in enumerate(fresh):
        own = [person for person in people if person.owner == names[place % len(names)]] or people
        deal = _deal(dice, old + place + 1, day, dice.choice(own), today, fresh=True)
        deals.append(deal if place < before else replace(deal, steps=(Step("New", days[-1]),)))
    return tuple(deals)


def _deal(dice: random.Random, number: int, day: date, person: Person, today: date, *, fresh: bool) -> Deal:
    owner = person.owner
    if (today - day).days > MANNERS[owner].since_days:
        owner = MENTOR[owner]
    manner = MANNERS[owner]
    sku = chosen(dice, _SKUS)
    quantity = 1 if sku == "DOOR-90" else dice.randint(2, 9)
    if person.company:
        quantity *= dice.randint(2, 5)
    steps, reason, waits = _way(dice, manner, day, today, fresh=fresh)
    amount = Decimal(_PRICES[sku]) * quantity
    is_open = steps[-1].stage not in ("Won", "Lost")
    place = person.company or dice.choice(PLACES[person.locale])
    return Deal(
        number=f"ON-{number:04d}",
        title=f"{GOODS[sku][person.locale]} ({quantity}×), {place}, {person.town}",
        person=person,
        owner=owner,
        sku=sku,
        quantity=quantity,
        amount=amount,
        steps=steps,
        loss_reason=reason,
        expected_on=workday(today + timedelta(days=dice.randint(5, 45))) if is_open and not waits else None,
        waits=waits,
    )


def _way(
    dice: random.Random, manner: Manner, opened: date, today: date, *, fresh: bool
) -> tuple[tuple[Step, ...], str | None, bool]:
    """The steps that were taken by today, why it was lost, and whether somebody let it lie."""
    won = fresh or dice.random() < manner.wins
    last = "Won" if won else chosen(dice, _LOST_FROM)
    lies = not fresh and dice.random() < 0.25 * manner.forgets
    stops = dice.randint(1, 3) if lies else len(_WAY)
    steps, day = [Step("New", opened)], opened
    for stage, (least, most) in zip(_WAY[1:], _TAKES, strict=True):
        end = steps[-1].stage == last
        if len(steps) > stops:
            return tuple(steps), None, True
        day = workday(day + timedelta(days=round(dice.randint(least, most) * manner.pace)))
        if day > today:
            return tuple(steps), None, False
        if fresh and stage == "Won":
            return tuple(steps), None, False
        if end:
            return (*steps, Step("Lost", day)), chosen(dice, manner.reasons), False
        steps.append(Step(stage, day))
    return tuple(steps), None, False


def _tasks(dice: random.Random, deals: Sequence[Deal], now: datetime) -> tuple[Task, ...]:
    """The next steps of open deals, some of them today; a forgetful colleague's are overdue or missing.

    Nothing but the forgotten is due before the year has been brought in: late in the evening "today" is the next hour.
    """
    tasks: list[Task] = []
    evening = datetime.combine(now.astimezone(ZONE).date(), time(23, 50), ZONE).astimezone(UTC)
    left = max(evening - now, timedelta(hours=1))
    for owner, manner in MANNERS.items():
        mine = [deal for deal in deals if deal.owner == owner and deal.is_open]
        # The last one never has a next step, whoever's it is: somebody has to think of it.
        planned = [deal for place, deal in enumerate(mine[:-1]) if place < 2 or dice.random() < manner.plans]
        for place, deal in enumerate(planned):
            if place < 4:
                due = now + left * (place + 1) / 6
            elif place < 4 + round(12 * manner.forgets):
                due = _at(dice, workday(now.date() - timedelta(days=dice.randint(1, 12))))
                due = min(due, now - timedelta(hours=1))
            else:
                due = _at(dice, workday(now.date() + timedelta(days=dice.randint(1, 14))))
            tasks.append(_task(deal, due, done=False))
        closed = [deal for deal in deals if deal.owner == owner and not deal.is_open]
        tasks += [_task(deal, now + left, done=True) for deal in closed[-_DONE_EACH:]]
    return tuple(tasks)


def _task(deal: Deal, due_at: datetime, *, done: bool) -> Task:
    words = NEXT_STEPS[deal.person.locale]
    title = words["Contract" if done else deal.stage]
    return Task(deal.owner, f"{title}: {deal.person.name}", deal.number, deal.person.phone, due_at, done)


def _at(dice: random.Random, day: date) -> datetime:
    return datetime.combine(day, time(dice.randint(9, 16), dice.choice((0, 15, 30, 45))), ZONE).astimezone(UTC)


def _notes(dice: random.Random, deals: Sequence[Deal]) -> tuple[Written, ...]:
    notes = []
    for deal in deals[-round(_NOTES_PER_DEAL * len(deals)) :]:
        occasions = SAID[deal.person.locale]
        text = dice.choice((*occasions["first"], *occasions["contact"]))
        notes.append(Written(deal.owner, deal.person.phone, text))
    return tuple(notes)


def _letters(dice: random.Random, deals: Sequence[Deal]) -> tuple[Written, ...]:
    offered = [deal for deal in deals if deal.stage in ("Offer", "Contract") and not deal.waits]
    letters = []
    for deal in offered[-_LETTERS:]:
        subject, text = LETTERS[deal.person.locale]
        words = text.format(name=deal.person.name, title=deal.title)
        letters.append(Written(deal.owner, deal.person.phone, words, subject))
    return tuple(letters)


def _rings(deals: Sequence[Deal]) -> tuple[Ring, ...]:
    """For each colleague two customers with an open deal; the forgetful one has kept more waiting."""
    rings = []
    for owner, manner in MANNERS.items():
        phones = list(dict.fromkeys(deal.person.phone for deal in deals if deal.owner == owner and deal.is_open))
        rings += [Ring(phone, owner) for phone in phones[-(4 if manner.forgets > 0.3 else 2) :]]
    return tuple(rings)
