"""Services believe the gateway's signature and nothing else."""

import time
from uuid import UUID

import httpx
import jwt
import pytest
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.access.tokens import TokenSigner, new_key_pair
from crm_runner.processes import SERVICES

from tests.rights.scene import Scene

_PATH = {
    "contacts": "/api/v1/people",
    "deals": "/api/v1/deals",
    "telephony": "/api/v1/calls",
    "notifications": "/api/v1/messages",
    "reports": "/api/v1/reports/archive/status",
}


@pytest.mark.parametrize("service", SERVICES)
def test_a_forged_expired_or_foreign_token_opens_no_service(scene: Scene, service: str) -> None:
    anna = Principal(id=UUID(scene.cast.admin.id), role="admin", grants={"person:read": Scope.ALL})
    good = TokenSigner(scene.stack.secrets.internal_private_key).sign(anna)
    claims = jwt.decode(good, options={"verify_signature": False})
    forged = TokenSigner(new_key_pair()[0]).sign(anna)
    key = TokenSigner(scene.stack.secrets.internal_private_key)._key
    old = jwt.encode({**claims, "exp": int(time.time()) - 1}, key, algorithm="EdDSA")
    elsewhere = jwt.encode({**claims, "aud": "another"}, key, algorithm="EdDSA")
    unsigned = jwt.encode(claims, "", algorithm="none")
    session = scene.cast.admin.client._http.headers["Authorization"].removeprefix("Bearer ")
    url = scene.stack.service_urls[service] + _PATH[service]
    for token in (forged, old, elsewhere, unsigned, session, good[:-4], ""):
        answer = httpx.get(url, headers={"Authorization": f"Bearer {token}"} if token else {}, timeout=30)
        assert answer.status_code == 401, f"{service} takes {token[:20]}…"


def test_the_gateway_takes_no_internal_token(scene: Scene) -> None:
    anna = Principal(id=UUID(scene.cast.admin.id), role="admin", grants={"person:read": Scope.ALL})
    token = TokenSigner(scene.stack.secrets.internal_private_key).sign(anna)
    answer = httpx.get(f"{scene.stack.gateway_url}/api/v1/people", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
