"""The chassis runs any service: a word of this trade in it means that something sits in the wrong place."""

from .sources import PACKAGES, ROOT, python_files, words

CHASSIS = ROOT / "libs/chassis/crm_chassis"

NOUNS = {
    *("person", "people", "company", "companies", "contact", "contacts", "customer", "customers"),
    *("deal", "deals", "pipeline", "pipelines", "stage", "stages", "product", "products", "board", "boards"),
    *("call", "calls", "phone", "phones", "pbx", "recording", "recordings", "telephony", "voicemail"),
    *("task", "tasks", "lead", "leads", "salesperson", "notice", "notices", "notifications", "campaign"),
    *("invoice", "invoices", "quote", "quotes", "bonus", "funnel", "timeline", "lost"),
}
# Not nouns of the trade here: what the bus carries is a message, and rights are about users and teams.

ALLOWED: dict[str, str] = {
    "create_task": "asyncio starts a coroutine",
    "Task": "asyncio's type",
    "task": "a running coroutine",
    "_tasks": "running coroutines",
    "current_task": "asyncio: the coroutine that runs now",
    "TaskGroup": "asyncio's type",
    "call_next": "the middleware's next step (Starlette, FastStream)",
    "__call__": "Python's own protocol",
    "call_soon_threadsafe": "asyncio's loop",
    "call_later": "asyncio's loop",
    "connection_lost": "asyncio's protocol",
    "_start_asgi_task": "uvicorn's protocol",
    "lead_id": "who leads a team of staff, not somebody who may buy",
    "phone": "a kind of text, as a number or a date is one: the reader of files tells a column of them",
    "company_zone": "the one company whose installation this is, and its working hours",
}


ALLOWED_FOR_TESTS: dict[str, str] = {
    "salesperson": "a built-in role, by whose eyes policies are tested",
    "team_lead": "the same",
}


def test_the_chassis_holds_no_word_of_the_trade() -> None:
    found = []
    for file in python_files(CHASSIS):
        allowed = {**ALLOWED, **ALLOWED_FOR_TESTS} if "testing" in file.parts else ALLOWED
        found += [str(word) for word in words(file, allowed) if word.word in NOUNS]
    assert found == []


def test_no_program_is_named_in_the_chassis() -> None:
    """A chassis that asks whom it serves has a branch in the wrong place."""
    names = {package.name for package in PACKAGES} - {"crm_chassis", "crm_contracts"}
    found = [word for file in python_files(CHASSIS) for word in words(file) if word.within in names]
    assert [str(word) for word in found] == []
