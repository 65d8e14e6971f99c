"""After everything above was thrown at it (files run in the order of their names): what the programs wrote."""

from tests.fuzz.arena import CANARY, Arena


def test_every_line_of_every_program_is_one_json_object_without_control_characters(arena: Arena) -> None:
    assert arena.journal.lines > 100
    assert arena.journal.odd == []


def test_nothing_people_or_pbxs_wrote_stands_in_a_log(arena: Arena) -> None:
    assert arena.journal.told == [], f"{CANARY} was logged"


def test_no_program_met_an_error_it_did_not_expect(arena: Arena) -> None:
    assert arena.journal.unexpected == []
