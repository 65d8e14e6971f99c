"""Which news a fold is: rang, answered, ended, missed, or none. Pure.

Owns the rule "say it only on a change of state". Must never know how the change came about.
"""

from typing import Any

from crm_contracts.telephony import (
    CALL_ANSWERED,
    CALL_ENDED,
    CALL_MISSED,
    CALL_RANG,
    MISSED_RESULTS,
    CallState,
)

_NO_NEWS = {"version", "changed", "person_hint_id", "outcome", "outcome_by", "outcome_at", "recording"}
_IDENTITY = ("direction", "line", "hidden", "pii")
_SPEAKERS = ("answered_by", "responsible_user_id")


def public(state: CallState | None) -> dict[str, Any]:
    """The facts of a call that are news when they change; empty for no call."""
    return {} if state is None else state.model_dump(exclude=_NO_NEWS)


def changed(before: CallState | None, after: CallState) -> list[str]:
    """Names of the facts that differ."""
    was, is_now = public(before), public(after)
    return sorted(name for name, value in is_now.items() if name not in was or was[name] != value)


def announce(before: CallState | None, after: CallState, *, rang_before: bool, rings: bool) -> str | None:
    """The event to send, None when there is no news. `rings`: a person's phone rang, `rang_before`: already then.

    Ended calls are told once and again, as `ended` or `missed`, whenever a late event corrects a fact. An inbound
    call rings once a phone does (in a menu or queue it rings nobody yet), known user or not, and again for new users.
    """
    if after.phase == "requested":
        return None
    differs = set(changed(before, after))
    if after.phase == "ended":
        if not differs:
            return None
        return CALL_MISSED if after.result in MISSED_RESULTS else CALL_ENDED
    fresh = bool(set(after.ringing_user_ids) - set(before.ringing_user_ids if before else ()))
    corrected = bool(differs & set(_IDENTITY))
    if after.phase == "talking":
        if "phase" in differs or corrected or differs & set(_SPEAKERS):
            return CALL_ANSWERED
        return CALL_RANG if fresh else None
    if after.direction == "in":
        return CALL_RANG if fresh or (rings and (corrected or not rang_before)) else None
    told_before = before is not None and before.phase == "ringing"
    return CALL_RANG if fresh or corrected or not told_before else None
