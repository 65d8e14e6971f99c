"""Every metric, label and value the alerts and the dashboard ask for is shown by a running program."""

from collections.abc import Mapping

import httpx
import pytest
from crm_runner.demo.client import wait_for
from crm_runner.demo.company import LINE_SALES
from crm_runner.stack import Stack
from prometheus_client.parser import text_string_to_metric_families

from .deployed import expressions
from .promql import Matcher, read

# Put on by Prometheus itself, from its configuration.
ADDED = {"job", "service", "instance"}
OF_PROMETHEUS = {"up", "ALERTS"}
# Shown only once it has happened: an answer has no status before it was given.
AFTER_FAILURE = {("crm_http_request_seconds_count", Matcher("status", "=~", "5.."))}

Series = dict[str, list[Mapping[str, str]]]


def scrape(stack: Stack) -> Series:
    """The labels of every series any program shows, by the name PromQL knows it by."""
    found: Series = {}
    for url in stack.metrics_urls.values():
        for family in text_string_to_metric_families(httpx.get(url, timeout=10).raise_for_status().text):
            for sample in family.samples:
                found.setdefault(sample.name, []).append(sample.labels)
    return found


def missing(series: Series) -> list[str]:
    """What is asked for and not shown, in words."""
    wrong = []
    for place, expression in expressions().items():
        query = read(expression)
        labels: set[str] = set()
        for selector in query.selectors:
            if selector.metric in OF_PROMETHEUS:
                labels |= query.grouped_by
                continue
            shown = series.get(selector.metric, [])
            if not shown:
                wrong.append(f"{place}: nobody shows {selector.metric}")
            names = {name for each in shown for name in each} | ADDED
            labels |= names
            for matcher in selector.matchers:
                if matcher.label not in names:
                    wrong.append(f"{place}: {selector.metric} has no label {matcher.label}")
                    continue
                if matcher.label in ADDED or (selector.metric, matcher) in AFTER_FAILURE:
                    continue
                if not any(matcher.admits(each.get(matcher.label, "")) for each in shown):
                    wrong.append(f"{place}: no {selector.metric} is as {matcher} wants")
        wrong += [f"{place}: nothing has the label {label}" for label in query.grouped_by - labels]
    return wrong


@pytest.fixture(scope="module")
def busy(town: "Town") -> Stack:  # type: ignore[name-defined]  # noqa: F821  # the fixture's own type
    """A stack through which a call has gone."""
    caller = "+38640311200"
    town.pbx.ring(caller, LINE_SALES, ["101"], "ring-no-answer", ring_s=0.5)
    head = town.company.client("Marko")
    wait_for("the card of the caller", lambda: head.get("/api/v1/people", phone=caller)["items"])
    stack: Stack = town.stack
    return stack


def test_every_metric_and_label_that_is_asked_for_is_shown(busy: Stack) -> None:
    # Most are measured every five seconds, the gaps of the archive at the start.
    wait_for("every metric", lambda: not missing(scrape(busy)))


def test_an_alert_on_a_metric_nobody_shows_would_be_seen(busy: Stack) -> None:
    series = scrape(busy)
    del series["crm_outbox_lag_seconds"]
    series["crm_consumer_lag_seconds"] = [{"reader": "x"}]
    complaints = missing(series)
    assert "alert OutboxLate: nobody shows crm_outbox_lag_seconds" in complaints
    assert "alert ReaderLate: crm_consumer_lag_seconds has no label queue" in complaints


def test_the_gateway_shows_its_metrics_on_no_other_port(busy: Stack) -> None:
    assert httpx.get(f"{busy.gateway_url}/metrics").status_code == 404
    assert "crm_live_streams" in httpx.get(busy.metrics_urls["gateway"]).text
