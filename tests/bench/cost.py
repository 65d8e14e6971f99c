"""What the programs of a stack cost: CPU seconds and memory, read from the system."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

import psutil


def cpu_s(pids: Mapping[str, int]) -> dict[str, float]:
    """CPU seconds each program, its children living and gone included, has used so far."""
    return {name: _used(pid) for name, pid in pids.items()}


def spent_ms(before: Mapping[str, float], after: Mapping[str, float], requests: int) -> dict[str, float]:
    """Milliseconds of CPU a request by program; those that did next to nothing are left out."""
    if not requests:
        return {}
    spent = {name: (after[name] - before[name]) * 1000 / requests for name in after if name in before}
    return {name: round(each, 3) for name, each in spent.items() if each >= 0.02}


@dataclass(frozen=True)
class Memory:
    """Megabytes of a program and its children: resident (shared pages counted in each), and its fair share."""

    rss: float
    pss: float


def memory_mb(pids: Mapping[str, int]) -> dict[str, Memory]:
    """Of each program now."""
    found = {}
    for name, pid in pids.items():
        infos = []
        for process in _family(pid):
            with contextlib.suppress(psutil.Error):
                infos.append(process.memory_full_info())
        found[name] = Memory(round(sum(i.rss for i in infos) / 1e6, 1), round(sum(i.pss for i in infos) / 1e6, 1))
    return found


def resident_mb(pid: int) -> float:
    """Resident memory of the program and its children now."""
    total = 0
    for process in _family(pid):
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss
    return round(total / 1e6, 1)


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _used(pid: int) -> float:
    total = 0.0
    for process in _family(pid):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
            if process.pid == pid:  # those gone: PostgreSQL's parallel workers, the importer's readers
                total += times.children_user + times.children_system
    return total
