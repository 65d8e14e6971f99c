"""How a call's row is told to other services."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_chassis.context import current
from crm_contracts.telephony import CallPii, CallRecording, CallState

from crm_telephony.calls.repository import Row


def state_of(row: Row, changed: Sequence[str] = ()) -> CallState:
    """A call's row as the contract tells it."""
    return state_from(dict(row._mapping), row).model_copy(update={"changed": list(changed)})


def state_from(values: dict[str, Any], row: Row | None) -> CallState:
    """The state with these values over those of the row, if there is one."""
    known = (dict(row._mapping) if row is not None else _NEW) | values
    known.setdefault("correlation_id", current().correlation_id)
    return CallState(
        **{name: known[name] for name in _STATE_FIELDS},
        recording=recording_of(known),
        vendor_call_id=known["vendor_call_id"] or "",
        pii=CallPii(phone=known["phone_e164"], phone_raw=known["phone_raw"], outcome_note=known["outcome_note"]),
    )


def recording_of(known: Mapping[Any, Any]) -> CallRecording | None:
    """How the recording of a call's columns stands; None when nothing was heard of one."""
    if known["recording_state"] is None:
        return None
    return CallRecording(
        state=known["recording_state"], duration_s=known["recording_duration_s"], reason=known["recording_reason"]
    )


_NO_OUTCOME = {"outcome": None, "outcome_note": "", "outcome_by": None, "outcome_at": None}
_NEW: dict[str, Any] = {"command_id": None, "origin": "pbx", "recording_state": None} | _NO_OUTCOME
_APART = ("pii", "changed", "vendor_call_id", "recording")
_STATE_FIELDS = tuple(name for name in CallState.model_fields if name not in _APART)
