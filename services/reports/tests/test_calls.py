"""Calls by day through the API, on a real database."""

import random
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from crm_chassis.access.principal import Principal
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually, nobody, running, sales_head, salesperson, team_lead
from crm_contracts.envelope import Envelope
from crm_reports.main import wiring
from crm_reports.settings import ReportsSettings

from .company import DAY, Call, User, projected, utc

CALLS = "/api/v1/reports/calls-per-day"
HEAD = sales_head(("report",))
# The autumn night: 25 October 2026 has 25 hours in Ljubljana, from 24 October 22:00 UTC to 25 October 23:00 UTC.
LAST_OF_SATURDAY, FIRST_OF_SUNDAY = utc("2026-10-24 21:59"), utc("2026-10-24 22:00")
TWO_TWICE = utc("2026-10-25 00:30"), utc("2026-10-25 01:30")
LAST_OF_SUNDAY, FIRST_OF_MONDAY = utc("2026-10-25 22:59"), utc("2026-10-25 23:00")


class Office:
    """Two users and their calls around the night the clocks go back."""

    def __init__(self) -> None:
        self.ana = User(team_id=new_id())
        self.eva = User(team_id=new_id())
        talk = Call(self.ana.id, TWO_TWICE[0])
        internal = Call(self.ana.id, TWO_TWICE[0], "internal")
        self.going_on = Call(self.eva.id, FIRST_OF_MONDAY)
        self.events: list[Envelope] = [
            self.ana.told(LAST_OF_SATURDAY - DAY),
            self.eva.told(LAST_OF_SATURDAY - DAY),
            Call(self.ana.id, LAST_OF_SATURDAY).missed(),
            Call(self.ana.id, FIRST_OF_SUNDAY).missed("abandoned_in_queue"),
            talk.rang(),
            talk.answered(self.eva.id, 10),
            talk.ended(self.eva.id, 10, 100),
            internal.rang(),
            internal.ended(self.eva.id, 1, 1),
            Call(self.eva.id, TWO_TWICE[1]).ended(self.eva.id, 15, 50),
            Call(self.ana.id, LAST_OF_SUNDAY, "out").ended(self.ana.id, 30, 7),
            Call(self.ana.id, LAST_OF_SUNDAY, "out").missed("no_answer"),
            self.going_on.rang(),
        ]


@pytest.fixture(scope="module")
async def office(reports: Harness) -> AsyncIterator[Office]:
    """The office's calls, told out of order and twice."""
    made = Office()
    told = made.events * 2
    random.Random(3).shuffle(told)
    await projected(reports, *told)
    yield made


async def ask(
    reports: Harness,
    more: Mapping[str, Any] | None = None,
    *,
    who: Principal = HEAD,
    path: str = CALLS,
    status: int = 200,
) -> dict[str, Any]:
    """The answer to a question about that weekend, or about what `more` says."""
    parameters = {"from": "2026-10-24", "to": "2026-10-26"} | dict(more or {})
    answer = await reports.client.get(
        path, params={name: str(value) for name, value in parameters.items()}, headers=reports.headers(who)
    )
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


def numbers(body: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Day, in, out, answered, missed, talk and wait of each row."""
    return [
        (
            row["day"][-2:],
            *(row[name]["count"] for name in ("in", "out", "answered", "missed")),
            row["talk_s"],
            row["average_wait_s"],
        )
        for row in body["days"]
    ]


async def test_the_days_around_the_night_the_clocks_go_back(reports: Harness, office: Office) -> None:
    assert numbers(await ask(reports)) == [
        ("24", 1, 0, 0, 1, 0, None),
        ("25", 3, 2, 3, 1, 157, "12.5"),
        ("26", 1, 0, 0, 0, 0, None),
    ]


async def test_the_spring_sunday_ends_an_hour_earlier(reports: Harness) -> None:
    user = User(team_id=new_id())
    calls = [Call(user.id, utc(at)).missed() for at in ("2026-03-28 23:00", "2026-03-29 21:59", "2026-03-29 22:00")]
    await projected(reports, *calls)
    body = await ask(reports, {"from": "2026-03-28", "to": "2026-03-30", "owner_id": user.id})
    assert [row["missed"]["count"] for row in body["days"]] == [0, 2, 1]


async def test_each_figure_drills_down_to_exactly_that_many_calls(reports: Harness, office: Office) -> None:
    for more in ({}, {"by_user": "true"}, {"owner_id": office.eva.id}, {"team_id": office.ana.team_id}):
        for who in (HEAD, salesperson(("report",), id=office.ana.id)):
            body = await ask(reports, more, who=who)
            for row in body["days"]:
                for name in ("in", "out", "answered", "missed"):
                    answer = await reports.client.get(row[name]["drill_down"], headers=reports.headers(who))
                    assert answer.status_code == 200, answer.text
                    assert len(answer.json()["items"]) == row[name]["count"], (more, row["day"], name)


async def test_records_are_paged_by_keyset_newest_first(reports: Harness, office: Office) -> None:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        more = {"limit": 2, "owner_id": office.ana.id} | ({"cursor": cursor} if cursor else {})
        page = await ask(reports, more, path=f"{CALLS}/records")
        assert len(page["items"]) <= 2
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len({call["call_id"] for call in found}) == len(found) == 4
    assert [call["started_at"] for call in found] == sorted((c["started_at"] for c in found), reverse=True)
    assert {call["team_id"] for call in found} == {str(office.ana.team_id)}


async def test_by_user_gives_a_row_for_each_day_and_user_with_calls(reports: Harness, office: Office) -> None:
    body = await ask(reports, {"by_user": "true"})
    rows = {(row["day"][-2:], row["user_id"]): row for row in body["days"]}
    mine = {key: row for key, row in rows.items() if key[1] in (str(office.ana.id), str(office.eva.id))}
    assert set(mine) == {
        ("24", str(office.ana.id)),
        ("25", str(office.ana.id)),
        ("25", str(office.eva.id)),
        ("26", str(office.eva.id)),
    }
    assert mine[("25", str(office.eva.id))]["answered"]["count"] == 2
    assert mine[("25", str(office.eva.id))]["talk_s"] == 150
    assert mine[("25", str(office.ana.id))]["missed"]["count"] == 1


async def test_a_call_counts_once_in_its_newest_state_whatever_comes_first(reports: Harness) -> None:
    user = User(team_id=new_id())
    call = Call(user.id, utc("2026-06-01 10:00"))
    rang, missed, corrected = call.rang(), call.missed(), call.ended(user.id, 4, 30)
    about = {"from": "2026-06-01", "to": "2026-06-01", "owner_id": user.id}
    await projected(reports, corrected)
    await projected(reports, rang, missed)
    assert numbers(await ask(reports, about)) == [("01", 1, 0, 1, 0, 30, "4.0")]


async def test_as_of_a_day_a_call_that_ended_after_midnight_was_still_going_on(reports: Harness) -> None:
    user = User(team_id=new_id())
    call = Call(user.id, utc("2026-06-02 21:59"))
    await projected(reports, call.rang(), call.answered(user.id, 5), call.ended(user.id, 5, 600))
    about = {"from": "2026-06-02", "to": "2026-06-02", "owner_id": user.id}
    assert numbers(await ask(reports, about | {"as_of": "2026-06-02"})) == [("02", 1, 0, 1, 0, 0, "5.0")]
    assert numbers(await ask(reports, about | {"as_of": "2026-06-03"})) == [("02", 1, 0, 1, 0, 600, "5.0")]


async def test_known_at_keeps_what_was_known_then(reports: Harness) -> None:
    user = User(team_id=new_id())
    call = Call(user.id, utc("2026-06-03 10:00"))
    known_at = await projected(reports, user.told(utc("2026-06-01 10:00")), call.rang(), call.missed())
    about = {"from": "2026-06-03", "to": "2026-06-03", "as_of": "2026-06-04", "owner_id": user.id}
    fixed = about | {"known_at": known_at.isoformat()}
    before = await ask(reports, fixed)
    await projected(reports, call.ended(user.id, 5, 60), Call(user.id, utc("2026-06-03 11:00")).missed())
    assert await ask(reports, fixed) == before
    assert numbers(before) == [("03", 1, 0, 0, 1, 0, None)]
    assert numbers(await ask(reports, about)) == [("03", 2, 0, 1, 1, 60, "5.0")]


async def test_nobody_gets_zeros_and_each_role_its_own(reports: Harness, office: Office) -> None:
    await reports.idle("reports.users")
    assert sum(row["in"]["count"] for row in (await ask(reports, who=nobody()))["days"]) == 0
    assert (await ask(reports, who=nobody(), path=f"{CALLS}/records"))["items"] == []
    assert (await ask(reports, who=salesperson(("report",)), path=f"{CALLS}/records"))["items"] == []
    assert office.eva.team_id is not None
    for who in (salesperson(("report",), id=office.eva.id), team_lead(("report",), office.eva.team_id)):
        calls = (await ask(reports, who=who, path=f"{CALLS}/records"))["items"]
        assert {call["user_id"] for call in calls} == {str(office.eva.id)}
        assert len(calls) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("known_at", "2999-01-01T00:00:00Z"),
        ("as_of", "2999-01-01"),
        ("to", "2026-10-23"),
        ("to", "2027-10-25"),
        ("by_user", "perhaps"),
        ("figure", "in"),
        ("order", "day"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_by_field(reports: Harness, field: str, value: str) -> None:
    body = await ask(reports, {field: value}, status=422)
    assert [error["field"] for error in body["errors"]] == [field]


async def test_the_number_of_statements_does_not_grow_with_the_calls(reports: Harness, office: Office) -> None:
    here = reports.runtime.settings
    at_the_api_only = running(
        wiring, ReportsSettings, database_url=here.own_database_url, amqp_url=here.amqp_url, role="api"
    )
    asked_of = []
    async with at_the_api_only as api:
        for more in ({"owner_id": new_id()}, {}):
            with api.statements() as figures:
                await ask(api, more)
            with api.statements() as records:
                await ask(api, more, path=f"{CALLS}/records")
            asked_of.append((len(figures), len(records)))
    assert asked_of[0] == asked_of[1]
    assert max(asked_of[0]) <= 4


async def test_a_ringing_phone_is_in_the_figures_within_five_seconds(reports: Harness) -> None:
    user = new_id()
    about = {"from": "2026-06-10", "to": "2026-06-10", "owner_id": user}
    await reports.deliver(Call(user, utc("2026-06-10 10:00") + timedelta(seconds=1)).rang())

    async def shown() -> bool:
        return bool(numbers(await ask(reports, about))[0][1] == 1)

    await eventually(shown, timeout=5)
