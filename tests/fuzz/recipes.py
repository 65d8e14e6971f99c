"""For every operation that takes a body: one that is right, so that a single field of it can be made hostile.

The fields themselves are found in the document; only what must exist beforehand is said here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from crm_runner.demo.client import Client, wait_for
from crm_runner.demo.company import LINE_SALES, default_pipeline
from crm_runner.demo.pbx import EmulatedPbx

Body = dict[str, Any]
_NUMBERS = count(1)
_CALLER = "+38640777099"


@dataclass
class Ground:
    """What the bodies refer to, made once by an administrator."""

    admin: Client
    person: Body = field(default_factory=dict)
    stages: list[str] = field(default_factory=list)
    product: str = ""
    user: str = ""
    call: str = ""
    connection: str = ""

    @classmethod
    def made(cls, admin: Client, pbx: EmulatedPbx) -> "Ground":
        """A person with an address, the pipeline's open stages, a product, and a call that is over."""
        person = admin.post(
            "/api/v1/people", {"name": "Ground", "emails": [{"address": f"ground{_new()}@ground.example"}]}
        )
        pipeline = default_pipeline(admin)
        product = admin.post("/api/v1/products", {"name": "Ground", "sku": f"ground-{_new()}", "price": "1"})
        pbx.ring(_CALLER, LINE_SALES, ["101"], "ring-no-answer", ring_s=0.2)
        over = {"phone": _CALLER, "phase": "ended"}
        call = wait_for("the call", lambda: admin.get("/api/v1/calls", **over)["items"])[0]
        stages = [stage["id"] for stage in pipeline["stages"]]
        connection = admin.get("/api/v1/connections")["items"][0]["id"]
        return cls(admin, person, stages, product["id"], admin.id, call["id"], connection)


def _new() -> int:
    return next(_NUMBERS)


def _reachable(_: Ground) -> Body:
    number = _new()
    return {
        "name": f"Fuzz {number}",
        "phones": [{"raw": f"+386 40 {200_000 + number}"}],
        "emails": [{"address": f"fuzz{number}@fuzz.example"}],
    }


def _connection(ground: Ground) -> Body:
    number = _new()
    return {
        "name": f"Fuzz {number}",
        "vendor": "generic",
        "fallback_user_id": ground.user,
        "hook_secret": "a-secret-to-fuzz",
        "lines": [{"number": f"+3861{5_000_000 + number}"}],
        "trusted_networks": ["192.0.2.0/24"],
    }


def _template(_: Ground) -> Body:
    return {
        "key": f"fuzz_{_new()}",
        "locale": "en",
        "channel": "email",
        "subject": "s",
        "text": "t",
        "html": "<p>h</p>",
    }


def _past_call(ground: Ground) -> Body:
    call = {"id": f"fuzz-{_new()}", "direction": "in", "result": "answered", "phone": _CALLER, "user_id": ground.user}
    return {"connection_id": ground.connection, "calls": [call | {"started_at": "2025-06-03T08:00:00Z"}]}


# What makes a thing: the body of POST on its collection.
CREATES: dict[str, Callable[[Ground], Body]] = {
    "deals_create_rule": lambda g: {
        "stage_id": g.stages[0],
        "channel": "email",
        "template_key": "fuzz",
        "active": False,
    },
    "telephony_dial_call": lambda g: {"number": "+38640999001"},
    "contacts_create_company": _reachable,
    "telephony_create_connection": _connection,
    "deals_create_deal": lambda g: {"title": f"Fuzz {_new()}"},
    "notifications_send_message": lambda g: {
        "channel": "email",
        "person_id": g.person["id"],
        "subject": "s",
        "text": "t",
    },
    "contacts_create_note": lambda g: {"subject": "person", "subject_id": g.person["id"], "text": "t"},
    "contacts_create_person": _reachable,
    "deals_create_product": lambda g: {"name": f"Fuzz {_new()}", "sku": f"fuzz-{_new()}", "price": "1"},
    "gateway_create_role": lambda g: {"name": f"fuzz_{_new()}", "grants": {}},
    "deals_create_task": lambda g: {"title": f"Fuzz {_new()}", "due_at": "2030-01-01T09:00:00Z"},
    "gateway_create_team": lambda g: {"name": f"Fuzz {_new()}"},
    "notifications_create_template": _template,
    "gateway_create_user": lambda g: {"email": f"fuzz{_new()}@fuzz.example", "name": "Fuzz", "role": "salesperson"},
}
# What makes a thing of a file, which is sent as it is.
FILES: dict[str, bytes] = {
    f"{service}_upload_{kind}_import": b"name\nFuzz\n"
    for service, kinds in {
        "contacts": ("people", "companies"),
        "deals": ("deals", "products"),
        "gateway": ("teams", "users"),
    }.items()
    for kind in kinds
}
# What is asked of no thing in particular.
ASKS: dict[str, Callable[[Ground], Body]] = {
    "notifications_count_sms_parts": lambda g: {"text": "t"},
    "gateway_sign_in": lambda g: {"email": "nobody@fuzz.example", "password": "wrong", "transport": "bearer"},
    "gateway_change_own_locale": lambda g: {"locale": "en"},
    "telephony_take_past_calls": _past_call,
    "gateway_change_own_password": lambda g: {"current_password": "wrong", "new_password": "another-password"},
}
# What changes a thing or does something with it.
CHANGES: dict[str, Callable[[Ground], Body]] = {
    "deals_patch_rule": lambda g: {},
    "contacts_change_company": lambda g: {},
    "telephony_patch_call": lambda g: {},
    "telephony_patch_connection": lambda g: {},
    "telephony_put_extensions": lambda g: {"extensions": [{"extension": f"x{_new()}", "user_id": g.user}]},
    "deals_patch_deal": lambda g: {},
    "deals_put_lines": lambda g: {"lines": [{"product_id": g.product}]},
    "deals_move_deal": lambda g: {"stage_id": g.stages[1]},
    "contacts_change_file": lambda g: {},
    "contacts_change_note": lambda g: {},
    "contacts_change_person": lambda g: {},
    "contacts_merge_people": lambda g: {},
    "deals_patch_pipeline": lambda g: {},
    "deals_patch_product": lambda g: {},
    "gateway_change_role": lambda g: {},
    "deals_patch_task": lambda g: {},
    "gateway_change_team": lambda g: {},
    "notifications_preview_template": lambda g: {},
    "notifications_change_template": lambda g: {},
    "notifications_resolve_message": lambda g: {},
    "contacts_change_people_import": lambda g: {},
    "contacts_change_companies_import": lambda g: {},
    "deals_change_deals_import": lambda g: {},
    "deals_change_products_import": lambda g: {},
    "gateway_change_teams_import": lambda g: {},
    "gateway_change_users_import": lambda g: {},
    "gateway_change_user": lambda g: {},
}
