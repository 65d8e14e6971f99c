"""Every answer of the door carries its headers, and no page of another site can use a browser's session."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from crm_runner.demo.client import Client

from tests.conftest import Town

from .door import another_gateway, its_environment

SAFE = ("get", "head", "options")
ID = "01890000-0000-7000-8000-000000000000"
# These need no session: one makes it, the others are known by their token.
WITHOUT_SESSION = ("/api/v1/sessions", "/api/v1/demo", "/hooks/pbx/{token}")
_SHOWN = "/api/v1/demo"  # to whoever comes: outside a demo it says that there is none
STRICT = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def operations(client: Client) -> list[tuple[str, str]]:
    """Every (method, path) of the API as it documents itself, with made-up values in the path."""
    paths: dict[str, dict[str, Any]] = client.get("/api/v1/openapi.json")["paths"]
    return [
        (method, path)
        for path, item in paths.items()
        for method in item
        if method in ("get", "post", "put", "patch", "delete")
    ]


def filled(path: str) -> str:
    """The path with something in each place."""
    return re.sub(r"\{[^}]+\}", ID, path)


def guarded(answer: httpx.Response) -> None:
    """The answer carries what every answer must."""
    headers = answer.headers
    told = (answer.request.method, answer.request.url.path, answer.status_code)
    assert STRICT.items() <= dict(headers).items(), told
    assert "default-src 'none'" in headers["content-security-policy"], told
    assert "frame-ancestors 'none'" in headers["content-security-policy"], told
    assert "unsafe" not in headers["content-security-policy"], told
    assert "geolocation=()" in headers["permissions-policy"], told
    assert "x-correlation-id" in headers, told
    assert "server" not in headers, told
    assert "access-control-allow-origin" not in headers, told


@pytest.fixture(scope="module")
def browser(town: Town) -> Iterator[httpx.Client]:
    """An administrator's browser: a session by cookie, no Origin yet."""
    with httpx.Client(base_url=town.company.gateway_url, timeout=30) as client:
        body = {"email": "nadja@okna-novak.example", "password": town.company.password}
        answer = client.post("/api/v1/sessions", json=body)
        assert answer.status_code == 201
        cookie = answer.headers["set-cookie"]
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        yield client


def test_every_route_answers_strangers_and_administrators_with_all_headers(town: Town, browser: httpx.Client) -> None:
    with httpx.Client(base_url=town.company.gateway_url, timeout=30) as stranger:
        found = operations(town.company.client("Nadja"))
        assert len(found) > 60
        for method, path in found:
            refused = stranger.request(method, filled(path), json={} if method not in SAFE else None)
            guarded(refused)
            assert refused.headers["cache-control"] == "no-store", path
            wanted = (200,) if path == _SHOWN else (401,) if path not in WITHOUT_SESSION else (404, 405, 422)
            assert refused.status_code in wanted, (method, path)
            if method == "get" and path != "/api/v1/live":
                answer = browser.get(filled(path))
                guarded(answer)
                assert answer.headers["cache-control"] == "no-store", path
        for method, path in (
            *(("GET", path) for path in ("/", "/docs", "/asyncapi", "/asyncapi.json", "/api/v1/openapi.json")),
            *(("GET", path) for path in ("/nowhere", "/health/ready", "/health/live", "/api/v1/nothing", "/metrics")),
            *(("DELETE", path) for path in ("/docs", "/api/v1/users", "/hooks/pbx/abcdefgh")),
            *(("TRACE", path) for path in ("/", "/api/v1/people")),
            *(("OPTIONS", path) for path in ("/", "/api/v1/people")),
        ):
            guarded(stranger.request(method, path))
        guarded(stranger.post("/api/v1/sessions", content=b"x" * 1_100_000))
        guarded(stranger.post("/api/v1/sessions", content=b"{not json"))
        guarded(httpx.post(f"{town.company.hook_url}/events/call", content=b"x=1"))
        guarded(httpx.post(f"{town.company.hook_url}/events/call", content=b"x" * 300_000))


def test_the_live_stream_carries_the_headers_too(town: Town, browser: httpx.Client) -> None:
    with browser.stream("GET", "/api/v1/live") as answer:
        guarded(answer)
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "https://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1.evil.example:{port}",
        "http://127.0.0.1:{port}.evil.example",
        "http://evil.example#@127.0.0.1:{port}",
        "http://user@127.0.0.1:{port}",
        "ftp://127.0.0.1:{port}",
        "http://localhost:{port}",
    ],
)
def test_no_page_of_another_site_changes_anything_with_a_browsers_session(
    town: Town, browser: httpx.Client, origin: str | None
) -> None:
    """Every unsafe operation the API documents, each refused before anything else is looked at."""
    port = browser.base_url.port
    headers = {"Origin": origin.format(port=port)} if origin else {}
    walked = 0
    for method, path in operations(town.company.client("Nadja")):
        if method in SAFE or path in WITHOUT_SESSION:
            continue
        sent = headers | {"If-Match": '"1"', "Sec-Fetch-Site": "cross-site"}
        answer = browser.request(method, filled(path), json={}, headers=sent)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin"), (method, path, origin)
        guarded(answer)
        walked += 1
    assert walked > 30
    simple = browser.post("/api/v1/people", content=b'{"name":"x"}', headers=headers | {"Content-Type": "text/plain"})
    assert simple.status_code == 403
    override = {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE"}
    assert browser.get("/api/v1/sessions/current", headers=headers | override).status_code == 200
    assert browser.get("/api/v1/sessions/current?_method=DELETE", headers=headers).status_code == 200


def test_our_own_page_may_and_a_foreign_page_can_not_sign_a_browser_in(town: Town, browser: httpx.Client) -> None:
    own = {"Origin": str(browser.base_url).rstrip("/")}
    refused = browser.post("/api/v1/teams", json={}, headers=own)
    assert refused.status_code == 422
    body = {"email": "nadja@okna-novak.example", "password": town.company.password}
    for origin in ("https://evil.example", "null"):
        answer = httpx.post(f"{town.company.gateway_url}/api/v1/sessions", json=body, headers={"Origin": origin})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_over_https_the_cookie_is_secure_and_browsers_are_told_to_stay(
    town: Town, tmp_path_factory: pytest.TempPathFactory
) -> None:
    environment = its_environment(town.stack) | {"CRM_PUBLIC_URL": "https://crm.example"}
    with another_gateway(Path(tmp_path_factory.mktemp("https")), environment) as door:
        body = {"email": "nadja@okna-novak.example", "password": town.company.password}
        answer = httpx.post(f"{door.url}/api/v1/sessions", json=body, headers={"Origin": "https://crm.example"})
        assert answer.status_code == 201
        assert "Secure" in {part.strip() for part in answer.headers["set-cookie"].split(";")}
        for found in (answer, httpx.get(f"{door.url}/nowhere"), httpx.post(f"{door.url}/hooks/pbx/abcdefgh")):
            assert found.headers["strict-transport-security"] == "max-age=31536000"
        downgraded = httpx.post(f"{door.url}/api/v1/sessions", json=body, headers={"Origin": "http://crm.example"})
        assert downgraded.status_code == 403
