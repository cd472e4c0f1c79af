"""Fetch one address politely: one request at a time at a venue's pace, retries with growing waits, limits of time and size.

Whatever goes wrong becomes a `Remark` with a kind and never an exception, so that one broken source leaves the others
whole. There is no jitter: a venue sees at most one of us, and equal runs behave equally.
"""

from __future__ import annotations

import asyncio
import importlib
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from shortfall.data.figure_records import Remark, RemarkKind
from shortfall.errors import DataError, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Limits", "Request", "Wire", "http_client"]

OK: Final = 200
TOO_MANY: Final = 429
SERVER_ERROR: Final = 500
AGENT: Final = "shortfall-collect (public data, no key)"


@dataclass(frozen=True, slots=True)
class Limits:
    """State how hard a venue may be asked.

    Parameters
    ----------
    per_second : float
        Requests in a second, evenly spaced.
    attempts : int
        How often one request is tried.
    first_wait_s, longest_wait_s : float
        The wait doubles from the first on; a venue that asks for more than the longest is not asked again.
    timeout_s : float
        For one attempt as a whole, not for each read.
    largest_bytes : int
        A body beyond this is refused before it is read to the end.
    """

    per_second: float = 5.0
    attempts: int = 4
    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0
    timeout_s: float = 15.0
    largest_bytes: int = 32 << 20


@dataclass(frozen=True, slots=True)
class Request:
    """State one request: the address with its query, and a JSON body for venues that ask by POST."""

    url: str
    params: tuple[tuple[str, str], ...] = ()
    body: tuple[tuple[str, object], ...] | None = None

    def __str__(self) -> str:
        """Return the address as a report prints it."""
        query = "&".join(f"{name}={value}" for name, value in self.params)
        address = f"{self.url}?{query}" if query else self.url
        return address if self.body is None else f"POST {address} {json.dumps(dict(self.body))}"


@dataclass(frozen=True, slots=True)
class _Again:
    """A failure that may pass: what it was, and the seconds that the venue asked for."""

    remark: Remark
    after_s: float | None = None


class Wire:
    """Fetch for one venue.

    Parameters
    ----------
    client : httpx.AsyncClient
        Open client.
    limits : Limits
        How hard the venue may be asked.
    """

    def __init__(self, client: Any, limits: Limits) -> None:  # noqa: ANN401 - httpx is an extra and imported late
        self._client = client
        self._limits = limits
        self._turn = asyncio.Lock()
        self._asked: dict[Request, asyncio.Task[bytes | Remark]] = {}

    async def fetch(self, request: Request) -> bytes | Remark:
        """Return the body, or what went wrong. Equal requests of one wire are sent once."""
        if request not in self._asked:
            self._asked[request] = asyncio.create_task(self._try(request))
        return await self._asked[request]

    async def _try(self, request: Request) -> bytes | Remark:
        wait = self._limits.first_wait_s
        for attempt in range(1, self._limits.attempts + 1):
            await self._wait_for_turn()
            found = await self._once(request)
            if not isinstance(found, _Again):
                return found
            after = found.after_s if found.after_s is not None else wait
            if attempt == self._limits.attempts or after > self._limits.longest_wait_s:
                tried = f"{found.remark.message}; tried {attempt} time{'s' if attempt > 1 else ''}"
                return Remark(found.remark.path, tried, kind=found.remark.kind)
            await asyncio.sleep(after)
            wait = min(wait * 2, self._limits.longest_wait_s)
        raise AssertionError  # the last attempt returns

    async def _wait_for_turn(self) -> None:
        """Hold the turn for one interval: requests leave evenly spaced, whatever their answers take."""
        await self._turn.acquire()
        asyncio.get_running_loop().call_later(1 / self._limits.per_second, self._turn.release)

    async def _once(self, request: Request) -> bytes | Remark | _Again:
        httpx: Any = importlib.import_module("httpx")
        where = str(request)
        try:
            async with asyncio.timeout(self._limits.timeout_s):
                return await self._read(request, where)
        except TimeoutError:
            message = f"Expected an answer within {self._limits.timeout_s:g} s, had none"
            return _Again(Remark(where, message, kind=RemarkKind.TIMEOUT))
        except httpx.TimeoutException:
            message = f"Expected an answer within {self._limits.timeout_s:g} s, had none"
            return _Again(Remark(where, message, kind=RemarkKind.TIMEOUT))
        except (httpx.RemoteProtocolError, httpx.DecodingError, httpx.ReadError) as error:
            return _Again(Remark(where, f"Expected a whole answer, it was cut: {error}", kind=RemarkKind.CUT))
        except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            words = str(error) or type(error).__name__
            return _Again(Remark(where, f"Expected a connection, had none: {words}", kind=RemarkKind.NO_CONNECTION))

    async def _read(self, request: Request, where: str) -> bytes | Remark | _Again:
        method = "GET" if request.body is None else "POST"
        body = None if request.body is None else dict(request.body)
        async with self._client.stream(method, request.url, params=request.params or None, json=body) as answer:
            if answer.status_code != OK:
                return _status(where, answer.status_code, answer.headers)
            parts, size = [], 0
            async for part in answer.aiter_bytes():
                size += len(part)
                if size > self._limits.largest_bytes:
                    message = f"Expected at most {self._limits.largest_bytes} bytes, there were more"
                    return Remark(where, message, kind=RemarkKind.TOO_LARGE)
                parts.append(part)
            return b"".join(parts)


def _status(where: str, code: int, headers: Mapping[str, str]) -> Remark | _Again:
    remark = Remark(where, f"Expected the status {OK}, was {code}", kind=RemarkKind.HTTP_STATUS)
    if code != TOO_MANY and code < SERVER_ERROR:
        return remark
    said = headers.get("Retry-After", "").strip()
    return _Again(remark, float(said) if said.isdigit() else None)


@cache
def _certificates() -> Any:  # noqa: ANN401 - httpx is an extra and imported late
    """Return the certificates that every client checks addresses with; reading them costs tens of milliseconds."""
    return importlib.import_module("httpx").create_ssl_context()


def http_client() -> Any:  # noqa: ANN401 - httpx is an extra and imported late
    """Return an open client; the caller closes it.

    Raises
    ------
    DataError
        If httpx is not installed.
    """
    try:
        httpx: Any = importlib.import_module("httpx")
    except ImportError:
        message = "Expected httpx for collecting: python -m pip install 'shortfall[collect]'"
        raise DataError([Finding("httpx", message)]) from None
    return httpx.AsyncClient(
        headers={"User-Agent": AGENT}, timeout=None, verify=_certificates()
    )  # `Wire` times each attempt
