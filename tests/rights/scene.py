"""Who and what the rights tests are about."""

from dataclasses import dataclass

from crm_runner.demo.company import Company
from crm_runner.stack import Stack

from tests.rights.estate import Estate, furnish
from tests.rights.people import Cast, hire


@dataclass
class Scene:
    """The people, the owner's things, and the installation they are in."""

    stack: Stack
    cast: Cast
    estate: Estate


def set_up(stack: Stack, company: Company) -> Scene:
    """A cast of new people, and one of everything for its owner."""
    cast = hire(stack, company)
    return Scene(stack, cast, furnish(cast))
