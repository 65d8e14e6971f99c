"""Whole calls as a Mango PBX tells them: the emulator's scripts, read by the adapter, on a made-up clock."""

import json
from collections.abc import Sequence

from crm_telephony.adapters.emulated.mango_script import Step, begins_talk, with_times
from crm_telephony.vendors import VENDORS
from crm_telephony.vendors.port import Seen

BEGAN = 1_795_284_000.0


def told(steps: Sequence[Step], *, skew: float = 0.0, delay: float = 0.1) -> list[Seen]:
    """What the fold hears: webhooks in the order they were sent, arriving `delay` s later by our clock."""
    mango = VENDORS["mango"]
    at, talked = BEGAN, 0.0
    seen: list[Seen] = []
    for step in steps:
        at += step.after
        for webhook in step.webhooks:
            if begins_talk(webhook.body):
                talked = talked or at
            body = with_times(webhook.body, at + skew, BEGAN + skew, talked + skew if talked else 0.0)
            seen += mango.parse(webhook.path, json.dumps(body).encode(), at + delay).seen
    return seen
