"""Random stories of a small company, told as events, for hypothesis."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from crm_contracts.deals import PIPELINE_CHANGED
from crm_contracts.envelope import Envelope

from .company import OPEN_STAGES, Account, Deal, Pipeline, Product, Team, User, utc

FIRST = utc("2026-03-01 00:00")
TOLD_LATE = utc("2026-06-29 12:00")
# UTC hours at which a day of Ljubljana begins, in winter and in summer, and one in the middle.
HOURS = ("10:30", "21:59", "22:00", "22:59", "23:00")


@dataclass
class Story:
    """What is told first, and what only later; either in any order, any part of it twice."""

    pipelines: list[Pipeline]
    first: list[Envelope] = field(default_factory=list)
    later: list[Envelope] = field(default_factory=list)
    users: list[User] = field(default_factory=list)


def story(dice: random.Random) -> Story:
    """Two teams, three users, two products, two companies and a few deals that go to and fro."""
    told = Story([Pipeline(), Pipeline()])
    teams = [Team(dice.choice([None, "Koper", "Celje"])) for _ in range(2)]
    told.users = [User(team_id=dice.choice([None, *(team.id for team in teams)])) for _ in range(3)]
    products, accounts = [Product(), Product("Door")], [Account(), Account("Vrata")]
    events = [pipeline.changed(FIRST) for pipeline in told.pipelines]
    tellers: list[Team | User | Product | Account] = [*teams, *told.users, *products, *accounts]
    events += [each.told(_moment(dice)) for each in tellers]
    for _ in range(dice.randrange(1, 8)):
        events += _deal(dice, told, products, accounts)
    for team in teams:
        team.office = dice.choice(["Koper", "Ptuj"])
    told.users[0].team_id = teams[0].id
    products[0].name = "Roof window"
    tellers = [*teams, told.users[0], products[0]]
    events += [each.told(_moment(dice)) for each in tellers]
    for event in events:
        late = dice.random() < 0.3 and event.type != PIPELINE_CHANGED  # without one there is no funnel to ask for
        (told.later if late else told.first).append(event)
    for part in (told.first, told.later):
        part.extend(dice.choices(part, k=len(part) // 3) if part else [])
        dice.shuffle(part)
    return told


def _deal(dice: random.Random, told: Story, products: list[Product], accounts: list[Account]) -> list[Envelope]:
    deal = Deal(dice.choice(told.pipelines), dice.choice(told.users).id, currency=dice.choice(["EUR", "USD"]))
    _changed(dice, deal, told, products, accounts)
    events = [deal.created(_moment(dice), dice.choice(OPEN_STAGES), told_at=dice.choice([None, TOLD_LATE]))]
    for _ in range(dice.randrange(6)):
        if dice.random() < 0.3:
            _changed(dice, deal, told, products, accounts)
            events.append(deal.updated(_moment(dice)))
            continue
        stage = dice.choice([*OPEN_STAGES, "Won", "Won", "Lost"])
        before, was_in = deal.pipeline, deal.now_in
        if dice.random() < 0.1:
            deal.pipeline = dice.choice(told.pipelines)
        events.append(deal.moved(stage, _moment(dice), told_at=dice.choice([None, TOLD_LATE])))
        if was_in is not None and was_in.kind == "open" and dice.random() < 0.2:
            deal.pipeline = before
            events.append(deal.taken_back(was_in.name))
    if dice.random() < 0.2:
        events.append(deal.removed(_moment(dice)))
    return events


def _changed(dice: random.Random, deal: Deal, told: Story, products: list[Product], accounts: list[Account]) -> None:
    deal.owner_id = dice.choice(told.users).id
    deal.company_id = dice.choice([None, *(account.id for account in accounts)])
    lines = dice.choices(products, k=dice.randrange(4))
    deal.lines = [(product.id, f"{dice.randrange(10_000)}.{dice.randrange(100):02d}") for product in lines]
    deal.amount = sum((Decimal(total) for _, total in deal.lines), Decimal(0)) or Decimal(f"{dice.randrange(999)}.50")


def _moment(dice: random.Random) -> datetime:
    day = FIRST + timedelta(days=dice.randrange(118))
    return utc(f"{day:%Y-%m-%d} {dice.choice(HOURS)}")
