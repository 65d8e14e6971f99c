"""Which addresses are public, what is a sound, and when a recording is asked for again."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from crm_contracts.telephony import RecordingFault
from crm_telephony.recordings.rules import LADDER, Origin, Verdict, after_failure, is_public, may_follow, sound_of
from crm_telephony.vendors import VENDORS
from crm_telephony.vendors.port import MalformedError, RecordingTold, Secrets

AT = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
     "224.0.0.1",
     "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1",
     "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
     "no address", "", "127.1", "2130706433"],
)  # fmt: skip
def test_these_are_not_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_these_are(address: str) -> None:
    assert is_public(address)


def test_a_redirect_never_leads_out_of_tls_nor_to_what_is_no_web() -> None:
    plain, tls = Origin("http", "a", 80), Origin("https", "b", 443)
    assert [may_follow(plain, plain), may_follow(plain, tls), may_follow(tls, tls)] == [True] * 3
    assert not may_follow(tls, plain)
    assert not may_follow(plain, Origin("gopher", "a", 70))


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"OggS\x00", "audio/ogg"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
        (b"<html>", None),
        (b'{"error":1}', None),
        (b"RIFF\x00\x00\x00\x00AVI ", None),
        (b"\xff\xd8\xff\xe0", None),
        (b"", None),
    ],
)
def test_a_sound_is_known_by_what_it_is(head: bytes, mime: str | None) -> None:
    assert sound_of(head) == mime


def test_the_ladder_of_attempts() -> None:
    waits = [after_failure("unreachable", attempts, AT).try_after for attempts in range(1, 6)]
    minutes = [1, 5, 30, 180, 1440]
    assert [wait - AT for wait in waits if wait] == list(LADDER) == [timedelta(minutes=m) for m in minutes]
    assert after_failure("unreachable", 6, AT) == Verdict("failed", None)
    assert after_failure("not_there", 6, AT) == Verdict("absent", None)


@pytest.mark.parametrize("reason", ["forbidden_address", "too_large"])
def test_what_can_not_end_otherwise_is_not_tried_again(reason: RecordingFault) -> None:
    assert after_failure(reason, 1, AT) == Verdict("failed", None)


def generic(**more: object) -> RecordingTold | None:
    event = {"event": "recording.ready", "event_id": "e1", "call_id": "c1", "ts": AT.timestamp()} | more
    return VENDORS["generic"].parse("", json.dumps(event).encode(), AT.timestamp()).recording


def test_a_generic_pbx_says_where_and_how_long() -> None:
    url = "https://pbx.example.com/r/1.wav?token=a"
    assert generic(recording_url=url, duration="12.6") == RecordingTold("e1", url, 13)
    assert generic(recording_url=url, recording_id="r9") == RecordingTold("r9", url, None)
    assert generic() is None


NOWHERE = (
    *("file:///etc/passwd", "gopher://x/1", "http://", "//x/y", "http://a b/", "x", "http://user:secret@x/"),
    *("http://[::1", "http://x:99999/", "http://ж/"),
)
ODD: list[dict[str, Any]] = [{"recording_url": url} for url in NOWHERE]
ODD += [{"recording_url": "http://x/", "duration": wrong} for wrong in ("-1", "long", 1e9, True)]


@pytest.mark.parametrize("more", ODD)
def test_a_recording_that_is_nowhere_is_refused_at_the_door(more: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        generic(**more)


def test_a_mango_recording_is_had_by_its_id_through_a_link_we_sign() -> None:
    secrets = Secrets(api_key="1234567890qwerty", salt="saltsalt")
    link = VENDORS["mango"].recording_url(RecordingTold("r/1"), secrets, "https://app.example.com/vpbx/", AT)
    path, _, proof = link.rpartition("/")
    assert path == "https://app.example.com/vpbx/queries/recording/link/r%2F1/play/1234567890qwerty/1795781400"
    # sha256 of "1234567890qwerty" + "1795781400" + "r/1" + "saltsalt", by another program
    assert proof == "c581534f3ae544ab086359b0137e2272df935da189d7cdc0f33ad3fd03b77b4a"
    assert VENDORS["mango"].recording_url(RecordingTold("r/1"), secrets, None, AT) == ""
