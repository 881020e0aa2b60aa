"""SUBSCRIBE and its relatives: answers, errors, ids."""

from __future__ import annotations

from typing import Any

import pytest
from simulator.helpers import ask, client, receive

from binance_sockets.simulator import LimitOverrides, Simulator

PLAIN = {"spot": "/spot/ws", "usdm": "/usdm/market/ws", "coinm": "/coinm/ws", "options": "/options/market/ws"}


@pytest.mark.parametrize("path", PLAIN.values(), ids=list(PLAIN))
def test_the_five_methods(path: str) -> None:
    """Every product answers the five methods, never wrapped."""
    with Simulator(limits=LimitOverrides(burst=20)) as sim, client(sim, path) as connection:
        assert ask(connection, {"method": "SUBSCRIBE", "params": ["x@a", "y@b", "x@a"], "id": 1}) == {
            "result": None,
            "id": 1,
        }
        assert ask(connection, {"method": "UNSUBSCRIBE", "params": ["x@a", "never"], "id": 2}) == {
            "result": None,
            "id": 2,
        }
        assert ask(connection, {"method": "LIST_SUBSCRIPTIONS", "id": 3}) == {"result": ["y@b"], "id": 3}
        assert ask(connection, {"method": "GET_PROPERTY", "params": ["combined"], "id": 4}) == {
            "result": False,
            "id": 4,
        }
        assert ask(connection, {"method": "SET_PROPERTY", "params": ["combined", True], "id": 5})["result"] is None
        assert ask(connection, {"method": "GET_PROPERTY", "params": ["combined"], "id": 6}) == {"result": True, "id": 6}


def test_combined_decides_the_wrapper(sim: Simulator) -> None:
    """A ``/stream`` connection wraps until ``combined`` is switched off."""
    with client(sim, "/spot/stream?streams=btcusdt@trade") as connection:
        assert receive(connection)["stream"] == "btcusdt@trade"
        ask(connection, {"method": "SET_PROPERTY", "params": ["combined", False], "id": 1})
        assert receive(connection)["e"] == "trade"


def test_unsubscribe_ends_the_data(sim: Simulator) -> None:
    """After the answer to UNSUBSCRIBE nothing of that stream arrives."""
    with client(sim, "/spot/stream?streams=btcusdt@trade/ethusdt@trade") as connection:
        receive(connection)
        ask(connection, {"method": "UNSUBSCRIBE", "params": ["btcusdt@trade"], "id": 1})
        assert {receive(connection)["stream"] for _ in range(10)} == {"ethusdt@trade"}


ERRORS: list[tuple[str, int, str]] = [
    ("{nonsense", 3, "Invalid JSON"),
    ("[1]", 2, "Invalid request"),
    ("[" * 100_000, 3, "recursion limit exceeded"),
    ('{"method":' * 100_000, 3, "recursion limit exceeded"),
    ('{"id":1}', 2, "missing field `method`"),
    ('{"method":"JUMP","params":[],"id":1}', 2, "unknown variant `JUMP`"),
    ('{"method":"SUBSCRIBE","params":"x","id":1}', 2, "Invalid request"),
    ('{"method":"SUBSCRIBE","params":[1],"id":1}', 2, "invalid stream"),
    ('{"method":"SUBSCRIBE","params":[""],"id":1}', 2, "invalid stream"),
    ('{"method":"SET_PROPERTY","params":["colour",true],"id":1}', 0, "Unknown property"),
    ('{"method":"SET_PROPERTY","params":["combined",1],"id":1}', 1, "expected Boolean"),
    ('{"method":"SET_PROPERTY","params":["combined",true,2],"id":1}', 2, "too many parameters"),
    ('{"method":"GET_PROPERTY","params":[3],"id":1}', 2, "must be a string"),
    ('{"method":"SUBSCRIBE","params":["a@b"],"id":{"a":1}}', 2, "request ID"),
    ('{"method":"SUBSCRIBE","params":["a@b"],"id":1.5}', 2, "request ID"),
    ('{"method":"SUBSCRIBE","params":["a@b"],"id":true}', 2, "request ID"),
]


@pytest.mark.parametrize(("request_text", "code", "text"), ERRORS)
def test_errors_are_nested(sim: Simulator, request_text: str, code: int, text: str) -> None:
    """Mistakes are answered with the documented code inside ``error``, and the connection stays open."""
    with client(sim, "/spot/ws") as connection:
        answer = ask(connection, request_text)
        assert answer["error"]["code"] == code
        assert text in answer["error"]["msg"]
        assert ask(connection, {"method": "LIST_SUBSCRIPTIONS", "id": 5}) == {"result": [], "id": 5}


def test_errors_can_be_flat() -> None:
    """By option errors have the documents' flat shape."""
    with Simulator(limits=LimitOverrides(flat_errors=True)) as sim, client(sim, "/spot/ws") as connection:
        answer = ask(connection, '{"method":"SUBSCRIBE","params":[""],"id":7}')
        assert answer == {"code": 2, "msg": "Invalid request: invalid stream", "id": 7}


IDS: list[tuple[str, Any, bool]] = [
    ("spot", -5, True),
    ("spot", 2**63 - 1, True),
    ("spot", 2**63, False),
    ("spot", "abc-123", True),
    ("spot", "x" * 37, False),
    ("spot", None, True),
    ("usdm", -5, False),
    ("usdm", "b4e1c1f6-5c9b-4a6f-9d0e-2f1a6f3c7b21", True),
    ("usdm", None, False),
    ("coinm", 7, True),
    ("options", 7, True),
    ("options", "abc", False),
]


@pytest.mark.parametrize(("product", "request_id", "valid"), IDS)
def test_ids(sim: Simulator, product: str, request_id: Any, valid: bool) -> None:
    """Each product accepts the ids it documents and echoes them."""
    with client(sim, PLAIN[product]) as connection:
        answer = ask(connection, {"method": "LIST_SUBSCRIPTIONS", "id": request_id})
        assert answer == {"result": [], "id": request_id} if valid else answer["error"]["code"] == 2


def test_what_arrived_is_recorded(sim: Simulator) -> None:
    """Control messages stand in the connection's record with their times."""
    with client(sim, "/spot/ws", additional_headers={"X-Test": "yes"}) as connection:
        ask(connection, '{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":1}')
        (info,) = sim.connections
        assert [row.payload for row in info.control] == [b'{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":1}']
        assert info.opened_at <= info.control[0].time
        assert (info.product, info.route, info.streams) == ("spot", "", ("btcusdt@trade",))
        assert sim.history[0].headers["X-Test"] == "yes"
        connection.close(4001, "enough")
    sim.wait_for(lambda: sim.closed_connections)
    (closed,) = sim.closed_connections
    assert (closed.close_code, closed.close_reason) == (4001, "enough")
    assert closed.closed_at is not None
    assert closed.closed_at >= closed.opened_at
