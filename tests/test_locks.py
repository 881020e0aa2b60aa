"""Rules of locks, watched at work: none is held over a wait, a connect or user code, and no thread holds two."""

from __future__ import annotations

import sys
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from loopback import PATIENCE, Inbox, Server, Sockets, chatty

from binance_sockets.engine.clock import Waiter
from binance_sockets.engine.transport import SocketTransport

held = threading.local()
broken: list[str] = []


class Watched:
    """A lock that knows what its thread holds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        frame = sys._getframe(1)
        self._place = f"{frame.f_globals.get('__name__')}:{frame.f_lineno}"

    def __enter__(self) -> None:
        mine = held.__dict__.setdefault("places", [])
        if mine:
            broken.append(f"{self._place} taken while {mine} is held")
        self._lock.acquire()
        mine.append(self._place)

    def __exit__(self, *error: object) -> None:
        held.places.remove(self._place)
        self._lock.release()


def nothing_held(what: str) -> None:
    """Note a lock that is held where none may be."""
    if mine := held.__dict__.get("places"):
        broken.append(f"{what} while {mine} is held")


def guarded(what: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """``call``, which notes the locks that are held when it begins."""

    def looked(*arguments: Any, **options: Any) -> Any:
        nothing_held(what)
        return call(*arguments, **options)

    return looked


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every lock that the package makes from now on is watched; so are its waits and connects."""
    broken.clear()
    stand_in = types.SimpleNamespace(**{**vars(threading), "Lock": Watched})
    for name, module in list(sys.modules.items()):
        if name.startswith(("binance_sockets.engine.", "binance_sockets.manager")) and hasattr(module, "threading"):
            monkeypatch.setattr(module, "threading", stand_in)
    monkeypatch.setattr(Waiter, "wait", guarded("wait", Waiter.wait))
    monkeypatch.setattr(SocketTransport, "connect", guarded("connect", SocketTransport.connect))
    yield
    assert broken == []


def test_no_lock_is_held_over_waits_and_user_code(watched: None) -> None:
    """Sockets with one link and with several start, stop, restart and close."""
    inbox, manager = Inbox(), Sockets()
    seen: list[str] = []

    def listener(event: object) -> None:
        nothing_held("listener")
        seen.append(type(event).__name__)
        manager.snapshot()

    def callback(payload: object) -> None:
        nothing_held("callback")
        inbox(payload)

    for add in (manager.add_state_listener, manager.add_gap_listener, manager.add_error_listener):
        add(listener)
    with Server(chatty) as server:
        manager.open(server.url, callback, "a")
        manager.start()
        manager.open(server.url, callback, *"bcd", key="many", per_link=1)
        for key in ("a", "many"):
            manager.wait_open(key, PATIENCE)
        for _ in range(5):
            inbox.next()
        manager.stop_socket("a")
        manager.open(server.url, callback, "a")
        manager.wait_open("a", PATIENCE)
        manager.close()
    assert "StateChange" in seen


def test_the_watch_notices_a_broken_rule(watched: None) -> None:
    """Or the test above could not fail."""
    with Watched(), Watched():
        nothing_held("user code")
    assert len(broken) == 2
    broken.clear()
