"""The alerts and the dashboard of the deployment, read from their files."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
DASHBOARD = ROOT / "deploy/grafana/dashboards/voronka.json"


@cache
def alerts() -> dict[str, dict[str, Any]]:
    """Every alert by name."""
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


@cache
def panels() -> dict[str, dict[str, Any]]:
    """Every panel that shows something, by title."""
    board = json.loads(DASHBOARD.read_text())
    return {panel["title"]: panel for panel in board["panels"] if panel["type"] != "row"}


def expressions() -> dict[str, str]:
    """Every PromQL expression by where it stands."""
    of_alerts = {f"alert {name}": str(rule["expr"]) for name, rule in alerts().items()}
    of_panels = {
        f"panel {title} {target['refId']}": str(target["expr"])
        for title, panel in panels().items()
        for target in panel["targets"]
    }
    return of_alerts | of_panels
