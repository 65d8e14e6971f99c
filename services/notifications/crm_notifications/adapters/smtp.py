"""E-mail by SMTP (RFC 5321).

The line between "try again" and "nobody knows" is the end of DATA: until the server has been given the whole letter
it can not have taken it (every failure before is deferred or refused); from then on silence may mean either.
"""

import asyncio
import re
import ssl
from base64 import b64encode
from contextlib import suppress
from dataclasses import replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

import aiosmtplib
from crm_chassis.clock import now
from email_validator import validate_email

from crm_notifications.channels.email import OutgoingEmail
from crm_notifications.channels.outcome import Outcome

_POLICY = SMTP.clone(cte_type="7bit")  # no server on the way needs 8BITMIME
_ENHANCED = re.compile(r"^\s*([245]\.\d{1,3}\.\d{1,3})\b")
_DETAIL = 500
# So that no line with the header's name is over 78 characters: a longer one would be read and folded anew.
_PLAIN_SUBJECT, _ENCODED_BYTES = 65, 42


class SmtpEmail:
    """Sends each letter over a connection of its own to the server of an smtp:// or smtps:// address.

    smtp:// upgrades to TLS when the server offers it, and insists on it before a password crosses the network.
    """

    def __init__(self, url: str, sender: str, *, timeout_s: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("an SMTP address is smtp://user:password@host:port or smtps://…")
        self._host = parts.hostname
        self._secure = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._secure else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._timeout_s = timeout_s
        name, address = parseaddr(sender)
        self._sender = _ascii(address)
        self._from = Address(name, addr_spec=self._sender)

    def compose(self, email: OutgoingEmail) -> EmailMessage:
        """The letter with its headers; ValueError when a header value holds a line break."""
        letter = EmailMessage(policy=_POLICY)
        letter["From"] = self._from
        letter["To"] = Address(addr_spec=email.to)
        # Given as a header, a subject that looks encoded (`=?utf-8?q?=0D=0ABcc:…?=`) would be decoded and written out.
        letter.set_raw("Subject", _subject(email.subject))
        letter["Date"] = format_datetime(now())
        letter["Message-ID"] = f"<{email.id}@{self._from.domain}>"
        if email.automatic:
            letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps vacation replies from answering it
        letter.set_content(email.text, charset="utf-8")
        if email.html is not None:
            letter.add_alternative(email.html, subtype="html", charset="utf-8")
        return letter

    async def send(self, email: OutgoingEmail) -> Outcome:
        """One attempt: at most the time limit up to DATA, and as long again for DATA."""
        try:
            to = _ascii(email.to)
        except ValueError as error:
            return Outcome.refused("bad_address", str(error))
        try:
            content = self.compose(replace(email, to=to)).as_bytes()
        except ValueError as error:
            return Outcome.refused("bad_header", str(error))

        client = self._client()
        try:
            try:
                async with asyncio.timeout(self._timeout_s):
                    await client.connect()
                    await client.mail(self._sender)
                    await client.rcpt(to)
            except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPRecipientRefused) as error:
                return _answered(error)
            except (
                aiosmtplib.SMTPResponseException
            ) as error:  # greeting, EHLO, STARTTLS, AUTH: our set-up, not this letter
                return Outcome.deferred(f"smtp_{error.code}", _clip(error.message))
            except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as error:
                return Outcome.deferred("smtp_unreachable", _clip(repr(error)))
            try:
                async with asyncio.timeout(self._timeout_s):
                    response = await client.data(content)
            except aiosmtplib.SMTPDataError as error:
                return _answered(error)
            except (aiosmtplib.SMTPException, OSError) as error:
                return Outcome.unknown("smtp_silent", _clip(repr(error)))
            return Outcome.accepted(detail=_clip(response.message))
        finally:
            # A goodbye that fails takes nothing back.
            with suppress(aiosmtplib.SMTPException, OSError):
                if client.is_connected:
                    await client.quit(timeout=2)
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        must_encrypt = self._user is not None and not _is_loopback(self._host)
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._secure,
            start_tls=False if self._secure else (True if must_encrypt else None),
            local_hostname=self._from.domain if self._from.domain.isascii() else None,
            timeout=self._timeout_s,
        )


def _answered(error: aiosmtplib.SMTPResponseException) -> Outcome:
    """The server's own refusal: 5xx for ever, 4xx for now, anything else is no answer at all."""
    enhanced = _ENHANCED.match(error.message)
    reason = f"smtp_{error.code}" + (f"_{enhanced[1]}" if enhanced else "")
    if 500 <= error.code <= 599:
        return Outcome.refused(reason, _clip(error.message))
    if 400 <= error.code <= 499:
        return Outcome.deferred(reason, _clip(error.message))
    return Outcome.unknown("smtp_nonsense", _clip(error.message))


def _ascii(address: str) -> str:
    """The address as it goes over the wire, the domain in punycode; ValueError when it is none or needs SMTPUTF8."""
    checked = validate_email(address, check_deliverability=False, globally_deliverable=False)
    if "=?" in address:
        raise ValueError("an address that looks like an encoded word would be read as one")
    if checked.ascii_email is None:
        raise ValueError("the part before @ must be ASCII")
    return checked.ascii_email


def _subject(text: str) -> str:
    """The subject as it stands in a letter: itself, or encoded words (RFC 2047 §2) on lines of their own.

    ValueError for a line break.
    """
    if any(char in text for char in "\r\n"):
        raise ValueError("a subject is one line")
    if text.isascii() and text.isprintable() and "=?" not in text and len(text) <= _PLAIN_SUBJECT:
        return text
    words: list[bytes] = [b""]
    for char in text:
        encoded = char.encode()
        if len(words[-1]) + len(encoded) > _ENCODED_BYTES:
            words.append(b"")
        words[-1] += encoded
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words)


def _clip(text: str) -> str:
    return text.encode("utf-8", "replace").decode()[:_DETAIL].replace("\x00", "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
