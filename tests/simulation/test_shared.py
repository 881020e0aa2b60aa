"""What threads of the package share, and the exploration that proves each of it; nothing new comes without its row.

:data:`SHARED` is the table: each lock, condition, event, queue and wake-up that the package makes, by its file and
name, with the pairs of threads (``PAIRS`` and ``PAIRS_OF_SOCKETS``) that are explored over it, or the reason why there
is none.
"""

from __future__ import annotations

import ast
import functools
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from simulation.interleavings import explore
from simulation.pairs import PAIRS, Bound, Pair
from simulation.pairs_of_sockets import PAIRS_OF_SOCKETS

PACKAGE = Path(__file__).resolve().parent.parent.parent / "binance_sockets"
ROOM = {"threading": "Lock RLock Condition Event Semaphore BoundedSemaphore Barrier Timer", "asyncio": "Event Lock",
        "queue": "Queue SimpleQueue PriorityQueue LifoQueue", "socket": "socketpair", "os": "eventfd"}  # fmt: skip
MADE = {(module, name) for module, names in ROOM.items() for name in names.split()}
ALONE = {"deque", "Wakeup"}  # imported by name
WORDS = re.compile(rf"\b({'|'.join([*(name for _, name in MADE), *ALONE])})\(")
IMPORTED = re.compile(rf"^from ({'|'.join(ROOM)}) import .*\b({'|'.join(name for _, name in MADE)})\b", re.MULTILINE)
ALL: dict[str, Pair] = {**PAIRS, **PAIRS_OF_SOCKETS}

_ONE = "one thread's own"
_GUARDED = "what the lock beside it guards"
_SERVER = "the embedded exchange's loop has it alone"
_CHILD = "made anew in a forked child, which has one thread"
_PROGRAM = "of the embedded exchange: a test's thread and the server's loop, which no user's socket meets"
_UNDER = "every use is a few lines under this one lock, which waits for nothing else"
_NEVER = "never set: a bounded wait"

SHARED: dict[str, tuple[str, ...] | str] = {
    "books/book.py OrderBook._lock": ("book",),
    "cli/feed.py Feed._queue": ("feed",),
    "cli/feed.py Feed._stopped": ("feed",),
    "cli/simulate.py simulate": _NEVER,
    "compat/carrier.py Carrier._later": "each errand is taken by one of those that run them, in one call",
    "compat/carrier.py _said_lock": "a flag that is set once, under its lock alone",
    "compat/depthcache.py DepthCacheManager._once": "a flag that is set once, under its lock alone",
    "compat/depthcache.py DepthCacheManager._ready": "set once, and waited for within bounds",
    "compat/depthcache.py _Shelf._lock": _UNDER,
    "compat/factories.py _lock": _UNDER,
    "compat/reactor.py Reactor._lock": _UNDER,
    "compat/reactor.py Reactor.forget_parent.(self.gate, self._lock)": _CHILD,
    "compat/reactor.py Reactor._stop": "set to end a bounded wait",
    "compat/reactor.py _Call._cancelled": "set to end a bounded wait",
    "compat/threaded_api.py ThreadedApiManager._entries": _UNDER,
    "compat/threaded_api.py ThreadedApiManager._over": "set to end a bounded wait",
    "consume/display.py LiveDisplay._over": "set to end a bounded wait",
    "consume/display.py _lock": _UNDER,
    "consume/message_store.py MessageStore._lock": _UNDER,
    "consume/stream.py Signal._changed": ("listening",),
    "doctor/bounds.py uncancelled": _ONE,
    "engine/allowance.py Allowance._lock": ("weights",),
    "engine/allowance.py Allowance._spent": _GUARDED,
    "engine/backfill.py _Hole.held": _ONE,
    "engine/budget.py Budget._lock": ("attempts to connect",),
    "engine/budget.py Budgets._lock": ("attempts to connect",),
    "engine/clock.py Wakeup._pair": ("a connection's wake-up", "look-ups"),
    "engine/clock.py Wakeup.fd": ("a connection's wake-up", "look-ups"),
    "engine/connection.py Connection._lock": ("a connection's inbox", "a connection's wake-up", "requests and the end"),
    "engine/connection.py Connection.ended": ("a connection's inbox",),
    "engine/connection.py Connection.start._begun": ("a connection's inbox",),
    "engine/continuity.py _Track.held": _ONE,
    "engine/dialler.py Attempt._lock": ("an opened socket and the stop", "links that are handed over"),
    "engine/dialler.py Dialler._lock": ("an opened socket and the stop", "dial threads"),
    "engine/dialler.py Dialler._queue": ("dial threads", "a slow attempt and the stop"),
    "engine/errands.py Errands._changed": ("errands", "errands and their end"),
    "engine/gate.py Gate._lock": ("a gate",),
    "engine/gate.py Gate._waiting": _GUARDED,
    "engine/gate.py _Turn.told": ("a gate",),
    "engine/helper.py Helper._lock": ("streams of the helper process",),
    "engine/helper.py Helper._wakeup": ("streams of the helper process",),
    "engine/isolation.py _Helper._lock": ("users of the helper process",),
    "engine/isolation.py _Helper.forget.(self._lock, self._start)": _CHILD,
    "engine/isolation.py _Process.(self.control, far)": "one byte goes out or does not; the system sees to the rest",
    "engine/isolation.py _Start._done": ("users of the helper process",),
    "engine/isolation.py _pair.pair": "one end is the helper process's",
    "engine/jobs.py Jobs._lock": ("jobs", "jobs of the same rank"),
    "engine/jobs.py Jobs._queue": ("jobs", "jobs and their end"),
    "engine/lag.py Lag._lock": ("a callback that does not return",),
    "engine/lookup.py _Pending._lock": ("look-ups",),
    "engine/lookup.py look_up": ("look-ups",),
    "engine/pool.py Member._lock": ("a member that begins",),
    "engine/pool.py Member.ended": ("a member that begins",),
    "engine/pool.py Member.joined": ("members of a pool",),
    "engine/pool.py Pool._lock": ("members of a pool",),
    "engine/pool.py _Shared._lock": ("members of a pool",),
    "engine/process.py MainWatch._over": ("watches",),
    "engine/process.py _forget_parent._lock": _CHILD,
    "engine/process.py _lock": ("watches",),
    "engine/redundancy.py Copies.came.held": _ONE,
    "engine/roster.py Roster._lock": ("subscriptions", "symbol sets", "a snapshot"),
    "engine/roster.py Roster.settled": ("subscriptions",),
    "engine/secure.py Once._done": ("once",),
    "engine/secure.py Once._lock": ("once",),
    "engine/tally.py Tally.forget._lock": ("tally",),
    "engine/threads.py Worker.ended": ("worker",),
    "engine/threads.py _Park._reset._changed": ("park",),
    "engine/threads.py _Park._reset._work": _GUARDED,
    "engine/transport.py SocketTransport.wakeup": ("a connection's wake-up",),
    "engine/watch.py LagWatch._woken": ("the watch",),
    "exchanges/binance/api_client.py ApiClient.request.ended": "set by a callback of the future that it waits for",
    "exchanges/binance/api_limits.py Budget._lock": ("limits of a connection",),
    "exchanges/binance/credentials.py ListenKey._lock": ("listen keys",),
    "exchanges/binance/ws_api.py WebSocketAPI.resolve": _NEVER,
    "exchanges/rest.py RestClient._lock": ("sessions",),
    "exchanges/upbit/clients.py GlobalManager._lost": "what a garbage collector may put into without a lock of ours",
    "exchanges/upbit/clients.py WebSocketClient._lock": _UNDER,
    "exchanges/upbit/clients.py _lock": _UNDER,
    "exchanges/upbit/clients.py _forget_parent._lock": _CHILD,
    "exchanges/upbit/portions.py Portion._lock": _UNDER,
    "manager/core.py Core.lock": ("start and close", "open and close", "one key", "a stop inside a callback"),
    "manager/core.py Listeners._lock": ("listeners",),
    "service/handlers.py Handlers._lock": _UNDER,
    "service/service.py WebSocketService._lock": _UNDER,
    "service/subscriptions.py Subscriptions._wanting": _UNDER,
    "simulator/binance/trading/futures/desk.py FuturesDesk.meet.prevented": _SERVER,
    "simulator/binance/trading/office.py Office._agenda": _SERVER,
    "simulator/binance/trading/spot/desk.py Desk._work.prevented": _SERVER,
    "simulator/binance/weights.py Connects.admit.seen": _SERVER,
    "simulator/feed.py Feed._wake": _SERVER,
    "simulator/injections.py FaultBoard._lock": _PROGRAM,
    "simulator/injections.py Injection._lock": _PROGRAM,
    "simulator/upbit/trading/desk.py Desk._send.prevented": _SERVER,
    "simulator/ledger.py Ledger._attempts": _GUARDED,
    "simulator/ledger.py Ledger._changed": _PROGRAM,
    "simulator/ledger.py Ledger._closed": _GUARDED,
    "simulator/market/candles.py Bars.closed": _SERVER,
    "simulator/market/market.py Market.aggs": _SERVER,
    "simulator/market/market.py Market.blocks": _SERVER,
    "simulator/market/market.py Market.liquidations": _SERVER,
    "simulator/market/market.py Market.trades": _SERVER,
    "simulator/playback.py Playback._finished": _PROGRAM,
    "simulator/playback.py Playback.attach._started": _SERVER,
    "simulator/server.py Simulator._main._stop_asked": _SERVER,
    "simulator/server.py Simulator._on_loop.done": _PROGRAM,
    "simulator/server.py Simulator._ready": _PROGRAM,
    "simulator/session.py Session._heard": _SERVER,
    "sinks/bars.py Bars._lock": _UNDER,
    "sinks/parts.py Collector.reset._changed": _UNDER,
    "sinks/parts.py Collector.reset._lock": _UNDER,
    "sinks/process.py _lock": ("buffers that are made",),
    "sinks/process.py _start_anew._lock": _CHILD,
    "sinks/recorder.py Recorder._lock": ("recorder",),
    "sinks/store.py Store.reset._emptied": (
        "a buffer that is full", "a buffer that wakes", "a store", "a stream that is full",
    ),
    "sinks/store.py Store.reset._filled": (
        "a buffer's threads", "a buffer that wakes", "a store", "readers of a stream",
    ),
    "sinks/store.py Store.reset._lock": (
        "a buffer's threads", "a buffer that is full", "readers of a stream", "the end of a stream",
        "sockets of a stream",
    ),
    "sinks/store.py Store.reset._queue": _GUARDED,
    "sinks/table.py Table._lock": _UNDER,
    "sinks/table.py Table._messages": _GUARDED,
    "sinks/windowed.py Windowed._add.window": _GUARDED,
    "testing.py ScriptedStream._steps": _ONE,
}  # fmt: skip


def made_in(source: str, name: str) -> dict[str, int]:
    """Row and line of each lock, event and queue that a file makes; a row is ``file Scope.name``."""
    found: dict[str, int] = {}

    def look(node: ast.AST, scope: tuple[str, ...], target: str) -> None:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            scope = (*scope, node.name) if node.name != "__init__" else scope
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            first = node.targets[0] if isinstance(node, ast.Assign) else node.target
            target = ast.unparse(first).removeprefix("self.")
        if isinstance(node, ast.Call):
            call = node.func
            shared = isinstance(call, ast.Name) and call.id in ALONE
            if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name):
                shared = (call.value.id, call.attr) in MADE
            if shared:
                found[f"{name} {'.'.join([*scope, target]).rstrip('.')}"] = node.lineno
        for child in ast.iter_child_nodes(node):
            look(child, scope, target)

    look(ast.parse(source), (), "")
    return found


@functools.cache
def rows() -> dict[str, str]:
    """Row and place (``file:line``) of everything that the package makes."""
    return {
        row: f"{path}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if WORDS.search(source := path.read_text())
        for row, line in made_in(source, path.relative_to(PACKAGE).as_posix()).items()
    }


def test_every_shared_thing_has_its_row() -> None:
    """A new lock, event or queue needs an exploration, or a reason; what is gone has no row."""
    assert sorted(rows()) == sorted(SHARED)
    assert {name for row in SHARED.values() if not isinstance(row, str) for name in row} <= set(ALL)


def test_locks_are_called_by_the_name_of_their_module() -> None:
    """Or the table would not see them."""
    assert IMPORTED.search("from threading import Lock")
    assert [path.name for path in PACKAGE.rglob("*.py") if IMPORTED.search(path.read_text())] == []


@pytest.mark.parametrize(
    ("row", "source"),
    [
        ("x.py A.lock", "class A:\n def __init__(self):\n  self.lock = threading.Lock()"),
        ("x.py A.begin", "class A:\n def begin(self):\n  wait(threading.Event())"),
        ("x.py _queue", "_queue: Queue[int] = queue.Queue()"),
    ],
)
def test_the_table_sees_what_is_made(row: str, source: str) -> None:
    """Attributes, things without a name, and those of a module."""
    assert list(made_in(source, "x.py")) == [row]


def parts(module: ModuleType) -> list[ModuleType]:
    """It, or all modules of a package."""
    name = module.__name__
    return [found for key, found in sys.modules.items() if key == name or key.startswith(f"{name}.")]


def explored(name: str, bound: Bound) -> None:
    """Explore a pair, and see that its threads meet over all that it stands for in the table."""
    pair = ALL[name]
    lines = parts(pair.module) if bound.lines else []
    found = explore(
        pair.scenario(pair.module), bound.preemptions, lines=lines, instant=pair.instant, delays=bound.delays
    )
    print(f"{name}: {found.count} interleavings, {bound}")
    made = rows()
    mine = [row for row, names in SHARED.items() if not isinstance(names, str) and name in names]
    assert mine, f"{name} stands in no row"
    # but for descriptors, which the network of the simulation knows, and what the explorer makes in place of a module's
    other = re.compile("[Ww]akeup|look_up| _lock$")
    assert [row for row in mine if made[row] not in found.shared and not other.search(row)] == []


@pytest.mark.parametrize("name", ALL)
def test_every_interleaving_is_right(name: str) -> None:
    """The usual bound."""
    explored(name, ALL[name].quick)


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ALL)
def test_every_interleaving_is_right_further_on(name: str) -> None:
    """The long one."""
    explored(name, ALL[name].full)
