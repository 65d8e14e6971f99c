"""`crm import-real`: the public set taken in through the gateway, and what the product says of it."""

import secrets
import tempfile
from pathlib import Path
from typing import Any

from crm_runner import journal as journals
from crm_runner.demo.client import Client, wait_for
from crm_runner.demo.company import STAFF
from crm_runner.demo.real_set import CURRENCY, take_in
from crm_runner.environment import NO_RATE_LIMITS
from crm_runner.journal import Journal
from crm_runner.signals import one_interrupt
from crm_runner.stack import Stack

_EVER = {"from": "2016-01-01", "to": "2018-12-31"}
_WITHIN_S = 120.0


def show(folder: Path) -> None:
    """The set was taken in, its figures were shown, and nothing of it is left running."""
    print("import-real: starting everything in a temporary folder", flush=True)
    with one_interrupt(), tempfile.TemporaryDirectory(prefix="crm-real-") as name:
        journal = Journal(Path(name) / "log" / "crm.log", journals.console())
        try:
            given = {"CRM_LOG_LEVEL": "warning"} | NO_RATE_LIMITS
            with Stack(Path(name), given, ephemeral=True, journal=journal) as stack:
                _told(_administrator(stack), folder, journal)
        finally:
            journal.close()
    print("import-real: done; everything is stopped and removed", flush=True)


def _administrator(stack: Stack) -> Client:
    boss, password = STAFF[0], secrets.token_urlsafe(12)
    options = ["--email", boss.email, "--name", boss.name, "--role", boss.role, "--password", password]
    stack.run("gateway", "user-add", *options)
    return Client.sign_in(stack.gateway_url, boss.email, password)


def _told(admin: Client, folder: Path, journal: Journal) -> None:
    written = take_in(admin, folder, journal.say).deals.counts["create"]

    def complete() -> bool:
        group = _sales(admin, "none")[0]
        return int(group["won"]["count"] + group["lost"]["count"] + group["open"]["count"]) == written

    wait_for("the figures", complete, _WITHIN_S)
    for by in ("none", "office", "product", "quarter"):
        print(f"\n{by if by != 'none' else 'all':24} {'won':>6} {'worth':>14} {'lost':>6} {'win rate':>9}")
        for group in _sales(admin, by):
            worth = group["won"]["amounts"].get(CURRENCY, "0")
            name = group["name"] or group["key"] or ""
            rate = group["win_rate"] or ""
            print(f"{name:24} {group['won']['count']:6} {worth:>14} {group['lost']['count']:6} {rate:>9}")
    print(flush=True)


def _sales(admin: Client, by: str) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = admin.get("/api/v1/reports/sales", by=by, **_EVER)["groups"]
    return groups
