"""Recordings of an emulated PBX: whatever it is asked for is one of the sounds in a folder, and always the same one."""

import hashlib
import time
from pathlib import Path


class Shelf:
    """The `*.wav` files of a folder, handed out by the id of a recording to who shows a link of this account."""

    def __init__(self, folder: Path, api_key: str, salt: str) -> None:
        self._sounds = sorted(folder.glob("*.wav"))
        if not self._sounds:
            raise ValueError(f"there is no .wav file in {folder}")
        self._api_key = api_key
        self._salt = salt

    def sound_of(self, recording_id: str) -> Path:
        """The file that is this recording."""
        number = int.from_bytes(hashlib.sha256(recording_id.encode("utf-8")).digest()[:4], "big")
        return self._sounds[number % len(self._sounds)]

    def opens(self, recording_id: str, key: str, expires: str, proof: str) -> bool:
        """Whether the steps of a link are signed by this account and still good."""
        signed = hashlib.sha256("".join((self._api_key, expires, recording_id, self._salt)).encode("utf-8"))
        return key == self._api_key and proof == signed.hexdigest() and expires.isdigit() and int(expires) > time.time()
