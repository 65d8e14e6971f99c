"""How `make test` divides its tests between two processes: what shares servers or an installation stays together."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

OWN_INSTALLATION = ("demo", "edge/test_logs.py", "faults", "fuzz", "real", "rebuild", "upgrade", "web")


class Together(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives each process whole groups, in the order of the command line."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid.partition("::")[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Ours, whatever `--dist` says."""
    return Together(config, log)


def group(file: str) -> str:
    """A member's file; of the tests of the whole those with an installation of their own, or all that share one."""
    if not file.startswith("tests/"):
        return file
    own = [each for each in OWN_INSTALLATION if file.removeprefix("tests/").startswith(each)]
    return own[0] if own else "town"
