"""The history does not depend on how its events arrive."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from crm_chassis.ids import new_id
from crm_contacts.timeline.rules import DealNow, Item, Page, fold, newer
from crm_contracts import contacts, deals, telephony
from crm_contracts.envelope import Envelope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def told(
    state: telephony.CallState | deals.DealState | contacts.NoteState | contacts.FileState,
    type: str,
    sequence: int,
    minute: int,
) -> Envelope:
    moment = START + timedelta(minutes=minute)
    return Envelope(
        id=new_id(),
        source="/test",
        type=type,
        subject=f"subject/{state.id}",
        time=moment,
        recordedtime=moment,
        sequence=sequence,
        actor="system:test",
        correlationid=new_id(),
        data=state.model_dump(mode="json"),
    )


@pytest.fixture
def story(call: Callable[..., telephony.CallState], deal: Callable[..., deals.DealState]) -> list[Envelope]:
    """Two calls in four states each, a deal that was created, edited and moved, a note and a file on it, changed."""
    events = []
    for phases in (["ringing", "talking", "ended", "ended"], ["ringing", "ringing", "ended", "ended"]):
        id = new_id()
        for version, phase in enumerate(phases, start=1):
            state = call(id=id, phase=phase, version=version)
            events.append(told(state, telephony.CALL_RANG, version, version))
    id = new_id()
    created = deal(id=id)
    events.append(told(created, deals.DEAL_CREATED, 1, 1))
    events.append(told(created.model_copy(update={"owner_id": new_id()}), deals.DEAL_UPDATED, 2, 2))
    events.append(told(deal(id=id, from_stage_id=new_id()), deals.DEAL_STAGE_CHANGED, 3, 3))
    file = new_id()
    for version, type in enumerate((contacts.FILE_ADDED, contacts.FILE_CHANGED), start=1):
        events.append(told(put_on(id, id=file, version=version), type, version, 4 + version))
    note = new_id()
    for version, type in enumerate((contacts.NOTE_CREATED, contacts.NOTE_UPDATED), start=1):
        events.append(told(written_on(id, id=note, version=version), type, version, 4 + version))
    return events


def written_on(deal_id: UUID, **fields: object) -> contacts.NoteState:
    known = {
        "subject": "deal",
        "subject_id": deal_id,
        "owner_id": None,
        "author_id": UUID(int=1),
        "created_at": START,
        "updated_at": START,
        "pii": {"text": "Wants the terrace too"},
    }
    return contacts.NoteState.model_validate(known | fields)


def put_on(deal_id: UUID, **fields: object) -> contacts.FileState:
    known = written_on(deal_id, **fields).model_dump() | {"size": 7, "media_type": "image/png"}
    return contacts.FileState.model_validate(known | {"pii": {"name": f"Version {fields['version']}"}})


def in_batches(batches: Iterable[list[Envelope]]) -> Page:
    items: dict[UUID, Item] = {}
    newest: dict[UUID, DealNow] = {}
    for batch in batches:
        page = fold(batch)
        for id, item in page.items.items():
            items[id] = newer(items[id], item) if id in items else item
        for id, deal in page.deals.items():
            newest[id] = deal if id not in newest or deal.sequence > newest[id].sequence else newest[id]
    return Page(items, newest)


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_order_grouping_and_repetition_change_nothing(story: list[Envelope], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations([*story, *data.draw(st.lists(st.sampled_from(story)))]))
    cut = data.draw(st.integers(0, len(shuffled)))
    assert in_batches([shuffled[:cut], shuffled[cut:]]) == fold(story)


def test_a_call_is_one_item_in_its_newest_state_at_its_earliest_moment(story: list[Envelope]) -> None:
    page = fold(story)
    calls = [item for item in page.items.values() if item.kind == "call"]
    assert len(calls) == 2
    assert all(item.sequence == 4 and item.data["phase"] == "ended" for item in calls)
    assert {item.happened_at for item in calls} == {START + timedelta(minutes=1)}


def test_what_happened_to_a_deal_is_one_item_an_event_and_an_edit_is_none(story: list[Envelope]) -> None:
    kinds = [item.kind for item in fold(story).items.values() if item.deal_id]
    assert sorted(kinds) == ["deal_created", "deal_stage_changed", "file", "note"]


def test_a_note_is_one_item_in_its_newest_state_and_has_its_deal_followed(story: list[Envelope]) -> None:
    rewritten = story[-1]
    page = fold([rewritten])
    (note,) = page.items.values()
    assert (note.kind, note.sequence, note.person_id, note.owner_id) == ("note", 2, None, None)
    assert page.deals == {} and page.followed == {note.deal_id}
    assert fold(story).items[note.id].happened_at == START + timedelta(minutes=5)


def test_a_file_is_one_item_in_its_newest_state_and_has_its_deal_followed(story: list[Envelope]) -> None:
    (file,) = [item for item in fold(story).items.values() if item.kind == "file"]
    assert (file.sequence, file.person_id, file.owner_id, file.pii) == (2, None, None, {"name": "Version 2"})
    page = fold([event for event in story if event.type == contacts.FILE_ADDED])
    assert page.deals == {} and page.followed == {file.deal_id}


def test_personal_data_stands_apart_from_the_state(story: list[Envelope]) -> None:
    for item in fold(story).items.values():
        assert "pii" not in item.data
        assert item.pii
