"""What a template may be, and the text it becomes: a small, total language inside Jinja's syntax.

Pure: sources and values in, text out. Must never know where templates are kept or who reads them.

The limits hold by construction, not by a clock. A template may hold text, `{{ variable }}` with a few filters, and
`{% if %}`; every other node of Jinja's grammar is refused before anything is compiled. So there is no loop (`for`,
`range` and recursion by macro do not exist: "no loops over 1,000" is "no loops"), no attribute or item access, no
call, no arithmetic (`"a" * 10**9` can not be said), no `set`, `include` or `import`, and no name outside VARIABLES,
Jinja's own globals included. Rendering therefore visits each node at most once: its time and size are bounded by the
source's length and MAX_EXPRESSIONS × MAX_VALUE. Jinja's immutable sandbox with StrictUndefined stays below as the
second wall, with its globals, filters and tests emptied to the same lists.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from jinja2 import StrictUndefined, Template, nodes
from jinja2.exceptions import TemplateError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

Channel = Literal["email", "sms"]
Field = Literal["subject", "text", "html"]

VARIABLES: Final = frozenset(
    {
        "person_name",
        "company_name",
        "owner_name",
        "deal_title",
        "amount",
        "currency",
        "stage_name",
        "task_title",
        "due_at",
        "phone",
    }
)
FILTERS: Final = frozenset({"capitalize", "default", "lower", "trim", "upper"})
TESTS: Final = frozenset({"defined", "undefined"})
COMPARISONS: Final = frozenset({"eq", "ne"})

MAX_SOURCE: Final[Mapping[Field, int]] = {"subject": 200, "text": 20_000, "html": 100_000}
MAX_RENDERED: Final[Mapping[Field, int]] = {"subject": 400, "text": 20_000, "html": 400_000}
MAX_SMS_TEXT: Final = 1_530
MAX_VALUE: Final = 1_000
MAX_EXPRESSIONS: Final = 200
MAX_DEPTH: Final = 16
MAX_NUMBER: Final = 10**15

_EXPRESSIONS = (nodes.Name, nodes.Const, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand)
_LOGIC = (nodes.Not, nodes.And, nodes.Or)
_STATEMENTS = (nodes.Output, nodes.TemplateData, nodes.If)


class TemplateRefused(ValueError):
    """A template or a value that will not be used; `code` is stable, `field` is the part it concerns."""

    def __init__(self, field: Field, code: str, message: str) -> None:
        super().__init__(message)
        self.field, self.code, self.message = field, code, message


@dataclass(frozen=True, slots=True)
class Wording:
    """The three parts of a message: as sources in a template, or as rendered. SMS has a text only."""

    subject: str | None
    text: str
    html: str | None


def _environment(*, html: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=html, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    environment.tests = {name: environment.tests[name] for name in TESTS}
    return environment


_ENVIRONMENTS = {False: _environment(html=False), True: _environment(html=True)}


def _refuse_node(field: Field, node: nodes.Node) -> None:
    """Raise TemplateRefused unless the node belongs to the small language."""
    match node:
        case nodes.Name(name=name, ctx="load") if name not in VARIABLES:
            raise TemplateRefused(field, "unknown_variable", f"There is no variable {name!r}")
        case nodes.Filter(name=name) if name not in FILTERS:
            raise TemplateRefused(field, "not_allowed", f"The filter {name!r} is not allowed")
        case nodes.Filter(node=None):
            raise TemplateRefused(field, "not_allowed", "Filter blocks are not allowed")
        case nodes.Test(name=name) if name not in TESTS:
            raise TemplateRefused(field, "not_allowed", f"The test {name!r} is not allowed")
        case nodes.Operand(op=op) if op not in COMPARISONS:
            raise TemplateRefused(field, "not_allowed", "Values can be compared by == and != only")
        case nodes.Const(value=int(value)) if abs(value) >= MAX_NUMBER:
            raise TemplateRefused(field, "not_allowed", "The number is too large")
        case nodes.Name(ctx="load"):
            return
    if not isinstance(node, (*_EXPRESSIONS, *_LOGIC, *_STATEMENTS)) or isinstance(node, nodes.Name):
        raise TemplateRefused(
            field, "not_allowed", f"{type(node).__name__} is not allowed: text, variables, filters and if only"
        )


def variables_of(field: Field, source: str) -> frozenset[str]:
    """The variables a source uses; TemplateRefused when it is too large, broken or says more than it may."""
    if len(source) > MAX_SOURCE[field]:
        raise TemplateRefused(field, "too_long", f"At most {MAX_SOURCE[field]} characters")
    if field == "subject" and has_line_break(source):
        raise TemplateRefused(field, "line_break", "A subject is one line")
    try:
        tree = _ENVIRONMENTS[field == "html"].parse(source)
    except RecursionError:
        raise TemplateRefused(field, "too_complex", "It is nested too deep") from None
    except TemplateError as error:
        raise TemplateRefused(field, "syntax", error.message or "It can not be read") from None
    except ValueError:  # a number of more digits than Python reads
        raise TemplateRefused(field, "syntax", "It can not be read") from None
    names: set[str] = set()
    expressions = 0
    waiting: list[tuple[nodes.Node, int]] = [(child, 1) for child in tree.iter_child_nodes()]
    while waiting:
        node, depth = waiting.pop()
        _refuse_node(field, node)
        if isinstance(node, nodes.Name):
            names.add(node.name)
        expressions += isinstance(node, (*_EXPRESSIONS, *_LOGIC))
        if depth > MAX_DEPTH or expressions > MAX_EXPRESSIONS:
            raise TemplateRefused(field, "too_complex", "It is nested too deep or has too many variables")
        waiting.extend((child, depth + 1) for child in node.iter_child_nodes())
    return frozenset(names)


@lru_cache(maxsize=256)
def _compiled(field: Field, source: str) -> Template:
    variables_of(field, source)
    return _ENVIRONMENTS[field == "html"].from_string(source)


def has_line_break(value: str) -> bool:
    """Whether a header made of `value` could be read as two: CR, LF, any other control or line separator."""
    return any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in value)


def _render(field: Field, source: str, values: Mapping[str, str]) -> str:
    try:
        rendered = _compiled(field, source).render(values)
    except UndefinedError as error:
        raise TemplateRefused(field, "missing_variable", error.message or "A variable is missing") from None
    except (TypeError, ValueError) as error:  # a filter given arguments it does not take
        if isinstance(error, TemplateRefused):
            raise
        raise TemplateRefused(field, "syntax", str(error)) from None
    if len(rendered) > MAX_RENDERED[field]:
        raise TemplateRefused(field, "too_long", f"It becomes longer than {MAX_RENDERED[field]} characters")
    return rendered


def check(channel: Channel, wording: Wording) -> frozenset[str]:
    """All variables a template uses; TemplateRefused unless it fits its channel and the small language."""
    if not wording.text.strip():
        raise TemplateRefused("text", "missing", "The text part is always needed")
    if channel == "sms":
        for field, value in (("subject", wording.subject), ("html", wording.html)):
            if value is not None:
                raise TemplateRefused(
                    "subject" if field == "subject" else "html", "not_for_sms", "An SMS has a text only"
                )
        return variables_of("text", wording.text)
    if not (wording.subject or "").strip():
        raise TemplateRefused("subject", "missing", "An e-mail needs a subject")
    names = variables_of("text", wording.text) | variables_of("subject", wording.subject or "")
    return names | variables_of("html", wording.html) if wording.html is not None else names


def render(channel: Channel, wording: Wording, values: Mapping[str, str]) -> Wording:
    """The template filled with `values`; values it does not use are ignored.

    TemplateRefused when a used variable is missing, a value is over MAX_VALUE characters, a line break would get
    into the subject, or a part becomes too long. Values are escaped in html and never read as template text.
    """
    used = check(channel, wording)
    known = {name: value for name, value in values.items() if name in used}
    for name, value in known.items():
        if len(value) > MAX_VALUE:
            raise TemplateRefused("text", "value_too_long", f"{name}: at most {MAX_VALUE} characters")
    text = _render("text", wording.text, known)
    if channel == "sms":
        check_plain("sms", None, text)
        return Wording(None, text, None)
    subject = _render("subject", wording.subject or "", known)
    check_plain("email", subject, text)
    html = None if wording.html is None else _render("html", wording.html, known)
    return Wording(subject, text, html)


def check_plain(channel: Channel, subject: str | None, text: str) -> None:
    """Refuse ready words that can not be sent: an empty text, an endless SMS, a missing or multi-line subject."""
    if not text.strip():
        raise TemplateRefused("text", "missing", "The text part is always needed")
    if channel == "sms":
        if subject is not None:
            raise TemplateRefused("subject", "not_for_sms", "An SMS has a text only")
        if len(text) > MAX_SMS_TEXT:
            raise TemplateRefused("text", "too_long", f"An SMS has at most {MAX_SMS_TEXT} characters")
    elif subject is None or not subject.strip():
        raise TemplateRefused("subject", "missing", "An e-mail needs a subject")
    elif has_line_break(subject):
        raise TemplateRefused("subject", "line_break", "A subject is one line")


def locale_order(person: str | None, company: str) -> tuple[str, ...]:
    """The locales to try, best first: the person's, its bare language, the company's likewise, English."""
    wanted = [locale for locale in (person, company) if locale]
    order = [form for locale in wanted for form in (locale, locale.partition("-")[0])]
    return tuple(dict.fromkeys([*order, "en"]))
