"""What a file is, is told by its content; what a browser does with it, by what it is; its name harms nobody."""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from crm_chassis.ids import new_id
from crm_contacts.files.rules import HEAD_BYTES, SHOWN, TEXT, UNKNOWN, ZIP, disposition, guard, media_type
from crm_contacts.files.schemas import FileUpload
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

CORPUS = Path(__file__).parents[3] / "tests/fuzz/hostile/corpus.json"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
WORDS = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (PNG, "a.png", "image/png"),
        (PNG, "a.html", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a.jpg", "image/jpeg"),
        (b"GIF89a;<script>alert(1)</script>", "a.html", "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "a.webp", "image/webp"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "a.webp", UNKNOWN),
        (b"%PDF-1.7\n%\xe2\xe3", "offer.pdf", "application/pdf"),
        (b"PK\x03\x04\x14\0", "a.zip", ZIP),
        (b"PK\x03\x04\x14\0", "a.png", ZIP),
        (b"PK\x03\x04\x14\0", "Offer.DOCX", WORDS),
        (b"MZ\x90\0\x03\0", "photo.png", UNKNOWN),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg", TEXT),
        (b"<!doctype html><script>alert(1)</script>", "a.png", TEXT),
        (b" \n%PDF-1.7", "a.pdf", TEXT),
        ("Načrt".encode(), "a.txt", TEXT),
        (("č" * HEAD_BYTES).encode()[1 : HEAD_BYTES + 1], "a.txt", UNKNOWN),
        (("a" + "č" * HEAD_BYTES).encode()[:HEAD_BYTES], "a.txt", TEXT),
        (b"a\xc4", "a.txt", UNKNOWN),
        (b"\xff\xfeh\0i\0", "a.txt", UNKNOWN),
    ],
)
def test_a_file_is_what_its_first_bytes_say_whatever_it_is_called(head: bytes, name: str, kind: str) -> None:
    assert media_type(head, name) == kind


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=64), st.sampled_from(["a.svg", "a.html", "a.png", "a.pdf"]))
def test_nothing_is_shown_but_what_begins_as_an_image_or_a_pdf(head: bytes, name: str) -> None:
    kind = media_type(head, name)
    assert disposition(name, kind).startswith("inline" if kind in SHOWN else "attachment")
    assert (kind in SHOWN) == (kind.startswith("image/") or kind == "application/pdf")
    assert "script-src" not in guard(kind) and guard(kind).startswith("default-src 'none'")


def hostile_names() -> list[str]:
    found = [entry["value"] * entry.get("times", 1) for entry in json.loads(CORPUS.read_text("ascii"))]
    return [
        *found,
        "../../etc/passwd",
        "..",
        "C:\\boot.ini",
        "a\0b.png",
        "photo\u202egpj.exe",
        "\U0001f3e0.pdf",
        'a".html',
    ]


@pytest.mark.parametrize("name", hostile_names(), ids=lambda name: ascii(name)[:40])
def test_a_hostile_name_is_refused_or_harms_nobody(name: str) -> None:
    try:
        taken = FileUpload(subject="person", subject_id=new_id(), file_name=name).file_name
    except ValidationError as error:
        assert {each["type"] for each in error.errors()} <= {
            *("too_short", "too_long", "control_character", "blank", "path_in_name", "string_unicode")
        }
        return
    assert taken == name
    header = disposition(name, UNKNOWN)
    header.encode("ascii")
    match = re.fullmatch(r"attachment; filename=\"([^\"\\%/]+)\"; filename\*=UTF-8''([A-Za-z0-9%._~-]+)", header)
    assert match is not None, header
    said = unquote(match[2], errors="strict")
    assert len(said) == len(name)
    assert "\u202e" not in said and all(a == b or b == "_" for a, b in zip(name, said, strict=True))


def test_a_name_that_reads_backwards_is_said_forwards() -> None:
    assert disposition("photo\u202egpj.exe", UNKNOWN) == (
        "attachment; filename=\"photo_gpj.exe\"; filename*=UTF-8''photo_gpj.exe"
    )
    assert disposition("שלום.pdf", "application/pdf").startswith('inline; filename="____.pdf"; filename*=')
