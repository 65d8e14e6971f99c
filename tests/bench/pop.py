"""`make bench-pop`: from the webhook's first byte to the pop on the user's live stream, at a steady rate of calls.

Own servers and six programs in a temporary folder, one process each, all on this machine with the load generator.
Half of the callers are unknown. Prints percentiles in milliseconds; asserts nothing.
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from crm_runner.demo.company import Company, found
from crm_runner.environment import NO_RATE_LIMITS
from crm_runner.stack import Stack
from crm_telephony.adapters.emulated import generic_pbx

from tests.bench.ground import EXTENSIONS, LISTENERS, SECRET, generic_connection, hook_url


@dataclass
class Run:
    """What was sent when, and heard when (monotonic seconds)."""

    sent: dict[str, float] = field(default_factory=dict)
    opened: dict[str, float] = field(default_factory=dict)
    answers: list[float] = field(default_factory=list)
    refused: int = 0


async def listen(company: Company, name: str, run: Run, ready: asyncio.Event) -> None:
    """Notes when a pop of each caller opened on this user's stream."""
    headers = {"Authorization": company.client(name)._http.headers["Authorization"]}
    async with (
        aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(None)) as client,
        client.get(f"{company.gateway_url}/api/v1/live") as response,
    ):
        async for line in response.content:
            if not line.startswith(b"data:"):
                continue
            ready.set()
            data = json.loads(line[5:])
            if data.get("change") == "opened":
                run.opened.setdefault(data["pop"]["phone"], time.monotonic())


async def ring(client: aiohttp.ClientSession, hook_url: str, phone: str, run: Run) -> None:
    """One call rings, then ends unanswered a moment later."""
    call_id, extension = f"bench-{phone}", random.choice(EXTENSIONS)
    for name in ("call.ringing", "call.ended"):
        at = time.time()
        event = generic_pbx.event(name, call_id, at, direction="in", to=extension, extension=extension)
        request = generic_pbx.signed(event | {"from": phone}, SECRET, at)
        began = time.monotonic()
        run.sent.setdefault(phone, began)
        async with client.post(hook_url, data=request.body, headers=request.headers) as answer:
            run.answers.append(time.monotonic() - began)
            run.refused += answer.status != 200
        await asyncio.sleep(1.0)


async def measure(company: Company, hook_url: str, rate: float, seconds: float) -> Run:
    """`rate` calls a second for `seconds`."""
    run = Run()
    half = [f"+3864010{number:04d}" for number in range(-(-int(rate * seconds) // 2))]
    await asyncio.to_thread(_known_customers, company, half)
    readies = [asyncio.Event() for _ in LISTENERS]
    listeners = [
        asyncio.create_task(listen(company, name, run, ready)) for name, ready in zip(LISTENERS, readies, strict=True)
    ]
    await asyncio.gather(*(asyncio.wait_for(ready.wait(), 20) for ready in readies))
    async with aiohttp.ClientSession() as client:
        calls = []
        began = time.monotonic()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            phone = f"+386411{number:05d}" if number % 2 else half[number // 2]
            calls.append(asyncio.create_task(ring(client, hook_url, phone, run)))
        await asyncio.gather(*calls)
        deadline = time.monotonic() + 10
        while len(run.opened) < len(run.sent) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
    for listener in listeners:
        listener.cancel()
    await asyncio.gather(*listeners, return_exceptions=True)
    return run


def _known_customers(company: Company, phones: list[str]) -> None:
    client = company.client("Ana")
    for phone in phones:
        client.post("/api/v1/people", {"name": f"Known {phone}", "phones": [{"raw": phone}]})


def report(run: Run, rate: float) -> dict[str, Any]:
    """The figures of a run."""
    taken = sorted((run.opened[phone] - run.sent[phone]) * 1000 for phone in run.sent if phone in run.opened)
    answers = sorted(second * 1000 for second in run.answers)
    cuts = statistics.quantiles(taken, n=100) if len(taken) > 1 else [0.0] * 99
    return {
        "calls_per_s": rate,
        "calls": len(run.sent),
        "pops": len(taken),
        "refused": run.refused,
        "pop_p50_ms": round(cuts[49], 1),
        "pop_p95_ms": round(cuts[94], 1),
        "pop_max_ms": round(taken[-1], 1) if taken else None,
        "webhook_answer_p95_ms": round(statistics.quantiles(answers, n=100)[94], 1),
    }


def main() -> None:
    """Start everything, measure, print, stop."""
    options = argparse.ArgumentParser()
    options.add_argument("--rate", type=float, default=20.0, help="calls a second")
    options.add_argument("--seconds", type=float, default=20.0)
    given = options.parse_args()
    random.seed(1)
    with tempfile.TemporaryDirectory(prefix="crm-bench-") as folder:
        print("bench-pop: starting everything in a temporary folder", flush=True)
        began = time.monotonic()
        with Stack(Path(folder), {"CRM_LOG_LEVEL": "warning"} | NO_RATE_LIMITS, ephemeral=True) as stack:
            started = time.monotonic() - began
            company = found(stack, password="bench-password", pbx_api_url="http://127.0.0.1:9/vpbx", customers=False)
            hook = hook_url(company, generic_connection(company))
            memory = _memory_mb(stack)
            print(f"bench-pop: {given.rate:g} calls a second for {given.seconds:g} s", flush=True)
            before = _cpu_s(stack)
            run = asyncio.run(measure(company, hook, given.rate, given.seconds))
            used = {name: round(after - before[name], 1) for name, after in _cpu_s(stack).items()}
            figures = report(run, given.rate) | {"start_s": round(started, 1), "python_rest_mb": memory, "cpu_s": used}
            company.close()
    for name, value in figures.items():
        print(f"  {name:24} {value}")


def _cpu_s(stack: Stack) -> dict[str, float]:
    """CPU seconds each process and its children have used so far; `bench` is this load generator."""
    used = {"bench": _seconds(psutil.Process())}
    for name, pid in stack.pids.items():
        process = psutil.Process(pid)
        used[name] = sum(_seconds(each) for each in (process, *process.children(recursive=True)))
    return used


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _memory_mb(stack: Stack) -> float:
    """Resident memory of the six programs (shared pages counted in each), this process left out."""
    programs = [psutil.Process(stack.pids[name]) for name in stack.service_urls]
    return round(sum(program.memory_info().rss for program in programs) / 1e6, 1)


if __name__ == "__main__":
    main()
