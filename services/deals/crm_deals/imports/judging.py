"""One row of deals against what is known here: what it wants, what keeps it out, what a person should look at."""

from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from crm_chassis.access.policy import admits
from crm_chassis.imports.kinds import Judged, Row, Run

from crm_deals.imports.cells import DealCells, Reader
from crm_deals.imports.known import Found, Known
from crm_deals.imports.rules import DateRefusal, History, history, identity, news, squeezed, title
from crm_deals.lines.rules import money

_DATES = frozenset({"opened_on", "closed_on"})
_WHY = {
    "unknown": ("unknown_{}", "Nobody and nothing here is called so."),
    "several": ("several_{}", "More than one is called so."),
    "left": ("left_{}", "They have left."),
}
_NOTHING = Found()


@dataclass(frozen=True, slots=True)
class House:
    """What holds for all rows: the company's currency and zone, and the moment the chunk is judged at."""

    currency: str
    zone: tzinfo
    now: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """A deal as its row wants it. `said` is what the row itself says of it, and is kept for the next file."""

    origin_id: str
    title: str
    stage: sa.Row[Any]
    product_id: UUID | None
    company_id: UUID | None
    person_id: UUID | None
    owner_id: UUID
    amount: Decimal
    currency: str
    loss_reason: str | None
    when: History
    expected_close_on: date | None
    said: dict[str, Any]
    there: sa.Row[Any] | None = None
    changes: frozenset[str] = frozenset()


class Judge:
    """Judges the rows of one chunk."""

    def __init__(self, run: Run, house: House, known: Known, there: dict[str, sa.Row[Any]]) -> None:
        self._run = run
        self._house = house
        self._known = known
        self._there = there

    def judged(self, row: Row, reader: Reader, cells: DealCells) -> Judged:
        """What writing the row would do. A row that names what is not known yet waits, until its last try."""
        origin_id = number_of(row, cells, self._known)
        stage = self._stage(row, reader, cells)
        product, company, person, owner = (
            self._found(row, reader, name, said, found)
            for name, said, found in (
                ("product", cells.product, self._known.products),
                ("company", cells.company, self._known.companies),
                ("person", cells.person, self._known.people),
                ("owner", cells.owner, self._known.owners),
            )
        )
        self._doubts(row, reader, cells, product)
        there = self._there.get(origin_id)
        if stage is None or reader.refused:
            return Judged(row, "error", reader.errors)
        when = self._when(reader, cells, closed=stage.kind != "open")
        currency = self._currency(reader, cells, there)
        given = reader.money("amount", cells.amount, currency)
        owner_id = owner.id if owner else self._run.options.owner_id or self._run.caller.id
        name = cells.title or title(
            product.name if product else cells.product,
            company.name if company else cells.company or (person.name if person else cells.person),
            cells.number,
        )
        if name is None:
            reader.refuse("required", "It has no title, and nothing to make one of.", "title")
        if when is None or name is None or reader.refused:
            return Judged(row, "error", reader.errors)
        said = {
            "title": cells.title,
            "stage": str(stage.stage_id),
            "product": str(product.id) if product else None,
            "company": str(company.id) if company else None,
            "person": str(person.id) if person else None,
            "owner": str(owner.id) if owner else None,
            "amount": money(given, currency) if given is not None else None,
            "loss_reason": self._loss_reason(cells, stage) if cells.loss_reason else None,
            "opened_on": cells.opened_on.isoformat() if cells.opened_on else None,
            "closed_on": cells.closed_on.isoformat() if cells.closed_on else None,
            "expected_close_on": self._expected(cells, stage),
        }
        expected = self._expected(cells, stage)
        wish = Wish(
            origin_id=origin_id,
            title=name,
            stage=stage,
            product_id=product.id if product else None,
            company_id=company.id if company else None,
            person_id=person.id if person else None,
            owner_id=owner_id,
            amount=given if given is not None else self._price(reader, product, stage, currency),
            currency=currency,
            loss_reason=self._loss_reason(cells, stage) if stage.kind == "lost" else None,
            when=when,
            expected_close_on=date.fromisoformat(expected) if expected else None,
            said={key: value for key, value in said.items() if value is not None},
            there=there,
        )
        if any(finding.code == "unknown" for finding in reader.findings):
            return Judged(row, "waiting")
        return self._compared(row, reader, wish) if there is not None else self._new(row, reader, wish, cells)

    def _new(self, row: Row, reader: Reader, wish: Wish, cells: DealCells) -> Judged:
        if not self._may("create", wish.owner_id):
            reader.refuse("owner_not_allowed", "You can not give deals to this user.", "owner")
        if (cells.opened_on or cells.closed_on) and not self._may("backdate", wish.owner_id):
            reader.refuse("backdate_right", "Your role may not say when a deal moved.", "opened_on")
        if reader.refused:
            return Judged(row, "error", reader.errors)
        return Judged(row, "create", tuple(reader.findings), (wish.origin_id,), wish)

    def _compared(self, row: Row, reader: Reader, wish: Wish) -> Judged:
        """An update of what the file says otherwise than the last one, where the deal is not so already."""
        there = wish.there
        assert there is not None
        told = news(wish.said, there.said or {})
        changes = told & {name for name, differs in _differences(wish, there).items() if differs}
        if changes & {"amount", "product"} and not _lines_are_ours(there):
            reader.doubt("lines_kept", "Somebody has changed the deal's lines: they stay.", "amount")
            changes -= {"amount", "product"}
        if told & _DATES and "stage" not in changes:
            reader.doubt("days_kept", "The deal's history is only added to: its days stay.")
        if not changes:
            return Judged(row, "same", tuple(reader.findings), (wish.origin_id,), wish)
        if not self._may("update", there.owner_id):
            reader.refuse("not_yours", "The deal of this number is not yours to change.", "number")
        if "owner" in changes and not self._may("update", wish.owner_id):
            reader.refuse("owner_not_allowed", "You can not give deals to this user.", "owner")
        if "stage" in changes:
            wish = self._move(reader, wish, there)
        if reader.refused:
            return Judged(row, "error", reader.errors)
        plan = replace(wish, changes=frozenset(changes))
        return Judged(row, "update", tuple(reader.findings), (wish.origin_id,), plan)

    def _move(self, reader: Reader, wish: Wish, there: sa.Row[Any]) -> Wish:
        """The wish with its stage entered no earlier than the deal's present one."""
        if there.outcome != "open" and not self._may("reopen", there.owner_id):
            reader.refuse("reopen_not_allowed", "Your role may not reopen a closed deal.", "stage")
        if wish.said.keys() & _DATES and not self._may("backdate", there.owner_id):
            reader.refuse("backdate_right", "Your role may not say when a deal moved.", "opened_on")
        entered = there.stage_entered_at
        moment = wish.when.closed_at or wish.when.opened_at
        if moment >= entered:
            return wish
        if not wish.when.guessed:
            reader.doubt("moved_later", "The day is before the deal entered its present stage: that moment is taken.")
        later = History(max(wish.when.opened_at, entered), wish.when.closed_at and entered, wish.when.guessed)
        return replace(wish, when=later)

    def _stage(self, row: Row, reader: Reader, cells: DealCells) -> sa.Row[Any] | None:
        stages = self._known.stages
        if not stages:
            reader.refuse("unknown_pipeline", "There is no such pipeline: choose another one for the file.")
            return None
        if cells.stage is None:
            if "stage" in self._run.mapping and "stage" not in row.values:
                reader.refuse("required", "It has no stage.", "stage")
            return stages[0]
        wanted = squeezed(cells.stage)
        for stage in stages:
            if squeezed(stage.stage_name) == wanted:
                return stage
        names = ", ".join(stage.stage_name for stage in stages)
        reader.refuse("unknown_stage", f"There is no such stage; there are: {names}.", "stage")
        return None

    def _found(
        self, row: Row, reader: Reader, name: str, said: str | None, known: dict[str, Found]
    ) -> sa.Row[Any] | None:
        if said is None:
            return None
        found = known.get(said, _NOTHING)
        if found.one is None:
            if found.why == "unknown" and not row.last_try:
                reader.doubt("unknown", "It is waited for.", name)
            else:
                code, message = _WHY[found.why]
                reader.doubt(code.format("user" if name == "owner" else name), message, name)
        return found.one

    def _doubts(self, row: Row, reader: Reader, cells: DealCells, product: sa.Row[Any] | None) -> None:
        if product is not None and cells.product and self._known.products[cells.product].nearly:
            reader.doubt("product_read_as", f"Read as {product.name}.", "product")
        if "company" in self._run.mapping and "company" not in row.values:
            reader.doubt("no_company", "It has no company.", "company")

    def _when(self, reader: Reader, cells: DealCells, *, closed: bool) -> History | None:
        when = history(cells.opened_on, cells.closed_on, closed=closed, now=self._house.now, zone=self._house.zone)
        if when is DateRefusal.IN_THE_FUTURE:
            reader.refuse(when.value, "This day has not come yet.", "closed_on" if closed else "opened_on")
            return None
        if isinstance(when, DateRefusal):
            reader.refuse(when.value, "It was closed before it was opened.", "closed_on")
            return None
        if when.guessed and self._run.mapping.keys() & _DATES:
            reader.doubt("no_date", "A day is missing: it happens now.", "opened_on")
        return when

    def _currency(self, reader: Reader, cells: DealCells, there: sa.Row[Any] | None) -> str:
        if there is None:
            return cells.currency or self._run.options.currency or self._house.currency
        if cells.currency not in (None, there.currency):
            reader.refuse("other_currency", f"The deal is in {there.currency}.", "currency")
        return str(there.currency)

    def _price(self, reader: Reader, product: sa.Row[Any] | None, stage: sa.Row[Any], currency: str) -> Decimal:
        """What an open deal is worth by its product; a closed one without an amount brought nothing."""
        if product is None or stage.kind != "open":
            return Decimal(0)
        if product.currency != currency:
            reader.doubt("other_currency", f"The product is priced in {product.currency}.", "amount")
            return Decimal(0)
        return Decimal(product.price)

    def _loss_reason(self, cells: DealCells, stage: sa.Row[Any]) -> str:
        """The pipeline's own reason when it is one in other letters, else as it stands in the file."""
        if cells.loss_reason is None:
            return str(self._run.options.loss_reason)
        wanted = squeezed(cells.loss_reason)
        return next((str(each) for each in stage.loss_reasons if squeezed(each) == wanted), cells.loss_reason)

    def _expected(self, cells: DealCells, stage: sa.Row[Any]) -> str | None:
        """An open deal's closing day is the day it is expected to close."""
        day = cells.expected_close_on or (cells.closed_on if stage.kind == "open" else None)
        return day.isoformat() if day else None

    def _may(self, action: str, owner_id: UUID) -> bool:
        owner = self._known.staff.get(owner_id)
        if owner is None and owner_id != self._run.caller.id and action == "create":
            return False
        return admits(self._run.caller, "deal", action, owner_id, owner.team_id if owner else None)


def number_of(row: Row, cells: DealCells, known: Known) -> str:
    """Under which number the row's deal is known here for good."""
    return cells.number or identity(row.values, known.repetitions.get(row.number, 0))


def _differences(wish: Wish, there: sa.Row[Any]) -> dict[str, bool]:
    products = {line["product_id"] for line in there.lines}
    return {
        "title": wish.title != there.title,
        "stage": wish.stage.stage_id != there.stage_id,
        "product": {str(wish.product_id)} != products,
        "company": wish.company_id != there.company_id,
        "person": wish.person_id != there.person_id,
        "owner": wish.owner_id != there.owner_id,
        "amount": wish.amount != there.amount,
        "loss_reason": there.outcome == "lost" and wish.said.get("loss_reason") != there.loss_reason,
        "expected_close_on": wish.expected_close_on != there.expected_close_on,
    }


def _lines_are_ours(there: sa.Row[Any]) -> bool:
    """True when the deal has but the line a file made, or none."""
    product = (there.said or {}).get("product")
    if not there.lines:
        return product is None
    (line, *more) = there.lines
    return (
        not more
        and line["product_id"] == product
        and Decimal(line["quantity"]) == 1
        and not Decimal(line["discount_percent"])
    )
