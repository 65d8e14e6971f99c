"""The API as a page: plain HTML, no script, nothing from elsewhere. Pure."""

import base64
import hashlib
from html import escape
from typing import Any

Document = dict[str, Any]

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { margin-bottom: .25rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
nav { display: flex; flex-wrap: wrap; gap: .25rem .75rem; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: .5rem .75rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
code, pre { font: 14px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--soft); border-radius: .5rem; padding: .75rem; overflow-x: auto; white-space: pre-wrap; }
b.verb { display: inline-block; min-width: 4.5rem; }
summary small { display: block; margin-left: 1.1rem; font-size: .875rem; opacity: .75; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .25rem .5rem .25rem 0;
  border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
""".strip()
POLICY = (
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
)
_METHODS = ("get", "post", "put", "patch", "delete")


def unbuilt() -> str:
    """What a person sees who opens the address of an installation without the web client."""
    links = [
        ("/docs", "the API on a page"),
        ("/api/v1/openapi.json", "the same as an OpenAPI document"),
        ("/asyncapi", "the events on the bus on a page"),
        ("/asyncapi.json", "the same as an AsyncAPI document"),
        ("/health/ready", "whether the gateway is ready"),
    ]
    items = "".join(f'<li><a href="{href}"><code>{href}</code></a> {text}</li>' for href, text in links)
    return _page(
        "Voronka",
        "<p>The CRM is running, but its web client is not built: run <code>make web</code> in its folder and load this "
        "page again.</p><p>Everything else answers; programs sign in with <code>POST /api/v1/sessions</code>.</p>"
        f"<ul>{items}</ul>",
    )


def api(document: Document) -> str:
    """Every operation by noun, with its parameters, body and answers."""
    by_tag: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                by_tag.setdefault(item[method]["tags"][0], []).append(_operation(path, method, item[method]))
    sections = "".join(f'<h2 id="{escape(tag)}">{escape(tag)}</h2>{"".join(by_tag[tag])}' for tag in sorted(by_tag))
    schemas = "".join(
        f'<details id="schema-{escape(name)}"><summary>{escape(name)}</summary>{_schema(schema)}</details>'
        for name, schema in document["components"]["schemas"].items()
    )
    nav = "".join(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in [*sorted(by_tag), "schemas"])
    intro = f"<p>{_prose(document['info']['description'])}</p><nav>{nav}</nav>"
    return _page("Voronka API", f'{intro}{sections}<h2 id="schemas">schemas</h2>{schemas}')


def events(document: Document) -> str:
    """Every event and command with who sends and who reads it."""
    told: dict[str, list[str]] = {}
    for operation in document["operations"].values():
        name = operation["channel"]["$ref"].rpartition("/")[2]
        who = operation["tags"][0]["name"]
        verb = "sent by" if operation["action"] == "send" else "read by"
        more = f" ({operation['summary']})" if "summary" in operation else ""
        told.setdefault(name, []).append(f"<li>{verb} {escape(who)}{escape(more)}</li>")
    parts = []
    for name, message in document["components"]["messages"].items():
        data = message["payload"]["allOf"][1]["properties"]["data"]["$ref"].rpartition("/")[2]
        kind = message["tags"][0]["name"]
        parts.append(
            f"<details><summary><code>{escape(name)}</code> {escape(kind)}<small>{_prose(message['summary'])}</small>"
            f"</summary><ul>{''.join(told.get(name, []))}</ul>"
            f"{_schema(document['components']['schemas'][data])}</details>"
        )
    return _page("Voronka on the bus", f"<p>{escape(document['info']['description'])}</p>{''.join(parts)}")


def _operation(path: str, method: str, operation: Document) -> str:
    summary = operation.get("description") or operation.get("summary") or ""
    parameters = "".join(
        f"<tr><td><code>{escape(parameter['name'])}</code></td><td>{escape(parameter['in'])}</td>"
        f"<td>{_type(parameter.get('schema', {}))}</td><td>{escape(parameter.get('description', ''))}</td></tr>"
        for parameter in operation.get("parameters", [])
    )
    body = _content(operation.get("requestBody", {}))
    answers = "".join(
        f"<li><code>{escape(status)}</code> {escape(answer.get('description', ''))} {_content(answer)}</li>"
        for status, answer in operation.get("responses", {}).items()
    )
    return (
        f'<details><summary><b class="verb">{method.upper()}</b> <code>{escape(path)}</code>'
        f"<small>{_prose(summary)}</small></summary>"
        + (f"<table>{parameters}</table>" if parameters else "")
        + (f"<p>Body: {body}</p>" if body else "")
        + f"<ul>{answers}</ul></details>"
    )


def _prose(text: str) -> str:
    """Escaped text whose `words` stand as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))


def _content(holder: Document) -> str:
    return ", ".join(_type(media["schema"]) for media in holder.get("content", {}).values() if media.get("schema"))


def _schema(schema: Document) -> str:
    required = set(schema.get("required", []))
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code>{' *' if name in required else ''}</td><td>{_type(part)}</td>"
        f"<td>{escape(part.get('description', ''))}</td></tr>"
        for name, part in schema.get("properties", {}).items()
    )
    about = f"<p>{escape(schema['description'])}</p>" if schema.get("description") else ""
    return about + (f"<table>{rows}</table>" if rows else f"<p>{_type(schema)}</p>")


def _type(schema: Any) -> str:
    if not isinstance(schema, dict):
        return "anything"
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return " or ".join(_type(choice) for choice in choices)
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    detail = f" ({escape(schema['format'])})" if "format" in schema else ""
    return escape(str(schema.get("type", "anything"))) + detail


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )
