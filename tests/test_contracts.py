"""The contract between engine and exchange: who keeps it, and that the neutral side knows nothing beyond it."""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_exchange import FakeExchange
from hypothesis import example, given
from hypothesis import strategies as st

from binance_sockets import UpbitSocketManager
from binance_sockets.exchange import Ack, Exchange, Group, Keepalive, Misfits, Notice, Stream
from binance_sockets.exchanges.binance.market import MarketStreams
from binance_sockets.exchanges.binance.urls import Environment

PACKAGE = Path(__file__).resolve().parent.parent / "binance_sockets"
NEUTRAL = [*sorted((PACKAGE / "engine").glob("*.py")), *sorted((PACKAGE / "manager").glob("*.py"))]
LOCAL = Environment.resolve("http://127.0.0.1:1")


def lists(endpoint: str, format_: str = "SIMPLE") -> Callable[[], Exchange]:
    """Upbit's streams, as its manager makes them."""

    def made() -> Exchange:
        manager = UpbitSocketManager("access", "secret" * 8, environment="http://127.0.0.1:1", format=format_)
        return manager._exchange(endpoint, None if endpoint == "public" else manager._key())

    return made


def market(product: str, wrapped: bool, view: str = "dict") -> Callable[[], Exchange]:
    return lambda: MarketStreams(LOCAL, product, wrapped=wrapped, view=view)


EXCHANGES: dict[str, tuple[Callable[[], Exchange], Callable[[int], str]]] = {
    "fake": (lambda: FakeExchange(per_link=7, per_frame=3, names_in_url=2), lambda number: f"s{number}"),
    "fake, all in the URL": (lambda: FakeExchange(names_in_url=999), lambda number: f"s{number}"),
    "fake, no answers": (lambda: FakeExchange(answers=False), lambda number: f"s{number}"),
    "spot": (market("spot", True), lambda number: f"c{number}usdt@trade"),
    "usdm": (market("usdm", True), lambda number: f"c{number}usdt@{('markPrice', 'bookTicker')[number % 2]}"),
    "coinm": (market("coinm", True), lambda number: f"c{number}usd_perp@markPrice"),
    "options": (market("options", True), lambda number: f"c{number}-260327-50000-c@optionTicker"),
    "spot, single": (market("spot", False), lambda number: f"c{number}usdt@trade"),
    "spot, raw": (market("spot", True, "raw"), lambda number: f"c{number}usdt@trade"),
    "upbit": (lists("public"), lambda number: f"{('trade', 'ticker', 'candle.1m')[number % 3]}:KRW-C{number}"),
    "upbit, lists": (lists("public", "SIMPLE_LIST"), lambda number: f"orderbook:KRW-C{number}:{number + 1}"),
    "upbit, full names": (lists("public", "DEFAULT"), lambda number: f"orderbook:KRW-C{number}"),
    "upbit, info": (lists("info"), lambda number: f"indicator:KRW-C{number}:5m:rsi:[null,null,null]"),
    "usdm, typed": (market("usdm", True, "typed"), lambda number: f"c{number}usdt@markPrice"),
}
KINDS = pytest.mark.parametrize("kind", sorted(EXCHANGES))
REAL = pytest.mark.parametrize("kind", sorted(kind for kind in EXCHANGES if "fake" not in kind))


def made(kind: str, count: int) -> tuple[Exchange, list[Stream]]:
    exchange, name = EXCHANGES[kind]
    return exchange(), [Stream(name(number)) for number in range(count)]


@KINDS
@pytest.mark.parametrize("count", [1, 2, 9, 1025, 2500])
def test_groups_hold_every_stream_once(kind: str, count: int) -> None:
    """Splitting loses nothing, repeats nothing, and keeps the order within an endpoint."""
    exchange, streams = made(kind, count)
    groups = exchange.split(streams)
    assert sorted(stream.name for group in groups for stream in group.streams) == sorted(s.name for s in streams)
    place = {stream: number for number, stream in enumerate(streams)}
    by_endpoint: dict[Any, list[int]] = {}
    for group in groups:
        assert group.streams
        by_endpoint.setdefault(group.endpoint, []).extend(place[stream] for stream in group.streams)
    assert all(places == sorted(places) for places in by_endpoint.values())


@KINDS
@pytest.mark.parametrize("count", [1, 9, 700])
def test_url_and_control_frames_ask_for_all(kind: str, count: int) -> None:
    """What the URL does not subscribe the control frames do, each name once, each frame with its own id."""
    exchange, streams = made(kind, count)
    for group in exchange.split(streams):
        request = exchange.connect_request(group)
        assert request.url.startswith(("ws://", "wss://"))
        names = [stream.name for stream in group.streams]
        missing = [name for name in names if name not in request.confirmed]
        ids = itertools.count(1)
        frames = exchange.control_frames(group, names, missing, (), lambda ids=ids: next(ids))
        assert [name for frame in frames for name in frame.streams] == missing
        assert request.confirmed <= set(names)
        answered = [frame.request_id for frame in frames if frame.request_id is not None]
        assert len(set(answered)) == len(answered)
        assert all(frame.payload.decode() for frame in frames)


@KINDS
def test_limits_are_usable(kind: str) -> None:
    """At least one frame beside a pong, the shortest period first."""
    exchange, streams = made(kind, 1)
    rates = exchange.limits(exchange.split(streams)[0])
    assert all(rate.count >= 2 and rate.seconds > 0 for rate in rates)
    assert [rate.seconds for rate in rates] == sorted(rate.seconds for rate in rates)


@KINDS
def test_keepalive_is_usable(kind: str) -> None:
    """A link is pinged before it counts as dead, and counts as dead before it is too old."""
    exchange, streams = made(kind, 1)
    rules = exchange.keepalive(exchange.split(streams)[0])
    assert isinstance(rules, Keepalive)
    assert rules.stale_after > 0
    assert rules.ping_after is None or 0 < rules.ping_after < rules.stale_after
    assert rules.max_age is None or rules.max_age > rules.stale_after


def decoded(exchange: Exchange, group: Group, message: bytes) -> object:
    """What the engine makes of a message."""
    try:
        name, payload = exchange.decoder(group, Misfits())(memoryview(message))
    except Exception:
        return exchange.control(message)
    assert isinstance(name, str)
    return payload


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "e",
                    "s",
                    "stream",
                    "data",
                    "id",
                    "result",
                    "error",
                    "code",
                    "msg",
                    "from",
                    "body",
                    "ref",
                    "ok",
                    "type",
                    "ty",
                    "cd",
                    "codes",
                    "method",
                    "rslt",
                    "name",
                    "status",
                    "level",
                    "orderbook_units",
                ]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@REAL
@given(message=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_message_is_data_or_control_or_nothing(kind: str, message: bytes) -> None:
    """No bytes make ``control`` raise, and its answers are of the contract's kinds."""
    exchange, streams = made(kind, 1)
    decoded(exchange, exchange.split(streams)[0], message)
    found = exchange.control(message)
    assert found is None or isinstance(found, (Ack, Notice))
    if isinstance(found, Ack):
        assert found.request_id is None or type(found.request_id) is int
        assert found.error is None or (
            isinstance(found.error[1], str) and (found.error[0] is None or isinstance(found.error[0], int))
        )


@REAL
@given(result=JSON)
@example(result=[{"type": "neverHeardOf"}])
@example(result=[{"type": "ticker", "codes": 5}])
@example(result=[{"type": 5, "codes": []}])
@example(result=[{"ty": "orderbook", "cds": ["KRW-BTC"], "lv": "x"}])
@example(result=[{"type": "indicator", "codes": ["KRW-BTC"], "indicators": [7]}])
def test_any_list_of_subscriptions_is_read_or_not(kind: str, result: Any) -> None:
    """What an exchange tells that it carries never raises, however it is spelled."""
    exchange, streams = made(kind, 1)
    found = exchange.listed(exchange.split(streams)[0], Ack(1, result=result))
    assert found is None or isinstance(found, frozenset)


@REAL
@pytest.mark.parametrize(
    "message", [b"[" * 100_000, b'{"a":' * 100_000, b'{"id":1e999}', b'{"id":' + b"9" * 5000 + b"}"]
)
def test_hostile_messages(kind: str, message: bytes) -> None:
    """Depth and size of a message cannot hurt."""
    exchange, streams = made(kind, 1)
    decoded(exchange, exchange.split(streams)[0], message)
    exchange.control(message)


# -- the neutral side --


@pytest.mark.parametrize("path", NEUTRAL, ids=lambda path: path.name)
def test_engine_and_manager_name_no_exchange(path: Path) -> None:
    """Neither code nor comment knows an exchange; the package's own name does not count."""
    text = re.sub(r"binance_?sockets|python-binance", "", path.read_text(), flags=re.IGNORECASE)
    assert re.findall(r"binance|upbit|okx|bybit|kraken|coinbase|spot|usdm|coinm|futures", text, re.IGNORECASE) == []


@pytest.mark.parametrize("path", [path for path in NEUTRAL if path.name != "talk.py"], ids=lambda path: path.name)
def test_engine_reads_no_json(path: Path) -> None:
    """What a payload means is the exchange's affair; ``talk.py`` is about no payload."""
    imported = {
        name.name.partition(".")[0]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import)
        for name in node.names
    }
    assert not imported & {"json", "msgspec", "requests"}


def test_only_the_clock_reads_time() -> None:
    """In the engine nothing else imports ``time``, ``select`` or ``selectors``: tests own the time. ``helper.py`` is
    the program of another process, which waits for descriptors without any limit of time."""
    found = [
        path.name
        for path in NEUTRAL
        if path.parent.name == "engine"
        and re.search(r"^(?:import|from) (?:time|select|selectors)\b", path.read_text(), re.M)
    ]
    assert found == ["clock.py", "helper.py"]


# -- what a simulated world replaces --

RAW = {
    "asyncio": set(),
    "multiprocessing": {"compat/running.py", "engine/isolation.py"},
    "queue": {"engine/dialler.py", "engine/jobs.py", "exchanges/upbit/clients.py"},
    "random": {"engine/backoff.py", "engine/connection.py", "engine/surroundings.py"},
    "secrets": set(),
    "select": {"engine/clock.py", "engine/helper.py"},
    "selectors": {"engine/clock.py"},
    "socket": {
        "doctor/network.py", "engine/clock.py", "engine/helper.py", "engine/isolation.py", "engine/lookup.py",
        "engine/pipes.py", "engine/talk.py", "engine/tcp.py",
    },
    "subprocess": {"engine/isolation.py"},
    "time": {
        "engine/clock.py", "exchanges/binance/reading.py",
        "exchanges/binance/server_time.py", "exchanges/rest.py",
        "consume/listening.py", "consume/stream.py", "manager/core.py", "manager/manager.py", "service/service.py",
        "sinks/parts.py", "sinks/process.py", "sinks/store.py", "sinks/windowed.py",
    },
    "uuid": {"exchanges/binance/api_calls.py", "exchanges/upbit/requests.py", "exchanges/upbit/tokens.py"},
}  # fmt: skip
"""Modules of chance, time and the system, with the files of the client that may import them."""

CLIENT = [
    path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] not in ("simulator", "cli")
]


def at_run_time(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those that only a type checker sees."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            yield node
            yield from at_run_time(node)


def test_the_system_is_asked_in_named_files_alone() -> None:
    """Where time, chance, sockets and queues come from is known, so that a simulated world can stand in for them."""
    found: dict[str, set[str]] = {name: set() for name in RAW}
    for path in CLIENT:
        for node in at_run_time(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names.append(node.module or "")
            for name in names:
                if name.partition(".")[0] in found:
                    found[name.partition(".")[0]].add(path.relative_to(PACKAGE).as_posix())
    assert found == RAW


@pytest.mark.parametrize("path", CLIENT, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_the_system_can_be_replaced(path: Path) -> None:
    """Threads, locks, time and queues are looked up in their modules at each use; chance has a seed; threads are made
    in one file."""
    for node in at_run_time(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.module not in ("threading", "time", "queue", "select", "socket"), ast.unparse(node)
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("threading.Thread", "threading.Timer") or path.name == "threads.py", called
            assert not called.startswith("random.") or called == "random.Random", called
