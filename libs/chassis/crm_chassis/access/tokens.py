"""The internal token: the gateway signs who asks (EdDSA, 60 s), services believe nothing else."""

import base64
import time
from collections import OrderedDict
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crm_chassis.access.principal import Principal, Scope
from crm_chassis.problems import Unauthorized

LIFETIME_S = 60
_AUDIENCE = "crm-internal"
_CACHE = 4096


def new_key_pair() -> tuple[str, str]:
    """(private, public) Ed25519 keys: 32 raw bytes each, base64url without padding."""
    private = Ed25519PrivateKey.generate()
    return _encode(private.private_bytes_raw()), _encode(private.public_key().public_bytes_raw())


class TokenSigner:
    """Held by the gateway alone."""

    def __init__(self, private_key: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(_decode(private_key))

    def sign(self, principal: Principal) -> str:
        """A token for `principal`, good for 60 s from now."""
        issued = int(time.time())
        claims: dict[str, Any] = {
            "aud": _AUDIENCE,
            "iat": issued,
            "exp": issued + LIFETIME_S,
            "sub": str(principal.id),
            "kind": principal.kind,
            "role": principal.role,
            "grants": {key: scope.value for key, scope in principal.grants.items()},
        }
        if principal.team_id:
            claims["team"] = str(principal.team_id)
        if principal.refs:
            claims["refs"] = sorted(principal.refs)
        if principal.colleagues is not None:
            claims["colleagues"] = sorted(map(str, principal.colleagues))
        if principal.name:
            claims["name"] = principal.name
        return jwt.encode(claims, self._key, algorithm="EdDSA")


class TokenVerifier:
    """Held by every service; verified tokens are remembered until they expire."""

    def __init__(self, public_key: str) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(_decode(public_key))
        self._known: OrderedDict[str, tuple[float, Principal]] = OrderedDict()

    def verify(self, token: str) -> Principal:
        """The principal of a valid token; Unauthorized for any other text."""
        known = self._known.get(token)
        if known is not None and known[0] > time.time():
            return known[1]
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=["EdDSA"],
                audience=_AUDIENCE,
                options={"require": ["exp", "sub"]},
            )
            principal = _principal(claims)
        except (jwt.PyJWTError, KeyError, ValueError) as error:
            raise Unauthorized("The internal token does not hold.", code="bad_internal_token") from error
        self._known[token] = (float(claims["exp"]), principal)
        if len(self._known) > _CACHE:
            self._known.popitem(last=False)
        return principal


def _principal(claims: dict[str, Any]) -> Principal:
    return Principal(
        id=UUID(claims["sub"]),
        role=claims["role"],
        team_id=UUID(claims["team"]) if "team" in claims else None,
        grants={key: Scope(value) for key, value in claims["grants"].items()},
        refs=frozenset(claims.get("refs", ())),
        colleagues=frozenset(map(UUID, claims["colleagues"])) if "colleagues" in claims else None,
        kind=claims["kind"],
        name=claims.get("name", ""),
    )


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
