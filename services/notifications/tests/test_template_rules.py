"""A template can greet a customer and nothing else."""

import time

import pytest
from crm_notifications.templates import rules
from crm_notifications.templates.rules import TemplateRefused, Wording
from hypothesis import given
from hypothesis import strategies as st

VALUES = {"person_name": "Ана <b>Ковач</b>", "company_name": "Okna d.o.o.", "deal_title": "Windows"}

PROBES = [
    "{{7*7}}",
    "{{ 'a' * 1000000000 }}",
    "{{ 2**99999999 }}",
    "{{ person_name.__class__ }}",
    "{{ person_name['__class__'] }}",
    "{{ person_name|attr('__class__') }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ config }}",
    "{{ self }}",
    "{{ self._TemplateReference__context }}",
    "{{ request.application.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__ }}",
    "{{ joiner }}",
    "{{ namespace() }}",
    "{{ dict(a=1) }}",
    "{{ range(10) }}",
    "{{ person_name() }}",
    "{{ person_name.upper() }}",
    "{{ '%s'|format(person_name) }}",
    "{{ person_name|center(1000000000) }}",
    "{{ person_name|safe }}",
    "{{ person_name|map('upper') }}",
    "{{ [1, 2, 3] }}",
    "{{ {'a': 1} }}",
    "{{ person_name ~ person_name }}",
    "{{ person_name if person_name else company_name }}",
    "{{ -1 }}",
    "{{ " + "9" * 5_000 + " }}",
    "{{ " + "9" * 16 + " }}",
    "{{ 0x" + "f" * 150 + " }}",
    "{% for x in range(100000000) %}{{ x }}{% endfor %}",
    "{% for x in person_name %}{{ x }}{% endfor %}",
    "{% set x = 1 %}",
    "{% set person_name = company_name %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% include 'etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends 'x' %}",
    "{% block x %}{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{% call person_name() %}{% endcall %}",
    "{% with a = 1 %}{% endwith %}",
    "{% autoescape false %}{{ person_name }}{% endautoescape %}",
    "{% if person_name is mapping %}x{% endif %}",
    "{% if person_name > 1 %}x{% endif %}",
    "{% if 'a' in person_name %}x{% endif %}",
    "{% if loop %}x{% endif %}",
    "{% do 1 %}",
    "{{ unknown }}",
    "{{ person_name",
    "{% if person_name %}",
    "(" * 10 + "{{ " + "(" * 5000 + "person_name" + ")" * 5000 + " }}",
    "{% if " + " or ".join(["person_name"] * 150) + " %}x{% endif %}",
    "{{ person_name }}" * 201,
    "{% if person_name %}" * 40 + "x" + "{% endif %}" * 40,
]


@pytest.mark.parametrize("field", ["text", "html"])
@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_is_refused_when_saved(probe: str, field: rules.Field) -> None:
    with pytest.raises(TemplateRefused):
        rules.variables_of(field, probe)


@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_that_got_into_the_database_is_refused_when_rendered(probe: str) -> None:
    with pytest.raises(TemplateRefused):
        rules.render("email", Wording("Hello", "ok", probe), VALUES)


@pytest.mark.parametrize(
    "bomb",
    [
        "{{ " + "(" * 40_000 + "phone" + ")" * 40_000 + " }}",
        "{% if phone %}" * 3_300 + "{% endif %}" * 3_300,
        "{% if phone %}" + "{% elif phone %}" * 6_000 + "{% endif %}",
        "{{ phone" + "|upper" * 15_000 + " }}",
        "{{phone}}" * 11_000,
        "{{ phone" + " == phone" * 11_000 + " }}",
        "{{ " + "not " * 24_000 + "phone }}",
        "{{" * 50_000,
        "{#" * 50_000,
        "{% raw %}" * 11_000,
    ],
    ids=lambda bomb: str(bomb)[:20],
)
def test_a_source_made_to_be_read_for_ever_is_refused_soon(bomb: str) -> None:
    began = time.process_time()
    with pytest.raises(TemplateRefused):
        rules.variables_of("html", bomb[: rules.MAX_SOURCE["html"]])
    assert time.process_time() - began < 5


def test_the_largest_template_becomes_no_more_than_its_bound() -> None:
    source = "{{ person_name }}" * rules.MAX_EXPRESSIONS
    values = {"person_name": "<" * rules.MAX_VALUE}
    with pytest.raises(TemplateRefused) as refused:
        rules.render("email", Wording("S", "t", source), values)
    assert refused.value.code == "too_long"


@pytest.mark.parametrize("value", ["{{7*7}}", "{% for x in y %}", "${7*7}", "#{7*7}", "<%= 7*7 %>"])
def test_a_customers_name_is_never_read_as_a_template(value: str) -> None:
    written = rules.render("email", Wording("{{ person_name }}", "{{ person_name }}", None), {"person_name": value})
    assert (written.subject, written.text) == (value, value)


def test_html_escapes_values_and_text_does_not() -> None:
    written = rules.render("email", Wording("S", "{{ person_name }}", "<p title='{{ person_name }}'></p>"), VALUES)
    assert written.text == "Ана <b>Ковач</b>"
    assert written.html == "<p title='Ана &lt;b&gt;Ковач&lt;/b&gt;'></p>"


def test_quotes_can_not_leave_an_attribute() -> None:
    written = rules.render("email", Wording("S", "t", "<p title='{{ phone }}'>"), {"phone": "' onload='x"})
    assert written.html == "<p title='&#39; onload=&#39;x'>"


def test_a_missing_variable_is_an_error_and_a_default_is_not() -> None:
    with pytest.raises(TemplateRefused) as refused:
        rules.render("sms", Wording(None, "{{ owner_name }}", None), {})
    assert refused.value.code == "missing_variable"
    assert rules.render("sms", Wording(None, "{{ owner_name|default('we') }}", None), {}).text == "we"


def test_if_chooses_by_presence_and_equality() -> None:
    source = "{% if deal_title is defined %}about {{ deal_title }}{% else %}hello{% endif %}"
    assert rules.render("sms", Wording(None, source, None), {}).text == "hello"
    assert rules.render("sms", Wording(None, source, None), VALUES).text == "about Windows"
    source = "{% if currency == 'EUR' and not amount %}free{% endif %}!"
    assert rules.render("sms", Wording(None, source, None), {"currency": "EUR", "amount": ""}).text == "free!"


@pytest.mark.parametrize("evil", ["a\r\nBcc: x@y.z", "a\nb", "a\rb", "a\u2028b", "a\x85b", "a\x00b"])
def test_a_line_break_never_reaches_the_subject(evil: str) -> None:
    with pytest.raises(TemplateRefused) as refused:
        rules.render("email", Wording("Hi {{ person_name }}", "text", None), {"person_name": evil})
    assert (refused.value.field, refused.value.code) == ("subject", "line_break")
    with pytest.raises(TemplateRefused):
        rules.check("email", Wording(evil, "text", None))
    with pytest.raises(TemplateRefused):
        rules.check_plain("email", evil, "text")


@pytest.mark.parametrize(
    ("channel", "wording", "field"),
    [
        ("email", Wording("S", " ", "<p>only html</p>"), "text"),
        ("email", Wording(None, "t", None), "subject"),
        ("email", Wording(" ", "t", None), "subject"),
        ("sms", Wording("S", "t", None), "subject"),
        ("sms", Wording(None, "t", "<p>"), "html"),
        ("sms", Wording(None, "", None), "text"),
        ("email", Wording("S" * 201, "t", None), "subject"),
        ("email", Wording("S", "t" * 20_001, None), "text"),
        ("email", Wording("S", "t", "h" * 100_001), "html"),
    ],
)
def test_a_template_fits_its_channel(channel: rules.Channel, wording: Wording, field: str) -> None:
    with pytest.raises(TemplateRefused) as refused:
        rules.check(channel, wording)
    assert refused.value.field == field


def test_what_a_template_becomes_is_capped() -> None:
    with pytest.raises(TemplateRefused) as refused:
        rules.render("sms", Wording(None, "{{ person_name }}" * 2, None), {"person_name": "x" * 1000})
    assert refused.value.code == "too_long"
    with pytest.raises(TemplateRefused) as refused:
        rules.render("sms", Wording(None, "{{ person_name }}", None), {"person_name": "x" * 1001})
    assert refused.value.code == "value_too_long"


def test_a_text_of_blank_values_is_no_message() -> None:
    with pytest.raises(TemplateRefused):
        rules.render("sms", Wording(None, "{{ person_name }}", None), {"person_name": " "})


def test_a_filter_with_wrong_arguments_is_a_clear_error() -> None:
    with pytest.raises(TemplateRefused) as refused:
        rules.render("sms", Wording(None, "{{ person_name|upper(1, 2) }}", None), VALUES)
    assert refused.value.code == "syntax"


@given(st.text(st.sampled_from("{}%#()[]|.'\" abif_person_name_endifforincall*~+-0"), max_size=120))
def test_any_source_renders_or_is_refused_by_name(source: str) -> None:
    try:
        written = rules.render("sms", Wording(None, source, None), VALUES)
    except TemplateRefused:
        return
    assert len(written.text) <= rules.MAX_SMS_TEXT


@given(st.dictionaries(st.sampled_from(sorted(rules.VARIABLES)), st.text(max_size=200)))
def test_any_values_are_safe_in_html(values: dict[str, str]) -> None:
    source = "".join(f"{{{{ {name}|default('') }}}}" for name in sorted(rules.VARIABLES))
    try:
        html = rules.render("email", Wording("S", "t", source), values).html
    except TemplateRefused:
        return
    assert html is not None
    assert not set("<>\"'") & set(html)


@pytest.mark.parametrize(
    ("person", "company", "order"),
    [
        ("ru", "sl", ("ru", "sl", "en")),
        ("sl-SI", "en", ("sl-SI", "sl", "en")),
        (None, "sl", ("sl", "en")),
        ("en", "en", ("en",)),
    ],
)
def test_a_person_is_written_to_in_their_language(person: str | None, company: str, order: tuple[str, ...]) -> None:
    assert rules.locale_order(person, company) == order
