"""An account's exchange in a script: REST calls that are answered from a table, WebSockets that answer and push."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from binance_sockets import CredentialChange, Gap, Options, SocketManager, StateChange
from binance_sockets.config import Backoff, Timeouts
from binance_sockets.engine import frames
from binance_sockets.events import ErrorReport
from binance_sockets.exchanges.binance import sockets_user
from binance_sockets.testing import Drop, FakeClock, Refuse, Script, ScriptedTransport, Send, frame, text

START = 1000.0
API_KEY = "key0" * 16
SECRET = "secret0" * 9
LISTEN_KEY = "Listen0Key" * 6 + "0001"


class Rest:
    """The REST side: calls are noted; each path is answered by a function, an exception, or a value.

    Attributes:
        calls: ``(seconds, method, path, params, security)``.
        answers: by ``"METHOD path"``; a list is taken from the front, its last element stays.
    """

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.calls: list[tuple[float, str, str, dict[str, Any], str]] = []
        self.answers: dict[str, Any] = {}
        self.measured: list[float] = []
        self.offset = 0

    def made(self, method: str) -> list[float]:
        """When calls of a method were made."""
        return [at for at, called, *_ in self.calls if called == method]

    def client(self, base: str, options: Options, key: Any, time_path: str, quota: Any = None) -> Client:
        return Client(self, base)


class Client:
    """What stands for :class:`SignedRest`."""

    def __init__(self, rest: Rest, base: str) -> None:
        self._rest = rest
        self.base = base
        self.venue = "127.0.0.1:9"
        self.server_time = self

    def now(self) -> int:
        return int(self._rest.clock.now * 1000) + self._rest.offset

    def call(
        self, method: str, path: str, params: Mapping[str, Any] | None = None, security: str = "none", **_: Any
    ) -> Any:
        rest = self._rest
        rest.calls.append((round(rest.clock.now - START, 3), method, path, dict(params or {}), security))
        answer = rest.answers[f"{method} {path}"]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def measure(self) -> None:
        self._rest.measured.append(self._rest.clock.now - START)

    def close(self) -> None:
        """Nothing is open."""


class Bench:
    """A manager whose one private socket runs inline against scripts.

    Args:
        outcomes: what each connect attempt meets.
        fields: of the manager.
    """

    def __init__(self, *outcomes: Script | Refuse, monkeypatch: pytest.MonkeyPatch, **fields: Any) -> None:
        self.clock = FakeClock(START)
        self.rest = Rest(self.clock)
        monkeypatch.setattr(sockets_user, "SignedRest", self.rest.client)
        self.transport = ScriptedTransport(self.clock, outcomes)
        given = {"api_key": API_KEY, "api_secret": SECRET, "environment": "http://127.0.0.1:9"}
        quiet = Timeouts(stale=1e9, ping=0)  # its servers send no pings
        options = Options(backoff=Backoff(jitter=0, max_reconnects=None), timeouts=quiet)
        self.manager = SocketManager(**{**given, **fields}, transport=self.transport, options=options)
        self.seen: list[Any] = []
        self.steps: list[tuple[float, str]] = []
        self.gaps: list[Gap] = []
        self.states: list[StateChange] = []
        self.reports: list[ErrorReport] = []
        self.manager.add_credential_listener(self._credential)
        self.manager.add_gap_listener(self.gaps.append)
        self.manager.add_state_listener(self.states.append)
        self.manager.add_error_listener(self.reports.append)

    def _credential(self, change: CredentialChange) -> None:
        self.steps.append((self.now, change.step.value))

    @property
    def now(self) -> float:
        return round(self.clock.now - START, 3)

    @property
    def urls(self) -> list[str]:
        return [request.url.removeprefix("ws://127.0.0.1:9") for _, request in self.transport.attempts]

    def sent(self, link: int = 0) -> list[dict[str, Any]]:
        """The requests of the client on a link."""
        return [json.loads(sent) for sent in self.transport.links[link].texts()]

    def run(self, start: Callable[..., Any], *args: Any, stop_at: float, **kwargs: Any) -> str:
        """Start a socket by ``start``, a method of the manager, and run it inline to its end; returns its key."""
        core = self.manager._core
        core.submit = lambda job: job()  # type: ignore[method-assign]
        core.dial = lambda attempt: attempt.run(self.transport.wakeup())  # type: ignore[method-assign]
        key = start(*args, self.seen.append, **kwargs)
        assert isinstance(key, str)
        connection = core.connections[key]
        self.clock.at(stop_at, connection.request_stop)
        connection.run()
        return key


def api(*steps: Send | Drop, refuses: Mapping[str, tuple[int, str]] | None = None, **results: Any) -> Script:
    """A WebSocket of the WebSocket API: answers each request by its method's last word; ``steps`` come by themselves.

    Args:
        steps: what it sends besides.
        refuses: ``(code, msg)`` by method.
        results: by the last word of a method.
    """

    def react(opcode: int, payload: bytes) -> Iterable[Send | Drop]:
        if opcode == frames.CLOSE:
            return [Send(frame(frames.CLOSE, payload)), Drop()]
        if opcode == frames.PING:
            return [Send(frame(frames.PONG, payload))]
        if opcode != frames.TEXT:
            return []
        request = json.loads(payload)
        method = request["method"]
        if refuses and method in refuses:
            code, msg = refuses[method]
            return [says({"id": request["id"], "status": 400, "error": {"code": code, "msg": msg}})]
        result = results.get(method.rpartition(".")[2], {"subscriptionId": 0})
        return [says({"id": request["id"], "status": 200, "result": result})]

    return Script(steps, react)


def says(message: Any, after: float = 0.0) -> Send:
    """One message."""
    return Send(text(json.dumps(message)).data, after)


def event(name: str, after: float = 0.0, **fields: Any) -> Send:
    """An event of a subscription."""
    return says({"subscriptionId": 0, "event": {"e": name, "E": 1, **fields}}, after)
