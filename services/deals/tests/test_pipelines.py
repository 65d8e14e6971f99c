"""The default pipeline, and changing it."""

from typing import Any
from uuid import uuid4

import pytest
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.context import Story, telling
from crm_chassis.testing import nobody
from crm_contracts.deals import PIPELINE_CHANGED, PipelineState
from crm_deals.main import bootstrap

from .desk import Desk

DEFAULT = ["New", "Contacted", "Measuring", "Offer", "Contract", "Won", "Lost"]


async def default(desk: Desk) -> dict[str, Any]:
    """The default pipeline."""
    return dict((await desk.get(desk.admin, "/pipelines")).json()["items"][0])


def as_wanted(stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The stages as a patch names them."""
    return [{name: stage[name] for name in ("id", "name", "probability")} for stage in stages]


async def test_the_default_pipeline_is_made_and_told_once_however_often_the_service_starts(desk: Desk) -> None:
    pipeline = await default(desk)
    assert (pipeline["name"], pipeline["version"]) == ("Sales", 1)
    assert [stage["name"] for stage in pipeline["stages"]] == DEFAULT
    assert [stage["kind"] for stage in pipeline["stages"]] == ["open"] * 5 + ["won", "lost"]
    assert "Price" in pipeline["loss_reasons"]
    with telling(Story.of_system("deals")):
        async with desk.harness.database.transaction() as tx:
            await bootstrap(tx)
    (event,) = await desk.harness.recorded(PIPELINE_CHANGED)
    state = PipelineState.model_validate(event.data)
    assert ([stage.name for stage in state.stages], event.sequence) == (DEFAULT, 1)
    assert (await desk.get(desk.admin, f"/pipelines/{pipeline['id']}")).json() == pipeline
    rules = (await desk.get(desk.admin, "/automation-rules")).json()["items"]
    assert [rule["template_key"] for rule in rules].count("measuring_booked") == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda stages: stages[:-1], "stage_left_out"),
        (lambda stages: [*stages, stages[0] | {"name": "Again"}], "stage_twice"),
        (lambda stages: [stages[0] | {"id": str(uuid4())}, *stages[1:]], "unknown_stage"),
        (lambda stages: [*stages, {"name": "After the end", "probability": 5}], "closed_before_open"),
        (lambda stages: [stages[0] | {"probability": 101}, *stages[1:]], "less_than_equal"),
        (lambda stages: [stages[0] | {"kind": "won"}, *stages[1:]], "extra_forbidden"),
        (lambda stages: [stages[0] | {"name": "offer"}, *stages[1:]], "duplicate"),
    ],
)
async def test_stages_that_make_no_board_are_refused(desk: Desk, change: Any, code: str) -> None:
    pipeline = await default(desk)
    before = await desk.traces()
    wanted = change(as_wanted(pipeline["stages"]))
    answer = await desk.patch(desk.admin, f"/pipelines/{pipeline['id']}", pipeline["version"], {"stages": wanted})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    assert await desk.traces() == before


async def test_a_pipeline_is_renamed_reordered_and_given_a_stage_and_keeps_its_ids(own_desk: Desk) -> None:
    desk = own_desk
    pipeline = await default(desk)
    path = f"/pipelines/{pipeline['id']}"
    stages = as_wanted(pipeline["stages"])
    wanted = [stages[1], stages[0], {"name": "Visit", "probability": 30}, *stages[2:]]
    body = {"name": "Retail", "loss_reasons": ["Price", "Too far"], "stages": wanted}
    answer = await desk.patch(desk.admin, path, 1, body)
    changed = answer.json()
    assert (answer.status_code, answer.headers["etag"], changed["name"]) == (200, '"2"', "Retail")
    assert [stage["name"] for stage in changed["stages"]] == ["Contacted", "New", "Visit", *DEFAULT[2:]]
    assert [stage["position"] for stage in changed["stages"]] == list(range(8))
    assert {stage["id"] for stage in stages} < {stage["id"] for stage in changed["stages"]}
    event = (await desk.told(PIPELINE_CHANGED, pipeline["id"]))[-1]
    state = PipelineState.model_validate(event.data)
    assert (event.sequence, set(state.changed)) == (2, {"name", "loss_reasons", "stages"})
    assert len(state.stages) == 8

    again = await desk.patch(desk.admin, path, 2, {"stages": as_wanted(changed["stages"])})
    assert again.json() == changed
    assert len(await desk.told(PIPELINE_CHANGED, pipeline["id"])) == 2


async def test_only_an_admin_changes_pipelines_and_nobody_sees_none(desk: Desk) -> None:
    pipeline = await default(desk)
    path = f"/pipelines/{pipeline['id']}"
    reader = Principal(id=uuid4(), role="salesperson", grants={"pipeline:read": Scope.ALL})
    before = await desk.traces()
    assert (await desk.patch(reader, path, pipeline["version"], {"name": "Mine"})).status_code == 403
    assert (await desk.patch(nobody(), path, pipeline["version"], {"name": "Mine"})).status_code == 404
    assert (await desk.patch(desk.admin, path, 99, {"name": "Mine"})).status_code == 409
    assert (await desk.get(nobody(), "/pipelines")).json() == {"items": []}
    assert (await desk.get(nobody(), path)).status_code == 404
    assert (await desk.get(nobody(), "/board")).json() == {"pipeline_id": None, "name": None, "columns": []}
    assert await desk.traces() == before
