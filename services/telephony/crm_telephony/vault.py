"""Secrets at rest: encrypted with one key of the installation (Fernet: AES-128-CBC with HMAC-SHA256)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crm_chassis.runtime import Runtime
from cryptography.fernet import Fernet, InvalidToken

from crm_telephony.settings import TelephonySettings
from crm_telephony.vendors.port import Secrets


class VaultLocked(RuntimeError):
    """The installation's key is missing, malformed, or not the one the secrets were locked with."""


class Vault:
    """Locks and opens a connection's secrets."""

    def __init__(self, key: str) -> None:
        try:
            self._fernet = Fernet(key)
        except ValueError as error:
            raise VaultLocked("CRM_SECRETS_KEY must be a Fernet key: 32 bytes, base64url") from error

    def lock(self, secrets: Secrets) -> bytes:
        """The secrets, unreadable."""
        return self._fernet.encrypt(secrets.model_dump_json().encode())

    def open(self, locked: bytes) -> Secrets:
        """The secrets again; VaultLocked with another key."""
        try:
            return Secrets.model_validate_json(self._fernet.decrypt(locked))
        except InvalidToken as error:
            raise VaultLocked("CRM_SECRETS_KEY is not the key these secrets were locked with") from error


def vault_of(runtime: Runtime[TelephonySettings]) -> Vault:
    """The vault under the installation's key."""
    return Vault(runtime.settings.secrets_key.get_secret_value())


@asynccontextmanager
async def require_key(runtime: Runtime[TelephonySettings]) -> AsyncIterator[None]:
    """The service does not start without a usable key, rather than fail at the first webhook."""
    vault_of(runtime)
    yield
