"""A receipt is the gateway's own, to the byte."""

import pytest
from crm_notifications.adapters.emulated.sms_gateway import keyed_sha256
from crm_notifications.receipts.rules import is_genuine, is_our_token, meaning
from hypothesis import given
from hypothesis import strategies as st

# RFC 4231, test cases 2 and 6 (a key longer than the block).
JEFE = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
LONG = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
RAW = b'{"id":"0190","status":"delivered"}'
SIGNED = "sha256=" + keyed_sha256(b"secret", RAW)


def test_the_signature_is_the_standards_hmac() -> None:
    assert is_genuine("Jefe", b"what do ya want for nothing?", f"sha256={JEFE}")
    assert keyed_sha256(b"Jefe", b"what do ya want for nothing?") == JEFE
    assert keyed_sha256(b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First") == LONG


def test_any_changed_byte_of_the_body_breaks_it() -> None:
    assert is_genuine("secret", RAW, SIGNED)
    for position in range(len(RAW)):
        for flip in (1, 0x20, 0x80):
            changed = bytearray(RAW)
            changed[position] ^= flip
            assert not is_genuine("secret", bytes(changed), SIGNED)


def test_any_changed_character_of_the_signature_breaks_it() -> None:
    for position in range(len(SIGNED)):
        other = "0" if SIGNED[position] != "0" else "1"
        assert not is_genuine("secret", RAW, SIGNED[:position] + other + SIGNED[position + 1 :])


@pytest.mark.parametrize("signature", [None, "", "sha256=", SIGNED.removeprefix("sha256="), SIGNED + "00", "sha256=я"])
def test_no_signature_is_no_signature(signature: str | None) -> None:
    assert not is_genuine("secret", RAW, signature)


@given(st.binary(max_size=300), st.text(min_size=1, max_size=100))
def test_the_emulator_and_the_verifier_agree_on_every_body(raw: bytes, secret: str) -> None:
    assert is_genuine(secret, raw, f"sha256={keyed_sha256(secret.encode(), raw)}")


def test_without_a_secret_or_token_nothing_is_let_in() -> None:
    assert not is_genuine("", RAW, "sha256=" + keyed_sha256(b"", RAW))
    assert not is_our_token("", "")
    assert is_our_token("t0ken", "t0ken")
    assert not is_our_token("t0ken", "t0kem")


def test_undelivered_means_failed() -> None:
    assert [meaning(word) for word in ("sent", "delivered", "undelivered")] == ["sent", "delivered", "failed"]
