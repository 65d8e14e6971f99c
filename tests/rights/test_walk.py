"""Every route at every door: what is not yours is not there, and trying leaves nothing behind."""

from tests.rights.routes import all_routes, published
from tests.rights.rules import INNER_ONLY, RULES
from tests.rights.scene import Scene
from tests.rights.traces import find_traces
from tests.rights.walk import Walk


def test_every_route_has_a_rule_and_every_rule_a_route() -> None:
    routes = {str(route) for route in all_routes()}
    assert sorted(routes - set(RULES)) == [], "routes without a rule in tests/rights/rules.py"
    assert sorted(set(RULES) - routes) == [], "rules for routes that are no more"


def test_the_gateway_publishes_the_routes_there_are(scene: Scene) -> None:
    document = scene.cast.owner.ask("gateway", "GET", "/api/v1/openapi.json").json()
    there = {
        (route.method, route.path)
        for route in all_routes()
        if route.documented and route.path.startswith("/") and _is_published(route.service, route.path)
    }
    assert published(document) == there


def _is_published(service: str, path: str) -> bool:
    return service == "gateway" or (path.startswith("/api/v1/") and path.split("/")[3] not in INNER_ONLY)


def test_everybody_gets_from_every_route_what_the_table_says(scene: Scene) -> None:
    document = scene.cast.owner.ask("gateway", "GET", "/api/v1/openapi.json").json()
    walk = Walk(scene.cast, scene.estate, published(document))
    routes = all_routes()
    for route in routes:
        walk.visit(route)
    print(f"rights: {walk.walked} of {len(routes)} routes walked")
    assert not walk.wrong, "\n".join(walk.wrong)
    traces = find_traces(scene, walk)
    assert not traces, "\n".join(traces)
