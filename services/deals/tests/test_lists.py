"""The list of deals searched, narrowed, ordered and paged: the pages are what reading every deal would give."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from crm_chassis import sought
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.ids import new_id
from crm_chassis.testing.plans import plans
from crm_deals.deals import listing
from crm_deals.deals.schemas import DealQuery
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .desk import Desk
from .importing import company

Json = dict[str, Any]
TITLES = ("Okna za hišo", "Vrata", "OKNA in vrata", "Balkon 100%", "Остекление балкона", "ok")
TEXTS = ("okna", "OKN vra", "vrata", "ok", "o", "100%", "балк", "kos", "maja k", "ma k", "zzz")
NAMES = ("Maja Kos", "Bojan Okno", None)
SORTS = {"-stage_entered_at": "stage_entered_at", "-created_at": "created_at", "-amount": "amount"}


@dataclass(frozen=True)
class Town:
    """Deals of a few owners with all that lists ask about; `steps` are open tasks: their owner, and whether late."""

    people: dict[str, Principal]
    deals: list[Json]
    names: dict[str, str]
    products: dict[str, str]
    steps: dict[str, list[tuple[UUID, bool]]]


@pytest.fixture(scope="module")
async def town(desk: Desk) -> AsyncIterator[Town]:
    """Some forty deals."""
    team = new_id()
    ana, bor = await desk.hire("Ana", team), await desk.hire("Bor", team)
    cene = await desk.hire("Cene", new_id())
    head = replace(cene, grants=desk.head.grants)
    lead = replace(bor, grants=dict.fromkeys(bor.grants, Scope.TEAM))
    stages = await desk.stages()
    product = (await desk.post(desk.admin, "/products", {"name": "Okno", "sku": str(new_id()), "price": "10"})).json()[
        "id"
    ]
    met = [(name and str(await desk.meet((cene if name == NAMES[1] else ana).id, name)), name) for name in NAMES]
    town = Town({"head": head, "lead": lead, "ana": ana, "cene": cene}, [], {}, {}, {})
    for n in range(42):
        owner, (person, name) = (ana, bor, cene)[n % 3], met[n % 4 % 3]
        body: Json = {
            "title": TITLES[n % 6],
            "amount": str(n % 5 * 100),
            "owner_id": str(owner.id),
            "person_id": person,
        }
        if n % 4:
            body["expected_close_on"] = f"2027-01-{n % 7 + 1:02d}"
        deal = await desk.deal(head, **body)
        if name:
            town.names[deal["id"]] = name
        if n % 5 == 1:
            deal = (await desk.move(head, deal, "Won" if n % 2 else "Lost", **({} if n % 2 else LOST))).json()
        if n % 7 == 2:
            lines = {"lines": [{"product_id": product}]}
            deal = (await desk.put(head, f"/deals/{deal['id']}/lines", deal["version"], lines)).json()
            town.products[deal["id"]] = product
        town.steps[deal["id"]] = []
        if n % 3 != 1:
            doer, late = (ana, cene)[n % 2], n % 4 == 0
            due = timedelta(days=-1 if late else 300)
            await desk.task(replace(doer, grants=head.grants), due, deal_id=deal["id"])
            town.steps[deal["id"]].append((doer.id, late))
        town.deals.append(deal)
    assert len({deal["stage_id"] for deal in town.deals} & set(stages.values())) == 3
    yield town


LOST = {"loss_reason": "Price"}


def fits(town: Town, deal: Json, who: Principal, query: Json) -> bool:
    """What the list may hold, decided deal by deal."""
    owner, step = UUID(deal["owner_id"]), query.get("next_step")
    team = {town.people["ana"].id, town.people["lead"].id} if who.team_id == town.people["ana"].team_id else {who.id}
    steps = [late for doer, late in town.steps[deal["id"]] if sees(who, doer, team, "task")]
    outcome = query.get("outcome", deal["outcome"] or "open")
    return (
        sees(who, owner, team, "deal")
        and {None: True, "mine": owner == who.id, "team": owner in team}[query.get("whose")]
        and outcome == (deal["outcome"] or "open")
        and query.get("stage_id", deal["stage_id"]) == deal["stage_id"]
        and query.get("product_id", town.products.get(deal["id"])) == town.products.get(deal["id"])
        and Decimal(query.get("amount_from", 0)) <= Decimal(deal["amount"]) <= Decimal(query.get("amount_to", "1e9"))
        and ("expected_from" not in query or (deal["expected_close_on"] or "") >= query["expected_from"])
        and ("expected_before" not in query or "" < (deal["expected_close_on"] or "") < query["expected_before"])
        and (step is None or (deal["outcome"] is None and (any(steps) if step == "overdue" else not steps)))
        and ("q" not in query or named(town, deal, who, team, query["q"]))
    )


def sees(who: Principal, owner: UUID, team: set[UUID], noun: str) -> bool:
    """By what the grants say, in plain words."""
    scope = who.scope(noun, "read")
    return scope is Scope.ALL or owner == who.id or (scope is Scope.TEAM and owner in team)


def named(town: Town, deal: Json, who: Principal, team: set[UUID], text: str) -> bool:
    """Whether title or person's name has the words; somebody else's person finds nothing."""
    words = text.lower().split()
    texts = [deal["title"].lower()]
    name = town.names.get(deal["id"])
    its_owner = town.people["cene"].id if name == NAMES[1] else town.people["ana"].id
    if name and sees(who, its_owner, team, "person"):
        texts.append(name.lower())
    if max(map(len, words)) < 3:
        texts = [one for one in texts if one.startswith(words[0])]
    return any(all(word in one for word in words) for one in texts)


queries = st.fixed_dictionaries(
    {"sort": st.sampled_from(tuple(SORTS)), "limit": st.integers(1, 20)},
    optional={
        "q": st.sampled_from(TEXTS),
        "whose": st.sampled_from(("mine", "team")),
        "outcome": st.sampled_from(("open", "won", "lost")),
        "next_step": st.sampled_from(("none", "overdue")),
        "amount_from": st.sampled_from(("0", "100", "200.5")),
        "amount_to": st.sampled_from(("100", "300")),
        "expected_from": st.just("2027-01-03"),
        "expected_before": st.sampled_from(("2027-01-03", "2027-01-06")),
        "product_id": st.booleans(),
        "stage_id": st.integers(0, 41),
    },
)


@pytest.mark.parametrize("few", [sought.FEW, 3], ids=["found first", "met while walking"])
@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries, name=st.sampled_from(("head", "lead", "ana", "cene")))
async def test_pages_hold_what_reading_every_deal_would_give(
    desk: Desk, town: Town, few: int, query: Json, name: str
) -> None:
    who, query = town.people[name], dict(query)
    if "stage_id" in query:
        query["stage_id"] = town.deals[query["stage_id"]]["stage_id"]
    if query.pop("product_id", False):
        query["product_id"] = next(iter(town.products.values()))
    column = SORTS[query["sort"]]
    wanted = sorted(
        (deal for deal in town.deals if fits(town, deal, who, query)),
        key=lambda deal: (Decimal(deal["amount"]) if column == "amount" else deal[column], deal["id"]),
        reverse=True,
    )
    met: list[str] = []
    asked = dict(query)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sought, "FEW", few)
        while asked.get("cursor", "") is not None:
            answer = await desk.get(who, "/deals", **asked)
            assert answer.status_code == 200, answer.text
            met += [deal["id"] for deal in answer.json()["items"]]
            asked["cursor"] = answer.json()["next_cursor"]
    ours = {deal["id"] for deal in town.deals}
    assert [id for id in met if id in ours] == [deal["id"] for deal in wanted]
    assert len(met) == len(set(met))


async def test_a_listed_deal_says_whose_it_is_and_what_comes_next_as_far_as_one_may_see(desk: Desk) -> None:
    ana, bor = await desk.hire(), await desk.hire("Bor")
    person = await desk.meet(bor.id)
    firm = await company(desk, "Windows & Co", bor.id)
    deal = await desk.deal(desk.head, owner_id=str(ana.id), person_id=str(person), company_id=str(firm))
    task = await desk.task(bor)
    answer = await desk.patch(desk.head, f"/tasks/{task['id']}", 1, {"deal_id": deal["id"]})
    assert answer.status_code == 200, answer.text
    ours = {"owner_id": str(ana.id)}
    (seen,) = (await desk.get(desk.head, "/deals", **ours)).json()["items"]
    said = ("person_name", "company_name", "next_task_due_at")
    assert [seen[name] for name in said] == ["Maja Kos", "Windows & Co", task["due_at"]]
    (hers,) = (await desk.get(ana, "/deals", **ours)).json()["items"]
    assert [hers[name] for name in said] == [None, None, None]
    assert (await desk.get(desk.head, "/deals", next_step="none", **ours)).json()["items"] == []
    assert (await desk.get(ana, "/deals", next_step="none", **ours)).json()["items"] == [hers]
    assert (await desk.get(ana, "/deals", q="maja", **ours)).json()["items"] == []


async def test_deals_named_by_their_ids_come_in_one_question_as_far_as_they_are_seen(desk: Desk) -> None:
    ana, bor = await desk.hire(), await desk.hire("Bor")
    hers, his = await desk.deal(ana), await desk.deal(bor)
    ids = [hers["id"], his["id"], str(new_id())]
    assert [deal["id"] for deal in (await desk.get(ana, "/deals", id=ids)).json()["items"]] == [hers["id"]]
    assert [deal["id"] for deal in (await desk.get(desk.head, "/deals", id=ids)).json()["items"]] == ids[1::-1]
    assert (await desk.get(ana, "/deals", id=[str(new_id())] * 101)).status_code == 422


async def test_a_step_done_opened_again_or_moved_away_is_known_at_once(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana)
    other = await desk.deal(ana)

    async def unplanned() -> list[str]:
        items = (await desk.get(ana, "/deals", next_step="none", sort="-created_at")).json()["items"]
        return [item["id"] for item in items]

    assert await unplanned() == [other["id"], deal["id"]]
    task = await desk.task(ana, deal_id=deal["id"])
    assert await unplanned() == [other["id"]]
    await desk.post(ana, f"/tasks/{task['id']}/complete")
    assert await unplanned() == [other["id"], deal["id"]]
    task = (await desk.post(ana, f"/tasks/{task['id']}/reopen")).json()
    assert await unplanned() == [other["id"]]
    await desk.patch(ana, f"/tasks/{task['id']}", task["version"], {"deal_id": other["id"]})
    assert await unplanned() == [deal["id"]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"q": "- b"}, "q"),
        ({"q": "a.b c"}, "q"),
        ({"q": "%%%"}, "q"),
        ({"q": "-"}, "q"),
        ({"q": " "}, "q"),
        ({"whose": "nobody"}, "whose"),
        ({"next_step": "some"}, "next_step"),
        ({"amount_from": "-1"}, "amount_from"),
        ({"amount_to": "1e3"}, "amount_to"),
        ({"expected_from": "5"}, "expected_from"),
        ({"sort": "amount"}, "sort"),
    ],
)
async def test_what_no_index_answers_is_refused(desk: Desk, query: Json, field: str) -> None:
    answer = await desk.get(desk.head, "/deals", **query)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "query",
    [
        *({"q": text} for text in TEXTS),
        {"next_step": "none"},
        {"next_step": "overdue"},
        {"next_step": "none", "whose": "mine"},
        {"amount_from": "100", "sort": "-amount"},
        {"expected_from": "2027-01-01", "expected_before": "2027-02-01"},
        {"product_id": str(new_id())},
        {"sort": "-created_at"},
    ],
)
async def test_what_is_answered_has_an_index(desk: Desk, query: Json) -> None:
    ana = await desk.hire()
    asked = DealQuery.model_validate(query)
    async with plans(desk.harness.database) as connection:
        for who in (ana, desk.head):
            await listing.listed(connection, who, asked, [], datetime.now(UTC))
    assert connection.whole == []


async def test_a_searched_list_costs_two_statements_however_long_it_is(desk: Desk) -> None:
    ana = await desk.hire()

    async def cost() -> tuple[int, int]:
        with desk.harness.statements() as statements:
            answer = await desk.get(ana, "/deals", q="dvigalo", next_step="none")
        return len(answer.json()["items"]), sum("FROM deal" in one for one in statements)

    await desk.deal(ana, title="Dvigalo")
    assert await cost() == (1, 2)
    for _ in range(9):
        await desk.deal(ana, title="Dvigalo")
    assert await cost() == (10, 2)
