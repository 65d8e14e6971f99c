"""Files nobody would write by hand: hostile cells, and generated ones imported twice and taken back."""

import itertools
from datetime import timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from crm_chassis.access.principal import Principal
from crm_chassis.context import Story, telling
from crm_chassis.ids import new_id
from crm_chassis.imports import steps, worker
from crm_chassis.imports.files.shape import Format
from crm_chassis.imports.kinds import Row, Run
from crm_chassis.testing import Harness, admin
from crm_contacts.imports.companies import Companies
from crm_contacts.imports.people import People
from crm_contracts.envelope import Lane
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from .filing import Importer, hire

NOUNS = ("person", "company")
Json = dict[str, Any]
HOSTILE = [
    '=HYPERLINK("http://x")', "@SUM(1)", "+1-1", "-2+3", "'; DROP TABLE person; --", "{card}", "%s %(x)s", "\\",
    "\x00", "a\x00b", "\x1b[31m", "a\nb", "a\tb", "\ud800", "\x85",
    "\u202egnp.exe", "\ufeff", "\u200b", "\xa0", "\U0001f9d9", "é" * 201, "x" * 10_000, "\u0661\u0662\u0663",
    "a@", "@b", "a@b@c", "a@example.com;;,b@example.com", "а@пример.рф", "a@xn--p1ai", '"a b"@example.com',
    ";;;", "::: , ;", "+" * 64, "1" * 65, "1;" * 4999, "tel:+38640111222;ext=5", "00386", "null", "None", "NaN",
]  # fmt: skip


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of three rows, and a worker in haste."""
    monkeypatch.setattr(steps, "CHUNK", 3)
    monkeypatch.setattr(steps, "TRIES", 1)
    monkeypatch.setattr(steps, "RETRY", timedelta(0))
    monkeypatch.setattr(worker, "POLL_S", 0.02)


@pytest.fixture
async def head(contacts: Harness) -> Principal:
    """Somebody who may do everything with people and companies."""
    return await hire(contacts, admin(NOUNS))


@pytest.mark.parametrize("kind", [People("SI"), Companies("SI")], ids=["people", "companies"])
async def test_whatever_stands_in_a_cell_is_refused_by_its_row_or_stored_as_it_is(
    contacts: Harness, head: Principal, kind: People | Companies
) -> None:
    table = sa.table(kind.noun, sa.column("id"), sa.column("name"))
    story = Story(actor=f"user:{head.id}", correlation_id=new_id(), lane=Lane.BULK)
    ends = set()
    with telling(story):
        async with contacts.database.transaction() as tx:
            run = Run(tx, head, kind.options(), Format("csv", "utf-8", ",", None, 1, "dmy", "."), new_id())
            for field in kind.fields:
                for text in HOSTILE:
                    savepoint = await tx.connection.begin_nested()
                    values = {field.name: text} if field.name == "first_name" else {"name": "Who"} | {field.name: text}
                    (judged,) = await kind.judge(run, [Row(2, values, last_try=True)])
                    # As the row keeps them: PostgreSQL takes no NUL and no half of a character.
                    kept = orjson.dumps([finding.as_dict() for finding in judged.findings])
                    await tx.scalar(sa.text("SELECT CAST(:kept AS jsonb)"), {"kept": kept.decode()})
                    assert (judged.verdict == "error") == any(each.level == "error" for each in judged.findings)
                    if judged.verdict == "create":
                        (written,) = await kind.write(run, [judged])
                        await tx.flush()
                        name = await tx.scalar(sa.select(table.c.name).where(table.c.id == written.subject_id))
                        assert name == (text if field.name in ("name", "first_name") else "Who")
                    ends.add(judged.verdict)
                    await savepoint.rollback()
                    tx.forget()
    assert ends == {"create", "error"}


# `T` stands for four figures of the example's own.
_phones = st.sampled_from(["+386407T1", "040 7T1", "0407T2; 040 7T3", "0407T3", "n/a", "12", ""])
_emails = st.sampled_from(["g1@T.com", "G1@T.com", "g2@T.com, g3@T.com", "g3@T.com", ""])
_firms = st.sampled_from(["", "Firm 1 T", "FIRM 1 T", "Firm 2 T", "Known firm T"])
_reached = st.tuples(st.sampled_from(["Ana T", "Bor T", "", "é" * 201]), _phones, _phones, _emails, _firms)
# Names of their own: who is known by the name alone is another one when somebody else has been renamed to it.
_bare = st.tuples(st.sampled_from(["Cene T", "ČENE T", "Dan T"]), st.just("n/a"), st.just(""), st.just(""), _firms)
_tags = itertools.count(1000)


async def _everything(contacts: Harness) -> dict[str, list[Json]]:
    """The contents of all cards: not their versions and times."""
    queries = {
        "company": "SELECT id, name, owner_id FROM company ORDER BY id",
        "person": "SELECT id, name, company_id, owner_id, owner_source, source, locale FROM person ORDER BY id",
        "identity": "SELECT * FROM identity ORDER BY id",
    }
    return {table: await contacts.rows(query) for table, query in queries.items()}


@settings(
    max_examples=10, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.one_of(_reached, _reached, _bare), min_size=1, max_size=9), overwrite=st.booleans())
async def test_a_file_taken_twice_does_nothing_the_second_time_and_taken_back_leaves_all_as_it_was(
    contacts: Harness, head: Principal, enter: Any, rows: list[tuple[str, ...]], overwrite: bool
) -> None:
    tag = str(next(_tags))
    firm = await enter(head, "companies", name=f"Known firm {tag}")
    await enter(head, name=f"Ana {tag}", phones=[{"raw": f"+386407{tag}1"}], owner_id=None)
    await enter(head, name=f"Else {tag}", emails=[{"address": f"g2@{tag}.com"}], company_id=firm["id"])
    before = await _everything(contacts)
    importer = Importer(contacts, head, "people")
    table = [
        ["Name", "Phone", "Phone 2", "Email", "Company"],
        *([cell.replace("T", tag) for cell in row] for row in rows),
    ]
    options = {"create_companies": True, "update": "overwrite" if overwrite else "fill"}
    await importer.take(table, **options)
    first = importer.job
    once = await _everything(contacts)
    counts = await importer.take(table, **options)
    assert not counts.keys() & {"create", "update"}, counts
    assert await _everything(contacts) == once
    importer.job = first
    await importer.act("undo", "undone")
    assert await _everything(contacts) == before
    assert "kept" not in importer.job["counts"]


_told = st.fixed_dictionaries(
    {"name": st.sampled_from(["Firm 1 T", "FIRM 1 T", "Firm 2 T", "Known firm T", "Other firm T", ""])},
    optional={"phone": _phones, "email": _emails, "owner": st.sampled_from(["Hana T", "Nobody T"])},
)


@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# A duplicate whose name was somebody's, and who has that one's phone: once the first row has the e-mail of both, the
# duplicate is about another company than before.
@example(
    rows=[
        {"name": "Other firm T", "email": "g1@T.com"},
        {"name": "Known firm T", "email": "G1@T.com"},
        {"name": "Firm 1 T", "phone": "040 7T1"},
    ],
    overwrite=True,
)
# A name that a row before has taken away from its company.
@example(rows=[{"name": "Firm 2 T", "phone": "+386407T1"}, {"name": "Known firm T"}], overwrite=True)
@given(rows=st.lists(_told, min_size=1, max_size=9), overwrite=st.booleans())
async def test_companies_taken_twice_are_made_once_and_taken_back_leave_all_as_it_was(
    contacts: Harness, head: Principal, enter: Any, rows: list[dict[str, str]], overwrite: bool
) -> None:
    tag = str(next(_tags))
    await hire(contacts, admin(NOUNS), f"Hana {tag}")
    await enter(head, "companies", name=f"Known firm {tag}", phones=[{"raw": f"+386407{tag}1"}])
    await enter(head, "companies", name=f"Other firm {tag}", emails=[{"address": f"g2@{tag}.com"}])
    before = await _everything(contacts)
    importer = Importer(contacts, head, "companies")
    columns = ("name", "phone", "email", "owner")
    table = [columns, *([row.get(name, "").replace("T", tag) for name in columns] for row in rows)]
    options = {"update": "overwrite" if overwrite else "fill"}
    await importer.take(table, **options)
    first = importer.job
    once = await _everything(contacts)
    counts = await importer.take(table, **options)
    assert not counts.keys() & {"create", "update"}, counts
    assert await _everything(contacts) == once
    importer.job = first
    await importer.act("undo", "undone")
    assert await _everything(contacts) == before
    assert "kept" not in importer.job["counts"]
