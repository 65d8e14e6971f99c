"""The merged API document, written into the package."""

import argparse
import sys
from pathlib import Path

import orjson
from crm_chassis.access.tokens import new_key_pair
from crm_chassis.service import create_app

from crm_gateway.docs.api import MERGED
from crm_gateway.docs.merge import merge
from crm_gateway.main import wiring
from crm_gateway.settings import GatewaySettings

_SERVICES = ("contacts", "deals", "telephony", "notifications", "reports")


def openapi(arguments: list[str]) -> int:
    """The merged document is written into the package, or with --check compared with what is there."""
    parser = argparse.ArgumentParser(prog="python -m crm_gateway openapi")
    parser.add_argument("--check", action="store_true", help="fail when the committed file differs")
    given = parser.parse_args(arguments)
    here = Path(__file__).parents[1]
    text = orjson.dumps(_merged(here.parents[1]), option=orjson.OPT_INDENT_2) + b"\n"
    path = here / MERGED
    if not given.check:
        path.write_bytes(text)
    elif not path.exists() or path.read_bytes() != text:
        sys.stderr.write("crm_gateway/openapi.json is out of date: run `python -m crm_gateway openapi`\n")
        return 1
    return 0


def _merged(repository: Path) -> dict[str, object]:
    private, public = new_key_pair()
    settings = GatewaySettings.load(internal_private_key=private, internal_public_key=public)
    own = create_app(wiring(settings), settings).openapi()
    documents = {service: repository / "services" / service / "openapi.json" for service in _SERVICES}
    return merge(
        own, {service: orjson.loads(path.read_bytes()) for service, path in documents.items() if path.exists()}
    )
