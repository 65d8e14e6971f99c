"""Passwords: argon2id, off the event loop, never more than two at once."""

import asyncio
import secrets
from functools import cached_property

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher


class Passwords:
    """Hashes and checks passwords; checking an absent one costs what checking a real one costs.

    A hash takes `memory_mib` for three passes in four lanes: two at once bound what a flood of sign-ins can cost.
    """

    def __init__(self, memory_mib: int) -> None:
        self._hasher = PasswordHash((Argon2Hasher(time_cost=3, memory_cost=memory_mib * 1024, parallelism=4),))
        self._slots = asyncio.Semaphore(2)

    def invent(self) -> str:
        """A password nobody can guess (120 bits)."""
        return secrets.token_urlsafe(15)

    async def hash(self, password: str) -> str:
        """The argon2id hash to keep."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, kept: str | None) -> bool:
        """Whether `password` made the hash `kept`; with None the same work is done and the answer is no."""
        async with self._slots:
            return await asyncio.to_thread(self._verify, password, kept)

    def _verify(self, password: str, kept: str | None) -> bool:
        decoy = self._decoy
        return self._hasher.verify(password, kept or decoy) and kept is not None

    @cached_property
    def _decoy(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe(15))
