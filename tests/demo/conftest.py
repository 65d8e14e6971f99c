"""One full demo for all tests of the folder, in the order of their files: the last takes everything away."""

from collections.abc import Iterator

import pytest
from crm_runner.demo.site import Site

from tests.demo.standing import full_demo
from tests.web.conftest import built, chromium

__all__ = ["built", "chromium"]


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    """The demo, full, its telephone ringing."""
    with full_demo() as standing:
        yield standing
