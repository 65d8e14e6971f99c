"""The whole installation, once per session: real servers, six programs, an SMTP socket and the emulated PBX.

Flow tests use the gateway's port and the SMTP and PBX sockets, nothing else. Others may look behind the door through
`stack`, to see that something left no trace.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from crm_runner.demo.company import API_KEY, Company, found
from crm_runner.demo.mailbox import Mailbox
from crm_runner.demo.pbx import EmulatedPbx
from crm_runner.environment import NO_RATE_LIMITS
from crm_runner.ports import Ports
from crm_runner.stack import Stack

PASSWORD = "a-password-for-tests"


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


@pytest.fixture(scope="session")
def town() -> Iterator[Town]:
    """A founded company without customers; nobody has called yet."""
    with tempfile.TemporaryDirectory(prefix="crm-flows-") as folder:
        given = {"CRM_LOG_LEVEL": "warning", "CRM_WATCH_S": "0.5"} | NO_RATE_LIMITS
        stack = Stack(Path(folder), given, ephemeral=True)
        with stack, Mailbox(stack.smtp_url) as mailbox:
            pbx = EmulatedPbx(Ports().take("pbx"), Path(folder) / "log" / "pbx.log")
            with pbx:
                company = found(stack, password=PASSWORD, pbx_api_url=pbx.api_url, customers=False)
                pbx.start(hook_url=company.hook_url, api_key=API_KEY, salt=company.salt)
                yield Town(stack, company, pbx, mailbox)
                company.close()
