"""What has come from a PBX, as the API shows it: when, what kind, and why not; never of whom."""

from pydantic import AwareDatetime, BaseModel

from crm_telephony.arrivals.rules import What
from crm_telephony.vendors.port import Refusal


class Arrival(BaseModel):
    """A webhook that was taken: when it came to the gateway and what it was about."""

    at: AwareDatetime
    what: What


class RefusedWebhooks(BaseModel):
    """How many webhooks were refused for a reason, and when the last of them came."""

    reason: Refusal
    count: int
    last_at: AwareDatetime


class Arrivals(BaseModel):
    """The first and the last webhook taken, null before there is one; refusals by reason, the latest first."""

    first: Arrival | None
    last: Arrival | None
    refused: list[RefusedWebhooks]
