"""One attempt to fetch a recording from where a PBX says it is, which may be anywhere: nothing there is believed.

Only the connection's own host and addresses of the public internet are spoken to, at the very address that was
judged, at each hop of redirects anew; nothing of ours is sent along; size and time have bounds.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpcore
import httpx
from crm_contracts.telephony import RecordingFault

from crm_telephony.recordings.port import Files
from crm_telephony.recordings.rules import Origin, is_public, may_follow, sound_of, wav_seconds
from crm_telephony.recordings.service import Kept

_HOPS = 5
_HEAD = 64
_SILENCE_S = 20.0
_REDIRECTS = (301, 302, 303, 307, 308)
_PORTS = {"http": 80, "https": 443}
_SENT = [(b"Accept", b"audio/*, */*;q=0.5"), (b"Accept-Encoding", b"identity"), (b"User-Agent", b"voronka")]


class NotFetched(Exception):
    """The attempt failed; `reason` is one of the contract's."""

    def __init__(self, reason: RecordingFault, error: str) -> None:
        super().__init__(error)
        self.reason: RecordingFault = reason


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much and how long at most."""

    size: int
    seconds: float


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to `own`, and else only to addresses that are public: to the one that was judged, not to its name."""

    def __init__(self, own: Origin | None) -> None:
        self._own = own
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(info[4][0]) for info in found]
        own = self._own is not None and (host, port) == (self._own.host, self._own.port)
        if not own and not (addresses and all(is_public(address) for address in addresses)):
            raise NotFetched("forbidden_address", f"{host}:{port} is not on the public internet")
        return await self._network.connect_tcp(addresses[0], port, timeout, local_address, socket_options)


async def fetch(files: Files, key: str, url: str, own_url: str | None, bounds: Bounds) -> Kept:
    """The recording stands in the store under `key`; raises NotFetched, and then nothing of it does."""
    own = _origin(_read(own_url)) if own_url else None
    try:
        async with asyncio.timeout(bounds.seconds), _answer(url, own) as answer:
            return await _keep(files, key, answer, bounds.size)
    except TimeoutError as error:
        raise NotFetched("too_slow", f"not done in {bounds.seconds:g} s") from error
    except (httpcore.ConnectError, httpcore.ConnectTimeout, ssl.SSLError, socket.gaierror) as error:
        raise NotFetched("unreachable", type(error).__name__) from error
    except httpcore.ReadTimeout as error:
        raise NotFetched("too_slow", type(error).__name__) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
        raise NotFetched("broken_off", type(error).__name__) from error


@asynccontextmanager
async def _answer(url: str, own: Origin | None) -> AsyncIterator[httpcore.Response]:
    """The 200 that redirects lead to, its body still to come."""
    async with httpcore.AsyncConnectionPool(network_backend=_Guarded(own)) as pool:
        place = _read(url)
        for _ in range(_HOPS):
            asked = httpcore.URL(scheme=place.raw_scheme, host=place.raw_host, port=place.port, target=place.raw_path)
            timeouts = dict.fromkeys(("connect", "read", "write", "pool"), _SILENCE_S)
            headers = [(b"Host", place.netloc), *_SENT]
            async with pool.stream("GET", asked, headers=headers, extensions={"timeout": timeouts}) as answer:
                if answer.status not in _REDIRECTS:
                    _check(answer.status)
                    yield answer
                    return
                place = _next(place, answer)
    raise NotFetched("refused", f"more than {_HOPS} redirects")


def _read(url: str) -> httpx.URL:
    try:
        place = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise NotFetched("forbidden_address", "no address") from error
    if place.scheme not in _PORTS or not place.host:
        raise NotFetched("forbidden_address", f"not an address of the web: {place.scheme}")
    return place


def _origin(place: httpx.URL) -> Origin:
    return Origin(place.scheme, place.raw_host.decode("ascii"), place.port or _PORTS[place.scheme])


def _next(place: httpx.URL, answer: httpcore.Response) -> httpx.URL:
    location = next((value for name, value in answer.headers if name.lower() == b"location"), b"")
    try:
        target = _read(str(place.join(location.decode("ascii"))))
    except (UnicodeDecodeError, httpx.InvalidURL) as error:
        raise NotFetched("forbidden_address", "a redirect to no address") from error
    if not location or not may_follow(_origin(place), _origin(target)):
        raise NotFetched("forbidden_address", "a redirect out of TLS or to nowhere")
    return target


def _check(status: int) -> None:
    if status in (404, 410):
        raise NotFetched("not_there", f"HTTP {status}")
    if status in (401, 403):
        raise NotFetched("refused", f"HTTP {status}")
    if status != 200:
        raise NotFetched("unreachable", f"HTTP {status}")


async def _keep(files: Files, key: str, answer: httpcore.Response, most: int) -> Kept:
    declared = next((value for name, value in answer.headers if name.lower() == b"content-length"), b"0")
    if not declared.isdigit() or int(declared) > most:
        raise NotFetched("too_large", f"{declared[:20]!r} bytes")
    async with files.writing(key) as writing:
        head = b""
        async for piece in answer.aiter_stream():
            if len(head) < _HEAD:
                head += piece[: _HEAD - len(head)]
            if writing.size + len(piece) > most:
                raise NotFetched("too_large", f"more than {most} bytes")
            await writing.write(piece)
        mime = sound_of(head)
        if mime is None:
            raise NotFetched("not_audio", f"begins with {head[:12]!r}")
        return Kept(mime, wav_seconds(head, writing.size), writing.size, writing.sha256)
