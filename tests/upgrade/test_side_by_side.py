"""Rolling this code out over the commit before: its databases are migrated under it, then both run on them.

The commit before runs from its own files in this environment: with this commit's third-party packages.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from crm_runner.demo.client import wait_for
from crm_runner.ports import Ports
from crm_runner.processes import ALL, GATEWAY, SERVICES
from crm_runner.pytest_plugin import MakeVhost
from crm_runner.stack import Stack

from . import census
from .previous import NoPrevious, Tree, export
from .test_revisions import HISTORIES

PLAY = Path(__file__).parent / "play.py"
CROSSED = ["old gateway, new services", "new gateway, old services"]
STRAIGHT = ["old gateway, old services", "new gateway, new services"]


@dataclass
class Rollout:
    """Both versions on one pair of servers."""

    tree: Tree
    folder: Path
    servers: Stack
    old: Stack
    new: Stack
    gateways: dict[str, Stack]
    pbx_port: int
    before: dict[str, dict[str, census.Table]] = field(default_factory=dict)
    after: dict[str, dict[str, census.Table]] = field(default_factory=dict)
    company: dict[str, Any] | None = None

    def play(self, gateway: Stack, caller: str) -> None:
        """The story holds through this gateway, told by the code of the gateway's own version."""
        order = {
            "gateway_url": gateway.gateway_url,
            "pbx_port": self.pbx_port,
            "log": str(self.folder / "pbx.log"),
            "company": self.company,
            "caller": caller,
        }
        done = subprocess.run(
            [sys.executable, PLAY],
            input=json.dumps(order),
            env=gateway.environment(GATEWAY),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        self.company = json.loads(done.stdout)

    def census(self, like: Mapping[str, dict[str, census.Table]] | None = None) -> dict[str, dict[str, census.Table]]:
        """What the six databases hold."""
        return {name: census.take(url, like[name] if like else None) for name, url in self.old.database_urls.items()}

    def everywhere(self, query: str) -> int:
        """The sum of what the query answers in the six databases."""
        return sum(census.scalar(url, query) for url in self.old.database_urls.values())


@pytest.fixture(scope="module")
def rollout(make_vhost: MakeVhost) -> Iterator[Rollout]:
    """The old code has told its story and goes on running; the databases are migrated, the new code runs beside it."""
    with tempfile.TemporaryDirectory(prefix="crm-upgrade-") as name, ExitStack() as running:
        folder = Path(name)
        try:
            tree = export(folder / "tree")
        except NoPrevious as reason:
            pytest.skip(str(reason))
        with pytest.MonkeyPatch.context() as patch:
            # The bus is declared as the old code would.
            patch.setenv("PYTHONPATH", tree.python_path)
            given = {"CRM_AMQP_URL": make_vhost()}
            servers = running.enter_context(
                Stack(folder / "servers", given, ephemeral=True, durable=False, programs=())
            )
        shared = {
            "CRM_DATABASE_URL": servers.database_url,
            "CRM_AMQP_URL": servers.amqp_url,
            "CRM_SMTP_URL": servers.smtp_url,
            "CRM_INTERNAL_PRIVATE_KEY": servers.secrets.internal_private_key,
            "CRM_INTERNAL_PUBLIC_KEY": servers.secrets.internal_public_key,
            "CRM_SECRETS_KEY": servers.secrets.secrets_key,
            "CRM_LOG_LEVEL": "warning",
        }
        old_code = shared | {"PYTHONPATH": tree.python_path}
        old = Stack(folder / "old", old_code, ephemeral=True)
        new = Stack(folder / "new", shared, ephemeral=True)
        old_door = Stack(folder / "old door", old_code | _addresses(new), ephemeral=True, programs=[GATEWAY])
        new_door = Stack(folder / "new door", shared | _addresses(old), ephemeral=True, programs=[GATEWAY])
        gateways = dict(zip([*CROSSED, *STRAIGHT], (old_door, new_door, old, new), strict=True))
        both = Rollout(tree, folder, servers, old, new, gateways, Ports().take("pbx"))
        with ThreadPoolExecutor(2) as pool:
            running.enter_context(old)
            started = pool.submit(running.enter_context, old_door)
            both.play(old, "+38640700001")
            started.result()
            wait_for("the old outboxes being sent", lambda: not both.everywhere("SELECT count(*) FROM outbox"))
            both.before = both.census()
            # Under the running old code, as in a rollout.
            list(pool.map(lambda program: new.run(program, "migrate"), ALL))
            both.after = both.census(both.before)
            list(pool.map(running.enter_context, (new, new_door)))
        yield both


def _addresses(stack: Stack) -> dict[str, str]:
    return {f"CRM_{service.upper()}_URL": stack.service_urls[service] for service in SERVICES}


def test_the_old_processes_run_the_old_code_and_the_new_ones_ours(rollout: Rollout) -> None:
    asked = "import importlib, sys; [print(importlib.import_module(name).__file__) for name in sys.argv[1:]]"
    packages = ["crm_contracts", "crm_chassis", "crm_runner", *(f"crm_{program}" for program in ALL)]

    def files(environment: Mapping[str, str]) -> list[str]:
        command = [sys.executable, "-c", asked, *packages]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()

    for program in ALL:
        found = files(rollout.old.environment(program))
        assert all(file.startswith(f"{rollout.tree.folder}{os.sep}") for file in found), found
        assert psutil.Process(rollout.old.pids[program]).environ()["PYTHONPATH"] == rollout.tree.python_path
    assert not any(file.startswith(str(rollout.tree.folder)) for file in files(rollout.new.environment(GATEWAY)))


def test_the_migrations_keep_every_row_the_old_code_had_written(rollout: Rollout) -> None:
    for service, tables in rollout.before.items():
        assert sum(table.rows.total() for table in tables.values()), f"the story left nothing in {service}"
        for name, table in tables.items():
            kept = rollout.after[service][name]
            assert not table.rows - kept.rows, f"{service}.{name}: {(table.rows - kept.rows).total()} rows changed"


def test_the_databases_stand_at_the_newest_revisions(rollout: Rollout) -> None:
    for service, url in rollout.new.database_urls.items():
        for history in ("chassis", service):
            newest = max(file.name[:4] for file in HISTORIES[history].glob("[0-9]*_*.py"))
            query = f"SELECT version_num::int FROM {history}_version"  # noqa: S608  # a name of ours
            assert census.scalar(url, query) == int(newest), f"{history} in {service}"


@pytest.mark.parametrize("kind", [*CROSSED, *STRAIGHT])
def test_the_story_holds_while_both_versions_read_the_queues(rollout: Rollout, kind: str, long_run: bool) -> None:
    if kind in STRAIGHT and not long_run:
        pytest.skip("the crossed ones stand for it in the short form")
    rollout.play(rollout.gateways[kind], f"+3864070001{[*CROSSED, *STRAIGHT].index(kind)}")


def test_nothing_was_given_up_and_everything_was_sent(rollout: Rollout) -> None:
    wait_for("the outboxes being sent", lambda: not rollout.everywhere("SELECT count(*) FROM outbox"))
    assert rollout.everywhere("SELECT count(*) FROM dead_letter") == 0
    assert rollout.everywhere("SELECT count(*) FROM due_work WHERE attempts > 0") == 0


def test_the_old_processes_lived_through_it(rollout: Rollout) -> None:
    started = min(psutil.Process(pid).create_time() for pid in rollout.new.pids.values())
    for program in ALL:
        assert psutil.Process(rollout.old.pids[program]).create_time() < started, f"the old {program} died"
