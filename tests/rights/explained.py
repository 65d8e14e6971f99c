"""Places whose question changes no answer, and why. Each reason is an argument, not a wish."""

_TWICE = "asked again behind it: by the gateway's own letters or by the service whose letters they are"
_LETTERS = "gateway/crm_gateway/dead_letters/api.py"
_READ, _UPDATE = ('require(caller, own.NOUN, "read")', 'require(caller, own.NOUN, "update")')

EQUIVALENT: dict[str, str] = {
    f"{_LETTERS}::list_letters::{_READ}::1": _TWICE,
    f"{_LETTERS}::show_letter::{_READ}::1": _TWICE,
    f"{_LETTERS}::redrive_all::{_UPDATE}::1": _TWICE,
    f"{_LETTERS}::redrive_one::{_UPDATE}::1": _TWICE,
    f"{_LETTERS}::discard::{_UPDATE}::1": _TWICE,
    "services/notifications/crm_notifications/receipts/api.py::take_receipt::caller.is_system::1": (
        "no token in the path fits as long as no SMS gateway is set up; where one is, its token and signature are "
        "asked for next, so a colleague with an internal token gets no further than the gateway itself"
    ),
    'services/reports/crm_reports/kept.py::_seen_by::caller.scope("report", "read")::1': (
        "says whose kept sums are the same ones; without it each caller has their own, which the statement narrows"
    ),
}
