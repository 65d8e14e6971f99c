"""The auditor: holds six databases, the mailboxes and the figures against the ledger and against each other.

Changes nothing. To be asked when nothing is under way (`pending.wait_quiet`): it reads one table after the other.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from tests.faults import check_calls, check_copies, check_events, check_history, check_messages, check_reports
from tests.faults.findings import Findings
from tests.faults.ledger import Ledger
from tests.faults.snapshot import Snapshot

_CHECKS = (
    *check_calls.CHECKS,
    *check_history.CHECKS,
    *check_copies.CHECKS,
    *check_events.CHECKS,
    *check_messages.CHECKS,
    *check_reports.CHECKS,
)


@dataclass(frozen=True)
class Outside:
    """What people see: the mails they got, and what the API tells them. `ask` is a signed-in GET."""

    mails: Callable[[], list[EmailMessage]]
    ask: Callable[..., Any]

    def copies(self) -> Counter[str]:
        """How many mails came of each message."""
        return Counter(message_id(mail) for mail in self.mails())

    def uncertain(self) -> set[str]:
        """The messages people are shown as uncertain."""
        shown: set[str] = set()
        cursor: dict[str, str] = {}
        while True:
            page = self.ask("/api/v1/messages", status="uncertain", limit=200, **cursor)
            shown |= {item["id"] for item in page["items"]}
            if not page["next_cursor"]:
                return shown
            cursor = {"cursor": page["next_cursor"]}


def message_id(mail: EmailMessage) -> str:
    """Which message a mail is a copy of: the left part of its Message-ID."""
    return str(mail["Message-ID"]).strip("<>").partition("@")[0]


def audit(now: Snapshot, ledger: Ledger, outside: Outside) -> Findings:
    """Everything that is not as it must be; empty when all is well."""
    found = Findings()
    for check in _CHECKS:
        check(now, ledger, found)
    check_messages.letters(now, outside.copies(), outside.uncertain(), found)
    check_reports.calls_per_day(now, outside.ask, found)
    check_reports.funnel(now, outside.ask, found)
    for line in ledger.surprises:
        found.same("answer", line, "a definite answer, or none", "this")
    return found
