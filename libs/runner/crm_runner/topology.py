"""Handing the bus its exchanges and queues before any program publishes."""

from crm_chassis.topology import provision as declare

from crm_runner.databases import run_sync


def provision(amqp_url: str) -> int:
    """Every exchange, queue and binding of the manifest exists; answers how many queues there are."""
    return run_sync(declare(amqp_url))
