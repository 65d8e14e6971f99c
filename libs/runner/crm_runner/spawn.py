"""Starting and stopping child processes so that none outlives its parent.

Owns process groups, death signals and waiting; knows nothing of what a child does.
"""

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import IO

Process = subprocess.Popen[bytes]
Argument = str | os.PathLike[str]
_POLL = 0.02


class _Forker(threading.Thread):
    """The one thread that starts children, alive as long as the process.

    The kernel sends a child its death signal when the *thread* that started it ends, so a child started from
    a short-lived thread would be killed out of the blue.
    """

    def __init__(self) -> None:
        super().__init__(name="crm-forker", daemon=True)
        self._orders: queue.SimpleQueue[tuple[Callable[[], Process], Future[Process]]] = queue.SimpleQueue()

    def run(self) -> None:
        while True:
            order, answer = self._orders.get()
            try:
                answer.set_result(order())
            except BaseException as error:
                answer.set_exception(error)

    def fork(self, order: Callable[[], Process]) -> Process:
        answer: Future[Process] = Future()
        self._orders.put((order, answer))
        return answer.result()


@cache
def _forker() -> _Forker:
    thread = _Forker()
    thread.start()
    return thread


@cache
def _setpriv() -> str | None:
    return shutil.which("setpriv") if sys.platform == "linux" else None


def spawn(
    argv: Sequence[Argument],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    output: IO[bytes] | int = subprocess.DEVNULL,
    orphan_signal: signal.Signals = signal.SIGKILL,
    prefix: Sequence[str] = (),
) -> Process:
    """A child in its own session, so Ctrl-C reaches only us; on Linux it gets `orphan_signal` when we die.

    `prefix` runs before the death signal is armed: entering a user namespace would clear it.
    """
    guard: list[str] = []
    if (setpriv := _setpriv()) is not None:
        guard = [setpriv, "--pdeathsig", orphan_signal.name.removeprefix("SIG"), "--"]
    full = [*prefix, *guard, *argv]
    return _forker().fork(
        lambda: subprocess.Popen(
            full,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    )


def lower_priority(process: Process, niceness: int) -> None:
    """The process gets less of a busy machine, by the measure of nice(1); where that can not be said, nothing changes.

    On Linux every session has a group of its own to which nice values are relative, so the group is made nice too.
    """
    if niceness == 0:
        return
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process.pid, niceness)
    group = Path(f"/proc/{process.pid}/autogroup")
    for _ in range(3):  # the kernel takes one such order in 100 ms from an ordinary user
        try:
            group.write_text(str(niceness))
        except BlockingIOError:
            time.sleep(0.11)
        except OSError:
            return
        else:
            return


def stop(process: Process, *, ask: signal.Signals = signal.SIGTERM, grace: float = 20.0) -> bool:
    """The process and its group are gone; False when it had to be killed after `grace` seconds."""
    clean = True
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(ask)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            clean = False
    kill_group(process)
    return clean


def kill_group(process: Process) -> None:
    """The process and all it started in its group are killed and the process is reaped."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(true: Callable[[], bool], timeout: float, *, every: float = _POLL) -> bool:
    """Whether the condition came true within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True
