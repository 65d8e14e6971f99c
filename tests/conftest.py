"""The whole installation, once per session: real servers, six programs, an SMTP socket and the emulated PBX.

Flow tests use the gateway's port and the SMTP and PBX sockets, nothing else. Others may look behind the door through
`stack`, to see that something left no trace.
"""

import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from crm_runner.demo.company import API_KEY, Company, found
from crm_runner.demo.mailbox import Mailbox
from crm_runner.demo.pbx import EmulatedPbx
from crm_runner.environment import NO_RATE_LIMITS
from crm_runner.ports import Ports
from crm_runner.stack import Stack

PASSWORD = "a-password-for-tests"
_LINES = 8


@dataclass(frozen=True)
class Town:
    """What a test may touch."""

    stack: Stack
    company: Company
    pbx: EmulatedPbx
    mailbox: Mailbox

    def deliver(self, mode: str) -> None:
        """The PBX is started anew, sending its webhooks in this mode."""
        self.pbx.stop()
        self.pbx.start(hook_url=self.company.hook_url, api_key=API_KEY, salt=self.company.salt, deliver=mode)


@pytest.fixture(scope="package")
def town() -> Iterator[Town]:
    """A founded company without customers; nobody has called yet."""
    with tempfile.TemporaryDirectory(prefix="crm-flows-") as folder:
        given = {"CRM_LOG_LEVEL": "warning", "CRM_WATCH_S": "2"} | NO_RATE_LIMITS
        stack = Stack(Path(folder), given, ephemeral=True)
        with stack, Mailbox(stack.smtp_url) as mailbox:
            pbx = EmulatedPbx(Ports().take("pbx"), Path(folder) / "log" / "pbx.log")
            with pbx:
                company = found(stack, password=PASSWORD, pbx_api_url=pbx.api_url, customers=False)
                pbx.start(hook_url=company.hook_url, api_key=API_KEY, salt=company.salt)
                yield Town(stack, company, pbx, mailbox)
                company.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, Any, Any]:
    """A failure comes with the last lines of the programs it was about."""
    report = yield
    if report.when == "call" and report.failed:
        for given in item.funcargs.values():
            stack = given if isinstance(given, Stack) else getattr(given, "stack", None)
            if isinstance(stack, Stack):
                for program in stack.service_urls:
                    if lines := stack.journal.recent(program)[-_LINES:]:
                        report.sections.append((f"log of {program}", "\n".join(lines)))
                break
    return report
