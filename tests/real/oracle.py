"""What the figures of the real set must be, from its CSV with csv and datetime alone: none of the product's code."""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "sales-opportunities"


@dataclass(frozen=True)
class Opportunity:
    """A line of sales_pipeline.csv; `row` is its line in the file as a person counts, the header being the first."""

    row: int
    number: str
    agent: str
    manager: str
    office: str
    product: str
    product_as_written: str
    account: str
    stage: str
    opened: date | None
    closed: date | None
    value: int


def _day(text: str) -> date | None:
    return datetime.strptime(text, "%m/%d/%Y").date() if text else None  # noqa: DTZ007 - a day has no zone


def opportunities(folder: Path = FOLDER) -> list[Opportunity]:
    """All lines; a product is known by its letters and digits alone."""
    with (folder / "sales_teams.csv").open(newline="", encoding="utf-8") as lines:
        agents = {line["sales_agent"]: line for line in csv.DictReader(lines)}
    with (folder / "products.csv").open(newline="", encoding="utf-8") as lines:
        products = {_bare(line["product"]): line["product"] for line in csv.DictReader(lines)}
    with (folder / "sales_pipeline.csv").open(newline="", encoding="utf-8") as lines:
        return [
            Opportunity(
                row=row,
                number=line["opportunity_id"],
                agent=line["sales_agent"],
                manager=agents[line["sales_agent"]]["manager"],
                office=agents[line["sales_agent"]]["regional_office"],
                product=products[_bare(line["product"])],
                product_as_written=line["product"],
                account=line["account"],
                stage=line["deal_stage"],
                opened=_day(line["engage_date"]),
                closed=_day(line["close_date"]),
                value=int(line["close_value"] or 0),
            )
            for row, line in enumerate(csv.DictReader(lines), start=2)
        ]


def _bare(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


@dataclass
class Sums:
    """Won and lost deals and what was won."""

    won: int = 0
    won_value: int = 0
    lost: int = 0


def closed_by(
    deals: list[Opportunity], key: Callable[[Opportunity], str], until: date | None = None
) -> dict[str, Sums]:
    """Closed deals (up to the end of a day) by whatever the key tells."""
    found: dict[str, Sums] = defaultdict(Sums)
    for deal in deals:
        if deal.closed is None or (until is not None and deal.closed > until):
            continue
        sums = found[key(deal)]
        if deal.stage == "Won":
            sums.won += 1
            sums.won_value += deal.value
        else:
            sums.lost += 1
    return dict(found)


def stages_at(deals: list[Opportunity], day: date) -> Counter[str]:
    """In which stage how many deals were at the end of a day; a deal without dates was nowhere."""
    return Counter(stage for deal in deals for stage in _stage_at(deal, day))


def _stage_at(deal: Opportunity, day: date) -> Iterator[str]:
    if deal.closed is not None and deal.closed <= day:
        yield deal.stage
    elif deal.opened is not None and deal.opened <= day:
        yield "Engaging"


def quarter(deal: Opportunity) -> str:
    """The quarter in which the deal was closed."""
    assert deal.closed is not None
    return f"{deal.closed.year}-Q{(deal.closed.month + 2) // 3}"
