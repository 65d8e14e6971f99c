"""A stack into which the real set was taken, once for all its tests."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from crm_runner.demo.client import Client
from crm_runner.demo.company import STAFF
from crm_runner.demo.real_set import FILES, RealSet, take_in
from crm_runner.environment import NO_RATE_LIMITS
from crm_runner.pytest_plugin import MakeVhost
from crm_runner.stack import Stack

from tests.real.oracle import FOLDER, Opportunity, opportunities

PASSWORD = "a-password-for-tests"


@dataclass(frozen=True)
class Taken:
    """The set in the product, and what the CSV itself says."""

    admin: Client
    found: RealSet
    lines: list[Opportunity]


@pytest.fixture(scope="package")
def taken(make_vhost: MakeVhost) -> Iterator[Taken]:
    """All of it is in. Skipped where the set is not at hand, which it must be in CI."""
    if not all((FOLDER / name).is_file() for name in FILES):
        if os.environ.get("CI") == "true":
            pytest.fail(f"the set is not in {FOLDER}")
        pytest.skip("the set is not at hand")
    with tempfile.TemporaryDirectory(prefix="crm-real-") as folder:
        given = {"CRM_LOG_LEVEL": "warning", "CRM_AMQP_URL": make_vhost()} | NO_RATE_LIMITS
        with Stack(Path(folder), given, ephemeral=True, durable=False) as stack:
            boss = STAFF[0]
            options = ["--email", boss.email, "--name", boss.name, "--role", boss.role, "--password", PASSWORD]
            stack.run("gateway", "user-add", *options)
            admin = Client.sign_in(stack.gateway_url, boss.email, PASSWORD)
            yield Taken(admin, take_in(admin, FOLDER, print), opportunities())
            admin.close()
