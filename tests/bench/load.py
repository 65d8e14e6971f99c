"""Clients that ask as fast as they are answered: wrk for reads and webhooks, asyncio for what needs an answer read."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.bench.table import Load, load_of, read_wrk

SCRIPT = Path(__file__).with_name("wrk.lua")
_PATIENCE_S = 30.0


@dataclass(frozen=True)
class Ask:
    """One request of a pool."""

    path: str
    signature: str = ""
    body: str = ""


@dataclass
class Tally:
    """What one asyncio client counts."""

    latencies: list[float]
    refused: int = 0
    broken: int = 0


Act = Callable[[aiohttp.ClientSession], Awaitable[int]]
"""Sends one request, reads its answer and tells the status."""


def session(authorization: str | None, connections: int) -> aiohttp.ClientSession:
    """A client of so many kept connections."""
    headers = {"Authorization": authorization} if authorization else {}
    connector = aiohttp.TCPConnector(limit=connections)
    return aiohttp.ClientSession(
        headers=headers,
        connector=connector,
        timeout=aiohttp.ClientTimeout(_PATIENCE_S),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


async def reads(
    url: str, authorization: str | None, pool: Sequence[Ask], connections: int, seconds: float, method: str = "GET"
) -> Load:
    """The pool's requests again and again for `seconds`, by wrk where it is installed (it counts in whole seconds)."""
    if seconds >= 1 and shutil.which("wrk"):
        return await _wrk(url, authorization, pool, connections, seconds, method)
    asks = iter(_round(pool))

    async def act(client: aiohttp.ClientSession) -> int:
        ask = next(asks)
        headers = {"X-Signature": ask.signature, "Content-Type": "application/json"} if ask.body else {}
        async with client.request(method, url + ask.path, data=ask.body or None, headers=headers) as answer:
            await answer.read()
            return answer.status

    return await acts(authorization, act, connections, seconds)


async def acts(authorization: str | None, act: Act, connections: int, seconds: float) -> Load:
    """`act` again and again on each connection for `seconds`."""
    tally = Tally([])
    async with session(authorization, connections) as client:
        began = time.monotonic()

        async def work() -> None:
            while (asked := time.monotonic()) - began < seconds:
                try:
                    status = await act(client)
                except (aiohttp.ClientError, TimeoutError):
                    tally.broken += 1
                    continue
                tally.latencies.append(time.monotonic() - asked)
                tally.refused += status >= 400

        await asyncio.gather(*(work() for _ in range(connections)))
        return load_of(tally.latencies, time.monotonic() - began, tally.refused, tally.broken)


async def each_once(
    authorization: str | None, todo: Iterable[Any], act: Callable[..., Awaitable[Any]], width: int
) -> float:
    """`act(client, one)` was done for each, `width` at a time; the seconds it took."""
    waiting = iter(todo)
    began = time.monotonic()
    async with session(authorization, width) as client:

        async def work() -> None:
            for one in waiting:
                await act(client, one)

        await asyncio.gather(*(work() for _ in range(width)))
    return time.monotonic() - began


async def _wrk(
    url: str, authorization: str | None, pool: Sequence[Ask], connections: int, seconds: float, method: str
) -> Load:
    with tempfile.TemporaryDirectory(prefix="crm-wrk-") as folder:
        file = Path(folder) / "requests"
        file.write_text("".join(f"{ask.path}\t{ask.signature}\t{ask.body}\n" for ask in pool))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{round(seconds)}s", "--timeout", "20s"]
        command += ["-H", f"Authorization: {authorization}"] if authorization else []
        command += ["-s", str(SCRIPT), url, "--", str(file), method]
        wrk = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        try:
            output, _ = await wrk.communicate()
        finally:
            if wrk.returncode is None:
                wrk.kill()
                await wrk.wait()
    return read_wrk(output.decode())


def _round(pool: Sequence[Ask]) -> Iterable[Ask]:
    while True:
        yield from pool
