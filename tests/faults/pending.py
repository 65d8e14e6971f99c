"""What is under way now, counted in the databases, the queues and the world; and waiting until nothing is."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aio_pika
import asyncpg
from crm_chassis.bus import PARKED_HOOKS_QUEUE, RETRY_DELAYS_S, dead_queue, retry_exchange
from crm_contracts.catalogue import SERVICES
from crm_contracts.graph import READERS

READER_QUEUES = tuple(reader.queue for reader in READERS)
SIDE_QUEUES = (
    PARKED_HOOKS_QUEUE,
    *(retry_exchange(step) for step in range(len(RETRY_DELAYS_S))),
    *(dead_queue(service) for service in SERVICES),
)
# Of each queue, how many messages its readers hold unacknowledged. The broker's own listing is up to 5 s old.
_HELD = (
    "lists:foreach(fun(Q) -> {resource, _, queue, Name} = amqqueue:get_name(Q), "
    "case ra:leader_query(amqqueue:get_pid(Q), fun rabbit_fifo:query_messages_checked_out/1) of "
    '{ok, {_, Held}, _} -> io:format("~s=~w~n", [Name, Held]); _ -> ok end end, '
    '[Q || Q <- rabbit_amqqueue:list(<<"crm">>), amqqueue:get_type(Q) =:= rabbit_quorum_queue]).'
)
_UNFOLDED = "SELECT count(*) FROM call_event_raw WHERE parsed_at IS NULL"
_UNSENT = "SELECT count(*) FROM message WHERE status IN ('queued', 'submitting')"
_SUBMITTING = "SELECT count(*) FROM message WHERE status = 'submitting'"
_DUE = "SELECT count(*) FROM due_work WHERE due_at < now() + interval '2 seconds'"
_BEHIND = (
    "SELECT (SELECT position FROM archive_head) - min(position) FROM projection_generation WHERE state <> 'retired'"
)


@dataclass(frozen=True)
class Pending:
    """Work begun and not finished. `held` are messages a reader has and has not acknowledged."""

    outbox: Counter[str]
    ready: Counter[str]
    held: Counter[str]
    unfolded: int
    submitting: int
    unsent: int
    due: int
    behind: int
    in_flight: Counter[str]

    def of(self, *names: str) -> int:
        """Work that waits for these programs, or lies with them; requests through the gateway lie with it."""
        queues = [queue for queue in (*self.ready.keys(), *self.held.keys()) if queue.partition(".")[0] in names]
        total = sum(self.outbox[name] for name in names)
        total += sum(self.ready[queue] + self.held[queue] for queue in set(queues))
        if "telephony" in names:
            total += self.unfolded + self.in_flight["webhook"]
        if "notifications" in names:
            total += self.unsent + self.in_flight["send"]
        if "reports" in names:
            total += self.behind
        if "gateway" in names:
            total += sum(self.in_flight.values())
        return total

    @property
    def total(self) -> int:
        """Everything."""
        return (
            self.outbox.total()
            + self.ready.total()
            + self.held.total()
            + (self.unfolded + self.unsent + self.due + self.behind)
            + self.in_flight.total()
        )

    def __str__(self) -> str:
        return (
            f"outbox {self.outbox.total()}, queues {self.ready.total()}+{self.held.total()}, unfolded {self.unfolded}, "
            f"unsent {self.unsent}, asked {self.in_flight.total()}"
        )

    def details(self) -> str:
        """What exactly, for a wait that did not end."""
        parts: dict[str, Any] = {"outbox": +self.outbox, "ready": +self.ready, "held": +self.held}
        parts |= {name: getattr(self, name) for name in ("unfolded", "unsent", "due", "behind")}
        return str(parts | {"in_flight": +self.in_flight})


class Gauge:
    """Counts. `held` asks the broker's own shell, which takes most of a second."""

    def __init__(
        self,
        urls: Mapping[str, str],
        amqp_url: str,
        rabbitmqctl: Callable[..., str],
        in_flight: Counter[str],
    ) -> None:
        self._urls = urls
        self._amqp_url = amqp_url
        self._rabbitmqctl = rabbitmqctl
        self._in_flight = in_flight

    async def read(self, *, held: bool = True) -> Pending:
        """What is pending now; what is held was a moment before the rest."""
        holding = await self._held() if held else Counter()
        ready, counted = await asyncio.gather(self._ready(), self._counted())
        outbox = Counter({name: counts["outbox"] for name, counts in counted.items()})
        return Pending(
            outbox=outbox,
            ready=ready,
            held=holding,
            unfolded=counted["telephony"]["unfolded"],
            submitting=counted["notifications"]["submitting"],
            unsent=counted["notifications"]["unsent"],
            due=sum(counts["due"] for counts in counted.values()),
            behind=counted["reports"]["behind"],
            in_flight=Counter(self._in_flight),
        )

    async def outboxes(self) -> Counter[str]:
        """Events not sent yet, by service; answers without a broker too."""
        return Counter({name: counts["outbox"] for name, counts in (await self._counted()).items()})

    async def wait_quiet(self, limit_s: float) -> float:
        """Seconds until nothing was under way in two looks running; an error names what still was."""
        began = time.monotonic()
        quiet = 0
        while quiet < 2:
            pending = await self.read(held=False)
            if not pending.total:
                pending = await self.read()
            quiet = quiet + 1 if not pending.total else 0
            if time.monotonic() - began > limit_s:
                raise AssertionError(f"not quiet after {limit_s:.0f} s: {pending.details()}")
            await asyncio.sleep(0.2)
        return time.monotonic() - began

    async def _counted(self) -> dict[str, Counter[str]]:
        async def read(service: str) -> tuple[str, Counter[str]]:
            counts = {"outbox": "SELECT count(*) FROM outbox", "due": _DUE}
            counts |= {"unfolded": _UNFOLDED} if service == "telephony" else {}
            counts |= {"unsent": _UNSENT, "submitting": _SUBMITTING} if service == "notifications" else {}
            counts |= {"behind": _BEHIND} if service == "reports" else {}
            connection = await asyncpg.connect(self._urls[service])
            try:
                return service, Counter({name: await connection.fetchval(query) for name, query in counts.items()})
            finally:
                await connection.close()

        return dict(await asyncio.gather(*(read(service) for service in SERVICES)))

    async def _ready(self) -> Counter[str]:
        connection = await aio_pika.connect(self._amqp_url, client_properties={"connection_name": "auditor"})
        async with connection:
            channel = await connection.channel()
            counts: Counter[str] = Counter()
            for name in (*READER_QUEUES, *SIDE_QUEUES):
                queue = await channel.declare_queue(name, passive=True)
                counts[name] = queue.declaration_result.message_count or 0
            return counts

    async def _held(self) -> Counter[str]:
        told = await asyncio.to_thread(self._rabbitmqctl, "eval", _HELD)
        return Counter({name: int(count) for name, count in re.findall(r"^([\w.-]+)=(\d+)$", told, re.MULTILINE)})
