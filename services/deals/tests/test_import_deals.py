"""Deals of an old system: written with their past, found again, changed by a newer file, taken back."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.ids import new_id
from crm_contracts.deals import (
    DEAL_CREATED,
    DEAL_REMOVED,
    DEAL_STAGE_CHANGED,
    DEAL_UPDATED,
    DealStageChanged,
    DealState,
)
from crm_contracts.envelope import Lane

from .desk import Desk
from .importing import DEALS, PRODUCTS, Importing, company, employ


@pytest.fixture
async def office(desk: Desk) -> Importing:
    """Imports of somebody who may do everything."""
    who = replace(desk.admin, id=new_id())
    await employ(desk, "Iva Uvoz", who=who)
    return Importing(desk, who)


@pytest.fixture
def word() -> str:
    """A word no other test uses."""
    return f"w{new_id().hex[-10:]}"


async def the_deal(desk: Desk, number: str) -> dict[str, Any]:
    """The deal imported under this number."""
    query = "SELECT * FROM deal WHERE origin_type = 'import' AND origin_id = :number"
    (row,) = await desk.harness.rows(query, number=number)
    return row


async def steps(desk: Desk, deal_id: UUID) -> list[tuple[str, str]]:
    """Stages the deal has entered, each with the moment."""
    rows = await desk.harness.rows(
        "SELECT name, happened_at FROM stage_entry JOIN stage ON stage.id = to_stage_id WHERE deal_id = :id"
        " ORDER BY happened_at, recorded_at, stage_entry.id",
        id=deal_id,
    )
    return [(row["name"], row["happened_at"].astimezone(UTC).strftime("%Y-%m-%d %H:%M")) for row in rows]


async def test_a_won_deal_comes_with_its_past_its_line_and_two_events(desk: Desk, office: Importing, word: str) -> None:
    cancity = await company(desk, f"Cancity {word}")
    ana = await employ(desk, f"Ana {word}")
    await office.take(PRODUCTS, [{"name": f"GTX {word}", "price": "4821"}])
    row = {
        "number": word, "stage": "won", "product": f"GTX {word}", "company": f"CANCITY {word}",
        "owner": f"ana  {word}", "opened_on": "2016-10-20", "closed_on": "2017-07-01", "amount": "1054",
    }  # fmt: skip
    taken = await office.take(DEALS, [row])
    assert (taken.verdicts, taken.codes) == (["create"], [[]])
    deal = await the_deal(desk, word)
    assert deal["title"] == f"GTX {word} – Cancity {word}"
    assert (deal["company_id"], deal["owner_id"], deal["outcome"], deal["version"]) == (cancity, ana, "won", 2)
    # Noon in Ljubljana is 10:00 in summer time.
    assert deal["closed_at"] == datetime(2017, 7, 1, 10, tzinfo=UTC) and deal["created_at"].hour == 10
    assert await steps(desk, deal["id"]) == [("Contract", "2016-10-20 10:00"), ("Won", "2017-07-01 10:00")]
    (line,) = await desk.harness.rows("SELECT * FROM deal_line WHERE deal_id = :id", id=deal["id"])
    assert (line["quantity"], line["price"], line["total"], deal["amount"]) == (1, 1054, 1054, 1054)
    created, closed = await desk.told(None, deal["id"])
    assert (created.type, created.sequence, created.time) == (DEAL_CREATED, 1, deal["created_at"])
    assert (closed.type, closed.sequence, closed.time) == (DEAL_STAGE_CHANGED, 2, deal["closed_at"])
    born, then = DealState.model_validate(created.data), DealStageChanged.model_validate(closed.data)
    assert (born.outcome, born.closed_at, born.version, born.amount) == (None, None, 1, "1054.00")
    assert (then.outcome, then.from_stage_id, then.to_stage_id) == ("won", born.stage_id, deal["stage_id"])
    assert born.stage_entry_id != then.stage_entry_id == deal["stage_entry_id"]
    assert {event.lane for event in (created, closed)} == {Lane.BULK}
    assert {event.correlationid for event in (created, closed)} == {deal["correlation_id"]}
    answer = await desk.get(desk.admin, f"/deals/{deal['id']}")
    assert answer.json()["lines"][0]["total"] == "1054.00"


async def test_what_a_file_leaves_out_is_made_up_the_same_way_each_time(
    desk: Desk, office: Importing, word: str
) -> None:
    await office.take(PRODUCTS, [{"name": word, "price": "55"}])
    rows = [
        {"number": f"{word}-1", "stage": "New", "product": word.upper()[:5] + "-" + word[5:]},
        {"number": f"{word}-2", "stage": "Lost", "product": word, "amount": "0", "closed_on": "2017-03-01"},
        {"number": f"{word}-3", "stage": "Contacted", "company": "", "opened_on": "2017-03-01"},
    ]
    taken = await office.take(DEALS, rows)
    assert taken.codes == [["no_company", "no_date", "product_read_as"], ["no_company", "no_date"], ["no_company"]]
    first, lost, third = [await the_deal(desk, f"{word}-{n}") for n in (1, 2, 3)]
    assert (first["amount"], first["owner_id"], first["title"]) == (55, office.caller.id, f"{word} – {word}-1")
    assert (lost["amount"], lost["loss_reason"], lost["created_at"]) == (0, "Not stated", lost["closed_at"])
    assert third["title"] == f"{word}-3"
    undated = await office.take(DEALS, [{"title": word, "stage": "New"}])
    assert undated.codes == [[]]


async def test_a_row_waits_for_what_it_names_and_is_doubtful_at_last(desk: Desk, office: Importing, word: str) -> None:
    row = {"number": word, "stage": "New", "product": f"p {word}", "company": f"c {word}", "owner": f"o {word}",
           "person": f"x {word}"}  # fmt: skip
    assert (await office.take(DEALS, [row], last_try=False)).verdicts == ["waiting"]
    await employ(desk, f"o {word}", active=False)
    await company(desk, f"c {word}")
    await company(desk, f"C {word}".upper())
    await company(desk, f"C {word}")
    taken = await office.take(DEALS, [row | {"company": f"C {word.upper()}"}])
    assert taken.codes == [["left_user", "unknown_person", "unknown_product"]]
    deal = await the_deal(desk, word)
    assert (deal["person_id"], deal["owner_id"]) == (None, office.caller.id)
    assert not await desk.harness.rows("SELECT 1 FROM deal_line WHERE deal_id = :id", id=deal["id"])


async def test_an_owner_is_found_by_e_mail_and_a_person_by_phone_or_name(
    desk: Desk, office: Importing, word: str, phone: str
) -> None:
    ana = await employ(desk, f"Ana {word}", email=f"Ana.{word}@example.com")
    maja = await desk.meet(ana, f"Maja {word}")
    await desk.harness.execute("UPDATE person_card SET phones = ARRAY[:phone] WHERE id = :id", phone=phone, id=maja)
    spaced = f"00{phone[1:4]} ({phone[4:6]}) {phone[6:]}"
    rows = [
        {"number": f"{word}-1", "stage": "New", "owner": f"ana.{word}@EXAMPLE.com", "person": spaced},
        {"number": f"{word}-2", "stage": "New", "person": f"maja {word}"},
    ]
    assert (await office.take(DEALS, rows)).codes == [[], []]
    deals = [await the_deal(desk, f"{word}-{n}") for n in (1, 2)]
    assert [deal["person_id"] for deal in deals] == [maja, maja]
    assert deals[0]["owner_id"] == ana


async def test_who_and_what_is_called_at_length_is_found_by_all_of_the_name(
    desk: Desk, office: Importing, word: str
) -> None:
    name = f"Общество с ограниченной ответственностью «Окна, двери и балконы — {word}»"
    bought_for, bought_by = await company(desk, name), await desk.meet(office.caller.id, name)
    taken = await office.take(DEALS, [{"number": word, "stage": "New", "company": name.lower(), "person": name}])
    assert taken.codes == [[]]
    deal = await the_deal(desk, word)
    assert (deal["company_id"], deal["person_id"]) == (bought_for, bought_by)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"stage": "Nowhere"}, "unknown_stage"),
        ({"stage": ""}, "required"),
        ({"opened_on": "2017-03-02", "closed_on": "2017-03-01", "stage": "Won"}, "closed_before_opened"),
        ({"closed_on": "2999-03-01", "stage": "Won"}, "in_the_future"),
        ({"opened_on": "2999-03-01"}, "in_the_future"),
        ({"opened_on": "2017-02-30"}, "unreadable"),
        ({"opened_on": "=1+1"}, "unreadable"),
        ({"amount": "-5"}, "negative"),
        ({"amount": "1.001"}, "too_precise"),
        ({"amount": "1e30"}, "too_much"),
        ({"amount": "10%"}, "unreadable"),
        ({"currency": "EURO"}, "bad_currency"),
        ({"title": "a\x00b"}, "control_character"),
        ({"company": "a\nb"}, "control_character"),
        ({"title": "x" * 201}, "too_long"),
        ({"number": "x" * 201}, "too_long"),
    ],
)
async def test_a_cell_that_can_not_be_is_an_error_of_its_row(
    office: Importing, word: str, cells: dict[str, str], code: str
) -> None:
    row = {"number": word, "stage": "New", "title": word} | cells
    taken = await office.take(DEALS, [row, {"number": f"{word}-good", "stage": "New"}])
    assert (taken.verdicts, taken.codes[0]) == (["error", "create"], [code])
    assert taken.judged[0].row.number == 2


async def test_hostile_cells_are_stored_exactly(desk: Desk, office: Importing, word: str) -> None:
    for hostile in (
        "'; DROP TABLE deal; --",
        "=cmd|' /C calc'!A0",
        "<script>alert(1)</script>",
        "\u202eרטל",
        "😀" * 20,
    ):
        number = f"{word} {hostile}"
        taken = await office.take(DEALS, [{"number": number, "stage": "New", "title": hostile, "product": hostile}])
        assert taken.verdicts == ["create"]
        assert (await the_deal(desk, number))["title"] == hostile


async def test_days_are_taken_only_from_who_may_backdate_and_deals_given_only_to_whom_one_may(
    desk: Desk, word: str
) -> None:
    grants = {key: scope for key, scope in desk.admin.grants.items() if key != "deal:backdate"}
    plain = Principal(id=new_id(), role="x", grants=grants | {"deal:create": Scope.OWN})
    await employ(desk, "Plain", who=plain)
    await employ(desk, f"Other {word}")
    rows = [
        {"number": f"{word}-1", "stage": "New", "opened_on": "2017-03-01"},
        {"number": f"{word}-2", "stage": "New"},
        {"number": f"{word}-3", "stage": "New", "owner": f"Other {word}"},
    ]
    taken = await Importing(desk, plain).take(DEALS, rows)
    assert taken.codes == [["backdate_right"], ["no_date"], ["owner_not_allowed"]]


async def test_names_mean_only_what_who_imports_may_see(desk: Desk, office: Importing, word: str, phone: str) -> None:
    await office.take(PRODUCTS, [{"name": word, "price": "55"}])
    other = new_id()
    await company(desk, f"Firm {word}", other)
    maja = await desk.meet(other, f"Maja {word}")
    await desk.harness.execute("UPDATE person_card SET phones = ARRAY[:phone] WHERE id = :id", phone=phone, id=maja)
    grants = {key: scope for key, scope in desk.admin.grants.items() if key != "product:read"}
    own = Principal(id=new_id(), role="x", grants=grants | dict.fromkeys(("person:read", "company:read"), Scope.OWN))
    await employ(desk, "Own", who=own)
    rows = [
        {"stage": "New", "title": word, "company": f"Firm {word}"},
        {"stage": "New", "title": word, "person": f"Maja {word}"},
        {"stage": "New", "title": word, "person": phone},
        {"stage": "New", "title": word, "product": word},
    ]
    for who, strange in (
        (office, []),
        (Importing(desk, own), ["unknown_company", "unknown_person", "unknown_person", "unknown_product"]),
    ):
        taken = await who.take(DEALS, rows, dry=True)
        assert [code for codes in taken.codes for code in codes if code != "no_company"] == strange


async def test_the_same_file_again_is_the_same_and_leaves_human_edits_alone(
    desk: Desk, office: Importing, word: str
) -> None:
    row = {"number": word, "stage": "Contacted", "title": word, "amount": "10", "opened_on": "2017-03-01"}
    await office.take(DEALS, [row])
    deal = await the_deal(desk, word)
    answer = await desk.patch(desk.admin, f"/deals/{deal['id']}", 1, {"title": "Better", "amount": "99"})
    assert answer.status_code == 200
    assert (await office.take(DEALS, [row])).verdicts == ["same"]
    assert (await the_deal(desk, word))["title"] == "Better"
    # Only what the newer file says otherwise than the first one is changed.
    taken = await office.take(DEALS, [row | {"amount": "11"}])
    assert (taken.verdicts, taken.codes) == (["update"], [[]])
    deal = await the_deal(desk, word)
    assert (deal["title"], deal["amount"], deal["version"]) == ("Better", 11, 3)
    assert (await office.take(DEALS, [row | {"amount": "11"}])).verdicts == ["same"]
    assert [event.type for event in await desk.told(None, deal["id"])] == [DEAL_CREATED, DEAL_UPDATED, DEAL_UPDATED]


async def test_an_open_deal_goes_on_in_history_by_a_newer_file_and_back_by_its_undo(
    desk: Desk, office: Importing, word: str
) -> None:
    await office.take(PRODUCTS, [{"name": word, "price": "55"}])
    row = {"number": word, "stage": "Contacted", "title": word, "product": word, "opened_on": "2017-03-01"}
    await office.take(DEALS, [row])
    before = await the_deal(desk, word)
    (line,) = await desk.harness.rows("SELECT * FROM deal_line WHERE deal_id = :id", id=before["id"])
    won = row | {"stage": "Won", "closed_on": "2017-05-01", "amount": "70"}
    taken = await office.take(DEALS, [won])
    assert taken.verdicts == ["update"]
    deal = await the_deal(desk, word)
    assert (deal["outcome"], deal["amount"], deal["closed_at"].month, deal["version"]) == ("won", 70, 5, 2)
    assert await steps(desk, deal["id"]) == [("Contacted", "2017-03-01 11:00"), ("Won", "2017-05-01 10:00")]
    moved = (await desk.told(DEAL_STAGE_CHANGED, deal["id"]))[-1]
    assert (moved.sequence, moved.data["amount"], moved.time) == (2, "70.00", deal["closed_at"])
    assert (await office.take(DEALS, [won])).verdicts == ["same"]

    assert [each.finding for each in await office.undo(DEALS, taken.written)] == [None]
    after = await the_deal(desk, word)
    moved_on = {"version", "stage_entry_id", "stage_entered_at"}
    assert {k: v for k, v in after.items() if k not in moved_on} == {
        k: v for k, v in before.items() if k not in moved_on
    }
    assert [
        dict(each) for each in await desk.harness.rows("SELECT * FROM deal_line WHERE deal_id = :id", id=deal["id"])
    ] == [line]
    # History is only added to: the deal is back where it was from the moment it had left.
    assert (await steps(desk, deal["id"]))[-1] == ("Contacted", "2017-05-01 10:00")
    assert (await office.take(DEALS, [row])).verdicts == ["same"]
    assert (await office.take(DEALS, [won], dry=True)).verdicts == ["update"]


async def test_a_closed_deal_is_reopened_only_by_who_may_and_changed_lines_stay(
    desk: Desk, office: Importing, word: str
) -> None:
    await office.take(PRODUCTS, [{"name": word, "price": "55"}, {"name": f"{word} b", "price": "5"}])
    row = {"number": word, "stage": "Won", "title": word, "product": word, "closed_on": "2017-03-01", "amount": "7"}
    await office.take(DEALS, [row])
    deal = await the_deal(desk, word)
    other = (await desk.harness.rows("SELECT id FROM product WHERE name = :name", name=f"{word} b"))[0]["id"]
    body = {"lines": [{"product_id": str(other), "quantity": "3"}]}
    assert (await desk.put(desk.admin, f"/deals/{deal['id']}/lines", 2, body)).status_code == 200
    taken = await office.take(DEALS, [row | {"amount": "8"}])
    assert (taken.verdicts, taken.codes) == (["same"], [["lines_kept", "no_date"]])
    grants = {key: scope for key, scope in desk.admin.grants.items() if key != "deal:reopen"}
    careful = Principal(id=new_id(), role="x", grants=grants)
    await employ(desk, "Careful", who=careful)
    taken = await Importing(desk, careful).take(DEALS, [row | {"stage": "New"}])
    assert taken.codes == [["reopen_not_allowed"]]
    assert (await office.take(DEALS, [row | {"stage": "New"}], dry=True)).verdicts == ["update"]


async def test_a_reason_is_corrected_and_a_deal_somebody_lost_meanwhile_keeps_its_own(
    desk: Desk, office: Importing, word: str
) -> None:
    row = {"number": word, "stage": "Lost", "loss_reason": "PRICE", "closed_on": "2017-03-01"}
    await office.take(DEALS, [row])
    assert (await the_deal(desk, word))["loss_reason"] == "Price"
    assert (await office.take(DEALS, [row | {"loss_reason": "Too late"}])).verdicts == ["update"]
    assert (await the_deal(desk, word))["loss_reason"] == "Too late"

    other = {"number": f"{word}-2", "title": word, "stage": "New"}
    await office.take(DEALS, [other])
    deal = await the_deal(desk, f"{word}-2")
    answer = await desk.move(desk.admin, {"id": deal["id"], "version": 1}, "Lost", loss_reason="No answer")
    assert answer.status_code == 200
    assert (await office.take(DEALS, [other | {"amount": "5"}])).verdicts == ["update"]
    deal = await the_deal(desk, f"{word}-2")
    assert (deal["outcome"], deal["loss_reason"], deal["amount"]) == ("lost", "No answer", 5)


async def test_an_undo_removes_what_nobody_touched_and_says_why_the_rest_stays(
    desk: Desk, office: Importing, word: str
) -> None:
    await office.take(PRODUCTS, [{"name": word, "price": "55"}])
    rows = [{"number": f"{word}-{n}", "stage": "New", "product": word} for n in range(4)]
    taken = await office.take(DEALS, rows)
    ids = [written.subject_id for written in taken.written]
    await desk.patch(desk.admin, f"/deals/{ids[1]}", 1, {"title": "Touched"})
    await desk.task(desk.admin, deal_id=str(ids[2]))
    await desk.delete(desk.admin, f"/deals/{ids[3]}", 1)
    undone = {each.number: each.finding for each in await office.undo(DEALS, taken.written)}
    assert [finding and finding.code for _, finding in sorted(undone.items())] == [
        None, "changed_since", "in_use", "removed_since",
    ]  # fmt: skip
    for table, column in (
        ("deal", "id"),
        ("deal_line", "deal_id"),
        ("stage_entry", "deal_id"),
        ("imported_deal", "deal_id"),
    ):
        query = f"SELECT DISTINCT {column} AS id FROM {table} WHERE {column} = ANY(:ids)"  # noqa: S608
        assert {row["id"] for row in await desk.harness.rows(query, ids=ids)} == {ids[1], ids[2]}
    (removed,) = await desk.told(DEAL_REMOVED, ids[0])
    assert (removed.lane, removed.sequence) == (Lane.BULK, 2)


async def test_a_file_of_deals_goes_through_the_door_sets_nothing_off_and_is_known_again(
    desk: Desk, office: Importing, word: str
) -> None:
    await office.take(PRODUCTS, [{"name": word, "price": "55"}])
    await desk.harness.execute("UPDATE automation_rule SET active = true")
    # Two rows without a number that are alike in every cell are two deals.
    file = "Opportunity,Deal stage,Product,Engage date\n" + f"{word},Measuring,{word},3/14/2017\n" * 2
    checked, done = await office.through_the_door("deals", file)
    assert checked["mapping"] == {"title": 0, "stage": 1, "product": 2, "opened_on": 3}
    assert checked["counts"] == done["counts"] == {"create": 2}
    made = await desk.harness.rows("SELECT * FROM deal WHERE title = :title", title=word)
    assert [deal["created_at"].day for deal in made] == [14, 14]
    await desk.harness.idle("deals.automation")
    for deal in made:
        assert [event.lane for event in await desk.told(None, deal["id"])] == [Lane.BULK]
        assert not await desk.harness.rows("SELECT 1 FROM automation_run WHERE deal_id = :id", id=deal["id"])
        assert not await desk.harness.rows("SELECT 1 FROM task WHERE deal_id = :id", id=deal["id"])
    _, again = await office.through_the_door("deals", file)
    assert again["counts"] == {"same": 2}
    undone = await office.act("deals", done, "undo", "undone")
    assert undone["counts"] == {"removed": 2}
