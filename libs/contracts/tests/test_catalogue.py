"""The contracts hold together: every event has an example, every reader reads what exists, no cause is circular."""

from importlib.resources import files
from typing import Any

import pytest
from crm_contracts.base import Pii
from crm_contracts.catalogue import COMMANDS, EVENTS, SERVICES
from crm_contracts.envelope import Envelope
from crm_contracts.graph import LIVE, READERS, reader, readers_of
from pydantic import BaseModel, ValidationError

EXAMPLES = files("crm_contracts") / "examples"
MODELS: dict[str, type[BaseModel]] = {name: event.model for name, event in EVENTS.items()} | COMMANDS


def _example(name: str) -> Envelope:
    return Envelope.model_validate_json((EXAMPLES / f"{name}.json").read_bytes())


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_golden_example_is_exactly_what_the_model_says(name: str) -> None:
    example = _example(name)
    parsed = MODELS[name].model_validate(example.data)
    assert parsed.model_dump(mode="json") == example.data
    assert example.type == name


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_field_a_reader_does_not_know_is_no_error_and_a_missing_one_is(name: str) -> None:
    data: dict[str, Any] = dict(_example(name).data)
    MODELS[name].model_validate(data | {"added_later": 1})
    required = [field for field, info in MODELS[name].model_fields.items() if info.is_required()]
    for field in required:
        with pytest.raises(ValidationError):
            MODELS[name].model_validate({key: value for key, value in data.items() if key != field})


def test_there_is_no_example_of_an_event_that_does_not_exist() -> None:
    assert {entry.name.removesuffix(".json") for entry in EXAMPLES.iterdir()} == set(MODELS)


def test_event_names_are_owner_noun_past_verb_version() -> None:
    for name, event in EVENTS.items():
        owner, noun, verb, version = name.split(".")
        assert owner in SERVICES and event.producer == owner
        assert noun.isidentifier() and version.startswith("v")
        assert verb.rsplit("_", 1)[-1].endswith(("ed", "rang", "sent", "left", "overdue", "uncertain")), name


def test_names_and_addresses_stand_under_pii_only() -> None:
    personal = {"phone", "phones", "email", "emails", "address", "title", "note", "to", "text", "person_name"}
    for event in EVENTS.values():
        assert not personal & set(event.model.model_fields), event.name
        pii = event.model.model_fields.get("pii")
        assert pii is None or (isinstance(pii.annotation, type) and issubclass(pii.annotation, Pii))


def test_every_reader_reads_and_emits_what_exists() -> None:
    for entry in READERS:
        assert set(entry.reads) <= set(EVENTS), entry.queue
        assert set(entry.emits) <= set(MODELS), entry.queue
        assert entry.service in SERVICES
        assert (entry.kind == "command") == (not entry.reads)
        for emitted in entry.emits:
            assert emitted in COMMANDS or EVENTS[emitted].producer == entry.service, emitted
    assert len({entry.queue for entry in READERS}) == len(READERS)
    assert set(LIVE) <= set(EVENTS)


def test_the_archive_reads_everything_so_no_event_is_unroutable() -> None:
    assert set(reader("reports.archive").reads) == set(EVENTS)


def test_every_command_has_exactly_one_queue() -> None:
    for name in COMMANDS:
        assert reader(name).kind == "command"


def test_no_event_causes_itself_through_other_services_except_where_an_end_is_known() -> None:
    causes = {
        (read, emitted)
        for entry in READERS
        if entry.kind == "effect"
        for read in entry.reads
        for emitted in entry.emits
        if EVENTS.get(emitted) and EVENTS[emitted].producer != EVENTS[read].producer
    }
    reach = {name: {emitted for read, emitted in causes if read == name} for name in EVENTS}
    for _ in EVENTS:
        for name, reached in reach.items():
            reach[name] = reached | {further for step in reached for further in reach[step]}
    assert not [name for name, reached in reach.items() if name in reached]


def test_readers_of_a_service_are_its_own() -> None:
    assert {entry.service for entry in readers_of("deals")} == {"deals"}
    with pytest.raises(KeyError):
        reader("deals.nothing")
