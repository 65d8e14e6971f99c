"""The admin's and the sales head's wording."""

from typing import Any

import pytest
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, nobody, sales_head
from crm_notifications.templates import rules
from crm_notifications.templates.defaults import DEFAULTS
from crm_notifications.templates.service import bootstrap

from .scenes import NOUNS, boss
from .test_template_rules import PROBES


def body(**changes: Any) -> dict[str, Any]:
    base = {
        "key": f"k{new_id().hex[-20:]}",
        "locale": "en",
        "channel": "email",
        "subject": "Hello {{ person_name }}",
        "text": "Hello {{ person_name }}",
        "html": "<p>{{ person_name }}</p>",
    }
    return base | changes


async def made(harness: Harness, **changes: Any) -> dict[str, Any]:
    answer = await harness.client.post("/api/v1/templates", json=body(**changes), headers=harness.headers(boss()))
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()
    return result


def test_every_default_is_a_template_that_only_needs_what_is_always_known() -> None:
    for default in DEFAULTS:
        wording = rules.Wording(default["subject"], default["text"], default["html"])
        written = rules.render(default["channel"], wording, {"person_name": "Ana", "company_name": "Okna"})
        assert "Okna" in written.text
        nameless = rules.render(default["channel"], wording, {"person_name": "", "company_name": "Okna"})
        assert "  " not in nameless.text
        assert " ," not in nameless.text
    keys = {(default["key"], default["channel"], default["locale"]) for default in DEFAULTS}
    assert {("measuring_booked", "email", locale) for locale in ("en", "ru", "sl")} <= keys
    assert ("missed_call_sorry", "sms", "en") in keys


async def test_defaults_are_there_and_a_changed_one_survives_the_next_start(still: Harness) -> None:
    head = still.headers(sales_head(NOUNS))
    answer = await still.client.get("/api/v1/templates", params={"key": "measuring_booked"}, headers=head)
    english = next(item for item in answer.json()["items"] if item["locale"] == "en")
    changed = await still.client.patch(
        f"/api/v1/templates/{english['id']}",
        json={"subject": "Ours now"},
        headers=still.headers(sales_head(NOUNS), if_match=str(english["version"])),
    )
    assert changed.status_code == 200, changed.text
    with telling(Story.of_system("notifications")):
        async with still.database.transaction() as tx:
            await bootstrap(tx)
    again = await still.client.get(f"/api/v1/templates/{english['id']}", headers=head)
    assert again.json()["subject"] == "Ours now"
    assert again.headers["etag"] == f'"{english["version"] + 1}"'


async def test_a_template_is_made_read_and_previewed(still: Harness) -> None:
    template = await made(still)
    got = await still.client.get(f"/api/v1/templates/{template['id']}", headers=still.headers(boss()))
    assert got.json() == template
    preview = await still.client.post(
        f"/api/v1/templates/{template['key']}/preview",
        json={"variables": {"person_name": "Ana <3"}},
        headers=still.headers(boss()),
    )
    assert preview.status_code == 200, preview.text
    assert preview.json() == {
        "locale": "en",
        "channel": "email",
        "subject": "Hello Ana <3",
        "text": "Hello Ana <3",
        "html": "<p>Ana &lt;3</p>",
        "parts": 1,
    }


async def test_a_preview_names_the_missing_variable_and_counts_sms_parts(still: Harness) -> None:
    template = await made(still, channel="sms", subject=None, html=None, text="{{ person_name }}" + "я" * 70)
    path = f"/api/v1/templates/{template['key']}/preview"
    missing = await still.client.post(path, json={"channel": "sms"}, headers=still.headers(boss()))
    assert missing.status_code == 422
    (error,) = missing.json()["errors"]
    assert (error["field"], error["code"]) == ("text", "missing_variable")
    assert "person_name" in error["message"]
    filled = await still.client.post(
        path, json={"channel": "sms", "variables": {"person_name": "A"}}, headers=still.headers(boss())
    )
    assert filled.json()["parts"] == 2


@pytest.mark.parametrize("probe", PROBES)
async def test_a_probe_is_refused_by_the_api_and_leaves_no_row(still: Harness, probe: str) -> None:
    count = "SELECT count(*) AS n FROM template"
    before = await still.rows(count)
    answer = await still.client.post("/api/v1/templates", json=body(html=probe), headers=still.headers(boss()))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "html"
    assert await still.rows(count) == before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": "two\nlines"}, "subject"),
        ({"subject": "two\r\nBcc: a@b.c"}, "subject"),
        ({"subject": None}, "subject"),
        ({"text": ""}, "text"),
        ({"text": "nul \x00"}, "text"),
        ({"channel": "sms"}, "subject"),
        ({"channel": "fax"}, "channel"),
        ({"locale": "English"}, "locale"),
        ({"key": "Bad Key"}, "key"),
        ({"owner_id": str(new_id())}, "owner_id"),
        ({"html": "x" * 100_001}, "html"),
    ],
)
async def test_what_does_not_fit_is_refused_by_field(still: Harness, change: dict[str, Any], field: str) -> None:
    answer = await still.client.post("/api/v1/templates", json=body(**change), headers=still.headers(boss()))
    assert answer.status_code == 422, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]]


async def test_the_same_key_language_and_channel_is_a_conflict(still: Harness) -> None:
    template = await made(still)
    answer = await still.client.post("/api/v1/templates", json=body(key=template["key"]), headers=still.headers(boss()))
    assert (answer.status_code, answer.json()["code"]) == (409, "template_exists")


async def test_a_change_needs_the_current_version(still: Harness) -> None:
    template = await made(still)
    path = f"/api/v1/templates/{template['id']}"
    unconditional = await still.client.patch(path, json={"text": "new"}, headers=still.headers(boss()))
    assert unconditional.status_code == 428
    first = await still.client.patch(path, json={"html": None}, headers=still.headers(boss(), if_match="1"))
    assert first.status_code == 200
    assert (first.json()["html"], first.json()["text"]) == (None, template["text"])
    stale = await still.client.patch(path, json={"text": "new"}, headers=still.headers(boss(), if_match="1"))
    assert stale.status_code == 409
    assert stale.json()["current"]["version"] == 2
    bad = await still.client.patch(path, json={"text": "{{ nope }}"}, headers=still.headers(boss(), if_match="2"))
    assert bad.status_code == 422
    for wrong in ({"text": None}, {"key": "other"}):
        answer = await still.client.patch(path, json=wrong, headers=still.headers(boss(), if_match="2"))
        assert answer.status_code == 422
    gone = await still.client.patch(
        f"/api/v1/templates/{new_id()}", json={"text": "new"}, headers=still.headers(boss(), if_match="1")
    )
    assert gone.status_code == 404


async def test_templates_are_for_those_who_hold_the_grant(still: Harness) -> None:
    template = await made(still)
    path = f"/api/v1/templates/{template['id']}"
    none = still.headers(nobody(), if_match="1")
    listed = await still.client.get("/api/v1/templates", headers=none)
    assert listed.json() == {"items": [], "next_cursor": None}
    for answer in (
        await still.client.get(path, headers=none),
        await still.client.patch(path, json={"text": "x"}, headers=none),
        await still.client.post(f"/api/v1/templates/{template['key']}/preview", json={}, headers=none),
    ):
        assert answer.status_code == 404
    assert (await still.client.post("/api/v1/templates", json=body(), headers=none)).status_code == 403
    reader = Principal(id=new_id(), role="salesperson", grants={"template:read": Scope.ALL})
    assert (await still.client.get(path, headers=still.headers(reader))).status_code == 200
    refused = await still.client.patch(path, json={"text": "x"}, headers=still.headers(reader, if_match="1"))
    assert refused.status_code == 403


async def test_a_list_of_templates_costs_the_same_at_any_length(still: Harness) -> None:
    key = (await made(still))["key"]
    with still.statements() as one:
        await still.client.get("/api/v1/templates", params={"key": key}, headers=still.headers(boss()))
    for locale in ("ru", "sl", "de", "it"):
        await made(still, key=key, locale=locale)
    with still.statements() as many:
        answer = await still.client.get(
            "/api/v1/templates", params={"key": key, "limit": 3}, headers=still.headers(boss())
        )
    assert len(one) == len(many)
    items = answer.json()["items"]
    rest = await still.client.get(
        "/api/v1/templates",
        params={"key": key, "limit": 3, "cursor": answer.json()["next_cursor"]},
        headers=still.headers(boss()),
    )
    assert [item["locale"] for item in items + rest.json()["items"]] == ["de", "en", "it", "ru", "sl"]
    assert rest.json()["next_cursor"] is None


async def test_the_same_idempotency_key_makes_one_template(still: Harness) -> None:
    caller, given = boss(), body()
    headers = still.headers(caller, Idempotency_Key=new_id().hex)
    first = await still.client.post("/api/v1/templates", json=given, headers=headers)
    second = await still.client.post("/api/v1/templates", json=given, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
