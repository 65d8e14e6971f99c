"""Looking for what a run left behind, and stand-ins for the six programs."""

import secrets
import textwrap
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from crm_runner.processes import ALL, module

MARK = "CRM_TEST_MARK"
Remains = Callable[[], list[str]]

_STAND_IN = textwrap.dedent(
    """
    import json, os, sys
    from http.server import BaseHTTPRequestHandler, HTTPServer

    def log(event, **more):
        print(json.dumps({"level": "info", "event": event, **more}), flush=True)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(dict(os.environ)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    if sys.argv[1] != "serve":
        print("stand-in", *sys.argv[1:], flush=True)
        raise SystemExit(0)
    port = int(sys.argv[sys.argv.index("--port") + 1])
    log("serving", port=port)
    HTTPServer(("127.0.0.1", port), Answer).serve_forever()
    """
)


@pytest.fixture
def stand_ins(tmp_path: Path) -> str:
    """A folder for PYTHONPATH in which each of the six programs is a stub answering its environment."""
    folder = tmp_path / "stand_ins"
    for name in ALL:
        package = folder / module(name)
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "__main__.py").write_text(_STAND_IN)
    return str(folder)


@pytest.fixture
def mark() -> str:
    """A value put in the environment of what a test starts, by which its descendants are known."""
    return secrets.token_hex(8)


@pytest.fixture
def remains(mark: str, tmp_path: Path) -> Remains:
    """Lists the live processes that carry the test's mark or live in its folder."""

    def look() -> list[str]:
        found = []
        for process in psutil.process_iter():
            try:
                ours = process.environ().get(MARK) == mark or process.cwd().startswith(str(tmp_path))
                ours = ours or any(str(tmp_path) in part for part in process.cmdline())
                if ours and process.status() != psutil.STATUS_ZOMBIE and process.pid != psutil.Process().pid:
                    found.append(f"{process.pid} {' '.join(process.cmdline())[:120]}")
            except psutil.Error:
                continue
        return found

    return look
