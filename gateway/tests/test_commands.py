"""Users from the command line."""

import asyncio
from dataclasses import dataclass

import pytest
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness
from crm_contracts import gateway as contract
from crm_gateway.users.command import user_add

from .conftest import Staff


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


class Run:
    """Runs the command against the gateway's own database."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    async def __call__(self, *arguments: str) -> Done:
        """The command has ended."""
        self._capsys.readouterr()
        code = await asyncio.to_thread(user_add, list(arguments))
        out, err = self._capsys.readouterr()
        # The gateway in this process logs to the same stream, one JSON object a line.
        return Done(code, "".join(line for line in out.splitlines(True) if not line.startswith("{")), err)


@pytest.fixture
def run(gateway: Harness, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command."""
    monkeypatch.setenv("CRM_GATEWAY_DATABASE_URL", gateway.database.url.replace("postgresql+asyncpg", "postgresql"))
    return Run(capsys)


async def test_a_user_added_signs_in_with_the_printed_one_time_password(
    gateway: Harness, staff: Staff, run: Run
) -> None:
    email, team = f"{new_id().hex}@example.com", f"Team {new_id()}"
    done = await run("--email", email.upper(), "--name", "Šef Prodaje", "--role", "sales_head", "--team", team)
    assert done.code == 0, done.err
    password = done.out.strip()
    assert "\n" not in password
    headers = await staff.sign_in(email, password)
    current = (await gateway.client.get("/api/v1/sessions/current", headers=headers)).json()
    assert (current["password_change_required"], current["user"]["name"]) == (True, "Šef Prodaje")
    rows = await gateway.rows("SELECT id FROM team WHERE name = :name", name=team)
    assert current["user"]["team_id"] == str(rows[0]["id"])
    told = [event for event in await gateway.recorded(contract.USER_CREATED) if event.data["pii"]["email"] == email]
    assert [event.actor for event in told] == ["system:gateway"]
    again = await run("--email", email, "--name", "X", "--role", "admin")
    assert (again.code, again.out) == (1, "")


async def test_a_given_password_lasts(gateway: Harness, staff: Staff, run: Run) -> None:
    email = f"{new_id().hex}@example.com"
    done = await run("--email", email, "--name", "Demo", "--role", "salesperson", "--password", "demo-password")
    assert done.out == "demo-password\n"
    headers = await staff.sign_in(email, "demo-password")
    assert (await gateway.client.get("/api/v1/users", headers=headers)).status_code == 200


async def test_an_unknown_role_or_address_is_said_and_nothing_is_made(gateway: Harness, run: Run) -> None:
    before = await gateway.rows("SELECT count(*) AS n FROM user_account")
    for arguments in (("--email", "a@example.com", "--role", "emperor"), ("--email", "nonsense", "--role", "admin")):
        done = await run(*arguments, "--name", "X")
        assert (done.code, done.out) == (1, "")
        assert done.err.strip()
    assert before == await gateway.rows("SELECT count(*) AS n FROM user_account")
