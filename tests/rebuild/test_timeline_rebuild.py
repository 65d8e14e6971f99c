"""The timeline made anew from the archive is the one in use, byte for byte, whatever happens meanwhile."""

from typing import Any

from crm_runner.demo.client import wait_for

from .site import Site
from .traffic import traffic


def timeline(site: Site) -> Any:
    """Both tables of the timeline in use."""
    return site.dump("contacts", "timeline_item", "id"), site.dump("contacts", "timeline_deal", "deal_id")


def identity(site: Site) -> int:
    """Which table is the timeline now."""
    (row,) = site.rows("contacts", "SELECT 'public.timeline_item'::regclass::oid::int AS oid")
    return int(row["oid"])


def rebuilding(site: Site) -> bool:
    """Whether a timeline is being made."""
    return bool(site.rows("contacts", "SELECT 1 FROM timeline_rebuild"))


def rebuild(site: Site) -> None:
    """The timeline was made anew and swapped in."""
    before = identity(site)
    site.crm("replay", "timeline")
    wait_for("the new timeline", lambda: identity(site) != before and not rebuilding(site), 60)


def test_a_timeline_made_from_the_archive_equals_the_one_in_use(site: Site) -> None:
    before = timeline(site)
    kinds = site.rows("contacts", "SELECT DISTINCT kind FROM timeline_item")
    assert {row["kind"] for row in kinds} == {"call", "task", "message", "deal_created", "deal_stage_changed"}
    events = site.counts()
    rebuild(site)
    assert timeline(site) == before
    site.settle()
    assert site.counts() == events


def test_what_does_not_belong_on_the_timeline_is_gone_and_what_was_spoilt_is_mended(site: Site) -> None:
    before = timeline(site)
    site.run(
        "contacts",
        "UPDATE timeline_item SET data = '{}', pii = NULL, owner_id = NULL WHERE kind = 'task'",
        "DELETE FROM timeline_item WHERE kind = 'call'",
        "DELETE FROM timeline_deal",
    )
    assert timeline(site) != before
    rebuild(site)
    assert timeline(site) == before


def test_names_of_indexes_and_constraints_survive_a_rebuild(site: Site) -> None:
    query = (
        "SELECT relname AS name FROM pg_class JOIN pg_index ON indexrelid = oid"
        " WHERE indrelid = ANY(ARRAY['timeline_item'::regclass, 'timeline_deal'::regclass])"
        " UNION SELECT conname FROM pg_constraint"
        " WHERE conrelid = ANY(ARRAY['timeline_item'::regclass, 'timeline_deal'::regclass]) ORDER BY 1"
    )
    before = site.rows("contacts", query)
    rebuild(site)
    assert site.rows("contacts", query) == before
    assert len(before) >= 7


def test_a_rebuild_goes_on_beside_traffic_and_through_a_kill(site: Site) -> None:
    old = identity(site)
    with traffic(site) as made:
        site.crm("replay", "timeline")
        wait_for("the rebuild beginning", lambda: rebuilding(site) or identity(site) != old)
        for name in ("reports", "contacts"):
            site.stack.kill(name)
        site.stack.wait_ready("reports", "contacts")
        wait_for("the new timeline", lambda: identity(site) != old and not rebuilding(site), 90)
        count = len(made)
        wait_for("more traffic", lambda: len(made) > count)
    site.settle()
    swapped_in = timeline(site)
    rebuild(site)
    assert timeline(site) == swapped_in
