"""A file taken in through the gateway's API, as a partner's program would do it: sent, mapped, tried dry, written."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from crm_runner.demo.client import Client, wait_for
from crm_runner.errors import RunnerError

WITHIN_S = 600.0
_READ = ("ready", "failed")


class Import:
    """One import of one user."""

    def __init__(self, client: Client, kind: str, say: Callable[[str], None]) -> None:
        self._client = client
        self._path = f"/api/v1/imports/{kind}"
        self._kind = kind
        self._say = say
        self._sent: Callable[[Import], Import] | None = None
        self.job: dict[str, Any] = {}

    @property
    def counts(self) -> dict[str, int]:
        """How many rows had which end, and which doubts."""
        return dict(self.job["counts"])

    def send(self, file: Path, mapping: Mapping[str, str] | None = None, **options: Any) -> "Import":
        """The file has been read; `mapping` (field → header) is added to what was proposed."""
        self._sent = lambda other: other.send(file, mapping, **options)
        self.job = self._client.upload(self._path, file)
        self._until(*_READ)
        if self.job["state"] == "failed":
            raise RunnerError(f"{file.name} can not be read: {self.job['failure']['message']}")
        columns = {column["name"]: column["index"] for column in self.job["columns"]}
        named = {field: columns[header] for field, header in (mapping or {}).items()}
        body = {"mapping": {**self.job["mapping"], **named}, "options": options}
        self.job = self._client.patch(self._own, body, version=self.job["version"])
        return self

    def check(self) -> "Import":
        """Every row has been judged, nothing written."""
        return self._act("check", "checked")

    def commit(self) -> "Import":
        """Every row has been written."""
        return self._act("commit", "done")

    def undo(self) -> "Import":
        """What was written has been taken back."""
        return self._act("undo", "undone")

    def again(self) -> "Import":
        """Another import of the same file, sent and mapped as this one, has been written."""
        assert self._sent is not None
        return self._sent(Import(self._client, self._kind, self._say)).check().commit()

    def rows(self, **query: str) -> Iterator[dict[str, Any]]:
        """The rows of the file (of one verdict, with one finding), page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = self._client.get(f"{self._own}/rows", limit=200, **query, **cursor)
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            cursor = {"cursor": page["next_cursor"]}

    @property
    def _own(self) -> str:
        return f"{self._path}/{self.job['id']}"

    def _act(self, what: str, state: str) -> "Import":
        self.job = self._client.post(f"{self._own}/{what}", None, version=self.job["version"])
        self._until(state, "failed", "cancelled")
        if self.job["state"] != state:
            raise RunnerError(f"{what} of {self._kind} ended as {self.job['state']}: {self.job['failure']}")
        told = ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))
        self._say(f"{self._kind}: {what} of {self.job['total']} rows: {told}")
        return self

    def _until(self, *states: str) -> None:
        def there() -> bool:
            self.job = self._client.get(self._own)
            return self.job["state"] in states

        wait_for(f"the import of {self._kind}", there, WITHIN_S)
