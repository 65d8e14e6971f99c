"""Internal tokens, minted for a signed-in user at most once in thirty seconds."""

from collections import OrderedDict
from dataclasses import replace
from time import monotonic
from uuid import UUID

from crm_chassis.access.principal import Principal
from crm_chassis.access.tokens import TokenSigner

RENEW_AFTER_S = 30.0
_MOST = 10_000
_SYSTEM = Principal.system("gateway")


class Mint:
    """Signs who asks; a token always carries the grants the caller has now."""

    def __init__(self, signer: TokenSigner) -> None:
        self._signer = signer
        self._users: OrderedDict[UUID, tuple[float, Principal, str]] = OrderedDict()
        self._system: tuple[float, str] | None = None

    def token(self, principal: Principal) -> str:
        """A token for `principal`, good for 30 s at least."""
        known = self._users.get(principal.id)
        if known is not None and monotonic() - known[0] < RENEW_AFTER_S and known[1] == principal:
            return known[2]
        token = self._signer.sign(principal)
        self._users[principal.id] = (monotonic(), principal, token)
        self._users.move_to_end(principal.id)
        if len(self._users) > _MOST:
            self._users.popitem(last=False)
        return token

    def vouching(self, principal: Principal, refs: frozenset[str]) -> str:
        """A token that also says: the things in `refs` ("noun/uuid") exist and `principal` may see them."""
        return self._signer.sign(replace(principal, refs=principal.refs | refs))

    def system(self) -> str:
        """A token for the gateway itself, acting for nobody."""
        if self._system is None or monotonic() - self._system[0] >= RENEW_AFTER_S:
            self._system = (monotonic(), self._signer.sign(_SYSTEM))
        return self._system[1]
