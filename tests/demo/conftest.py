"""One demo for all tests of a file, as its last may take everything away."""

from collections.abc import Iterator

import pytest
from crm_runner.demo.site import Site

from tests.demo.standing import full_demo


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The demo, full, its telephone ringing."""
    with full_demo() as standing:
        yield standing
