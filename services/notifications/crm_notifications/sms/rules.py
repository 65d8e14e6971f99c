"""How an SMS text is cut into parts: what the operator bills for.

Pure: a text in, parts out. Must never know a gateway, a price or a template.
Sources: 3GPP TS 23.038 §6.2.1 (the GSM 7 bit default alphabet and its extension table),
3GPP TS 23.040 §9.2.3.24.1 (six octets of a concatenation header: 153 septets or 67 UCS-2 units remain).
"""

from dataclasses import dataclass
from typing import Literal

Encoding = Literal["gsm7", "ucs2"]

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"
SEPTETS: dict[str, int] = dict.fromkeys(_BASIC, 1) | dict.fromkeys(_EXTENSION, 2)

_SINGLE: dict[Encoding, int] = {"gsm7": 160, "ucs2": 70}
_CONCATENATED: dict[Encoding, int] = {"gsm7": 153, "ucs2": 67}


@dataclass(frozen=True, slots=True)
class Segmentation:
    """A text cut into parts. `units` are septets (gsm7) or UTF-16 units (ucs2) of the whole text.

    `remaining`: units still free in the last part. `outside_gsm7`: the distinct characters, in order of
    appearance, that made it ucs2; empty for gsm7.
    """

    encoding: Encoding
    units: int
    parts: tuple[str, ...]
    remaining: int
    outside_gsm7: tuple[str, ...]


def _units(char: str, encoding: Encoding) -> int:
    if encoding == "gsm7":
        return SEPTETS[char]
    return 2 if ord(char) > 0xFFFF else 1


def segment(text: str) -> Segmentation:
    """The parts of `text`, which joined are the text again; the empty text is one empty part.

    A character of two units (an extension character, a surrogate pair) is never split between parts, so the
    number of parts can exceed units / part size.
    """
    outside = tuple(dict.fromkeys(char for char in text if char not in SEPTETS))
    encoding: Encoding = "ucs2" if outside else "gsm7"
    units = sum(_units(char, encoding) for char in text)
    if units <= _SINGLE[encoding]:
        return Segmentation(encoding, units, (text,), _SINGLE[encoding] - units, outside)

    size = _CONCATENATED[encoding]
    parts: list[str] = []
    start = used = 0
    for position, char in enumerate(text):
        width = _units(char, encoding)
        if used + width > size:
            parts.append(text[start:position])
            start, used = position, 0
        used += width
    parts.append(text[start:])
    return Segmentation(encoding, units, tuple(parts), size - used, outside)
