"""Every file that was ever thought of to hurt an import: name → file name, bytes, and what must come of it."""

from files.expected import Hostile
from files.hostile_books import BOOKS
from files.hostile_texts import TEXTS

HOSTILE: dict[str, Hostile] = {**TEXTS, **BOOKS}
