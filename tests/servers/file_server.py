"""A local HTTP server of one file that can misbehave in the ways servers do."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Server:
    """What to serve and how; `requests` are the paths and Range headers asked for."""

    body: bytes
    url: str = ""
    break_after: list[int] = field(default_factory=list)  # bytes of an answer after which the connection ends
    knows_ranges: bool = True
    status: int = 200
    requests: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def serving(body: bytes) -> Iterator[Server]:
    """A server on a free port of this machine."""
    served = Server(body)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, served)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.block_on_close = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_address[1]}/file.bin"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(handler: BaseHTTPRequestHandler, served: Server) -> None:
    asked = handler.headers.get("Range", "")
    served.requests.append((handler.path, asked))
    if served.status != 200:
        handler.send_error(served.status)
        return
    start, ranged = 0, re.fullmatch(r"bytes=(\d+)-", asked)
    if ranged and served.knows_ranges:
        start = int(ranged[1])
        if start >= len(served.body):
            handler.send_error(416)
            return
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {start}-{len(served.body) - 1}/{len(served.body)}")
    else:
        handler.send_response(200)
    handler.send_header("Content-Length", str(len(served.body) - start))
    handler.end_headers()
    length = served.break_after.pop(0) if served.break_after else len(served.body)
    handler.wfile.write(served.body[start : start + length])
    handler.close_connection = True
