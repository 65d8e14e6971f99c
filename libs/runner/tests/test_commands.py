"""What an administrator does from the command line, on servers named in the environment."""

import json
from datetime import datetime
from pathlib import Path

import aio_pika
import asyncpg
import pytest
from crm_chassis import migrate
from crm_contracts.archive import PRODUCERS, REBUILD_TIMELINE, Resend, resend_queue
from crm_contracts.envelope import Envelope
from crm_runner.cli import app
from crm_runner.errors import RunnerError
from crm_runner.pytest_plugin import MakeDatabase, MakeVhost
from crm_runner.topology import provision
from typer.testing import CliRunner

LETTER = "0198a000-0000-7000-8000-000000000001"
_INSERT = """
INSERT INTO dead_letter (id, queue, type, reason, content_type, body)
VALUES ($1, 'deals.cards', 'contacts.person.updated.v1', 'no such column', 'application/json', $2)
"""


@pytest.fixture
def settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_database: MakeDatabase, make_vhost: MakeVhost
) -> dict[str, str]:
    """An environment that names a database and a bus of the test's own."""
    given = {
        "CRM_DATABASE_URL": make_database("server"),
        "CRM_DEALS_DATABASE_URL": make_database("deals"),
        "CRM_AMQP_URL": make_vhost(),
        "CRM_DATA_DIR": str(tmp_path),
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return given


def _run(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


async def _with_a_letter(settings: dict[str, str], tmp_path: Path) -> None:
    empty = tmp_path / "migrations"
    empty.mkdir()
    url = settings["CRM_DEALS_DATABASE_URL"]
    await migrate.upgrade(url.replace("postgresql://", "postgresql+asyncpg://"), "deals", empty)
    database = await asyncpg.connect(url)
    await database.execute(_INSERT, LETTER, b'{"name": "Ana"}')
    await database.close()


async def test_a_dead_letter_is_listed_shown_and_sent_again(settings: dict[str, str], tmp_path: Path) -> None:
    await _with_a_letter(settings, tmp_path)
    provision(settings["CRM_AMQP_URL"])
    assert "no such column" in _run("dead-letters", "list", "--service", "deals")
    assert json.loads(_run("dead-letters", "show", "--service", "deals", LETTER))["body"] == {"name": "Ana"}
    assert _run("dead-letters", "redrive", "--service", "deals", "--all") == "1 sent again\n"
    assert _run("dead-letters", "redrive", "--service", "deals", "--all") == "0 sent again\n"
    assert "(sent again)" in _run("dead-letters", "list", "--service", "deals")
    async with await aio_pika.connect(settings["CRM_AMQP_URL"]) as bus:
        queue = await (await bus.channel()).get_queue("deals.cards")
        message = await queue.get()
        assert message.body == b'{"name": "Ana"}'
        await message.ack()


async def test_a_dead_letter_is_discarded_once(settings: dict[str, str], tmp_path: Path) -> None:
    await _with_a_letter(settings, tmp_path)
    assert _run("dead-letters", "discard", "--service", "deals", LETTER) == "discarded\n"
    assert "(discarded)" in _run("dead-letters", "list", "--service", "deals")
    again = CliRunner().invoke(app, ["dead-letters", "discard", "--service", "deals", LETTER])
    assert isinstance(again.exception, RunnerError)
    provision(settings["CRM_AMQP_URL"])
    assert _run("dead-letters", "redrive", "--service", "deals", "--all") == "0 sent again\n"


async def test_an_owner_is_asked_to_fill_a_copy_again(settings: dict[str, str]) -> None:
    assert _run("provision").endswith("queues declared\n")
    _run("resync", "contacts", "person", "deals.cards")
    async with await aio_pika.connect(settings["CRM_AMQP_URL"]) as bus:
        queue = await (await bus.channel()).get_queue("contacts.resync")
        message = await queue.get()
        order = Envelope.model_validate_json(message.body)
        assert order.data == {"noun": "person", "to_queue": "deals.cards", "after": None}
        await message.ack()


async def test_every_producer_is_told_to_compare_and_the_owner_to_make_its_history_anew(
    settings: dict[str, str],
) -> None:
    _run("provision")
    _run("compare-archive", "--since", "2026-11-20T08:00:00")
    _run("replay", "timeline")
    async with await aio_pika.connect(settings["CRM_AMQP_URL"]) as bus:
        channel = await bus.channel()
        for producer in PRODUCERS:
            message = await (await channel.get_queue(resend_queue(producer))).get()
            begin = Resend.model_validate(Envelope.model_validate_json(message.body).data)
            assert begin.window_from == begin.window_to == datetime(2026, 11, 20, 8).astimezone()
            assert (begin.ids, begin.window_to < begin.until) == ([], True)
            await message.ack()
        message = await (await channel.get_queue(REBUILD_TIMELINE)).get()
        assert Envelope.model_validate_json(message.body).type == REBUILD_TIMELINE
        await message.ack()


@pytest.mark.parametrize(
    "arguments",
    [
        ("resync", "weather", "person", "deals.cards"),
        ("resync", "contacts", "person", "deals.weather"),
        ("replay", "weather"),
        ("dead-letters", "list", "--service", "weather"),
        ("dead-letters", "redrive", "--service", "deals"),
    ],
)
def test_what_does_not_exist_is_said_in_one_line(settings: dict[str, str], arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 1
    assert done.exception is not None
    assert "\n" not in str(done.exception)


def test_the_command_hands_out_secrets_for_an_env_file(settings: dict[str, str]) -> None:
    lines = _run("secrets")
    assert lines == _run("secrets")
    assert [line.partition("=")[0] for line in lines.splitlines()] == [
        "CRM_INTERNAL_PRIVATE_KEY",
        "CRM_INTERNAL_PUBLIC_KEY",
        "CRM_SECRETS_KEY",
    ]


def test_migrate_and_user_add_run_the_programs_themselves(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, stand_ins: str, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTHONPATH", stand_ins)
    _run("migrate")
    assert capfd.readouterr().out.count("stand-in migrate") == 6
    _run("user", "add", "--email", "ana@example.com", "--role", "admin")
    assert "stand-in user-add --email ana@example.com --role admin" in capfd.readouterr().out
