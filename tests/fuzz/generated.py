"""Schemathesis over the gateway's document as one role: what was asked, what was answered, what was wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import schemathesis
import schemathesis.engine
from schemathesis.checks import CheckContext
from schemathesis.core.failures import Failure
from schemathesis.engine import events
from schemathesis.generation.case import Case
from schemathesis.generation.meta import TestPhase

from tests.fuzz.arena import ROLES, Arena

# Rules of the business a schema can not tell. A well-formed request may be refused with these codes and no others.
BUSINESS = frozenset(
    {
        # what exists, and what of it the caller may use
        "owner_not_allowed",
        "template_missing",
        "unknown_column",
        "unknown_company",
        "unknown_deal",
        "unknown_field",
        "unknown_grant",
        "unknown_phone",
        "unknown_pipeline",
        "unknown_product",
        "unknown_reference",
        "unknown_region",
        "unknown_role",
        "unknown_stage",
        "unknown_team",
        "unknown_user",
        "unknown_zone",
        "wrong_password",
        # what one field says about another
        "after_due",
        "before_from",
        "before_the_present_stage",
        "closed_before_open",
        "closed_stage",
        "duplicate",
        "empty_file",
        "impossible_result",
        "in_the_future",
        "loss_reason_needed",
        "loss_reason_only_when_lost",
        "loss_reason_unknown",
        "missing",
        "missing_variable",
        "named_twice",
        "no_address",
        "not_for_sms",
        "not_talked",
        "other_pipeline",
        "phone_or_number",
        "required",
        "same_password",
        "same_stage",
        "secret_required",
        "stage_left_out",
        "stage_twice",
        "template_or_text",
        "too_many_days",
        "too_much",
        # forms no pattern tells: cursors are ours, addresses and numbers the world's, a currency has its digits
        "bad_address",
        "bad_cursor",
        "blank",
        "greater_than_equal",  # of a day or a moment: JSON Schema has no bounds for them
        "idempotency_key_reused",
        "invalid_phone",
        "ip_any_network",
        "less_than",
        "less_than_equal",
        "no_number",
        "too_precise",
    }
)
# The stream never ends: tests/fuzz/test_live.py reads it. A dead session's token ends nothing else (see `_config`).
STREAM = "/api/v1/live"


@dataclass
class Tally:
    """What a run asked and found; `statuses` by operation."""

    requests: Counter[str] = field(default_factory=Counter)
    examples: Counter[str] = field(default_factory=Counter)
    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    breaches: dict[tuple[str, str, str], str] = field(default_factory=dict)


@schemathesis.check
def refused_only_by_a_rule(_: CheckContext, response: schemathesis.Response, case: Case[Any]) -> None:
    """A well-formed request is refused (400, 422) only for what the document can not say."""
    if response.status_code not in (400, 422) or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if any(value in (None, "None") for value in case.path_parameters.values()):
        return  # a link schemathesis guessed led from a null: this request was not well-formed
    problem = response.json()
    errors = problem.get("errors", [])
    guessed = case.meta.phase.name is TestPhase.STATEFUL or case.meta.pool_draws
    if guessed and any(error["field"] in case.path_parameters for error in errors):
        return  # and this one led from the id of something else
    codes = {error["code"] for error in errors} or {problem["code"]}
    if not codes <= BUSINESS:
        raise AssertionError(f"well-formed, refused for {sorted(codes - BUSINESS)}")


@schemathesis.check
def refusal_is_a_problem(_: CheckContext, response: schemathesis.Response, case: Case[Any]) -> None:
    """Every refusal is problem+json with a code and the correlation id of its header."""
    if response.status_code < 400:
        return
    problem = response.json()
    assert response.headers["content-type"] == ["application/problem+json"], response.headers["content-type"]
    assert (problem["status"], problem["code"]) == (response.status_code, problem["code"].lower())
    # Without the header there was no request yet: the web server itself refused to read one.
    assert [problem.get("correlation_id")] == response.headers.get("x-correlation-id", [None])


_kept: set[str] = set()


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: Case[Any], __: dict[str, Any]) -> None:
    """The users and roles the fuzz signs in with are read but not changed: it would lock itself out."""
    if case.method == "GET":
        return
    for name, value in case.path_parameters.items():
        if str(value) in _kept:
            case.path_parameters[name] = "nobody_has_it" if name == "name" else str(uuid4())


def run(
    arena: Arena, document: dict[str, Any], role: str, *, examples: int, seed: int | None, boundaries: set[str] | None
) -> Tally:
    """Everything the document offers, tried as this role with `examples` generated requests an operation.

    `boundaries` names the operations of which every value at a limit of its schema, every missing parameter and every
    undeclared method is tried as well; None is all of them.
    """
    _kept.update(ROLES, (arena.client(role).id for role in ROLES))
    schema = schemathesis.openapi.from_dict(
        document, config=_config(arena, role, examples, seed, _others(document, boundaries))
    )
    tally = Tally()
    for event in schemathesis.engine.from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _count(tally, event)
        elif isinstance(event, events.NonFatalError):
            tally.breaches[("engine", event.label, type(event.value).__name__)] = str(event.value)
        elif isinstance(event, events.FatalError):
            raise event.exception
    return tally


def _others(document: dict[str, Any], wanted: set[str] | None) -> list[str]:
    names = [f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item]
    return [] if wanted is None else [name for name in names if name not in wanted]


def _config(
    arena: Arena, role: str, examples: int, seed: int | None, without_boundaries: list[str]
) -> schemathesis.Config:
    token, throwaway = arena.token(role), arena.token(role)
    return schemathesis.Config.from_dict(
        {
            **({} if seed is None else {"seed": seed}),
            "base-url": arena.url,
            "workers": 1,  # CPython 3.11 mixes up the recursion of two threads that compile (gh-106905)
            "continue-on-failure": True,
            "request-timeout": 30,
            "headers": {"Authorization": f"Bearer {token}"},
            "generation": {
                "max-examples": examples,
                "deterministic": seed is not None,
                "database": "none",
                "no-shrink": True,
                # The one security parameter is the token above; a made-up cookie beside it would only be ignored.
                "with-security-parameters": False,
            },
            "checks": {
                # Our own `refused_only_by_a_rule` looks at the code; this one sees the status alone.
                "positive_data_acceptance": {
                    "expected-statuses": ["2xx", "400", "401", "403", "404", "409", "422", "429"]
                },
                # 413, 414: a part so wrong that it is too large to be looked at.
                "negative_data_rejection": {
                    "expected-statuses": [
                        "400",
                        "401",
                        "403",
                        "404",
                        "405",
                        "409",
                        "413",
                        "414",
                        "415",
                        "422",
                        "428",
                        "429",
                    ]
                },
                # RFC 6585: a change without If-Match is 428.
                "missing_required_header": {"expected-statuses": ["401", "403", "428"]},
                # 503 is a part that is away, never a fault of the request; 504 and 500 are.
                "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "503"]},
            },
            "operations": [
                {"include-path": STREAM, "enabled": False},
                *({"include-name": name, "phases": {"coverage": {"enabled": False}}} for name in without_boundaries),
                # Signing out ends a session of its own, not that of all other requests.
                {
                    "include-path": "/api/v1/sessions/current",
                    "include-method": "DELETE",
                    "headers": {"Authorization": f"Bearer {throwaway}"},
                },
            ],
        }
    )


def _count(tally: Tally, event: events.ScenarioFinished) -> None:
    recorder = event.recorder
    for case_id, interaction in recorder.interactions.items():
        operation = recorder.cases[case_id].value.operation.label
        tally.requests[operation] += 1
        if event.phase.value == "fuzzing" and recorder.cases[case_id].parent_id is None:
            tally.examples[operation] += 1
        tally.statuses[operation][interaction.response.status_code if interaction.response else 0] += 1
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                key = (check.name, failure.operation or "", _kind(failure))
                interaction = recorder.interactions[case_id]
                body = interaction.response.content[:500] if interaction.response else b""
                tally.breaches.setdefault(key, f"{failure.message}\n    {check.failure_info.code_sample}\n    {body!r}")


def _kind(failure: Failure) -> str:
    return failure.message.splitlines()[-1][:120] if failure.message else failure.title


def as_lines(breaches: dict[tuple[str, str, str], str], at_most: int = 40) -> Iterator[str]:
    """The breaches for a person, the first few of them whole."""
    yield f"{len(breaches)} breaches"
    for number, ((check, operation, kind), told) in enumerate(sorted(breaches.items())):
        yield f"- {check}: {operation}: {kind}" + (f"\n    {told}" if number < at_most else "")


def table(role: str, tally: Tally) -> Iterator[str]:
    """One line an operation: generated examples, requests of all phases, statuses seen; and the totals."""
    for operation, requests in sorted(tally.requests.items()):
        seen = " ".join(f"{status}×{count}" for status, count in sorted(tally.statuses[operation].items()))
        yield f"{role:12} {operation:58} {tally.examples[operation]:4} examples {requests:5} requests  {seen}"
    yield (
        f"{role:12} {len(tally.requests)} operations, {sum(tally.examples.values())} examples, "
        f"{sum(tally.requests.values())} requests, {len(tally.breaches)} breaches"
    )
