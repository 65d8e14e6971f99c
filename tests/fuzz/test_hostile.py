"""Hostile strings come back exactly as they went in, or are refused with a code and change nothing."""

import random
from typing import Any

import pytest

from tests.fuzz.arena import Arena
from tests.fuzz.corpus import Entry, corpus
from tests.fuzz.hostile_run import Place, Report, attack_fields, attack_parameters, places
from tests.fuzz.probe import Prober
from tests.fuzz.recipes import ASKS, CHANGES, CREATES, Ground

SEED = 20_261
# A line of a new row, several lines of a changed one: these two fields see the whole corpus in the short form too.
THOROUGH = {("contacts_create_person", ("name",)), ("deals_patch_task", ("note",))}
OF_EACH_FIELD, OF_EACH_PARAMETER = 4, 3


def _told(report: Report, what: str) -> None:
    print(
        f"\n{what}: {sum(report.tried.values())} requests to {len(report.tried)} places, "
        f"{report.accepted} accepted, {report.refused} refused, {len(report.faults)} faults"
    )
    if report.faults:
        pytest.fail("\n".join([f"{len(report.faults)} faults", *report.faults[:60]]), pytrace=False)


def test_the_corpus_is_large_and_no_string_stands_in_it_twice() -> None:
    entries = corpus()
    assert len({entry.value for entry in entries}) == len(entries) >= 300
    assert max(len(entry.value) for entry in entries) >= 1024 * 1024


def test_every_operation_with_a_text_in_its_body_is_known_here(document: dict[str, Any]) -> None:
    known = {*CREATES, *ASKS, *CHANGES}
    assert {place.operation.definition["operationId"] for place in places(document)} <= known


async def test_every_text_field_gives_back_what_it_took_or_refuses_it(
    arena: Arena, document: dict[str, Any], long_run: bool
) -> None:
    entries, chooser, report = corpus(), random.Random(SEED), Report()

    def chosen(place: Place) -> list[Entry]:
        thorough = long_run or (place.operation.definition["operationId"], place.path) in THOROUGH
        return entries if thorough else chooser.sample(entries, OF_EACH_FIELD)

    plan = [(place, chosen(place)) for place in places(document)]
    ground = Ground.made(arena.client("admin"), arena.pbx)
    async with Prober(arena.url, arena.token("admin")) as prober:
        await attack_fields(document, prober, ground, plan, report)
    _told(report, f"{len(entries)} hostile strings in bodies")


async def test_no_text_parameter_breaks_anything(arena: Arena, document: dict[str, Any], long_run: bool) -> None:
    entries, report = corpus(), Report()
    count = len(entries) if long_run else OF_EACH_PARAMETER
    async with Prober(arena.url, arena.token("admin")) as prober:
        await attack_parameters(document, prober, entries, count, SEED, report)
    _told(report, f"{len(entries)} hostile strings in paths and queries")
