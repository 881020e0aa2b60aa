"""Upbit on scripted links, written from its documents and not from the client, and a manager that runs inline to it.

Each message has a number of its own, which is also its time; see :func:`number_of`. So a test can say which messages
came, in which order, and how often.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable
from typing import Any

from fake_exchange import START, calm

from binance_sockets import UpbitSocketManager
from binance_sockets.engine import frames
from binance_sockets.engine.connection import Connection
from binance_sockets.testing import Drop, FakeClock, Refuse, Script, ScriptedTransport, Send, binary, frame

SHORT = {
    "type": "ty", "code": "cd", "timestamp": "tms", "stream_type": "st", "trade_price": "tp", "trade_volume": "tv",
    "ask_bid": "ab", "sequential_id": "sid", "total_ask_size": "tas", "total_bid_size": "tbs", "level": "lv",
    "orderbook_units": "obu", "ask_price": "ap", "bid_price": "bp", "ask_size": "as", "bid_size": "bs",
    "candle_date_time_utc": "cdttmu", "candle_acc_trade_volume": "catv", "uuid": "uid", "state": "s", "assets": "ast",
    "currency": "cu", "balance": "b", "locked": "l", "method": "mthd", "result": "rslt", "codes": "cds",
    "ticket": "tckt", "category": "cat", "title": "tt", "body": "bd", "timeframe": "tf", "indicator": "ind",
    "params": "p", "value": "v",
}  # fmt: skip


def shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {SHORT.get(key, key): shortened(each) for key, each in value.items()}
    return [shortened(each) for each in value] if isinstance(value, list) else value


class Link:
    """One WebSocket of the exchange.

    Attributes:
        subscriptions: objects of the last message that was accepted.
        requests: ``(seconds, message)`` of all.
        mute: it does not say what it carries.
    """

    def __init__(self, exchange: FakeUpbit) -> None:
        self.exchange = exchange
        self.subscriptions: list[dict[str, Any]] = []
        self.format = "DEFAULT"
        self.requests: list[tuple[float, Any]] = []
        self.snapshots: list[tuple[str, str]] = []
        self.stream: Any = None
        self.over = self.mute = False

    def react(self, opcode: int, payload: bytes) -> Iterable[Send | Drop]:
        if opcode == frames.CLOSE:
            self.over = True
            return [Send(frame(frames.CLOSE, payload)), Drop()]
        if opcode == frames.PING:
            return [Send(frame(frames.PONG, payload))]
        if opcode != frames.TEXT:
            return []
        message = json.loads(payload)
        self.requests.append((round(self.exchange.clock.now - START, 6), message))
        found = self.exchange.refuses(message)
        if found is not None:
            return [binary(json.dumps({"error": {"name": found, "message": self.exchange.text}}).encode())]
        assert isinstance(message[0]["ticket"], str) and message[0]["ticket"]
        self.format = next((each["format"] for each in message if "format" in each), "DEFAULT")
        objects = [each for each in message[1:] if "format" not in each]
        if objects[0].get("method") == "LIST_SUBSCRIPTIONS":
            return [] if self.mute or self.exchange.mute else [self.listing(message[0]["ticket"])]
        assert all("type" in each for each in objects) and objects
        self.subscriptions = objects
        return [step for each in objects for step in self._snapshots(each)]

    def _snapshots(self, asked: dict[str, Any]) -> Iterable[Send]:
        if asked["type"] not in ("ticker", "trade", "orderbook") and not asked["type"].startswith("candle."):
            return
        assert not (asked.get("is_only_snapshot") and asked.get("is_only_realtime"))
        if asked.get("is_only_realtime"):
            return
        for code in asked["codes"]:
            plain, _, count = code.partition(".")
            if plain in self.exchange.markets:
                self.snapshots.append((asked["type"], plain))
                level = asked.get("level", 0)
                yield self.wire(self.exchange.message(asked["type"], plain, "SNAPSHOT", int(count or 30), level))

    def listing(self, ticket: str) -> Send:
        rows = [{key: each[key] for key in ("type", "codes", "level") if key in each} for each in self.subscriptions]
        return self.wire({"method": "LIST_SUBSCRIPTIONS", "result": rows, "ticket": ticket})

    def wire(self, message: dict[str, Any]) -> Send:
        found: Any = shortened(message) if self.format.startswith("SIMPLE") else message
        return binary(json.dumps([found] if self.format.endswith("LIST") else found).encode())

    def tell(self, type_: str, code: str, **fields: Any) -> int:
        """Send what has changed, if it is subscribed; returns how many messages that were."""
        sent = 0
        for each in self.subscriptions:
            if each["type"] != type_ or each.get("is_only_snapshot"):
                continue
            codes = each.get("codes")
            found = [asked for asked in codes or () if asked.partition(".")[0] == code]
            if codes is None or found:
                count = int(found[0].partition(".")[2] or 30) if found else 30
                message = self.exchange.message(type_, code, "REALTIME", count, each.get("level", 0))
                self.play([self.wire({**message, **fields})])
                sent += 1
        return sent

    @property
    def lists(self) -> list[tuple[float, Any]]:
        """Those of the requests that ask for streams."""
        return [(at, message) for at, message in self.requests if "method" not in message[1]]

    def play(self, steps: Iterable[Send | Drop]) -> None:
        if not self.stream.closed and not self.over:
            self.stream._play(steps)


class FakeUpbit:
    """The exchange.

    Args:
        clock: tells the time.
        markets: codes that it lists.

    Attributes:
        refusals: the names of the errors that the next lists of streams meet; ``None`` for none.
        text: what they say besides.
        mute: it does not say what it carries.
    """

    def __init__(self, clock: FakeClock, markets: Iterable[str] = ("KRW-BTC", "KRW-ETH", "BTC-ETH")) -> None:
        self.clock = clock
        self.markets = set(markets)
        self.links: list[Link] = []
        self.numbers = itertools.count(1)
        self.refusals: list[str | None] = []
        self.text = "no"
        self.mute = False

    def refuses(self, message: Any) -> str | None:
        return self.refusals.pop(0) if self.refusals and "method" not in message[1] else None

    def script(self) -> Script:
        """One WebSocket."""
        link = Link(self)
        self.links.append(link)
        return Script(react=link.react)

    @property
    def link(self) -> Link:
        """The newest WebSocket."""
        return self.links[-1]

    def message(self, type_: str, code: str, how: str, count: int, level: float) -> dict[str, Any]:
        number = next(self.numbers)
        message: dict[str, Any] = {"type": type_, "timestamp": 1_700_000_000_000 + number, "stream_type": how}
        if type_ != "myAsset":
            message["code"] = code
        if type_ == "ticker":
            message |= {"trade_price": number, "trade_volume": 0.1}
        elif type_ == "trade":
            message |= {"trade_price": 1.5e8, "trade_volume": 0.1, "ask_bid": "BID", "sequential_id": number}
        elif type_ == "orderbook":
            units = [
                {"ask_price": 101 + at, "bid_price": 100 - at, "ask_size": 0.5, "bid_size": number}
                for at in range(count)
            ]
            message |= {"total_ask_size": number, "total_bid_size": 1, "orderbook_units": units, "level": level}
        elif type_.startswith("candle"):
            message |= {"candle_date_time_utc": "2026-11-27T00:00:00", "candle_acc_trade_volume": number}
        return message


def number_of(message: dict[str, Any]) -> int:
    """The number of a message."""
    return int(message["timestamp"]) - 1_700_000_000_000


class Transport(ScriptedTransport):
    """As many WebSockets as are asked for, unless an attempt is to fail."""

    def __init__(self, clock: FakeClock, exchange: FakeUpbit) -> None:
        self.exchange = exchange
        self.failures: list[Refuse | None] = []
        super().__init__(clock, self._scripts())

    def _scripts(self) -> Iterable[Script | Refuse]:
        while True:
            failure = self.failures.pop(0) if self.failures else None
            yield failure or self.exchange.script()

    def connect(self, request: Any, timeout: float, cancel: Any) -> Any:
        stream = super().connect(request, timeout, cancel)
        self.exchange.link.stream = stream
        return stream


class Listing:
    """The REST interface, as far as the causes of silences need it."""

    def __init__(self, exchange: FakeUpbit) -> None:
        self.exchange = exchange

    def markets(self) -> frozenset[str]:
        return frozenset(self.exchange.markets)


class Inline(UpbitSocketManager):
    """A manager whose connections are run by the test."""

    def __init__(self, *markets: str, backoff: dict[str, Any] | None = None, **arguments: Any) -> None:
        self.clock = FakeClock(START)
        self.exchange = FakeUpbit(self.clock, *([markets] if markets else []))
        self.wire = Transport(self.clock, self.exchange)
        self.made: list[Connection] = []
        self.got: dict[str, list[Any]] = {}
        if backoff is not None:
            arguments["options"] = calm(**backoff)
        super().__init__(transport=self.wire, environment="live", **arguments)
        self._rest = Listing(self.exchange)  # type: ignore[assignment]
        self._core.submit = lambda job: job()  # type: ignore[method-assign]
        self._core.dial = lambda attempt: attempt.run(self.wire.wakeup())  # type: ignore[method-assign]
        self.errors: list[Any] = []
        self.changes: list[Any] = []
        self.gaps: list[Any] = []
        self.add_error_listener(lambda report: self.errors.append(report.error))
        self.add_state_listener(self.changes.append)
        self.add_gap_listener(self.gaps.append)

    def _make(self, *arguments: Any, **named: Any) -> Connection:
        connection = super()._make(*arguments, **named)
        connection.start = lambda daemon: None  # type: ignore[method-assign]
        self.made.append(connection)
        return connection

    def into(self, key: str) -> Callable[[Any], object]:
        """A callback whose messages are kept under ``key``."""
        return self.got.setdefault(key, []).append

    def begin(self, key: str | bool) -> str:
        """Have a socket join its connection, as it does once the manager is started."""
        assert isinstance(key, str), key
        self._core.connections[key].start(False)
        return key

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """Do something so many seconds from the start of the clock."""
        self.clock.at(START + seconds - self.clock.now, action)

    def stop(self, key: str) -> None:
        self._core.connections[key].request_stop()

    def run_until(self, seconds: float) -> Inline:
        """Run the newest connection to its end, which is asked for ``seconds`` from the start of the clock."""
        connection = self.made[-1]
        self.at(seconds, connection.request_stop)
        connection.run()
        assert all(stream.closed for stream in self.wire.links)
        return self
