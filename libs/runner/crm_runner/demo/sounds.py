"""Sounds for the demo's recordings: two voices that take turns, in no language; the same seed, the same sound."""

import io
import math
import random
import wave
from array import array
from pathlib import Path

RATE = 8_000
_LOUD = 9_000
_VOICES = (118.0, 196.0)
# Strengths of a voice's harmonics in four vowels.
_VOWELS = (
    (1.0, 0.7, 0.5, 0.4, 0.15),
    (1.0, 0.3, 0.1, 0.4, 0.4),
    (1.0, 0.8, 0.2, 0.05, 0.02),
    (0.8, 1.0, 0.6, 0.2, 0.1),
)
_LASTING_S = (4.0, 5.5, 7.0, 8.5, 10.0, 12.0)


def talk(seed: int, seconds: float) -> bytes:
    """A WAV (8 kHz, 16 bit, mono) that sounds like a talk behind a door."""
    dice = random.Random(seed)
    samples = array("h")
    wanted = int(seconds * RATE)
    speaker = dice.randrange(2)
    while len(samples) < wanted:
        for _ in range(dice.randint(4, 9)):
            samples.extend(_syllable(dice, _VOICES[speaker]))
        samples.extend(array("h", bytes(2 * int(dice.uniform(0.15, 0.45) * RATE))))
        speaker = 1 - speaker
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples[:wanted].tobytes())
    return made.getvalue()


def lay_out(folder: Path) -> Path:
    """The folder holds a few talks of several lengths; those that are there stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, seconds in enumerate(_LASTING_S):
        place = folder / f"talk-{seed}.wav"
        if not place.exists():
            place.write_bytes(talk(seed, seconds))
    return folder


def _syllable(dice: random.Random, voice: float) -> "array[int]":
    length = int(dice.uniform(0.09, 0.22) * RATE)
    pitch = voice * dice.uniform(0.9, 1.15)
    vowel = dice.choice(_VOWELS)
    step = 2 * math.pi * pitch / RATE
    scale = _LOUD / sum(vowel)
    return array(
        "h",
        (
            int(
                scale
                * math.sin(math.pi * number / length) ** 0.6
                * sum(strength * math.sin(step * number * (index + 1)) for index, strength in enumerate(vowel))
            )
            for number in range(length)
        ),
    )
