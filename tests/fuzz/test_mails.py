"""Hostile names and words in the product's own e-mails: no header is injected, HTML is escaped, nothing is computed."""

import html
import random
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import pytest
from crm_runner.demo.client import Client, wait_for

from tests.fuzz.arena import Arena
from tests.fuzz.corpus import Entry, corpus
from tests.fuzz.probe import Prober

SHORT = 60
# These can only do harm in a mail: all of them are tried in the short form too.
OF_MAILS = {"header injection", "template"}
HEADERS = {"from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding"}


def _chosen(long_run: bool) -> list[Entry]:
    # An empty variable is filled from the card, and so says something else than was sent.
    entries = [entry for entry in corpus() if 0 < len(entry.value) <= 1_000]
    if long_run:
        return entries
    first = [entry for entry in entries if entry.category in OF_MAILS]
    others = [entry for entry in entries if entry.category not in OF_MAILS]
    return first + random.Random(20_261).sample(others, SHORT)


def _template(admin: Client) -> str:
    key = f"fuzz_mail_{uuid4().hex[:8]}"
    words = {"subject": "Dear {{ person_name }}", "text": "Text {{ person_name }}", "html": "<p>{{ person_name }}</p>"}
    admin.post("/api/v1/templates", {"key": key, "locale": "en", "channel": "email", **words})
    return key


def _plain(text: str) -> str:
    """Text with its white space as a mail may fold it."""
    return " ".join(text.split())


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content


@pytest.mark.timeout(900)
async def test_no_hostile_word_is_more_than_a_word_in_a_mail(arena: Arena, long_run: bool) -> None:
    admin, entries = arena.client("admin"), _chosen(long_run)
    address = f"mail{uuid4().hex[:8]}@mail.example"
    person = admin.post("/api/v1/people", {"name": "Mail", "emails": [{"address": address}]})
    common = {"channel": "email", "person_id": person["id"]}
    key = _template(admin)
    queued: dict[str, tuple[Entry, dict[str, str]]] = {}
    refused = 0
    async with Prober(arena.url, arena.token("admin")) as prober:
        for entry in entries:
            for body, told in (
                (
                    {"template_key": key, "variables": {"person_name": entry.value}},
                    {"subject": f"Dear {entry.value}", "text": f"Text {entry.value}", "html": f"<p>{entry.value}</p>"},
                ),
                ({"subject": entry.value, "text": entry.value}, {"subject": entry.value, "text": entry.value}),
                ({"subject": "s", "text": entry.value}, {"subject": "s", "text": entry.value}),
            ):
                answer = await prober.ask("POST", "/api/v1/messages", {**common, **body})
                assert answer.fault() is None, f"{entry.shown}: {answer.fault()}"
                refused += answer.refused
                if answer.status == 201:
                    queued[answer.json["id"]] = (entry, told)
    mails = wait_for("every mail", lambda: _arrived(arena, address, queued), timeout=300)
    print(f"\n{len(mails)} mails with {len(entries)} hostile strings, {refused} refused")
    for message_id, mail in mails.items():
        entry, told = queued[message_id]
        _judge(mail, entry, told, address)


def _arrived(arena: Arena, address: str, queued: dict[str, Any]) -> dict[str, EmailMessage] | None:
    found = {str(mail["Message-ID"])[1:].partition("@")[0]: mail for mail in arena.mailbox.to(address)}
    return found if queued.keys() <= found.keys() else None


def _judge(mail: EmailMessage, entry: Entry, told: dict[str, str], address: str) -> None:
    names = [name.lower() for name, _ in mail.items()]
    assert len(names) == len(set(names)) and set(names) <= HEADERS, f"{entry.shown}: headers {names}"
    assert str(mail["To"]) == address, entry.shown
    assert _plain(str(mail["Subject"])) == _plain(told["subject"]), f"{entry.shown}: {mail['Subject']!r}"
    text = _part(mail, "plain")
    assert _plain(text) == _plain(told["text"]), f"{entry.shown}: {text!r}"
    parts = [str(mail["Subject"]), text]
    if "html" in told:
        page = _part(mail, "html")
        inside = page.strip().removeprefix("<p>").removesuffix("</p>")
        assert "<" not in inside and ">" not in inside, f"{entry.shown}: {page!r}"
        assert _plain(html.unescape(inside)) == _plain(entry.value), f"{entry.shown}: {page!r}"
        parts.append(inside)
    if "49" not in entry.value:
        assert not any("49" in part for part in parts), f"{entry.shown}: computed"
