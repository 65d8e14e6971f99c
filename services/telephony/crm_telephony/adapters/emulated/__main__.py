"""`python -m crm_telephony.adapters.emulated --port N --hook-url URL --api-key K --salt S`: the emulated Mango PBX."""

import argparse
import asyncio
from pathlib import Path
from typing import get_args

import httpx
import uvicorn

from crm_telephony.adapters.emulated.mango_pbx import Delivery, MangoPbx, create_app
from crm_telephony.adapters.emulated.shelf import Shelf


async def serve(options: argparse.Namespace) -> None:
    """The PBX runs until it is told to stop."""
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        shelf = Shelf(options.recordings, options.api_key, options.salt) if options.recordings else None
        pbx = MangoPbx(
            hook_url=options.hook_url,
            api_key=options.api_key,
            salt=options.salt,
            client=client,
            delivery=options.deliver,
            line=options.line,
            shelf=shelf,
        )
        config = uvicorn.Config(create_app(pbx), host=options.host, port=options.port, log_level="warning")
        await uvicorn.Server(config).serve()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m crm_telephony.adapters.emulated")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--hook-url", required=True, help="where webhooks go: …/hooks/pbx/<token>")
    parser.add_argument("--api-key", required=True)
    parser.add_argument("--salt", required=True)
    parser.add_argument("--line", default="74950000001", help="the line ordered calls are shown from")
    parser.add_argument("--recordings", type=Path, help="folder of .wav files that answered calls sound like")
    parser.add_argument("--deliver", choices=get_args(Delivery), default="live")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
