"""`make bench`: how fast the whole system is, through the gateway, beside the bare limits of this machine in this run.

Own servers and six programs in a temporary folder, one process each, on loopback, with the load generators on the
same cores. Seeds through the product's own batch paths, waits until every copy has it, measures, prints a table,
writes build/bench-<date>.json and .md. Asserts nothing.
"""

import argparse
import asyncio
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crm_runner.demo.company import found
from crm_runner.demo.mailbox import Mailbox
from crm_runner.environment import NO_RATE_LIMITS
from crm_runner.signals import one_interrupt
from crm_runner.stack import Stack

from tests.bench import pop, seed
from tests.bench.beside import ROOT, beside
from tests.bench.cost import memory_mb
from tests.bench.flow import flow_rows
from tests.bench.ground import Ground, ground
from tests.bench.measure import CLIENTS, hooks_row, hop_row, read_rows, write_rows
from tests.bench.pools import pools
from tests.bench.table import Goal, Row, facts, kept, markdown, plain

_BUILD = ROOT / "build"
_POP_RATE, _POP_S = 50.0, 20.0
_QUIET_LIMIT_S = 7_200.0
_IMPORTED_MB = 300.0
_READY = re.compile(r'"event": "(\w+) ready \(([0-9.]+) s\)"')
BACKLOG = 20_000


@dataclass(frozen=True)
class Asked:
    """How large the run is: people, calls, seconds of each measurement and of each burst."""

    rows: int
    calls: int
    seconds: float
    burst_s: float
    seed: str = "import"
    backlog: int = BACKLOG


def say(text: str) -> None:
    """A line of progress, with the time."""
    print(f"bench {datetime.now(UTC):%H:%M:%S}  {text}", flush=True)


async def run(on: Ground, asked: Asked, folder: Path) -> tuple[list[Row], dict[str, Any]]:
    """Seeded and measured."""
    entered = await seeded(on, asked, folder)
    told: dict[str, Any] = {"seed": entered}
    rows: list[Row] = []
    say("reading what to ask for")
    asks = await pools(on, asked.rows)
    told["depth"] = asks.depth
    # Starting and stopping processes blocks; nothing else is under way then.
    with beside(on.stack, folder) as bare:
        say(f"reads, {asked.seconds:g} s each with 1 and {CLIENTS} clients, and their bare limits")
        rows.append(await hop_row(bare, on.authorization, asked.seconds))
        rows += await read_rows(on, bare, asks, asked.seconds, asked.rows)
        print(plain(rows), flush=True)
        say(f"writes, bursts of {asked.burst_s:g} s with the bus live")
        written, whole = await write_rows(on, bare, asks, asked.seconds, asked.burst_s, asked.rows)
        rows += written
        print(plain(written), flush=True)
    say("webhooks")
    hooks, whole["webhook"] = await hooks_row(on, asked.rows, asked.burst_s, asked.rows)
    rows.append(hooks)
    told["cpu_ms_of_all_programs"] = whole
    say(f"ring to pop, {_POP_RATE:g} calls a second")
    rows.append(await _pop_row(on, min(_POP_S, 2 * asked.burst_s)))
    await on.drained(_QUIET_LIMIT_S)
    told["memory_mb"] = {name: asdict(each) for name, each in memory_mb(on.pids).items()}
    say(f"relay and projections, a backlog of {asked.backlog} events")
    rows += await flow_rows(on, asked.backlog)
    rows += _import_rows(entered)
    return rows, told


async def seeded(on: Ground, asked: Asked, folder: Path) -> dict[str, Any]:
    """Everything is in, copied, archived and on timelines; how fast it went."""
    counts = {"people": asked.rows, "companies": asked.rows // 5, "deals": asked.rows // 2}
    told: dict[str, Any] = {}
    people: list[str] = []
    for kind, count in counts.items():
        say(f"seeding {count} {kind}")
        if asked.seed == "import":
            told[kind] = await seed.by_import(on, kind, count, asked.rows, folder)
        else:
            people = people or ([] if kind == "people" else (await pools(on, asked.rows)).people)
            told[kind] = await seed.by_hand(on, kind, count, people)
        told[kind]["copied_after_s"] = round(await on.drained(_QUIET_LIMIT_S), 1)
        say(f"  {told[kind]}")
    say(f"seeding {asked.calls} calls")
    told["calls"] = await seed.calls(on, asked.calls, asked.rows)
    told["calls"]["copied_after_s"] = round(await on.drained(_QUIET_LIMIT_S), 1)
    say(f"  {told['calls']}")
    return told


def _import_rows(entered: dict[str, Any]) -> list[Row]:
    found = []
    for kind in ("people", "companies", "deals"):
        told = entered[kind]
        if "peak_mb" not in told:
            continue
        heavy = " (over 300)" if told["peak_mb"] > _IMPORTED_MB else ""
        note = f"{told['rows']} in {told['seconds']:.0f} s, at most {told['peak_mb']:.0f} MB{heavy}"
        goal = Goal(per_s=round(100_000 / 180)) if kind == "people" else Goal()
        found.append(Row(f"import of {kind}, rows", goal, per_s=told["rows_per_s"], note=note))
    return found


async def _pop_row(on: Ground, seconds: float) -> Row:
    run = await pop.measure(on.company, on.hook_url, _POP_RATE, seconds)
    figures = pop.report(run, _POP_RATE)
    missing = figures["calls"] - figures["pops"]
    return Row(
        "ring → live stream, 50 calls/s, half unknown",
        Goal(p95_ms=300),
        p50_ms=figures["pop_p50_ms"],
        p95_ms=figures["pop_p95_ms"],
        refused=figures["refused"] + missing,
    )


def machine() -> dict[str, Any]:
    """Where and of what this was measured."""
    cpu = re.search(r"model name\s*: (.+)", _text("/proc/cpuinfo"))
    memory = re.search(r"MemTotal:\s*(\d+)", _text("/proc/meminfo"))
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "cpu": cpu[1] if cpu else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory[1]) / 1e6, 1) if memory else None,
        "python": platform.python_version(),
        "commit": commit.stdout.strip(),
        "wrk": shutil.which("wrk") is not None,
    }


def _text(path: str) -> str:
    file = Path(path)
    return file.read_text() if file.exists() else ""


def start_times(log: Path) -> dict[str, float]:
    """Seconds from the start of the stack until each part was ready, servers made from nothing."""
    return {name: float(seconds) for name, seconds in _READY.findall(log.read_text())}


def _write(rows: list[Row], told: dict[str, Any]) -> Path:
    _BUILD.mkdir(exist_ok=True)
    file = _BUILD / f"bench-{told['date']}.json"
    file.write_text(json.dumps(told | {"rows": kept(rows)}, indent=2, default=str) + "\n")
    where = told["machine"]
    page = f"Measured {told['date']} with {told['people']} people on {where['cpu']}, {where['cores']} cores."
    file.with_suffix(".md").write_text(f"{page}\n\n{markdown(rows)}\n")
    return file


def main() -> None:
    """Start everything, measure, print, stop."""
    options = argparse.ArgumentParser(prog="make bench")
    options.add_argument("--rows", type=int, default=100_000, help="people; a fifth of it companies, half of it deals")
    options.add_argument("--calls", type=int, help="calls; as many as people when not said")
    options.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    options.add_argument("--burst", type=float, default=10.0, help="seconds of each burst of writes")
    options.add_argument("--seed", choices=["import", "api"], default="import", help="api: one by one, for small runs")
    given = options.parse_args()
    calls = given.rows if given.calls is None else given.calls
    asked = Asked(given.rows, calls, given.seconds, given.burst, given.seed, min(BACKLOG, given.rows))
    if shutil.which("wrk") is None:
        say("wrk is not installed: a Python client asks instead, and its own cost shows")
    told: dict[str, Any] = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "people": asked.rows,
        "calls": asked.calls,
        "load_before": os.getloadavg(),
    }
    try:
        with one_interrupt(), tempfile.TemporaryDirectory(prefix="crm-bench-") as name:
            rows, figures = _measured(asked, Path(name))
    except KeyboardInterrupt:
        sys.exit("bench: stopped")
    told |= figures | {"load_after": os.getloadavg()}
    print(f"\n{plain(rows)}\n\n{facts(told)}\n\nwritten to {_write(rows, told).relative_to(ROOT)}")


def _measured(asked: Asked, folder: Path) -> tuple[list[Row], dict[str, Any]]:
    say("starting everything in a temporary folder")
    began = time.monotonic()
    stack = Stack(folder, {"CRM_LOG_LEVEL": "warning"} | NO_RATE_LIMITS, ephemeral=True)
    with stack, Mailbox(stack.smtp_url):  # a deal that is to be measured is a mail to its customer
        started = {"all": round(time.monotonic() - began, 1)} | start_times(stack.journal.file)
        company = found(stack, password="bench-password", pbx_api_url="http://127.0.0.1:9/vpbx", customers=False)
        fresh = {name: asdict(each) for name, each in memory_mb(stack.pids).items()}
        try:
            rows, told = asyncio.run(run(ground(stack, company), asked, folder))
        except Exception:
            for name in stack.service_urls:
                print("\n".join(stack.journal.recent(name)[-5:]), file=sys.stderr)
            raise
        finally:
            company.close()
    return rows, {"start_s": started, "memory_fresh_mb": fresh} | told


if __name__ == "__main__":
    main()
