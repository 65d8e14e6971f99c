"""Prometheus metrics of the chassis, and how a service adds its own."""

from collections.abc import Sequence

from prometheus_client import Counter, Gauge, Histogram

HTTP_SECONDS = Histogram(
    "crm_http_request_seconds",
    "Time to answer a request",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1, 3),
)
OUTBOX_DEPTH = Gauge("crm_outbox_depth", "Events recorded and not yet confirmed by the broker")
OUTBOX_LAG = Gauge("crm_outbox_lag_seconds", "Age of the oldest event not yet confirmed by the broker")
RELAY_ACTIVE = Gauge("crm_relay_active", "1 while this process publishes the outbox of its database")
OUTBOX_SENT = Counter("crm_outbox_sent", "Events confirmed by the broker", ["type"])
CONSUMED = Counter("crm_consumed", "Events handled", ["queue", "type"])
CONSUMER_LAG = Gauge(
    "crm_consumer_lag_seconds",
    "From recording to handling of the latest event; grows by the clock while a reader stands still, 0 when none waits",
    ["queue"],
)
QUEUE_WAITING = Gauge("crm_queue_waiting", "Messages in a queue and those this process has in hand", ["queue"])
PAUSES = Counter("crm_consumer_pauses", "Times a reader waited for a part that was away", ["queue"])
RETRIES = Counter("crm_retries", "Messages sent up the retry ladder", ["queue", "step"])
DEAD_LETTERS = Counter("crm_dead_letters", "Messages given up", ["queue"])
DEAD_WAITING = Gauge("crm_dead_letters_waiting", "Messages given up that nobody has decided about", ["queue"])
GATE_SKIPS = Counter("crm_gate_skips", "Effects not done, by reason", ["queue", "reason"])
DUE_DONE = Counter("crm_due_work_done", "Timers that fired", ["kind"])
DUE_FAILED = Counter("crm_due_work_failed", "Timers whose work failed and will be tried again", ["kind"])
DUE_LAG = Gauge("crm_due_work_lag_seconds", "How long the timer waiting longest is past its time")
PART_OK = Gauge("crm_part_ok", "1 while this process reaches the part, 0 while it does not", ["part"])
LOOP_FAILURES = Counter("crm_loop_failures", "Background loops that raised and were started again", ["loop"])


def counter(name: str, help: str, labels: Sequence[str] = ()) -> Counter:
    """A counter named crm_<name> in the process registry."""
    return Counter(f"crm_{name}", help, labels)


def gauge(name: str, help: str, labels: Sequence[str] = ()) -> Gauge:
    """A gauge named crm_<name> in the process registry."""
    return Gauge(f"crm_{name}", help, labels)


def histogram(name: str, help: str, labels: Sequence[str] = (), *, buckets: Sequence[float]) -> Histogram:
    """A histogram named crm_<name> in the process registry; say its buckets in the unit of its name."""
    return Histogram(f"crm_{name}", help, labels, buckets=buckets)
