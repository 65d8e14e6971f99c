"""One installation for the whole fault suite: what one fault breaks, the audits after the next ones still see."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from crm_runner.servers import AMQP_SETTING, DATABASE_SETTING

from tests.faults.site import Site

SEED = 20_260


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    """A founded company nobody has called yet, its topology old enough to be killed."""
    if {DATABASE_SETTING, AMQP_SETTING} & os.environ.keys():
        pytest.skip("kills servers, so it needs its own")
    with tempfile.TemporaryDirectory(prefix="crm-faults-") as folder, Site(Path(folder), SEED).running() as running:
        yield running
