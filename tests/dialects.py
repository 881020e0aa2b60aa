"""Three exchanges that say the same: the one for tests, Binance and Upbit, each in its own words on scripted links.

A stream of numbered trades; another one that may join it. What the rows of ``test_every_exchange.py`` ask is asked of
the public manager of each, whose connections run on the thread of the test.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, cast

import pytest
from fake_exchange import FINAL, START, FakeExchange, calm, data, named
from fake_exchange import server as fake_server
from fake_upbit import FakeUpbit, Link, shortened

from binance_sockets import SocketManager, UpbitSocketManager
from binance_sockets.engine import frames
from binance_sockets.engine.connection import Connection
from binance_sockets.manager import Manager
from binance_sockets.testing import Drop, FakeClock, Refuse, Script, ScriptedTransport, Send, binary, frame, text

__all__ = ["DIALECTS", "Case", "Dialect", "on"]

_EPOCH = 1_790_000_000_000  # of messages, in milliseconds


class Dialect:
    """One exchange in its own words.

    Attributes:
        name: in the names of the tests.
        stream, other: names of the streams, as gaps and errors have them.
        views: those in which it can be read.
    """

    name: str
    stream: str
    other: str
    views: ClassVar[Sequence[str]] = ("dict", "typed", "unified", "raw")

    def manager(self, transport: ScriptedTransport, options: Any) -> Manager:
        """One whose sockets go over ``transport``."""
        raise NotImplementedError

    def start(self, manager: Any, callback: Callable[[Any], object], **ways: Any) -> str:
        """A socket of the stream, to which the other may join; returns its key."""
        raise NotImplementedError

    def join(self, manager: Any, key: str) -> None:
        """Have the socket carry the other stream, too."""
        raise NotImplementedError

    def message(self, number: int, after: float = 0.0, other: bool = False) -> Send:
        """A trade."""
        raise NotImplementedError

    def number(self, payload: Any) -> int:
        """Of a trade, as the callback sees it in any view."""
        raise NotImplementedError

    def server(self, *steps: Send | Drop, pong: bool = True, refuses: bool = False, answers: bool = True) -> Script:
        """A link of a server that behaves.

        Args:
            steps: what it sends besides.
            pong: it answers pings.
            refuses: to carry the other stream.
            answers: what is asked.
        """
        raise NotImplementedError


class _Fake(Dialect):
    name, stream, other = "fake", "a", "b"
    views = ("dict",)

    def manager(self, transport: ScriptedTransport, options: Any) -> Manager:
        return Manager(transport=transport, options=options)

    def start(self, manager: Any, callback: Callable[[Any], object], **ways: Any) -> str:
        exchange = FakeExchange(ids=True)
        return cast(str, manager._open("a", exchange, named("a"), callback, named=lambda names: named(*str(names))))

    def join(self, manager: Any, key: str) -> None:
        manager.subscribe(key, "b")

    def message(self, number: int, after: float = 0.0, other: bool = False) -> Send:
        return data("b" if other else "a", number, after)

    def number(self, payload: Any) -> int:
        return int(payload)

    def server(self, *steps: Send | Drop, pong: bool = True, refuses: bool = False, answers: bool = True) -> Script:
        return fake_server(*steps, pong=pong, refuses="b" if refuses else "", answer=answers)


class _Binance(Dialect):
    name, stream, other = "binance", "btcusdt@trade", "ethusdt@trade"

    def manager(self, transport: ScriptedTransport, options: Any) -> Manager:
        return SocketManager(environment="http://127.0.0.1:1", transport=transport, options=options)

    def start(self, manager: Any, callback: Callable[[Any], object], **ways: Any) -> str:
        return cast(str, manager.start_multiplex_socket([self.stream], callback, **ways))

    def join(self, manager: Any, key: str) -> None:
        manager.subscribe(key, self.other)

    def message(self, number: int, after: float = 0.0, other: bool = False) -> Send:
        stream = self.other if other else self.stream
        trade = {
            "e": "trade", "E": _EPOCH + number, "s": stream.partition("@")[0].upper(), "t": number, "p": "1.50",
            "q": "0.10", "T": _EPOCH + number, "m": True, "M": True,
        }  # fmt: skip
        return Send(text(json.dumps({"stream": stream, "data": trade})).data, after)

    def number(self, payload: Any) -> int:
        if isinstance(payload, bytes):
            payload = json.loads(payload)
        found = payload["data"] if isinstance(payload, dict) else payload.data
        return int(found["t"] if isinstance(found, dict) else getattr(found, "trade_id", getattr(found, "id", None)))

    def server(self, *steps: Send | Drop, pong: bool = True, refuses: bool = False, answers: bool = True) -> Script:
        carried = [self.stream]

        def react(opcode: int, payload: bytes) -> Iterable[Send | Drop]:
            if opcode != frames.TEXT:
                return _manners(opcode, payload, pong)
            asked = json.loads(payload)
            answer: dict[str, Any] = {"result": None, "id": asked["id"]}
            if asked["method"] == "LIST_SUBSCRIPTIONS":
                answer["result"] = carried
            elif refuses and self.other in asked["params"]:
                answer = {"error": {"code": 2, "msg": "Invalid request"}, "id": asked["id"]}
            else:
                carried.extend(asked["params"])
            return [text(json.dumps(answer))] if answers else []

        return Script(steps, react)


class _Upbit(Dialect):
    name, stream, other = "upbit", "trade:KRW-BTC", "trade:KRW-ETH"

    def manager(self, transport: ScriptedTransport, options: Any) -> Manager:
        return UpbitSocketManager(environment="live", transport=transport, options=options)

    def start(self, manager: Any, callback: Callable[[Any], object], **ways: Any) -> str:
        return cast(str, manager.start_trade_socket("KRW-BTC", callback, "realtime_only", **ways))

    def join(self, manager: Any, key: str) -> None:
        manager.subscribe(key, "KRW-ETH")

    def message(self, number: int, after: float = 0.0, other: bool = False) -> Send:
        trade = {
            "type": "trade", "code": "KRW-ETH" if other else "KRW-BTC", "timestamp": _EPOCH + number, "ask_bid": "BID",
            "trade_timestamp": _EPOCH + number, "trade_price": 1.5, "trade_volume": 0.1, "sequential_id": number,
            "stream_type": "REALTIME",
        }  # fmt: skip
        short = {"trade_timestamp": "ttms", **shortened(trade)}
        short["ttms"] = short.pop("trade_timestamp")
        return Send(binary(json.dumps(short).encode()).data, after)

    def number(self, payload: Any) -> int:
        if isinstance(payload, bytes):
            return int(json.loads(payload)["sid"])
        if isinstance(payload, dict):
            return int(payload["sequential_id"])
        return int(payload.id if hasattr(payload, "id") else payload.sequential_id)

    def server(self, *steps: Send | Drop, pong: bool = True, refuses: bool = False, answers: bool = True) -> Script:
        exchange = FakeUpbit(FakeClock(START))
        exchange.mute = not answers
        link = Link(exchange)

        def react(opcode: int, payload: bytes) -> Iterable[Send | Drop]:
            if opcode != frames.TEXT:
                return _manners(opcode, payload, pong)
            if refuses and b"KRW-ETH" in payload:
                return [binary(b'{"error":{"name":"INVALID_PARAM","message":"no"}}')]
            return link.react(opcode, payload)

        return Script(steps, react)


def _manners(opcode: int, payload: bytes, pong: bool) -> list[Send | Drop]:
    if opcode == frames.CLOSE:
        return [Send(frame(frames.CLOSE, payload)), Drop()]
    return [Send(frame(frames.PONG, payload))] if opcode == frames.PING and pong else []


DIALECTS = {each.name: each for each in (_Fake(), _Binance(), _Upbit())}


def on(**cannot: str) -> pytest.MarkDecorator:
    """The exchanges on which a row runs: all but those of which it says why it cannot hold there."""
    assert all(cannot.values()) and cannot.keys() <= DIALECTS.keys()
    chosen = [each for name, each in DIALECTS.items() if name not in cannot]
    return pytest.mark.parametrize("dialect", chosen, ids=lambda each: each.name)


class Case:
    """One socket of one exchange, with the history of everything.

    Args:
        dialect: whose.
        outcomes: what each attempt to connect meets.
        callback: called with each number, after it was noted.
        into: the callback in place of that.
        ways: how the socket is started.
        options: of the manager; without jitter, the first wait a second.
    """

    def __init__(
        self,
        dialect: Dialect,
        *outcomes: Script | Refuse,
        callback: Callable[[Any], object] = lambda number: None,
        into: Callable[[Any], object] | None = None,
        ways: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.dialect = dialect
        self.clock = FakeClock(START)
        self.transport = ScriptedTransport(self.clock, outcomes)
        self.manager: Any = dialect.manager(self.transport, calm(**{"initial": 1.0, "factor": 2.0, **options}))
        core = self.manager._core
        core.submit = lambda job: job()
        core.dial = lambda attempt: attempt.run(self.transport.wakeup())
        self.made: list[Connection] = []
        make = self.manager._make
        self.manager._make = lambda *arguments, **named: self._note(make(*arguments, **named))
        self.got: list[Any] = []
        self.states: list[str] = []
        self.reasons: list[str] = []
        self.gaps: list[Any] = []
        self.errors: list[Any] = []
        self.manager.add_state_listener(self._changed)
        self.manager.add_gap_listener(self.gaps.append)
        self.manager.add_error_listener(self.errors.append)
        self._callback = callback
        self.key = dialect.start(self.manager, self._receive if into is None else into, **(ways or {}))

    def _note(self, connection: Connection) -> Connection:
        connection.start = lambda daemon: None  # type: ignore[method-assign]
        self.made.append(connection)
        return connection

    def _receive(self, payload: Any) -> None:
        number = payload if payload == FINAL else self.dialect.number(payload)
        self.got.append(number)
        self._callback(number)

    def _changed(self, change: Any) -> None:
        self.states.append(change.state.value)
        if change.reason is not None:
            self.reasons.append(change.reason.value)

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """Do something so many seconds from the start."""
        self.clock.at(START + seconds - self.clock.now, action)

    def begin(self) -> Connection:
        """The socket begins, as it does once its manager is started; returns the connection that carries it."""
        self.manager._core.connections[self.key].start(False)
        return self.made[-1]

    def run(self, until: float) -> Case:
        """From its begin to its end, which is asked for after so many seconds."""
        connection = self.begin()
        self.at(until, connection.request_stop)
        connection.run()
        assert all(link.closed for link in self.transport.links)
        return self

    @property
    def attempts(self) -> list[float]:
        """When each attempt to connect was made, in seconds."""
        return [round(at - START, 3) for at, _ in self.transport.attempts]

    def told(self, kind: type[BaseException]) -> list[Any]:
        """The errors of this kind that listeners were told."""
        return [report.error for report in self.errors if isinstance(report.error, kind)]
