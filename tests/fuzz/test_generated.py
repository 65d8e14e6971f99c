"""The whole API under generated requests, as everybody who may sign in: schemathesis with all its checks."""

from typing import Any

import pytest

from tests.fuzz import generated
from tests.fuzz.arena import ROLES, Arena

SHORT, LONG = 2, 200
SEED = 20_261


SHORT_ROLES = ("admin", "salesperson")
"""Who has the most rights and who has the fewest; the long form is everybody."""


# Boundaries cost ten times the requests of all the rest and are the same for everybody: the long form tries them as
# the administrator, who gets furthest, and last.
WITH_BOUNDARIES = "admin"


@pytest.mark.parametrize("role", sorted(ROLES, key=lambda role: role == WITH_BOUNDARIES))
def test_no_generated_request_breaks_the_contract(
    arena: Arena, document: dict[str, Any], role: str, long_run: bool
) -> None:
    if not long_run and role not in SHORT_ROLES:
        pytest.skip("the roles between the two: in the long form")
    offered = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}
    tally = generated.run(
        arena,
        document,
        role,
        examples=LONG if long_run else SHORT,
        seed=None if long_run else SEED,
        boundaries=None if long_run and role == WITH_BOUNDARIES else set(),
    )
    # Printed at once: the other roles of a long run take their time.
    print("\n".join(["", *generated.table(role, tally), *generated.as_lines(tally.breaches)]))
    if tally.breaches:
        pytest.fail(f"{len(tally.breaches)} breaches, told above", pytrace=False)
    assert offered - set(tally.requests) == {f"GET {generated.STREAM}"}
