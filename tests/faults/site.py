"""An installation to be hurt: founded, busy on demand, and audited whenever it is quiet."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from crm_runner.demo.client import wait_for
from crm_runner.demo.company import Company, default_pipeline, found
from crm_runner.demo.mailbox import Mailbox
from crm_runner.environment import NO_RATE_LIMITS
from crm_runner.ports import Ports
from crm_runner.stack import Stack

from tests.faults import snapshot as snapshots
from tests.faults.auditor import Outside, audit
from tests.faults.check_reports import rebuilt
from tests.faults.findings import Findings
from tests.faults.ledger import EXTENSIONS, Ledger
from tests.faults.load import Door, Wave, World
from tests.faults.pending import Gauge, Pending
from tests.faults.proxy import Line

SECRET = "secret-of-the-pbx-in-fault-tests"
PASSWORD = "a-password-for-faults"
SETTLED_S = 10.0
"""A quorum queue declared seconds before its broker is killed can lose everything, so nothing is killed sooner."""
_RECIPIENTS = 8
_ACKNOWLEDGED_LIMIT_S = 280.0
_QUIET_LIMIT_S = 240.0
_SETTINGS = {
    "CRM_LOG_LEVEL": "warning",
    "CRM_CALLBACK_DUE_MINUTES": "600",  # call-backs are not reminded of while the test runs
    "CRM_SEND_TIMEOUT_S": "3",
    "CRM_SEND_LEASE_S": "7",
    "CRM_SEND_PAUSES_S": "[2, 5, 10]",
}

T = TypeVar("T")


class SlowMailbox(Mailbox):
    """Keeps what it gets; while `holding` it never says so, and counts in `held` whom it lets wait."""

    def __init__(self, smtp_url: str) -> None:
        super().__init__(smtp_url)
        self.holding = False
        self.held = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        """One mail has come."""
        answer = await super().handle_DATA(server, session, envelope)
        self.held += self.holding
        while self.holding:
            await asyncio.sleep(0.02)
        return answer


class Site:
    """Everything a fault needs: the stack, the world that loads it, the gauge and the auditor."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._seed = seed
        ports = Ports()
        self.line = Line(ports.take("line"))
        detours = {"telephony": self.line.url}
        self.stack = Stack(folder, _SETTINGS | NO_RATE_LIMITS, ephemeral=True, detours=detours)
        self.mailbox = SlowMailbox(self.stack.smtp_url)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="world", daemon=True)

    @contextmanager
    def running(self) -> Iterator["Site"]:
        """Founded and quiet inside the block, gone after it."""
        self._thread.start()
        self.begin(self.line.open(int(self.stack.service_urls["telephony"].rpartition(":")[2]))).result()
        try:
            with self.stack, self.mailbox:
                provisioned = time.monotonic()
                company = found(self.stack, password=PASSWORD, pbx_api_url="http://127.0.0.1:9/vpbx", customers=False)
                self._found(company)
                try:
                    self.begin(self.world.open()).result()
                    self.begin(self.world.recipients(_RECIPIENTS)).result()
                    wait_for("a topology old enough", lambda: time.monotonic() - provisioned > SETTLED_S)
                    self.quiet()
                    yield self
                finally:
                    self.begin(self.world.close()).result()
                    company.close()
        finally:
            self.begin(self.line.close()).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _found(self, company: Company) -> None:
        admin, head = company.client("Nadja"), company.client("Marko")
        fallback = company.client("Petra").id
        body = {"name": "PBX", "vendor": "generic", "fallback_user_id": fallback, "hook_secret": SECRET}
        connection = admin.post("/api/v1/connections", body)
        users = dict(zip(EXTENSIONS, (company.client(name).id for name in ("Petra", "Ana", "Boris")), strict=True))
        extensions = [{"extension": extension, "user_id": user} for extension, user in users.items()]
        admin.put(f"/api/v1/connections/{connection['id']}/extensions", {"extensions": extensions})
        self.ledger = Ledger(UUID(connection["id"]), {extension: UUID(user) for extension, user in users.items()})
        door = Door(
            gateway_url=company.gateway_url,
            hook_url=company.gateway_url + str(connection["hook_path"]),
            secret=SECRET,
            authorization=head._http.headers["Authorization"],
            stages=[UUID(stage["id"]) for stage in default_pipeline(head)["stages"] if stage["kind"] == "open"],
        )
        self.world = World(door, self.ledger, self._seed)
        self.gauge = Gauge(self.stack.database_urls, self.stack.amqp_url, self.stack.rabbitmqctl, self.world.in_flight)
        self.outside = Outside(self._mails, head.get)

    def begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """The work goes on beside the test."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def load(self, wave: Wave) -> None:
        """The wave rolls, and once more each time that `pending_for` finds it over before it found work."""
        self._wave, self._rolling = wave, [self.begin(self.world.wave(wave))]

    def acknowledged(self) -> None:
        """All that was begun by `load` has been acknowledged."""
        for wave in self._rolling:
            wave.result(_ACKNOWLEDGED_LIMIT_S)

    def pending(self) -> Pending:
        """What is under way now."""
        return self.begin(self.gauge.read()).result()

    def pending_for(self, *names: str) -> Pending:
        """What is under way at the first moment when something waits for these programs."""

        def look() -> Pending | None:
            pending = self.pending()
            if pending.of(*names):
                return pending
            if self._rolling[-1].done():
                self._rolling.append(self.begin(self.world.wave(self._wave)))
            return None

        found: Pending = wait_for(f"work for {', '.join(names)}", look, 60)
        return found

    def quiet(self) -> float:
        """Nothing is under way; answers how many seconds that took."""
        return self.begin(self.gauge.wait_quiet(_QUIET_LIMIT_S)).result()

    def ask_database(self, name: str, query: str) -> list[Any]:
        """The first column of what a query in this program's database answers."""

        async def ask() -> list[Any]:
            connection = await asyncpg.connect(self.stack.database_urls[name])
            try:
                return [row[0] for row in await connection.fetch(query)]
            finally:
                await connection.close()

        return self.begin(ask()).result()

    def snapshot(self) -> snapshots.Snapshot:
        """What the databases say."""

        async def read() -> snapshots.Snapshot:
            connections = await snapshots.connect(self.stack.database_urls)
            try:
                return await snapshots.take(connections)
            finally:
                for connection in connections.values():
                    await connection.close()

        return self.begin(read()).result()

    def audit(self, now: snapshots.Snapshot | None = None) -> Findings:
        """What is wrong."""
        return audit(now or self.snapshot(), self.ledger, self.outside)

    def audit_rebuild(self, before: snapshots.Snapshot) -> Findings:
        """What differs once the projections were made anew."""
        self.stack.run("reports", "rebuild")
        self.quiet()
        found = Findings()
        rebuilt(before, self.snapshot(), found)
        return found

    def changed(self, plant: Callable[[dict[str, asyncpg.Connection]], Coroutine[Any, Any, None]]) -> Findings:
        """What the auditor says of the databases as `plant` changes them; nothing stays changed."""

        async def read() -> snapshots.Snapshot:
            connections = await snapshots.connect(self.stack.database_urls)
            try:
                for connection in connections.values():
                    await connection.execute("BEGIN")
                await plant(connections)
                return await snapshots.take(connections)
            finally:
                for connection in connections.values():
                    await connection.execute("ROLLBACK")
                    await connection.close()

        return self.audit(self.begin(read()).result())

    def _mails(self) -> list[EmailMessage]:
        return list(self.mailbox.messages)
