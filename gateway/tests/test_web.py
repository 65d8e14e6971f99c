"""The web client at the door: its page under every page's address, its files kept as long as they hold."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from crm_chassis.testing import Harness
from crm_gateway.web.rules import encoding_of, is_page
from hypothesis import given
from hypothesis import strategies as st

PAGE = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
SCRIPT = b"console.log(1)" * 200


@pytest.fixture
def build(web_dist: Path) -> Iterator[Path]:
    """A small build, gone afterwards."""
    (web_dist / "assets").mkdir(parents=True)
    (web_dist / "index.html").write_text('<meta name="style-nonce" content="__NONCE__"><div id="root"></div>')
    (web_dist / "icon.svg").write_text("<svg/>")
    (web_dist / "assets/index-B1.js").write_bytes(SCRIPT)
    (web_dist / "assets/index-B1.js.br").write_bytes(b"brotli")
    (web_dist / "assets/index-B1.js.gz").write_bytes(b"gzip")
    (web_dist.parent / "secret.json").write_text("{}")
    yield web_dist
    shutil.rmtree(web_dist)


@pytest.mark.parametrize("path", ["/", "/people", "/people/01890000-0000-7000-8000-000000000000", "/a%20b/c"])
async def test_a_browser_gets_the_page_under_every_pages_address(gateway: Harness, build: Path, path: str) -> None:
    answer = await gateway.client.get(path, headers=PAGE)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert '<div id="root">' in answer.text


async def test_the_page_runs_our_scripts_alone_and_its_style_nonce_is_never_used_twice(
    gateway: Harness, build: Path
) -> None:
    nonces = set()
    for _ in range(3):
        answer = await gateway.client.get("/", headers=PAGE)
        policy = answer.headers["content-security-policy"]
        found = re.search(r'content="([\w-]{20,})"', answer.text)
        assert found is not None
        assert f"style-src 'self' 'nonce-{found[1]}'" in policy
        assert "script-src 'self';" in policy
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        nonces.add(found[1])
    assert len(nonces) == 3


async def test_a_hashed_file_is_kept_for_ever_and_any_other_is_asked_for_first(gateway: Harness, build: Path) -> None:
    script = await gateway.client.get("/assets/index-B1.js", headers={"Accept-Encoding": "identity"})
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-type"].startswith("text/javascript")
    icon = await gateway.client.get("/icon.svg")
    assert icon.headers["cache-control"] == "no-cache"
    again = await gateway.client.get("/icon.svg", headers={"If-None-Match": icon.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_file_is_sent_in_the_best_form_the_browser_takes(gateway: Harness, build: Path) -> None:
    sent = {}
    for accepted in ("gzip, deflate, br", "gzip", "br;q=0, gzip", "identity"):
        url = "/assets/index-B1.js"
        async with gateway.client.stream("GET", url, headers={"Accept-Encoding": accepted}) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        sent[accepted] = (answer.headers.get("content-encoding"), raw)
        assert answer.headers["vary"] == "Accept-Encoding"
    assert sent == {
        "gzip, deflate, br": ("br", b"brotli"),
        "gzip": ("gzip", b"gzip"),
        "br;q=0, gzip": ("gzip", b"gzip"),
        "identity": (None, SCRIPT),
    }


@pytest.mark.parametrize(
    "path",
    [
        *("/api", "/api/v2/people", "/api/v1/openapi.yaml", "/hooks", "/hooks/pbx", "/health", "/health/x"),
        *("/assets/gone-A9.js", "/assets/", "/assets/index-B1.js.br/"),
    ],
)
async def test_no_page_is_served_under_another_door(gateway: Harness, build: Path, path: str) -> None:
    answer = await gateway.client.get(path, headers=PAGE)
    assert answer.status_code in (401, 404)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/nowhere", "/secret.json", "/../secret.json", "/%2e%2e/secret.json", "/people"])
async def test_who_asks_for_no_page_is_told_that_nothing_is_there(gateway: Harness, build: Path, path: str) -> None:
    answer = await gateway.client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_nothing_outside_the_build_is_served(gateway: Harness, build: Path) -> None:
    for path in ("/../secret.json", "/assets/..%2f..%2fsecret.json", "/..%2fsecret.json", "/%00", "/assets/%2fetc"):
        answer = await gateway.client.get(path)
        assert answer.status_code in (400, 404), path


async def test_a_new_build_is_served_without_a_restart_and_without_one_the_page_says_how_to_make_it(
    gateway: Harness, build: Path, web_dist: Path
) -> None:
    assert (await gateway.client.get("/", headers=PAGE)).text.endswith('<div id="root"></div>')
    new = web_dist / "index.new"
    new.write_text("<p>the second build</p>")
    new.rename(web_dist / "index.html")
    (web_dist / "assets/index-C2.js").write_text("2")
    assert (await gateway.client.get("/", headers=PAGE)).text == "<p>the second build</p>"
    assert (await gateway.client.get("/assets/index-C2.js")).text == "2"
    (web_dist / "index.html").unlink()
    unbuilt = await gateway.client.get("/people", headers=PAGE)
    assert "make web" in unbuilt.text
    assert "<script" not in unbuilt.text
    assert "style-src 'sha256-" in unbuilt.headers["content-security-policy"]


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_address_under_a_door_of_ours_is_ever_a_page(door: str, rest: str) -> None:
    for own in ("api", "hooks", "health", "assets"):
        assert not is_page(f"{own}/{rest}", "text/html")
    assert not is_page(f"{door}/{rest}", "*/*")


@given(st.text(max_size=60), st.frozensets(st.sampled_from(["br", "gzip"])))
def test_only_what_is_there_and_was_accepted_is_sent(accepted: str, there: frozenset[str]) -> None:
    chosen = encoding_of(accepted, there)
    assert chosen is None or (chosen in there and chosen in accepted.lower())
