"""A whole installation of its own to be fuzzed: what generated requests may break, nobody else uses."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crm_runner.demo.client import Client
from crm_runner.demo.company import API_KEY, Company, found
from crm_runner.demo.mailbox import Mailbox
from crm_runner.demo.pbx import EmulatedPbx
from crm_runner.journal import Journal
from crm_runner.ports import Ports
from crm_runner.processes import ALL
from crm_runner.stack import Stack

# Stands in many a hostile string: what people typed is never a program's to log.
CANARY = "evil.example"
PASSWORD = "a-password-for-fuzzing"
ROLES = {"admin": "Nadja", "sales_head": "Marko", "team_lead": "Petra", "salesperson": "Ana"}
# Generated requests come faster than people click; what the limits do has its own tests.
ENVIRONMENT = {
    "CRM_LOG_LEVEL": "info",
    "CRM_RATE_USER": "0",
    "CRM_RATE_TOKEN": "0",
    "CRM_RATE_HOOK": "0",
    "CRM_RATE_STRANGER": "0",
}


class Listener(Journal):
    """A journal that remembers the lines of programs that are no printable JSON, or tell what they should not."""

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self.lines = 0
        self.odd: list[str] = []
        self.told: list[str] = []
        self.unexpected: list[str] = []

    def take(self, source: str, line: str) -> None:
        """One line of a process."""
        if source in ALL:
            self.lines += 1
            if not _is_entry(line):
                self.odd.append(f"{source}: {line[:300]!r}")
            if '"level":"error"' in line:
                self.unexpected.append(f"{source}: {line[:2000]}")
            if CANARY in line:
                self.told.append(f"{source}: {line[:300]!r}")
        super().take(source, line)


def _is_entry(line: str) -> bool:
    try:
        return line.isprintable() and isinstance(json.loads(line), dict)
    except ValueError:
        return False


@dataclass(frozen=True)
class Arena:
    """The founded company, and where its programs write."""

    company: Company
    mailbox: Mailbox
    pbx: EmulatedPbx
    journal: Listener

    @property
    def url(self) -> str:
        """The gateway's address."""
        return self.company.gateway_url

    def client(self, role: str) -> Client:
        """The user who has this role for the fuzz, signed in."""
        return self.company.client(ROLES[role])

    def token(self, role: str) -> str:
        """A bearer token of a fresh session of that user."""
        client = Client.sign_in(self.url, self.client(role).user["email"], PASSWORD)
        header = client._http.headers["Authorization"]
        client.close()
        return header.removeprefix("Bearer ")


@contextmanager
def open_arena(given: Mapping[str, str]) -> Iterator[Arena]:
    """The stack runs inside the block, told what is `given` besides."""
    with tempfile.TemporaryDirectory(prefix="crm-fuzz-") as folder:
        journal = Listener(Path(folder) / "log" / "crm.log")
        stack = Stack(Path(folder), {**ENVIRONMENT, **given}, ephemeral=True, durable=False, journal=journal)
        with stack, Mailbox(stack.smtp_url) as mailbox:
            pbx = EmulatedPbx(Ports().take("pbx"), Path(folder) / "log" / "pbx.log")
            with pbx:
                company = found(stack, password=PASSWORD, pbx_api_url=pbx.api_url, customers=True)
                pbx.start(hook_url=company.hook_url, api_key=API_KEY, salt=company.salt)
                yield Arena(company, mailbox, pbx, journal)
                company.close()
        journal.close()
