"""E-mail over a real SMTP socket: what each answer, and each silence, of the server means."""

import asyncio
import email
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually, running
from crm_notifications.adapters.smtp import SmtpEmail
from crm_notifications.channels.email import OutgoingEmail
from crm_notifications.channels.outcome import Outcome
from crm_notifications.main import wiring
from crm_notifications.messages.rules import Answer
from crm_notifications.settings import NotificationsSettings

from .scenes import card, command, order

FROM = "Окна д.о.о. <crm@okna.example>"


class Mailbox:
    """The rest of the internet; its verdict is told by the part before the @."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.raw: list[bytes] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        verdicts = {"nouser": "550 5.1.1 no such user here", "full": "452 4.2.2 mailbox full"}
        if verdict := verdicts.get(address.partition("@")[0]):
            return verdict
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        match envelope.rcpt_tos[0].partition("@")[0]:
            case "spam":
                return "550 5.7.1 looks like spam"
            case "grey":
                return "451 4.7.1 greylisted"
            case "gone":
                server.transport.abort()
                return "250 never heard"
            case "slow":
                await asyncio.sleep(3600)
        self.raw.append(envelope.content)
        letter = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 2.0.0 queued as 1"


@pytest.fixture(scope="module")
def mailbox() -> Mailbox:
    return Mailbox()


@asynccontextmanager
async def mail_server(mailbox: Mailbox, **options: Any) -> AsyncIterator[int]:
    """aiosmtpd on a port of the system's choice."""
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(mailbox, hostname="mail.example", **options), "127.0.0.1", 0
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.fixture(scope="module")
async def smtp_port(mailbox: Mailbox) -> AsyncIterator[int]:
    async with mail_server(mailbox) as port:
        yield port


def letter(to: str, **changes: Any) -> OutgoingEmail:
    base: dict[str, Any] = {
        "id": new_id(),
        "to": to,
        "subject": "Замер назначен – 🙂",
        "text": "Здравствуйте, Ana!\n.\nточка",
        "html": "<p>Здравствуйте</p>",
        "automatic": True,
    }
    return OutgoingEmail(**(base | changes))


def channel(port: int, timeout_s: float = 5, user: str = "") -> SmtpEmail:
    return SmtpEmail(f"smtp://{user}127.0.0.1:{port}", FROM, timeout_s=timeout_s)


async def test_a_letter_arrives_as_it_was_written(smtp_port: int, mailbox: Mailbox) -> None:
    sent = letter("ana@example.com")
    outcome = await channel(smtp_port).send(sent)
    assert outcome == Outcome.accepted(detail="2.0.0 queued as 1")
    arrived = mailbox.letters[-1]
    assert arrived["Subject"] == sent.subject
    (author,) = arrived["From"].addresses
    assert (author.display_name, author.addr_spec) == ("Окна д.о.о.", "crm@okna.example")
    assert arrived["To"] == "ana@example.com"
    assert arrived["Message-ID"] == f"<{sent.id}@okna.example>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Date"]
    plain, html = arrived.get_body(("plain",)), arrived.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == sent.text + "\n"
    assert html.get_content().strip() == sent.html
    assert mailbox.raw[-1].isascii(), "no server on the way needs 8BITMIME or SMTPUTF8"


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?=0D=0ABcc:_victim=40evil.example?=",
        "Dear =?utf-8?B?QmNjOiB2aWN0aW1AZXZpbC5leGFtcGxl?=",
        "=?x?= =?utf-8?q?a?= =?utf-8?q?b?=",
        "plain " * 12 + "=?",
        "Ж" * 200,
        "🙂 é " * 40,
        "w" * 200,
        "{{7*7}} <b>",
    ],
)
async def test_a_subject_is_read_as_it_was_written_whatever_it_looks_like(
    smtp_port: int, mailbox: Mailbox, subject: str
) -> None:
    assert (await channel(smtp_port).send(letter("ana@example.com", subject=subject))).answer is Answer.ACCEPTED
    raw = mailbox.raw[-1].partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 78 or b" " not in line.strip() for line in raw.split(b"\r\n"))
    assert mailbox.letters[-1]["Bcc"] is None
    assert [name.lower() for name in mailbox.letters[-1].keys()].count("subject") == 1  # noqa: SIM118
    assert mailbox.letters[-1]["Subject"] == subject


async def test_a_letter_a_person_wrote_is_not_called_automatic(smtp_port: int, mailbox: Mailbox) -> None:
    await channel(smtp_port).send(letter("ana@example.com", automatic=False, html=None))
    assert mailbox.letters[-1]["Auto-Submitted"] is None
    assert mailbox.letters[-1].get_content_type() == "text/plain"


async def test_a_domain_in_any_script_is_reached_by_its_ascii_name(smtp_port: int, mailbox: Mailbox) -> None:
    assert (await channel(smtp_port).send(letter("ana@пример.рф"))).answer is Answer.ACCEPTED
    assert mailbox.letters[-1]["To"] == "ana@xn--e1afmkfd.xn--p1ai"


@pytest.mark.parametrize(
    ("local_part", "answer", "reason"),
    [
        ("nouser", Answer.REFUSED, "smtp_550_5.1.1"),
        ("full", Answer.DEFERRED, "smtp_452_4.2.2"),
        ("spam", Answer.REFUSED, "smtp_550_5.7.1"),
        ("grey", Answer.DEFERRED, "smtp_451_4.7.1"),
        ("gone", Answer.UNKNOWN, "smtp_silent"),
    ],
)
async def test_each_answer_of_the_server_has_its_meaning(
    smtp_port: int, local_part: str, answer: Answer, reason: str
) -> None:
    outcome = await channel(smtp_port).send(letter(f"{local_part}@example.com"))
    assert (outcome.answer, outcome.reason) == (answer, reason)
    assert outcome.detail


async def test_silence_after_the_letter_was_given_is_unknown(smtp_port: int) -> None:
    outcome = await channel(smtp_port, timeout_s=0.3).send(letter("slow@example.com"))
    assert (outcome.answer, outcome.reason) == (Answer.UNKNOWN, "smtp_silent")


@pytest.mark.parametrize(
    ("to", "subject", "reason"),
    [
        ("no address", "s", "bad_address"),
        ("иван@example.com", "s", "bad_address"),
        ("=?utf-8?q?=0D=0ABcc=3A?=@example.com", "s", "bad_address"),
        ("a@example.com\r\nRCPT TO:<b@example.com>", "s", "bad_address"),
        ("ana@example.com", "two\r\nBcc: b@example.com", "bad_header"),
        ("ana@example.com", "two\nlines", "bad_header"),
    ],
)
async def test_what_could_smuggle_a_header_is_refused_before_any_socket(to: str, subject: str, reason: str) -> None:
    outcome = await channel(1).send(letter(to, subject=subject))
    assert (outcome.answer, outcome.reason) == (Answer.REFUSED, reason)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_nobody_listening_is_tried_again() -> None:
    outcome = await channel(free_port()).send(letter("ana@example.com"))
    assert (outcome.answer, outcome.reason) == (Answer.DEFERRED, "smtp_unreachable")


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def rude_server(talk: Talk) -> AsyncIterator[int]:
    """A server that says what `talk` says."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def saying(*lines: str, then_hang: bool = False) -> Talk:
    """Greets with the first line, answers each command with the next one, then closes or says nothing more."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number, line in enumerate(lines):
            if number:
                await reader.readline()
            writer.write(line.encode() + b"\r\n")
            await writer.drain()
        if then_hang:
            await reader.read()

    return talk


@pytest.mark.parametrize(
    ("talk", "answer", "reason"),
    [
        (saying("421 too busy"), Answer.DEFERRED, "smtp_421"),
        (saying("554 go away"), Answer.DEFERRED, "smtp_554"),
        (saying("220 hi", then_hang=True), Answer.DEFERRED, "smtp_unreachable"),
        (saying("220 hi", "250 hi"), Answer.DEFERRED, "smtp_unreachable"),
        (saying("220 hi", "250 hi", "550 5.7.1 not you"), Answer.REFUSED, "smtp_550_5.7.1"),
        (saying("220 hi", "250 hi", "250 ok", "250 ok", "354 go"), Answer.UNKNOWN, "smtp_silent"),
        (saying("220 hi", "250 hi", "250 ok", "250 ok", "354 go", "what?"), Answer.UNKNOWN, "smtp_silent"),
        (saying("220 hi", "250 hi", "250 ok", "250 ok", "421 closing"), Answer.DEFERRED, "smtp_421"),
    ],
)
async def test_until_the_letter_is_given_every_failure_is_certain(talk: Talk, answer: Answer, reason: str) -> None:
    async with rude_server(talk) as port:
        outcome = await channel(port, timeout_s=0.5).send(letter("ana@example.com"))
    assert (outcome.answer, outcome.reason) == (answer, reason)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_a_wrong_password_is_our_fault_and_not_the_letters() -> None:
    def authenticate(*_: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    async with mail_server(Mailbox(), **options) as port:
        outcome = await channel(port, user="crm:wrong@").send(letter("ana@example.com"))
    assert (outcome.answer, outcome.reason) == (Answer.DEFERRED, "smtp_535")


@pytest.mark.parametrize("url", ["http://x", "smtp://", "127.0.0.1:25", "smtp:///x"])
def test_an_address_that_is_none_stops_the_service_at_its_start(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP address"):
        SmtpEmail(url, FROM, timeout_s=1)


async def test_an_order_becomes_a_letter_in_the_customers_mailbox(
    smtp_port: int,
    mailbox: Mailbox,
    make_database: Callable[[str], str],
    make_vhost: Callable[[], str],
) -> None:
    async with running(
        wiring,
        NotificationsSettings,
        database_url=make_database("notifications"),
        amqp_url=make_vhost(),
        smtp_url=f"smtp://127.0.0.1:{smtp_port}",
        mail_from=FROM,
        company_name="Okna d.o.o.",
        send_poll_s=0.05,
    ) as harness:
        person = await card(harness, name="Ana Kovač", locale="ru")
        await command(harness, order(person))

        async def arrived() -> EmailMessage | None:
            return next((one for one in mailbox.letters if one["To"] == f"{person.hex}@example.com"), None)

        received = await eventually(arrived)
        assert received["Subject"] == "Замер назначен"
        await eventually(lambda: sent(harness))


async def sent(harness: Harness) -> bool:
    return bool(await harness.recorded("notifications.message.sent.v1"))
