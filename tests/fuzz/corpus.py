"""The hostile strings, as they stand in hostile/corpus.json; `times` repeats a value that is too long to be stored."""

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes


@dataclass(frozen=True)
class Entry:
    """One string nobody would type, and somebody will send."""

    category: str
    value: str

    @property
    def shown(self) -> str:
        """For a report: short and printable."""
        text = ascii(self.value)
        return f"{self.category} {text if len(text) <= 60 else f'{text[:40]}… ({len(self.value)} characters)'}"

    @property
    def in_url(self) -> str:
        """Percent-encoded; a lone surrogate becomes the bytes UTF-8 forbids."""
        return quote_from_bytes(self.value.encode("utf-8", "surrogatepass"), safe="")


def corpus() -> list[Entry]:
    """All of them."""
    stored = json.loads((Path(__file__).parent / "hostile" / "corpus.json").read_text("ascii"))
    return [Entry(entry["category"], entry["value"] * entry.get("times", 1)) for entry in stored]
