"""Alerts, dashboard and their provisioning, read as the tools would read them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from .deployed import ALERTS, DASHBOARD, ROOT, alerts, expressions, panels
from .promql import Matcher, Selector, read

PROMTOOL = shutil.which("promtool")


def test_the_reader_of_promql_finds_metrics_labels_and_values() -> None:
    query = read('sum by (service) (rate(a_total{x="1",y=~"b|c"}[5m])) / on (service) max(d) > 0.5 and e == 1')
    wanted = (Matcher("x", "=", "1"), Matcher("y", "=~", "b|c"))
    assert query.selectors == (Selector("a_total", wanted), Selector("d", ()), Selector("e", ()))
    assert query.grouped_by == {"service"}
    assert Matcher("x", "!~", "a.*").admits("b") and not Matcher("x", "!~", "a.*").admits("ab")


@pytest.mark.parametrize("place", expressions())
def test_every_expression_asks_for_something(place: str) -> None:
    assert read(expressions()[place]).selectors


def test_each_alert_says_how_urgent_it_is_and_what_it_saw() -> None:
    for name, rule in alerts().items():
        assert rule["labels"]["severity"] in ("page", "ticket"), name
        used = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        assert used <= read(rule["expr"]).grouped_by | {"service"}, f"{name} tells of a label it does not keep"


def test_each_alert_has_its_line_in_the_runbook() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)
    assert [name for name, _, _ in rows] == list(alerts())
    assert all(len(meaning) > 20 and len(remedy) > 20 for _, meaning, remedy in rows)


def test_the_dashboard_answers_the_three_questions_in_order() -> None:
    board = json.loads(DASHBOARD.read_text())
    rows = [panel["title"] for panel in board["panels"] if panel["type"] == "row"]
    assert rows[:3] == ["Is it healthy", "What is late", "What is lost"]
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells


def test_what_an_alert_asks_for_is_on_the_dashboard() -> None:
    shown = {each.metric for panel in panels().values() for t in panel["targets"] for each in read(t["expr"]).selectors}
    for name, rule in alerts().items():
        for selector in read(rule["expr"]).selectors:
            assert selector.metric in shown, f"{name}: {selector.metric} is on no panel"


def test_every_part_finds_the_other() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    prometheus = yaml.safe_load((ALERTS.parent / "prometheus.yml").read_text())
    source = yaml.safe_load((ROOT / "deploy/grafana/provisioning/datasources/prometheus.yml").read_text())
    boards = yaml.safe_load((ROOT / "deploy/grafana/provisioning/dashboards/files.yml").read_text())
    mounts = dict(volume.split(":")[:2] for each in ("prometheus", "grafana") for volume in compose[each]["volumes"])
    assert mounts["./deploy/prometheus"] == "/etc/prometheus"
    assert prometheus["rule_files"] == ["/etc/prometheus/alerts.yml"]
    assert boards["providers"][0]["options"]["path"] == mounts["./deploy/grafana/dashboards"]
    assert source["datasources"][0]["url"] == "http://prometheus:9090"
    uid = source["datasources"][0]["uid"]
    for title, panel in panels().items():
        for target in panel["targets"]:
            assert target["datasource"] == panel["datasource"] == {"type": "prometheus", "uid": uid}, title
    (job,) = prometheus["scrape_configs"]
    targets = {each["labels"]["service"]: each["targets"] for each in job["static_configs"]}
    programs = {name for name, each in compose.items() if "build" in each and name != "provision"}
    assert set(targets) == programs
    port = compose["gateway"]["environment"]["CRM_METRICS_PORT"]
    assert targets["gateway"] == [f"gateway:{port}"]
    assert not any(str(port) in published for published in compose["gateway"]["ports"])
    assert all(targets[name] == [f"{name}:8080"] for name in programs - {"gateway"})


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
@pytest.mark.parametrize(
    "command", [["check", "rules", str(ALERTS)], ["test", "rules", str(Path(__file__).parent / "alerts_test.yml")]]
)
def test_prometheus_accepts_the_rules_and_they_fire_as_meant(command: list[str]) -> None:
    done = subprocess.run([str(PROMTOOL), *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
