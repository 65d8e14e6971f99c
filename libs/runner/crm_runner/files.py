"""Small files that are written whole or not at all."""

from pathlib import Path

OWNER_ONLY = 0o600
FOR_ALL = 0o644


def write_whole(file: Path, text: str, mode: int = FOR_ALL) -> None:
    """The file holds `text`; whoever reads meanwhile, or is left with it when we are killed, has the old one whole.

    Its folder is made when it is missing.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(file.name + ".tmp")
    draft.touch(mode)
    draft.write_text(text)
    draft.replace(file)
