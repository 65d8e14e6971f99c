"""The emulated PBX of the demo: telephony's own emulator in its own process, driven over HTTP."""

import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from crm_runner import spawn as spawning
from crm_runner.demo.client import wait_for
from crm_runner.errors import RunnerError
from crm_runner.ports import HOST
from crm_runner.spawn import Process, spawn


class EmulatedPbx:
    """Rings the company from `start` to `stop`. Known to the company by `api_url` before it runs."""

    def __init__(self, port: int, log: Path) -> None:
        self.url = f"http://{HOST}:{port}"
        self.api_url = f"{self.url}/vpbx"
        self._port = port
        self._log = log
        self._process: Process | None = None
        self._http = httpx.Client(base_url=self.url, timeout=30)

    def start(
        self, *, hook_url: str, api_key: str, salt: str, deliver: str = "live", recordings: Path | None = None
    ) -> None:
        """It answers on its port and posts to `hook_url`; with `recordings` (WAV files) answered calls are recorded."""
        command = [sys.executable, "-m", "crm_telephony.adapters.emulated", "--port", str(self._port)]
        command += ["--hook-url", hook_url, "--api-key", api_key, "--salt", salt, "--deliver", deliver]
        if recordings is not None:
            command += ["--recordings", str(recordings)]
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = spawn(command, output=log)
        wait_for("the emulated PBX", self._answers)

    def ring(self, caller: str, line: str, extensions: list[str], script: str, **seconds: float) -> dict[str, Any]:
        """A customer calls; the call as the PBX knows it."""
        body = {"from": caller, "line": line, "extensions": extensions, "script": script} | seconds
        response = self._http.post("/emulator/calls", json=body)
        if not response.is_success:
            raise RunnerError(f"the emulated PBX refused: {response.text}")
        call: dict[str, Any] = response.json()
        return call

    def answer_callbacks(self, **behaviour: Any) -> None:
        """From now on ordered calls go as `behaviour` says (script, ring_s, talk_s)."""
        self._http.put("/emulator/callbacks", json=behaviour).raise_for_status()

    def calls(self) -> list[dict[str, Any]]:
        """Everything it did."""
        found: list[dict[str, Any]] = self._http.get("/emulator/calls").json()["items"]
        return found

    def stop(self) -> None:
        """Its process is gone; it may be started again."""
        if self._process is not None:
            spawning.stop(self._process)
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._http.close()

    def _answers(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise RunnerError(f"the emulated PBX does not start, see {self._log}")
        try:
            return self._http.get("/emulator/calls").is_success
        except httpx.HTTPError:
            return False
