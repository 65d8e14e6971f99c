"""One installation for the whole fault suite: what one fault breaks, the audits after the next ones still see."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.site import Site

SEED = 20_260


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    """A founded company nobody has called yet, its topology old enough to be killed."""
    with tempfile.TemporaryDirectory(prefix="crm-faults-") as folder, Site(Path(folder), SEED).running() as running:
        yield running
