"""The stack a bench stands on: as whom it asks, where its PBX posts, and how it knows that nothing is under way."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_runner.demo.company import Company, default_pipeline
from crm_runner.stack import Stack

from tests.faults.pending import Gauge

SECRET = "bench-secret-of-the-generic-pbx"  # of a company that lives for a run
EXTENSIONS = ("100", "101", "102")
LISTENERS = ("Petra", "Ana", "Boris")

_ANNOUNCED = "Measuring"
_LOOK_S = 0.2
_STILL_S = 0.5
"""How long nothing must be seen before it counts: what is between two queues is in neither."""


@dataclass(frozen=True)
class Ground:
    """A founded company with a generic PBX; asked as its head of sales, who sees everything that is sold."""

    stack: Stack
    company: Company
    gauge: Gauge
    hook_url: str
    connection_id: str
    pipeline_id: str
    stages: list[dict[str, Any]]

    @property
    def url(self) -> str:
        """The gateway's."""
        return self.company.gateway_url

    @property
    def authorization(self) -> str:
        """The head of sales'."""
        return str(self.company.client("Marko")._http.headers["Authorization"])

    @property
    def hook_path(self) -> str:
        """The hook without the gateway's address."""
        return self.hook_url.removeprefix(self.url)

    @property
    def pids(self) -> Mapping[str, int]:
        """The processes of now."""
        return self.stack.pids

    async def drained(self, limit_s: float) -> float:
        """Seconds until nothing was under way in outboxes, queues, folds and figures; an error past the limit.

        The broker is asked what its readers still hold only once all else is done, for asking takes it a second.
        """
        began = time.monotonic()
        quiet_since: float | None = None
        while True:
            pending = await self.gauge.read(held=False)
            now = time.monotonic()
            if pending.total:
                quiet_since = None
            elif quiet_since is None:
                quiet_since = now
            elif now - quiet_since > _STILL_S:
                if not (await self.gauge.read()).total:
                    return quiet_since - began
                quiet_since = None
            if now - began > limit_s:
                raise RuntimeError(f"not drained after {limit_s:.0f} s: {pending.details()}")
            await asyncio.sleep(_LOOK_S)

    def open_stages(self) -> list[str]:
        """Ids in order, but for the one whose entry is announced to the customer: mails are another measurement."""
        return [str(each["id"]) for each in self.stages if each["kind"] == "open" and each["name"] != _ANNOUNCED]


def ground(stack: Stack, company: Company) -> Ground:
    """The company gets a generic PBX whose extensions are three of its people."""
    connection = generic_connection(company)
    pipeline = default_pipeline(company.client("Marko"))
    gauge = Gauge(stack.database_urls, stack.amqp_url, stack.rabbitmqctl, Counter())
    return Ground(
        stack,
        company,
        gauge,
        hook_url(company, connection),
        str(connection["id"]),
        str(pipeline["id"]),
        list(pipeline["stages"]),
    )


def hook_url(company: Company, connection: Mapping[str, Any]) -> str:
    """Where the PBX posts its events."""
    return company.gateway_url + str(connection["hook_path"])


def generic_connection(company: Company) -> dict[str, Any]:
    """A new PBX, whose extensions are three of the company's people."""
    admin = company.client("Nadja")
    body = {"name": "Bench", "vendor": "generic", "fallback_user_id": company.client("Petra").id, "hook_secret": SECRET}
    connection: dict[str, Any] = admin.post("/api/v1/connections", body)
    extensions = [
        {"extension": extension, "user_id": company.client(name).id}
        for extension, name in zip(EXTENSIONS, LISTENERS, strict=True)
    ]
    admin.put(f"/api/v1/connections/{connection['id']}/extensions", {"extensions": extensions})
    return connection
