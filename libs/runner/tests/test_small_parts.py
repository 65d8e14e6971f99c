"""Ports, secrets, the log and what the programs are told."""

import base64
import json
import socket
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from crm_runner import rabbitmq_install, secrets
from crm_runner.environment import Installation, database_url, for_program
from crm_runner.errors import RunnerError
from crm_runner.files import OWNER_ONLY, write_whole
from crm_runner.journal import Journal, parse, render
from crm_runner.lock import DirectoryLock
from crm_runner.ports import Ports
from crm_runner.processes import SERVICES
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def test_a_port_is_the_same_next_time(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    first = Ports(file).take("postgres")
    assert Ports(file).take("postgres") == first
    assert Ports(file).take("amqp") != first


def test_a_port_somebody_took_gives_way_to_the_next_free_one(tmp_path: Path) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        taken = int(squatter.getsockname()[1])
        assert taken < Ports(tmp_path / "ports.json").take("gateway", taken) < taken + 1000


def test_who_reads_a_small_file_while_it_is_written_reads_it_whole(tmp_path: Path) -> None:
    file, written = tmp_path / "new" / "company.json", [f"{n}" * 50_000 for n in range(10)]
    write_whole(file, written[0], OWNER_ONLY)

    def write_all() -> None:
        for text in written * 20:
            write_whole(file, text, OWNER_ONLY)

    with ThreadPoolExecutor(1) as writer:
        ended = writer.submit(write_all)
        while not ended.done():
            assert file.read_text() in written
        ended.result()
    assert stat.S_IMODE(file.stat().st_mode) == OWNER_ONLY
    assert list(file.parent.iterdir()) == [file]


def test_secrets_are_made_once_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    made = secrets.load_or_make(tmp_path / "secrets")
    assert secrets.load_or_make(tmp_path / "secrets") == made
    for file in (tmp_path / "secrets").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    private = Ed25519PrivateKey.from_private_bytes(_raw(made.internal_private_key))
    public = Ed25519PublicKey.from_public_bytes(_raw(made.internal_public_key))
    public.verify(private.sign(b"token"), b"token")
    Fernet(made.secrets_key)


def _raw(text: str) -> bytes:
    assert "=" not in text
    return base64.urlsafe_b64decode(text + "=")


def test_only_the_gateway_gets_the_signing_key_and_the_addresses(tmp_path: Path) -> None:
    kept = secrets.load_or_make(tmp_path)
    urls = {"contacts": "http://127.0.0.1:1", "gateway": "http://127.0.0.1:2"}
    installation = Installation(
        "postgresql://db/postgres", "amqp://bus/crm", "smtp://mail", urls, kept, data_dir=tmp_path
    )
    given = {"CRM_DATABASE_URL": "", "CRM_LOCALE": "sl"}
    gateway = for_program("gateway", installation, given)
    contacts = for_program("contacts", installation, given)
    assert gateway["CRM_INTERNAL_PRIVATE_KEY"] == kept.internal_private_key
    assert gateway["CRM_CONTACTS_URL"] == "http://127.0.0.1:1"
    assert "CRM_INTERNAL_PRIVATE_KEY" not in contacts
    assert "CRM_CONTACTS_URL" not in contacts
    for environment in (gateway, contacts):
        assert environment["CRM_INTERNAL_PUBLIC_KEY"] == kept.internal_public_key
        assert environment["CRM_DATABASE_URL"] == "postgresql://db/postgres"
        assert environment["CRM_PUBLIC_URL"] == "http://127.0.0.1:2"
        assert environment["CRM_LOCALE"] == "sl"
        assert environment["CRM_CONTACTS_FILES_DIR"] == str(tmp_path / "files")


def test_each_service_has_its_database_unless_told_otherwise() -> None:
    server = "postgresql://postgres@127.0.0.1:5432/postgres"
    names = [database_url(name, server, {}).rpartition("/")[2] for name in SERVICES]
    assert names == [f"crm_{name}" for name in SERVICES]
    assert database_url("deals", server, {"CRM_DEALS_DATABASE_URL": "postgresql://x/y"}) == "postgresql://x/y"


def test_a_log_line_is_readable_and_the_file_keeps_it_whole(tmp_path: Path) -> None:
    file = tmp_path / "crm.log"
    journal = Journal(file)
    journal.take("deals", '{"level":"info","event":"deal created","deal_id":"7","note":"two words"}')
    journal.take("deals", "not json at all")
    journal.close()
    shown = journal.recent("deals")[0]
    assert shown.partition(" ")[2] == 'deals         info    deal created deal_id=7 note="two words"'
    first, second = (json.loads(line) for line in file.read_text().splitlines())
    assert first["service"] == "deals"
    assert first["deal_id"] == "7"
    assert second["event"] == "not json at all"


@pytest.mark.parametrize("line", ["{broken", "[1]", "{}", "", '{"level": 3, "timestamp": "noon"}'])
def test_no_line_breaks_the_log(line: str) -> None:
    assert render(parse("deals", line), colours=True)


def test_two_runs_cannot_share_a_folder(tmp_path: Path) -> None:
    first, second = DirectoryLock(tmp_path), DirectoryLock(tmp_path)
    first.take()
    with pytest.raises(RunnerError, match="already running"):
        second.take()
    first.release()
    second.take()
    second.release()


def test_without_rabbitmq_and_a_package_manager_one_line_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rabbitmq_install, "find", lambda: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RunnerError, match="CRM_AMQP_URL") as caught:
        rabbitmq_install.find_or_install(print)
    assert "\n" not in str(caught.value)


def test_the_installing_script_is_valid_shell() -> None:
    """It can not be run where RabbitMQ is in use; the shell at least reads it to the end."""
    subprocess.run(["sh", "-n", "-c", rabbitmq_install._APT], check=True)
