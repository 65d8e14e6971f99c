"""What each program is told through its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crm_runner.databases import at_database
from crm_runner.processes import GATEWAY, SERVICES
from crm_runner.secrets import Secrets

DEMO = "CRM_DEMO_"
"""How the settings of a demo begin; the gateway alone is told them."""
STORES = {"CRM_CONTACTS_FILES_DIR": "files", "CRM_TELEPHONY_RECORDINGS_DIR": "recordings"}
"""Folders in which programs keep what is too large for a database, below that of all data."""
# For tests and benches that send more than people do.
NO_RATE_LIMITS = {f"CRM_RATE_{who}": "0" for who in ("USER", "TOKEN", "HOOK", "STRANGER")}
# For stacks that are gone in a while: what they keep guards nobody, and signing in costs a third.
LEAN_PASSWORDS = {"CRM_PASSWORD_MEMORY_MIB": "19"}


@dataclass(frozen=True)
class Installation:
    """The addresses and secrets of one running installation."""

    database_url: str
    amqp_url: str
    smtp_url: str
    urls: Mapping[str, str]
    secrets: Secrets
    gateway_metrics_port: int | None = None
    data_dir: Path | None = None


def outside(extra: Mapping[str, str]) -> dict[str, str]:
    """What the person set: the shell's environment, and over it what the caller gave."""
    return {**os.environ, **extra}


def database_url(name: str, server_url: str, given: Mapping[str, str]) -> str:
    """The database of one service: its own setting, or `crm_<service>` on the common server."""
    return given.get(f"CRM_{name.upper()}_DATABASE_URL") or at_database(server_url, f"crm_{name}")


def for_program(name: str, installation: Installation, given: Mapping[str, str]) -> dict[str, str]:
    """A program's whole environment; only the gateway gets the signing key and the services' addresses.

    What the person set wins, except the addresses of what this run started itself.
    """
    defaults = {
        "CRM_INTERNAL_PUBLIC_KEY": installation.secrets.internal_public_key,
        "CRM_SECRETS_KEY": installation.secrets.secrets_key,
        "CRM_SMTP_URL": installation.smtp_url,
        "CRM_PUBLIC_URL": installation.urls.get(GATEWAY, ""),
        "PYTHONUNBUFFERED": "1",
    }
    computed = {"CRM_DATABASE_URL": installation.database_url, "CRM_AMQP_URL": installation.amqp_url}
    if installation.data_dir is not None:
        defaults |= {setting: str(installation.data_dir / folder) for setting, folder in STORES.items()}
    if name == GATEWAY:
        defaults["CRM_INTERNAL_PRIVATE_KEY"] = installation.secrets.internal_private_key
        if installation.gateway_metrics_port is not None:
            defaults["CRM_METRICS_PORT"] = str(installation.gateway_metrics_port)
        services = [other for other in SERVICES if other in installation.urls]
        computed |= {f"CRM_{other.upper()}_URL": installation.urls[other] for other in services}
    result = {**defaults, **given, **computed}
    if name != GATEWAY:
        result.pop("CRM_INTERNAL_PRIVATE_KEY", None)
        result.pop("CRM_METRICS_PORT", None)  # theirs are on the port they serve on
        result = {setting: value for setting, value in result.items() if not setting.startswith(DEMO)}
    return result
