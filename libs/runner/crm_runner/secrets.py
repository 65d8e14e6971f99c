"""The installation's own secrets: made once, readable by the owner only."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crm_runner.files import OWNER_ONLY, write_whole


@dataclass(frozen=True)
class Secrets:
    """Keys of the internal token (Ed25519, raw, base64url, no padding) and of secrets at rest (Fernet)."""

    internal_private_key: str
    internal_public_key: str
    secrets_key: str


def load_or_make(directory: Path) -> Secrets:
    """The kept secrets; those that are missing are made first."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    private = _kept(directory / "internal_private_key", _new_private_key)
    key = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(private + "="))
    return Secrets(
        internal_private_key=private,
        internal_public_key=_unpadded(key.public_key().public_bytes_raw()),
        secrets_key=_kept(directory / "secrets_key", _new_fernet_key),
    )


def _kept(file: Path, make: Callable[[], str]) -> str:
    if not file.exists():
        write_whole(file, make() + "\n", OWNER_ONLY)
    return file.read_text().strip()


def _new_private_key() -> str:
    return _unpadded(Ed25519PrivateKey.generate().private_bytes_raw())


def _new_fernet_key() -> str:
    return Fernet.generate_key().decode()


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
