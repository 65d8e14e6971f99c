"""Entering a stage writes to the customer, once."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from crm_chassis.access.principal import Principal, Scope
from crm_chassis.clock import now
from crm_chassis.testing import eventually, nobody
from crm_contracts.deals import DEAL_STAGE_CHANGED, DEAL_UPDATED
from crm_contracts.envelope import Envelope, Lane
from crm_contracts.notifications import SEND_MESSAGE, SendMessage

from .desk import Desk

READER = "deals.automation"


async def orders(desk: Desk, deal_id: str) -> list[Envelope]:
    """Commands to notifications about a deal."""
    return [one for one in await desk.harness.recorded(SEND_MESSAGE) if one.data["deal_id"] == deal_id]


async def runs(desk: Desk, who: Principal, deal_id: str) -> list[dict[str, Any]]:
    """Runs of a deal, as a user sees them."""
    return list((await desk.get(who, "/automation-runs", deal_id=deal_id)).json()["items"])


async def test_measuring_is_announced_to_the_customer_once(desk: Desk) -> None:
    ana = await desk.hire("Ana Novak")
    person = await desk.meet(ana.id, "Maja Kos")
    deal = await desk.deal(ana, person_id=str(person), amount="1200")
    moved = (await desk.move(ana, deal, "Measuring")).json()
    (order,) = await eventually(lambda: orders(desk, deal["id"]))
    (stage_changed,) = await desk.told(DEAL_STAGE_CHANGED, deal["id"])
    for _ in range(2):
        await desk.harness.deliver(stage_changed, queue=READER)
        twin = stage_changed.model_copy(update={"id": uuid4()})  # another event about the same entry
        await desk.harness.deliver(twin, queue=READER)
    await desk.harness.idle(READER)
    assert await orders(desk, deal["id"]) == [order]
    message = SendMessage.model_validate(order.data)
    (rule,) = (await desk.get(desk.admin, "/automation-rules", stage_id=moved["stage_id"])).json()["items"]
    assert message.dedupe_key == f"auto:{rule['id']}:{moved['stage_entry_id']}"
    assert (message.channel, message.template_key) == ("email", "measuring_booked")
    assert (message.person_id, message.owner_id) == (person, ana.id)
    assert message.not_after == stage_changed.time + timedelta(hours=24)
    assert message.pii.variables == {
        "person_name": "Maja Kos",
        "deal_title": "Windows for a flat",
        "amount": "1200.00",
        "currency": "EUR",
        "stage_name": "Measuring",
        "owner_name": "Ana Novak",
    }
    assert (str(order.correlationid), order.causationid, order.hops) == (deal["correlation_id"], stage_changed.id, 1)
    (run,) = await runs(desk, ana, deal["id"])
    assert (run["result"], run["stage_entry_id"], run["rule_id"]) == ("sent", moved["stage_entry_id"], rule["id"])
    assert await runs(desk, nobody(), deal["id"]) == []


async def test_entering_the_stage_again_is_announced_again(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana, person_id=str(await desk.meet(ana.id)))
    deal = (await desk.move(ana, deal, "Measuring")).json()
    deal = (await desk.move(ana, deal, "Contacted")).json()
    await desk.move(ana, deal, "Measuring")

    async def twice() -> bool:
        return len(await orders(desk, deal["id"])) == 2

    await eventually(twice)


async def test_a_slip_taken_back_announces_nothing_again(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana, person_id=str(await desk.meet(ana.id)))
    deal = (await desk.move(ana, deal, "Measuring")).json()
    (order,) = await eventually(lambda: orders(desk, deal["id"]))
    deal = (await desk.move(ana, deal, "Offer")).json()
    back = await desk.post(ana, f"/deals/{deal['id']}/undo-move", if_match=str(deal["version"]))
    assert back.json()["stage_id"] == (await desk.stages())["Measuring"]
    for event in await desk.told(DEAL_STAGE_CHANGED, deal["id"]):
        await desk.harness.deliver(event)
    await desk.harness.idle(READER)
    assert await orders(desk, deal["id"]) == [order]


async def test_a_deal_made_in_the_stage_counts_as_entering_it_and_an_update_does_not(desk: Desk) -> None:
    ana = await desk.hire()
    stages = await desk.stages()
    deal = await desk.deal(ana, person_id=str(await desk.meet(ana.id)), stage_id=stages["Measuring"])
    (order,) = await eventually(lambda: orders(desk, deal["id"]))
    await desk.patch(ana, f"/deals/{deal['id']}", 1, {"title": "Other"})
    (updated,) = await desk.told(DEAL_UPDATED, deal["id"])
    await desk.harness.deliver(updated)
    await desk.harness.idle(READER)
    assert await orders(desk, deal["id"]) == [order]


async def test_without_a_person_there_is_nobody_to_write_to(desk: Desk) -> None:
    ana = await desk.hire()
    deal = await desk.deal(ana)
    await desk.move(ana, deal, "Measuring")
    (run,) = await eventually(lambda: runs(desk, ana, deal["id"]))
    assert run["result"] == "no_person"
    assert await orders(desk, deal["id"]) == []


async def test_history_that_is_replayed_imported_or_told_late_writes_to_nobody(desk: Desk) -> None:
    ana = await desk.hire()
    person = await desk.meet(ana.id)
    deal = await desk.deal(ana, person_id=str(person))
    await desk.move(ana, deal, "Measuring")
    await eventually(lambda: orders(desk, deal["id"]))
    (live,) = await desk.told(DEAL_STAGE_CHANGED, deal["id"])

    def entry(**more: Any) -> Envelope:
        data = live.data | {"stage_entry_id": str(uuid4())}
        return live.model_copy(update={"id": uuid4(), "data": data} | more)

    await desk.harness.deliver(
        entry(replay=True),
        entry(lane=Lane.BULK),
        entry(time=now() - timedelta(hours=25)),
        queue=READER,
    )
    probe = entry()
    await desk.harness.deliver(probe, queue=READER)

    async def probed() -> bool:
        return any(run["stage_entry_id"] == probe.data["stage_entry_id"] for run in await runs(desk, ana, deal["id"]))

    await eventually(probed)
    await desk.harness.idle(READER)
    assert len(await orders(desk, deal["id"])) == 2
    assert len(await runs(desk, ana, deal["id"])) == 2


async def test_rules_are_made_switched_off_and_seen_by_those_who_may(desk: Desk) -> None:
    ana = await desk.hire()
    stages = await desk.stages()
    body = {"stage_id": stages["Contract"], "channel": "sms", "template_key": "contract_ready"}
    before = await desk.traces()
    reader = Principal(id=uuid4(), role="salesperson", grants={"automation:read": Scope.ALL})
    assert (await desk.post(reader, "/automation-rules", body)).status_code == 403
    unknown = await desk.post(desk.admin, "/automation-rules", body | {"stage_id": str(uuid4())})
    assert unknown.json()["errors"][0]["code"] == "unknown_stage"
    assert (await desk.post(desk.admin, "/automation-rules", body | {"template_key": "{{7*7}}"})).status_code == 422
    assert (await desk.get(nobody(), "/automation-rules")).json()["items"] == []
    assert await desk.traces() == before

    rule = (await desk.post(desk.admin, "/automation-rules", body)).json()
    path = f"/automation-rules/{rule['id']}"
    assert (await desk.patch(reader, path, 1, {"active": False})).status_code == 403
    assert (await desk.patch(nobody(), path, 1, {"active": False})).status_code == 404
    assert (await desk.patch(desk.admin, path, 5, {"active": False})).status_code == 409
    off = (await desk.patch(desk.admin, path, 1, {"active": False})).json()
    assert (off["active"], off["version"]) == (False, 2)
    deal = await desk.deal(ana, person_id=str(await desk.meet(ana.id)))
    await desk.move(ana, deal, "Contract")
    await desk.harness.idle(READER)
    assert await runs(desk, ana, deal["id"]) == []
    assert UUID(rule["id"])
