"""The server on which a PBX keeps its recordings: sound ones, and all that can be wrong with one."""

import asyncio
import io
import math
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


def sound(seconds: float = 3.0, rate: int = 8_000) -> bytes:
    """A WAV of a tone."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        samples = (round(8_000 * math.sin(number / 7)) for number in range(int(seconds * rate)))
        file.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))
    return made.getvalue()


@dataclass
class Storehouse:
    """Answers by path, and remembers who asked for what."""

    port: int = 0
    elsewhere: str = ""
    asked: list[str] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    """Until it is set, `/slow` stops in the middle."""

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one answer."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ")[1].decode()
            self.asked.append(path)
            self.heads.append(head)
            await self._answer(path, writer)
        writer.close()

    async def _answer(self, path: str, writer: asyncio.StreamWriter) -> None:
        wav = sound()
        match path.split("?")[0]:
            case "/sound.wav" | "/late.wav":
                writer.write(_head(200, len(wav)) + wav)
            case kept if kept.startswith("/queries/recording/link/past-"):
                writer.write(_head(200, len(wav)) + wav)
            case "/no-length":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\n\r\n" + wav)
            case "/twice":
                writer.write(_head(302, 0, "/once"))
            case "/once":
                writer.write(_head(301, 0, f"{self.url}/sound.wav?token=a"))
            case "/round":
                writer.write(_head(302, 0, "/round"))
            case "/away":
                writer.write(_head(302, 0, self.elsewhere))
            case "/named-so":
                writer.write(_head(302, 0, f"http://localhost:{self.port}/sound.wav"))
            case "/metadata":
                writer.write(_head(302, 0, "http://169.254.169.254/latest/meta-data/"))
            case "/octal":
                writer.write(_head(302, 0, f"http://0177.0.0.1:{self.port}/sound.wav"))
            case "/file":
                writer.write(_head(302, 0, "file:///etc/passwd"))
            case "/page":
                writer.write(_head(200, 20, kind="audio/wav") + b"<html>not yet</html>")
            case "/empty":
                writer.write(_head(200, 0))
            case "/declared-huge":
                writer.write(_head(200, 10**9))
            case "/huge":
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + wav * 10)
            case "/cut":
                writer.write(_head(200, len(wav)) + wav[: len(wav) // 2])
            case "/slow":
                writer.write(_head(200, len(wav)) + wav[: len(wav) // 2])
                await writer.drain()
                await self.opened.wait()
                writer.write(wav[len(wav) // 2 :])
            case "/forbidden":
                writer.write(_head(403, 0))
            case "/broken":
                writer.write(_head(503, 0))
            case _:
                writer.write(_head(404, 0))
        await writer.drain()


def _head(status: int, length: int, location: str = "", kind: str = "audio/x-wav") -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {length}", f"Content-Type: {kind}", "Connection: close"]
    return "\r\n".join([*lines, *([f"Location: {location}"] if location else [])]).encode() + b"\r\n\r\n"


@asynccontextmanager
async def storehouse() -> AsyncIterator[Storehouse]:
    """The server, listening."""
    house = Storehouse()
    server = await asyncio.start_server(house.serve, "127.0.0.1", 0)
    house.port = server.sockets[0].getsockname()[1]
    try:
        yield house
    finally:
        house.opened.set()
        server.close()
