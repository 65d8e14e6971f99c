"""A stack of its own for what empties copies, kills processes and replays: one company in which much has happened."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from crm_runner.demo.company import API_KEY, found
from crm_runner.demo.mailbox import Mailbox
from crm_runner.demo.pbx import EmulatedPbx
from crm_runner.demo.story import play
from crm_runner.environment import NO_RATE_LIMITS
from crm_runner.ports import Ports
from crm_runner.pytest_plugin import MakeVhost
from crm_runner.stack import Stack

from .site import Site

PASSWORD = "a-password-for-tests"


@pytest.fixture(scope="package")
def site(make_vhost: MakeVhost) -> Iterator[Site]:
    """The story of one call was played in a company with customers, and two of its cards were merged."""
    with tempfile.TemporaryDirectory(prefix="crm-rebuild-") as name:
        folder = Path(name)
        given = {"CRM_LOG_LEVEL": "warning", "CRM_AMQP_URL": make_vhost()} | NO_RATE_LIMITS
        stack = Stack(folder, given, ephemeral=True)
        with stack, Mailbox(stack.smtp_url) as mailbox:
            pbx = EmulatedPbx(Ports().take("pbx"), folder / "log" / "pbx.log")
            with pbx:
                company = found(stack, password=PASSWORD, pbx_api_url=pbx.api_url, customers=True)
                pbx.start(hook_url=company.hook_url, api_key=API_KEY, salt=company.salt)
                story = play(company, pbx, mailbox, print)
                head = company.client("Marko")
                cards = head.get("/api/v1/people", limit=200)["items"]
                winner, loser = [card["id"] for card in cards if card["name"] in ("Mojca Golob", "Igor Petrov")]
                head.post(f"/api/v1/people/{winner}/merge", {"loser_id": loser})
                place = Site(stack, company, pbx, mailbox, story, folder / "crm")
                place.settle()
                yield place
                company.close()
