"""What the cells of a row say, each read by the format of its file; what can not be read is an error."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from crm_chassis.imports.files.shape import Format
from crm_chassis.imports.files.values import boolean, day, number
from crm_chassis.imports.kinds import Finding, Row
from crm_chassis.text import one_line

from crm_deals.lines.rules import MAX_AMOUNT, is_payable, minor_digits

T = TypeVar("T")
_LONGEST = 200


class Reader:
    """Reads the cells of one row, and keeps what is wrong with them in `findings`."""

    def __init__(self, row: Row, written: Format) -> None:
        self._values = row.values
        self._format = written
        self.findings: list[Finding] = []

    def refuse(self, code: str, message: str, field: str | None = None) -> None:
        """The row can not be written."""
        self.findings.append(Finding("error", code, message, field))

    def doubt(self, code: str, message: str, field: str | None = None) -> None:
        """The row can be written, and a person should look at it."""
        self.findings.append(Finding("doubt", code, message, field))

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What keeps the row out."""
        return tuple(finding for finding in self.findings if finding.level == "error")

    @property
    def refused(self) -> bool:
        """True when something keeps the row out."""
        return bool(self.errors)

    def text(self, name: str) -> str | None:
        """The cell as it stands; None when it is empty or no line of text we could store."""
        value = self._values.get(name)
        if value is None:
            return None
        try:
            one_line(value)
        except ValueError:
            self.refuse("control_character", "There is a control character in it.", name)
            return None
        if len(value) > _LONGEST:
            self.refuse("too_long", f"At most {_LONGEST} characters are taken.", name)
            return None
        return value

    def date(self, name: str) -> date | None:
        """The day, in the order of days and months the file has."""
        return self._parsed(name, lambda text: day(text, self._format.date_order))

    def boolean(self, name: str) -> bool | None:
        """Yes or no."""
        return self._parsed(name, boolean)

    def number(self, name: str) -> Decimal | None:
        """The number, with the decimal sign the file has."""
        return self._parsed(name, lambda text: number(text, self._format.decimal))

    def currency(self, name: str) -> str | None:
        """A currency by its three letters."""
        value = self.text(name)
        if value is None:
            return None
        code = value.upper()
        if not (len(code) == 3 and code.isascii() and code.isalpha()):
            self.refuse("bad_currency", "A currency is three letters, as in EUR.", name)
            return None
        return code

    def money(self, name: str, amount: Decimal | None, currency: str) -> Decimal | None:
        """The amount when it is one of the currency that can be stored, else refused."""
        if amount is None:
            return None
        if amount < 0:
            self.refuse("negative", "It is less than nothing.", name)
        elif amount >= MAX_AMOUNT:
            self.refuse("too_much", "More than can be stored.", name)
        elif not is_payable(amount, currency):
            self.refuse("too_precise", f"{currency} has {minor_digits(currency)} decimal places.", name)
        else:
            return amount
        return None

    def _parsed(self, name: str, parse: Callable[[str], T]) -> T | None:
        value = self._values.get(name)
        if value is None:
            return None
        try:
            return parse(value)
        except ValueError as error:
            self.refuse("unreadable", f"It can not be read: {error}.", name)
            return None


@dataclass(frozen=True, slots=True)
class DealCells:
    """The cells of a deal's row; None where there is nothing in them."""

    number: str | None
    title: str | None
    stage: str | None
    product: str | None
    company: str | None
    person: str | None
    owner: str | None
    amount: Decimal | None
    currency: str | None
    opened_on: date | None
    closed_on: date | None
    expected_close_on: date | None
    loss_reason: str | None


def deal_cells(reader: Reader) -> DealCells:
    """All cells of a deal's row."""
    return DealCells(
        number=reader.text("number"),
        title=reader.text("title"),
        stage=reader.text("stage"),
        product=reader.text("product"),
        company=reader.text("company"),
        person=reader.text("person"),
        owner=reader.text("owner"),
        amount=reader.number("amount"),
        currency=reader.currency("currency"),
        opened_on=reader.date("opened_on"),
        closed_on=reader.date("closed_on"),
        expected_close_on=reader.date("expected_close_on"),
        loss_reason=reader.text("loss_reason"),
    )
