"""How `make test` divides its tests between two processes: what shares servers or an installation stays together."""

from pathlib import Path

import pytest

_ROOT = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before xdist writes the group into the name
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test has its group: the shared town, a folder of `tests` (an installation each), a member's file."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    if "town" in getattr(item, "fixturenames", ()):
        return "town"
    place = item.path.relative_to(_ROOT)
    return "/".join(place.parts[:2]) if place.parts[0] == "tests" else str(place)
