"""How `make test` divides its tests between two processes: what shares servers or an installation stays together."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

OWN_INSTALLATION = ("upgrade", "demo", "faults", "fuzz", "rebuild", "real", "edge/test_logs.py", "web")
"""Suites with one each, in the order they begin: what takes longest, and what leaves nothing running, goes first."""

SHARED = "town"


class Together(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives each process whole groups, in the order they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid.partition("::")[0])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Suites of the whole before the members', so that the many small ones level out the two processes at the end."""
    items.sort(key=lambda item: _rank(group(item.nodeid.partition("::")[0])))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Ours, whatever `--dist` says."""
    return Together(config, log)


def group(file: str) -> str:
    """A member's file; of the tests of the whole those with an installation of their own, or all that share one."""
    if not file.startswith("tests/"):
        return file
    own = [each for each in OWN_INSTALLATION if file.removeprefix("tests/").startswith(each)]
    return own[0] if own else SHARED


def _rank(group: str) -> int:
    order = (*OWN_INSTALLATION, SHARED)
    return order.index(group) if group in order else len(order)
