"""Demo mode shows whom one can be and a way out of it; outside it there is neither."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from crm_chassis.testing import Harness, running
from crm_gateway.main import wiring
from crm_gateway.passwords import Passwords
from crm_gateway.settings import GatewaySettings

from .conftest import PASSWORD, PASSWORD_MIB, PRIVATE_KEY, PUBLIC_URL, Staff, free_port

SECRET = "only the runner knows"


class FakeRunner:
    """The demo's runner: remembers what was asked, answers what a test wants."""

    def __init__(self) -> None:
        self.port = free_port()
        self.status = 202
        self.asked: list[tuple[str, str, Any]] = []

    async def take(self, request: web.Request) -> web.Response:
        """Somebody asks for the end."""
        self.asked.append((request.path, request.headers["Authorization"], await request.json()))
        return web.Response(status=self.status)


@pytest.fixture(scope="module")
async def runner() -> AsyncIterator[FakeRunner]:
    """A runner that listens."""
    fake = FakeRunner()
    app = web.Application()
    app.router.add_post("/leave", fake.take)
    served = web.AppRunner(app, access_log=None)
    await served.setup()
    await web.TCPSite(served, "127.0.0.1", fake.port).start()
    yield fake
    await served.cleanup()


@pytest.fixture(scope="module")
async def demo(
    make_database: Callable[[str], str], make_vhost: Callable[[], str], runner: FakeRunner
) -> AsyncIterator[Harness]:
    """A gateway in demo mode; `nobody@` is named and has not come."""
    async with running(
        wiring,
        GatewaySettings,
        database_url=make_database("gateway"),
        amqp_url=make_vhost(),
        internal_private_key=PRIVATE_KEY,
        public_url=PUBLIC_URL,
        demo_password=PASSWORD,
        demo_users=("ana@demo.example", "nobody@demo.example", "new@demo.example"),
        demo_control_url=f"http://127.0.0.1:{runner.port}",
        demo_control_secret=SECRET,
    ) as harness:
        yield harness


async def test_outside_the_demo_there_is_no_password_nobody_to_be_and_no_way_out(
    gateway: Harness, staff: Staff
) -> None:
    admin = await staff.hire("admin")
    shown = await gateway.client.get("/api/v1/demo")
    assert (shown.status_code, shown.json()) == (200, {"password": None, "users": []})
    assert (await gateway.client.post("/api/v1/demo/leave", headers=admin.headers)).status_code == 404


async def test_a_visitor_sees_the_named_who_can_sign_in_already(demo: Harness) -> None:
    staff = Staff(demo, await Passwords(PASSWORD_MIB).hash(PASSWORD))
    await staff.user("salesperson", email="ana@demo.example")
    await staff.user("salesperson", email="new@demo.example", one_time=True)
    await staff.user("salesperson", email="stranger@demo.example")
    shown = (await demo.client.get("/api/v1/demo")).json()
    assert shown["password"] == PASSWORD
    assert [(user["email"], user["role"]) for user in shown["users"]] == [("ana@demo.example", "salesperson")]
    await staff.sign_in(shown["users"][0]["email"], shown["password"])


async def test_only_an_administrator_leaves_and_is_named_to_the_runner(demo: Harness, runner: FakeRunner) -> None:
    staff = Staff(demo, await Passwords(PASSWORD_MIB).hash(PASSWORD))
    for role in ("salesperson", "team_lead", "sales_head"):
        colleague = await staff.hire(role)
        assert (await demo.client.post("/api/v1/demo/leave", headers=colleague.headers)).status_code == 403
    assert (await demo.client.post("/api/v1/demo/leave")).status_code == 401
    assert runner.asked == []
    admin = await staff.hire("admin")
    answer = await demo.client.post("/api/v1/demo/leave", headers=admin.headers)
    assert (answer.status_code, answer.json()) == (202, {"state": "leaving"})
    ((path, shown, who),) = runner.asked
    assert (path, shown, who["email"], who["locale"]) == ("/leave", f"Bearer {SECRET}", admin.email, "en")
    runner.status = 409
    answer = await demo.client.post("/api/v1/demo/leave", headers=admin.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "still_filling")


async def test_only_administrators_learn_who_is_present(gateway: Harness, staff: Staff) -> None:
    lead, admin = await staff.hire("team_lead"), await staff.hire("admin")
    assert (await gateway.client.get("/api/v1/live/present", headers=lead.headers)).status_code == 403
    shown = await gateway.client.get("/api/v1/live/present", headers=admin.headers)
    assert (shown.status_code, list(shown.json())) == (200, ["user_ids"])
