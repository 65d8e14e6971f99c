"""Options several commands share."""

from pathlib import Path
from typing import Annotated

import typer

DATA_DIR = Path(".data")
DataDir = Annotated[
    Path, typer.Option("--data-dir", envvar="CRM_DATA_DIR", help="Where databases, logs and secrets live.")
]
