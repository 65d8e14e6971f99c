"""Whether a receipt is the gateway's, and what it says.

Pure. There is no time in the signature: a receipt told again changes nothing (messages.rules.after_receipt), so a
replay is harmless and a late one welcome.
"""

import hashlib
import hmac
from typing import Final, Literal

from crm_notifications.messages.rules import Receipt

GatewayStatus = Literal["sent", "delivered", "undelivered"]

MAX_BODY: Final = 256 * 1024
_MEANING: Final[dict[GatewayStatus, Receipt]] = {"sent": "sent", "delivered": "delivered", "undelivered": "failed"}
_SCHEME: Final = "sha256="


def is_genuine(secret: str, raw: bytes, signature: str | None) -> bool:
    """Whether `signature` is "sha256=" + hex HMAC-SHA256 of the raw body; never true without a secret."""
    if not secret or signature is None or not signature.startswith(_SCHEME):
        return False
    expected = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.removeprefix(_SCHEME).encode())


def is_our_token(ours: str, given: str) -> bool:
    """Whether the path token is ours, in constant time; never true when none is set."""
    return bool(ours) and hmac.compare_digest(ours.encode(), given.encode())


def meaning(status: GatewayStatus) -> Receipt:
    """The gateway's word in ours."""
    return _MEANING[status]
