from datetime import date
from decimal import Decimal

from crm_reports.calls.rules import Calls, average_s, every_day


def test_a_mean_is_rounded_half_up_to_one_decimal() -> None:
    assert average_s(1, 4) == Decimal("0.3")
    assert average_s(25, 2) == Decimal("12.5")
    assert average_s(0, 3) == Decimal("0.0")


def test_the_mean_of_nothing_is_nothing() -> None:
    assert average_s(0, 0) is None


def test_days_without_calls_are_days_too() -> None:
    days = [date(2026, 5, 1), date(2026, 5, 2)]
    found = [Calls(days[1], None, inbound=3)]
    assert every_day(days, found) == [Calls(days[0], None), found[0]]
