"""A scripted REST server on loopback."""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class RestServer:
    """A scripted REST server: answers in turn, the last one for ever; remembers the requests."""

    def __init__(self, context: ssl.SSLContext | None = None, *, keep_alive: bool = False) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.methods: list[str] = []
        self.clients: set[object] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1" if keep_alive else "HTTP/1.0"

            def do_GET(self) -> None:
                outer.requests.append((self.path, dict(self.headers)))
                outer.methods.append(self.command)
                outer.clients.add(self.client_address)
                status, headers, body = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if not status:  # hang up
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, text in headers.items():
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_DELETE = do_GET

            def log_message(self, *args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = False
        if context is not None:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), name="rest-server")
        self.thread.start()

    def answer(self, status: int = 200, body: Any = b"", **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append((status, {name.replace("_", "-"): text for name, text in headers.items()}, content))

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
