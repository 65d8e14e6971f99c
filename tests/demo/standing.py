"""The demo as a visitor finds it, with a small year, for as long as a block lasts."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm_runner.demo.site import Site
from crm_runner.demo.year.shape import SMALL


@contextmanager
def full_demo() -> Iterator[Site]:
    """It is full, and its telephone rings."""
    with (
        tempfile.TemporaryDirectory(prefix="crm-demo-") as folder,
        Site(Path(folder), ephemeral=True, env_extra={"CRM_LOG_LEVEL": "warning"}) as site,
    ):
        site.open()
        site.fill(SMALL)
        over = threading.Event()
        ringing = threading.Thread(target=site.run, args=(lambda: not over.is_set(),), name="demo-rings")
        ringing.start()
        try:
            yield site
        finally:
            over.set()
            ringing.join()
