"""One run at a time in a data directory."""

import fcntl
import os
from pathlib import Path
from typing import IO

from crm_runner.errors import RunnerError


class DirectoryLock:
    """Held from `take` until `release` or the process's death, however it dies."""

    def __init__(self, directory: Path) -> None:
        """Nothing is held yet."""
        self._path = directory / "lock"
        self._file: IO[str] | None = None

    def take(self) -> None:
        """It is ours; raises RunnerError when another run holds the directory."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            file.close()
            raise RunnerError(
                f"already running in {self._path.parent} (process {owner}): stop that one first."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Another run may take it."""
        if self._file is not None:
            self._file.close()
            self._file = None
