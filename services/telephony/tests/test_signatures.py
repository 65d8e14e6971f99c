"""Webhooks are believed only with a signature over their raw bytes."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from crm_telephony.vendors import VENDORS
from crm_telephony.vendors.mango import signature
from crm_telephony.vendors.port import ForgedError, HookRequest, Secrets
from hypothesis import given
from hypothesis import strategies as st

KEY, SALT = "1234567890qwerty", "saltsalt"
PAYLOAD = b'{"entry_id":"232wc3e3w3s222","call_direction":1}'
SIGN = "1779622c5ca3049263fadebacc0eb597471f02ed4340259e49f370e1e5dd0c18"
NOW = datetime(2026, 11, 21, 18, 42, tzinfo=UTC)
SECRET = "a-secret-of-the-hook"
EVENT = b'{"event":"call.ringing","event_id":"e1","call_id":"c1","from":"+79161234567","to":"101","ts":1795286520}'


def mango(payload: bytes, key: bytes, sign: bytes, secrets: Secrets | None = None) -> None:
    body = urlencode({b"vpbx_api_key": key, b"sign": sign, b"json": payload}).encode()
    shared = secrets or Secrets(api_key=KEY, salt=SALT)
    VENDORS["mango"].authenticate(HookRequest("events/summary", body, NOW), shared, [])


def generic(body: bytes, header: str, *, at: datetime = NOW, secret: str = SECRET) -> None:
    request = HookRequest("", body, at, {"x-signature": header})
    VENDORS["generic"].authenticate(request, Secrets(hook_secret=secret), [])


def reference_signature(body: bytes, secret: str, at: datetime = NOW) -> str:
    """HMAC by its definition (RFC 2104), sharing nothing with the `hmac` module the adapter uses."""
    key = secret.encode().ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in key))
    inner.update(b"%d." % int(at.timestamp()) + body)
    outer = hashlib.sha256(bytes(b ^ 0x5C for b in key) + inner.digest())
    return f"t={int(at.timestamp())},v1={outer.hexdigest()}"


def mutated(raw: bytes, position: int, delta: int) -> bytes:
    index = position % len(raw)
    return raw[:index] + bytes([(raw[index] + delta) % 256]) + raw[index + 1 :]


positions, deltas = st.integers(0, 10_000), st.integers(1, 255)


def test_the_vector_of_mango_is_believed() -> None:
    assert signature(KEY, PAYLOAD, SALT) == SIGN
    mango(PAYLOAD, KEY.encode(), SIGN.encode())


def test_a_name_in_any_letters_is_believed_byte_for_byte() -> None:
    """As a PBX sends it: UTF-8, percent-encoded in the form."""
    payload = '{"entry_id":"x","from":{"display_name":"Ана Šuštar 王"}}'.encode()
    mango(payload, KEY.encode(), signature(KEY, payload, SALT).encode())


def test_a_signature_in_other_letters_is_another_signature() -> None:
    with pytest.raises(ForgedError):
        mango(PAYLOAD, KEY.encode(), SIGN.upper().encode())
    with pytest.raises(ForgedError):
        generic(EVENT, reference_signature(EVENT, SECRET).upper().replace("T=", "t=").replace("V1=", "v1="))


@given(st.sampled_from(["payload", "key", "sign"]), positions, deltas)
def test_no_webhook_of_mango_survives_one_changed_byte(field: str, position: int, delta: int) -> None:
    parts = {"payload": PAYLOAD, "key": KEY.encode(), "sign": SIGN.encode()}
    parts[field] = mutated(parts[field], position, delta)
    with pytest.raises(ForgedError):
        mango(parts["payload"], parts["key"], parts["sign"])


@given(st.sampled_from(["api_key", "salt"]), positions, st.integers(1, 90))
def test_no_webhook_of_mango_is_believed_under_another_key_or_salt(field: str, position: int, delta: int) -> None:
    shared = {"api_key": KEY, "salt": SALT}
    text = shared[field]
    index = position % len(text)
    shared[field] = text[:index] + chr(33 + (ord(text[index]) - 33 + delta) % 94) + text[index + 1 :]
    with pytest.raises(ForgedError):
        mango(PAYLOAD, KEY.encode(), SIGN.encode(), Secrets(**shared))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"json=%7B%7D",
        b"vpbx_api_key=" + KEY.encode() + b"&sign=" + SIGN.encode(),
        urlencode([("vpbx_api_key", KEY), ("sign", SIGN), ("json", PAYLOAD), ("json", "{}")]).encode(),
        b"&".join(b"a%d=1" % n for n in range(100)),
    ],
)
def test_a_form_that_is_not_mangos_is_not_believed(body: bytes) -> None:
    with pytest.raises(ForgedError):
        VENDORS["mango"].authenticate(HookRequest("", body, NOW), Secrets(api_key=KEY, salt=SALT), [])


def test_a_connection_without_secrets_believes_nobody() -> None:
    with pytest.raises(ForgedError):
        mango(PAYLOAD, b"", hashlib.sha256(PAYLOAD).hexdigest().encode(), Secrets())
    stamp = int(NOW.timestamp())
    empty = hmac.new(b"", b"%d." % stamp + EVENT, hashlib.sha256).hexdigest()
    with pytest.raises(ForgedError):
        generic(EVENT, f"t={stamp},v1={empty}", secret="")


def test_a_signed_generic_webhook_is_believed_within_five_minutes_of_its_arrival() -> None:
    header = reference_signature(EVENT, SECRET)
    for skew in (-300, 0, 300):
        generic(EVENT, header, at=NOW + timedelta(seconds=skew))
    for skew in (-301, 301):
        with pytest.raises(ForgedError):
            generic(EVENT, header, at=NOW + timedelta(seconds=skew))


@given(positions, deltas)
def test_no_generic_webhook_survives_one_changed_byte_of_its_body(position: int, delta: int) -> None:
    with pytest.raises(ForgedError):
        generic(mutated(EVENT, position, delta), reference_signature(EVENT, SECRET))


@given(positions, st.integers(1, 90))
def test_no_generic_webhook_survives_one_changed_character_of_its_signature(position: int, delta: int) -> None:
    header = reference_signature(EVENT, SECRET)
    index = position % len(header)
    other = chr(33 + (ord(header[index]) - 33 + delta) % 94)
    if other == header[index]:
        return
    with pytest.raises(ForgedError):
        generic(EVENT, header[:index] + other + header[index + 1 :])


@given(positions, st.integers(1, 90))
def test_no_generic_webhook_is_believed_under_another_secret(position: int, delta: int) -> None:
    index = position % len(SECRET)
    other = SECRET[:index] + chr(33 + (ord(SECRET[index]) - 33 + delta) % 94) + SECRET[index + 1 :]
    if other == SECRET:
        return
    with pytest.raises(ForgedError):
        generic(EVENT, reference_signature(EVENT, other))


@pytest.mark.parametrize("header", ["", "t=1", "v1=00", "t=,v1=", "t=-1,v1=" + "0" * 64, "t=1,v1=" + "0" * 64 + "0"])
def test_a_malformed_signature_is_forged(header: str) -> None:
    with pytest.raises(ForgedError):
        generic(EVENT, header)


def test_an_api_key_counts_from_a_trusted_network_only() -> None:
    def knock(key: str, ip: str | None, networks: list[str]) -> None:
        request = HookRequest("", EVENT, NOW, {"x-api-key": key}, remote_ip=ip)
        VENDORS["generic"].authenticate(request, Secrets(hook_api_key="the-key-of-the-pbx"), networks)

    knock("the-key-of-the-pbx", "10.1.2.3", ["10.1.0.0/16"])
    for key, ip, networks in [
        ("the-key-of-the-pbx", "10.2.2.3", ["10.1.0.0/16"]),
        ("the-key-of-the-pbx", "10.1.2.3", []),
        ("the-key-of-the-pbx", None, ["10.1.0.0/16"]),
        ("the-key-of-the-pbx", "::ffff:10.1.2.3", ["10.1.0.0/16"]),
        ("the-key-of-the-pby", "10.1.2.3", ["10.1.0.0/16"]),
        ("ключ", "10.1.2.3", ["10.1.0.0/16"]),
        ("", "10.1.2.3", ["10.1.0.0/16"]),
    ]:
        with pytest.raises(ForgedError):
            knock(key, ip, networks)


def test_an_unsigned_webhook_is_not_believed() -> None:
    with pytest.raises(ForgedError):
        VENDORS["generic"].authenticate(HookRequest("", EVENT, NOW), Secrets(hook_secret=SECRET), [])


@given(st.binary(max_size=300))
def test_what_is_kept_of_a_webhook_has_its_payload_and_not_the_key_it_showed(payload: bytes) -> None:
    adapter = VENDORS["mango"]
    body = urlencode({b"vpbx_api_key": KEY.encode(), b"sign": SIGN.encode(), b"json": payload}).encode()
    kept = adapter.keepable(body)
    assert adapter.payload(kept) == payload == adapter.payload(body)
    assert KEY.encode() not in kept or KEY.encode() in payload
    assert VENDORS["generic"].keepable(payload) == payload


def test_secrets_are_not_printed() -> None:
    assert SALT not in f"{Secrets(api_key=KEY, salt=SALT)!r} {Secrets(salt=SALT)}"
