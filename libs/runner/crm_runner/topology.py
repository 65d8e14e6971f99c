"""Handing the bus its exchanges and queues before any program publishes.

Done by a process of its own: what it needs (the contracts, an AMQP client) would stay in the supervisor's memory.
"""

import os
import subprocess
import sys

from crm_runner.errors import RunnerError


def provision(amqp_url: str, *, patience_s: float = 0.0) -> int:
    """Every exchange, queue and binding of the manifest exists; answers how many queues there are.

    Waits `patience_s` for a broker that is still coming up; RunnerError when it does not.
    """
    return int(_run(amqp_url, str(patience_s)))


def empty(amqp_url: str) -> None:
    """Nothing waits in any queue of the manifest; RunnerError when the broker is away."""
    _run(amqp_url, "empty")


def _run(amqp_url: str, what: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "crm_chassis.topology", what],
        env={**os.environ, "CRM_AMQP_URL": amqp_url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no word why"]
        raise RunnerError(f"the bus could not be made ready: {last[0]}")
    return done.stdout
