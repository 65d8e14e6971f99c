"""What the bus lost on its way to the archive comes back from the producers, and nobody else notices."""

from typing import Any

from crm_contracts.archive import PRODUCERS
from crm_runner.demo.client import wait_for

from .site import Site

FACTS = ("stage_entry", "deal_version", "call_version", "pipeline_version", "membership")


def figures(site: Site) -> Any:
    """What the projections say, whenever it became known."""
    return {table: site.dump("reports", table, "event_id", "generation", "archived_at") for table in FACTS}


def archive(site: Site) -> Any:
    """What is archived, whenever it was."""
    return (
        site.dump("reports", "event_archive", "id", "position", "archived_at"),
        site.dump("reports", "event_pii", "event_id"),
    )


def test_events_the_archive_lacks_are_sent_to_it_again_and_to_nobody_else(site: Site) -> None:
    before, told, everything = figures(site), archive(site), site.counts()
    by_producer: dict[str, list[str]] = {}
    for event in site.archived():
        by_producer.setdefault(event["type"].partition(".")[0], []).append(event["id"])
    assert by_producer.keys() == set(PRODUCERS)
    lost = [id for ids in by_producer.values() for id in ids[::3]]
    heard = {queue: _consumed(site, queue) for queue in ("contacts.timeline", "deals.cards", "deals.calls")}
    ids = ", ".join(f"'{id}'" for id in lost)
    site.run(
        "reports",
        f"DELETE FROM event_archive WHERE id IN ({ids})",  # noqa: S608
        f"DELETE FROM event_pii WHERE event_id IN ({ids})",  # noqa: S608
        *(f"DELETE FROM {table} WHERE event_id IN ({ids})" for table in FACTS),  # noqa: S608
    )
    assert figures(site) != before

    site.crm("compare-archive")
    wait_for("the archive being whole again", lambda: len(site.archived()) == len(told[0]))
    site.settle()

    assert archive(site) == told
    assert figures(site) == before
    assert site.counts() == everything
    assert {queue: _consumed(site, queue) for queue in heard} == heard
    sent_again = {
        producer: site.rows(producer, "SELECT count(*) AS n FROM outbox_sent WHERE queue = 'reports.archive'")[0]["n"]
        for producer in PRODUCERS
    }
    assert sum(sent_again.values()) == len(lost)
    assert all(sent_again.values())
    for producer in set(PRODUCERS) - {"gateway"}:
        assert site.metric(producer, "crm_archive_missing_total") == sent_again[producer]
        assert site.metric(producer, "crm_archive_resent_total") == sent_again[producer]
        assert site.metric(producer, "crm_archive_compared_total") >= sent_again[producer]


def test_a_whole_archive_is_compared_without_sending_anything(site: Site) -> None:
    sent = {producer: _sent_to_archive(site, producer) for producer in PRODUCERS}
    asked = {p: site.metric(p, "crm_archive_compared_total") for p in PRODUCERS if p != "gateway"}
    site.crm("compare-archive")
    for producer, count in asked.items():
        wait_for(f"{producer} asking", lambda p=producer, n=count: site.metric(p, "crm_archive_compared_total") > n)  # type: ignore[misc]
    site.settle()
    assert {producer: _sent_to_archive(site, producer) for producer in PRODUCERS} == sent


def _sent_to_archive(site: Site, producer: str) -> int:
    (row,) = site.rows(producer, "SELECT count(*) AS n FROM outbox_sent WHERE queue = 'reports.archive'")
    return int(row["n"])


def _consumed(site: Site, queue: str) -> float:
    return site.metric(queue.partition(".")[0], "crm_consumed_total", queue=queue)
