"""Twelve venues on one local port, with faults: `python -m shortfall.testing.fake_venues --port 0`.

Every venue answers below its own name, `http://127.0.0.1:PORT/binance`, in the documented shape with figures made up
here. `http://127.0.0.1:PORT/FAULT/binance` answers with a fault: see `FAULTS`. The clock of the answers is the local
one, so nothing is stale unless asked for. It is for tests and for trying `shortfall collect` without a network.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

from shortfall.testing.fake_answers import answer
from shortfall.testing.fake_faults import FAULTS, broken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

__all__ = ["FAULTS", "FakeVenues", "main"]

OK: Final = 200
NOT_FOUND: Final = 404
SLOW_S: Final = 3.0
WRONG_STATUS: Final[Mapping[str, int]] = {"429": 429, "500": 500, "403": 403}


class FakeVenues:
    """Serve the fake venues until closed.

    Parameters
    ----------
    port : int
        Port on the loopback address; 0 for any free one.

    Examples
    --------
    >>> with FakeVenues() as venues:
    ...     venues.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(self, port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        """Start serving."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Return the address of the root; a venue's is this and its name."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def asked(self) -> dict[str, int]:
        """Return how often each path was asked."""
        return self._server.asked


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # a full queue costs its caller a second

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.asked: dict[str, int] = {}

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent when a caller hangs up; tell everything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        try:
            body = json.loads(self.rfile.read(length) or b"{}")
        except ValueError:
            body = {}
        self._serve(body if isinstance(body, dict) else {})

    def _serve(self, body: dict[str, Any]) -> None:
        parts = urlsplit(self.path)
        asked: dict[str, int] = self.server.asked  # type: ignore[attr-defined]
        asked[parts.path] = count = asked.get(parts.path, 0) + 1
        first, _, rest = parts.path.lstrip("/").partition("/")
        fault = first if first in FAULTS else ""
        venue, _, path = (rest if fault else f"{first}/{rest}").partition("/")
        found = answer(venue, f"/{path}", {**dict(parse_qsl(parts.query)), **body}, time.time())
        if found is None:
            self._send(NOT_FOUND, b'{"message": "no such address here"}')
        elif fault == "once" and count == 1:
            self._send(WRONG_STATUS["429"], b"{}", {"Retry-After": "0"})
        elif fault in WRONG_STATUS:
            self._send(WRONG_STATUS[fault], b'{"code": -1, "msg": "no"}', {"Retry-After": "0"})
        else:
            self._body(fault, found)

    def _body(self, fault: str, found: object) -> None:
        raw = broken(fault, found)
        if fault == "slow":
            time.sleep(SLOW_S)
        if fault == "cut":
            self._cut(raw)
        else:
            self._send(OK, raw)

    def _send(self, status: int, raw: bytes, headers: Mapping[str, str] | None = None) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            for name, text in (headers or {}).items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(raw)
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _cut(self, raw: bytes) -> None:
        """Promise the whole body, send half, hang up."""
        self.send_response(OK)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw[: len(raw) // 2])
        self.wfile.flush()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's signature
        """Say nothing."""


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; the first line says where."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 for any free one")
    asked = parser.parse_args(arguments)
    with FakeVenues(asked.port) as venues:
        sys.stdout.write(f"fake venues at {venues.url} (add /binance and so on; faults: {', '.join(FAULTS)})\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
