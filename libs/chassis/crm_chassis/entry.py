"""The command line of a service: serve, migrate, openapi. `python -m crm_<service> …` ends here."""

import argparse
import asyncio
import os
import resource
import sys
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

import orjson
import uvicorn

from crm_chassis import migrate
from crm_chassis.access.tokens import new_key_pair
from crm_chassis.database import is_infrastructure
from crm_chassis.service import Wiring, create_app
from crm_chassis.settings import ServiceSettings
from crm_chassis.socket_guard import Patience, guarded

S = TypeVar("S", bound=ServiceSettings)
GRACE_S = 10
_FILES = 16_384


def run(wiring: Callable[[S], Wiring], settings_class: type[S], arguments: list[str] | None = None) -> None:
    """Do what the command line says and exit."""
    parser = argparse.ArgumentParser(prog=f"python -m crm_{settings_class.service}")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the service")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, required=True)
    serve.add_argument("--role", choices=["all", "api", "worker"])
    commands.add_parser("migrate", help="bring the database to the newest revision")
    openapi = commands.add_parser("openapi", help="write openapi.json, without a database")
    openapi.add_argument("--check", action="store_true", help="fail when the committed file differs")
    given = parser.parse_args(arguments)
    if given.command == "openapi":
        sys.exit(_openapi(wiring, settings_class, check=given.check))
    settings = settings_class.load(**({"role": given.role} if getattr(given, "role", None) else {}))
    if given.command == "migrate":
        wired = wiring(settings)
        asyncio.run(migrate.upgrade(settings.service_database_url(), wired.name, wired.migrations))
    else:
        _serve(wiring, settings, given.host, given.port)


def _serve(wiring: Callable[[S], Wiring], settings: S, host: str, port: int) -> None:
    wired = wiring(settings)
    _migrate_in_a_child(wired, settings)
    app = create_app(wired, settings)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        http=guarded(
            Patience(
                head_s=settings.http_head_s,
                stall_s=settings.http_stall_s,
                idle_s=settings.http_idle_s,
                connections=min(settings.http_connections, _most_files() // 2),
            )
        ),
        ws="none",
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
        proxy_headers=False,
    )
    _Server(config, app).run()


def _most_files() -> int:
    """How many files this process may open, after asking for as many as it is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)


def _migrate_in_a_child(wired: Wiring, settings: ServiceSettings) -> None:
    """The database is migrated, if it answers, by a forked child: what migrating needs does not stay in our memory.

    When it does not answer yet, the service itself waits for it and migrates (see service.py).
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            asyncio.run(migrate.upgrade(settings.service_database_url(), wired.name, wired.migrations))
            status = 0
        except Exception as error:
            if not is_infrastructure(error):
                traceback.print_exc()
        finally:
            os._exit(status)
    os.waitpid(child, 0)


class _Server(uvicorn.Server):
    """Tells the runtime that it is stopping before uvicorn waits for open streams to end."""

    def __init__(self, config: uvicorn.Config, app: Any) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: Any) -> None:
        runtime = getattr(self._app.state, "runtime", None)
        if runtime is not None:
            runtime.stopping.set()
        super().handle_exit(sig, frame)


def _openapi(wiring: Callable[[S], Wiring], settings_class: type[S], *, check: bool) -> int:
    # A throw-away key: the document is made without any environment.
    settings = settings_class.load(internal_public_key=new_key_pair()[1])
    wired = wiring(settings)
    document = create_app(wired, settings).openapi()
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
    path = wired.migrations.parent / "openapi.json"
    if check:
        if not path.exists() or path.read_bytes() != text:
            print(
                f"{path.parent.name}/openapi.json is out of date: run `python -m crm_{wired.name} openapi`",
                file=sys.stderr,
            )
            return 1
        return 0
    path.write_bytes(text)
    return 0
