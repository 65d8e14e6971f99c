"""The people and things of the rights tests, once per session."""

from collections.abc import Iterator

import pytest

from tests.conftest import Town
from tests.rights.scene import Scene, set_up


@pytest.fixture(scope="package")
def scene(town: Town) -> Iterator[Scene]:
    """The cast with the owner's things."""
    made = set_up(town.stack, town.company)
    yield made
    made.cast.close()
