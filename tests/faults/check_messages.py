"""Messages: each promised one left once, or is shown as uncertain; automatic ones follow from their deals."""

from collections import Counter
from typing import Any

from tests.faults.findings import Findings
from tests.faults.ledger import Ledger
from tests.faults.snapshot import Snapshot

_DONE = ("sent", "delivered")


def letters(now: Snapshot, copies: Counter[str], shown: set[str], found: Findings) -> None:
    """One copy of each message sent, none or one of an uncertain one, which people see; `copies` by message id."""
    rows = {str(row["id"]): row for row in now.rows("notifications", "message")}
    for id, row in rows.items():
        status, count = row["status"], copies[id]
        found.same("message-settled", id, True, status in (*_DONE, "uncertain"))
        if status in _DONE:
            found.same("mail-copies", f"{id} {status}", 1, count)
        elif status == "uncertain":
            found.same("mail-copies", f"{id} uncertain", True, count <= 1)
            found.same("message-resent", id, 1, row["attempts"])
            found.same("message-shown", id, True, id in shown)
    for id in copies.keys() - rows.keys():
        found.same("mail-copies", f"{id} of no message", 0, copies[id])


def automatic(now: Snapshot, ledger: Ledger, found: Findings) -> None:
    """Each entry into a stage with a rule ran it once, and each run with a person is one message."""
    rules = {row["stage_id"]: row["id"] for row in now.rows("deals", "automation_rule") if row["active"]}
    runs = {(row["rule_id"], row["stage_entry_id"]): row for row in now.rows("deals", "automation_run")}
    entered = {
        (rules[row["to_stage_id"]], row["id"])
        for row in now.rows("deals", "stage_entry")
        if row["to_stage_id"] in rules
    }
    found.same("automation-run", "stage entries with a rule", entered, set(runs))
    ordered = {f"auto:{rule}:{entry}" for (rule, entry), run in runs.items() if run["result"] == "sent"}
    written = [row["dedupe_key"] for row in now.rows("notifications", "message") if row["dedupe_key"]]
    found.once("automatic-message-twice", list(written))
    found.same("automatic-message", "runs and messages", ordered, set(written))


CHECKS: tuple[Any, ...] = (automatic,)
