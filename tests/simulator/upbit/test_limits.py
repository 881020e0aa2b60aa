"""How often something may be done, and what happens beyond that."""

from __future__ import annotations

import itertools
import socket
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from patience import PATIENCE
from simulator.helpers import client, get
from simulator.upbit.helpers import GENEROUS, PRIVATE, PUBLIC, Member, ask, bearer, error, receive, token
from websockets.exceptions import ConnectionClosed, InvalidStatus

from binance_sockets.simulator import Simulator, UpbitOptions
from binance_sockets.simulator.upbit import limits
from binance_sockets.simulator.upbit.errors import Refused
from binance_sockets.simulator.upbit.limits import Allowance, Rate

BTC = {"type": "trade", "codes": ["KRW-BTC"], "is_only_snapshot": True}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time of day, for tests to set."""
    now = [1_000_000.25]
    monkeypatch.setattr(limits, "time", lambda: now[0])
    return now


def status(call: Callable[[], int]) -> tuple[int, int]:
    """The status of a refusal and its wait; 200 where there is none."""
    try:
        call()
    except Refused as refused:
        return refused.status, refused.retry_after
    return 200, 0


def test_windows_are_those_of_the_clock(clock: list[float]) -> None:
    """So many in each second and in each minute; after that 429 until the next one begins."""
    allowance = Allowance((Rate(5, 1), Rate(8, 60)), UpbitOptions())
    assert [allowance.take() for _ in range(5)] == [4, 3, 2, 1, 0]
    assert status(allowance.take) == (429, 1)
    clock[0] += 0.75
    assert [status(allowance.take)[0] for _ in range(4)] == [200, 200, 200, 429]
    assert status(allowance.take) == (429, 19)
    clock[0] += 19
    assert status(allowance.take) == (200, 0)


def test_who_goes_on_is_banned_and_longer_each_time(clock: list[float]) -> None:
    """418 with the time that is left; the next ban is twice as long, up to the longest."""
    allowance = Allowance((Rate(1, 1),), UpbitOptions(refusals_before_ban=2, first_ban=10, longest_ban=30))
    seen: list[tuple[int, int]] = []
    for _ in range(3):
        allowance.take()
        seen += [status(allowance.take) for _ in range(3)]
        clock[0] += 3
        seen.append(status(allowance.take))
        clock[0] += seen[-1][1]
    assert seen == [
        (429, 1), (429, 1), (418, 10), (418, 7), (429, 1), (429, 1), (418, 20), (418, 17), (429, 1), (429, 1),
        (418, 30), (418, 27),
    ]  # fmt: skip
    allowance.take()


def test_messages_of_a_connection(clock: list[float]) -> None:
    """Five a second and a hundred a minute, counted by connection; a text ping is none of them."""
    clock[0] = 1_000_020.25  # the first second of a minute
    with Simulator() as sim, client(sim, PUBLIC) as connection, client(sim, PUBLIC) as other:
        for _ in range(5):
            ask(connection, BTC)
        connection.send("PING")
        ask(connection, {"method": "LIST_SUBSCRIPTIONS"})
        assert error(connection)["name"] == "Too Many Requests"
        ask(other, BTC)
        assert "error" not in receive(other)
        for second in range(1, 20):
            clock[0] = 1_000_020.25 + second
            for _ in range(5):
                ask(connection, BTC)
                assert "type" in passed_over_up(connection), second
        clock[0] += 1
        ask(connection, BTC)
        assert "error" in passed_over_up(connection)


def passed_over_up(connection: Any) -> Any:
    while "status" in (message := receive(connection)):
        pass
    return message


def test_a_connection_that_goes_on_is_banned(clock: list[float]) -> None:
    """The time that is left is told; other connections are not concerned, and streams go on."""
    options = UpbitOptions(refusals_before_ban=1)
    with Simulator(upbit=options) as sim, client(sim, PUBLIC) as connection:
        for _ in range(8):
            ask(connection, BTC)
        names = [error(connection)["name"] for _ in range(2)]
        assert names == ["Too Many Requests", "I'm a teapot"]
        assert "10" in error(connection)["message"]
        clock[0] += 10
        ask(connection, BTC)
        assert receive(connection)["type"] == "trade"


def test_text_pings_may_count(clock: list[float]) -> None:
    """Whether they do is not written anywhere."""
    with Simulator(upbit=UpbitOptions(pings_count=True)) as sim, client(sim, PUBLIC) as connection:
        for _ in range(6):
            connection.send("PING")
        assert error(connection)["name"] == "Too Many Requests"


def test_connects_of_an_address_and_of_an_account(clock: list[float]) -> None:
    """Five a second: by address without a token, by account with one; 429, then 418, each with its time."""
    with Simulator(upbit=UpbitOptions(refusals_before_ban=1)) as sim:
        for _ in range(5):
            with client(sim, PUBLIC):
                pass
        answers = []
        for _ in range(3):
            with pytest.raises(InvalidStatus) as caught, client(sim, PUBLIC):
                pass
            answers.append((caught.value.response.status_code, caught.value.response.headers["Retry-After"]))
        assert answers == [(429, "1"), (418, "10"), (418, "10")]
        for place in itertools.chain([PRIVATE] * 4, [PUBLIC]):
            with bearer(sim, token(), place):
                pass
        with pytest.raises(InvalidStatus, match="429"), bearer(sim, token(), PUBLIC):
            pass
        clock[0] += 10
        with client(sim, PUBLIC):
            pass


def test_an_origin_is_let_in_once_in_ten_seconds(clock: list[float]) -> None:
    """Over WebSockets and over REST together; requests without one are not concerned."""
    with Simulator() as sim:
        with client(sim, PUBLIC, origin=sim.url):
            pass
        with pytest.raises(InvalidStatus, match="429"), client(sim, PUBLIC, origin=sim.url):
            pass
        assert get(sim, "/upbit/v1/market/all", Origin="https://a.example")[0] == 429
        assert get(sim, "/upbit/v1/market/all")[0] == 200
        clock[0] += 10
        request = urllib.request.Request(f"{sim.url}/upbit/v1/market/all", headers={"Origin": "https://a.example"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            assert answer.headers["Remaining-Req"] == "group=origin; min=0; sec=0"


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("market/all", "market"), ("ticker?markets=KRW-BTC", "ticker"), ("ticker/all", "ticker"),
        ("orderbook?markets=KRW-BTC", "orderbook"), ("orderbook/instruments?markets=KRW-BTC", "orderbook"),
        ("trades/ticks?market=KRW-BTC", "trade"), ("candles/minutes/1?market=KRW-BTC", "candle"),
    ],
)  # fmt: skip
def test_groups_of_quotation(clock: list[float], path: str, group: str) -> None:
    """Ten a second for each group and address, also of requests that fail; what is left is told."""
    with Simulator() as sim:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{sim.url}/upbit/v1/{path}") as answer:
            assert answer.headers["Remaining-Req"] == f"group={group}; min=540; sec=9"
        for _ in range(9):
            assert get(sim, f"/upbit/v1/{path}")[0] == 200
        code, body = get(sim, f"/upbit/v1/{path}")
        assert (code, body["error"]["name"]) == (429, 429)
        clock[0] += 1
        assert get(sim, f"/upbit/v1/{path}")[0] == 200


def test_a_ban_over_rest_tells_its_time(clock: list[float]) -> None:
    """In the body and in Retry-After."""
    with Simulator(upbit=UpbitOptions(requests_per_second=0, refusals_before_ban=0)) as sim:
        code, body = get(sim, "/upbit/v1/market/all")
        assert (code, body["error"]["name"]) == (418, 418)
        assert "10" in body["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "most", "group"),
    [
        ("GET", "accounts", 30, "default"), ("POST", "orders", 12, "order"), ("POST", "orders/test", 8, "order-test"),
        ("DELETE", "orders/open", 1, "order-cancel-all"),
    ],
)  # fmt: skip
def test_groups_of_accounts(clock: list[float], method: str, path: str, most: int, group: str) -> None:
    """By account, whatever the key; names instead of numbers."""
    clock[0] = 1_000_000.0
    with Simulator(upbit=UpbitOptions(first_ban=100)) as sim:
        sim.upbit.create("other", "secret", balances={"KRW": "1"})
        sim.upbit.add_key("other", "second", "secret")
        answers = [
            Member(sim, ("other", "second")[n % 2], "secret").call(method, path, market="KRW-BTC")
            for n in range(most + 1)
        ]
        assert answers[0].headers["Remaining-Req"].startswith(f"group={group}; ")
        assert {answer.status_code for answer in answers[:-1]} <= {200, 201, 400}
        assert (answers[-1].status_code, answers[-1].json()["error"]["name"]) == (429, "too_many_requests")
        assert Member(sim).call(method, path, market="KRW-BTC").status_code != 429
        clock[0] += 2
        assert Member(sim, "other", "secret").call(method, path, market="KRW-BTC").status_code != 429


def test_a_connection_on_which_nothing_moves_is_cut() -> None:
    """Without a close frame."""
    with Simulator(upbit=UpbitOptions(idle_timeout=0.2)) as sim, client(sim, PUBLIC) as connection:
        began = time.monotonic()
        with pytest.raises(ConnectionClosed) as caught:
            connection.recv(timeout=PATIENCE)
        assert caught.value.rcvd is None
        assert time.monotonic() - began > 0.15


@pytest.mark.parametrize("way", ["text", "ping", "data"])
def test_what_moves_keeps_a_connection(way: str) -> None:
    """A text ping with its answers, a ping, or data; for longer than the limit, which a busy machine must not reach."""
    options = UpbitOptions(idle_timeout=1.0, status_interval=0.1)
    interval = 0.1 if way == "ping" else None
    with Simulator(speed=50, upbit=options) as sim, client(sim, PUBLIC, ping_interval=interval) as connection:
        if way == "text":
            connection.send("PING")
        if way == "data":
            ask(connection, {"type": "trade", "codes": ["KRW-BTC"]})
        sim.wait_for(lambda: sim.connections)
        with pytest.raises(TimeoutError):
            sim.wait_for(lambda: not sim.connections, 1.2)


def test_generous_limits_are_never_met() -> None:
    """For tests that mean something else."""
    with Simulator(upbit=GENEROUS) as sim:
        assert all(get(sim, "/upbit/v1/market/all")[0] == 200 for _ in range(40))
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", sim.port)):
                pass


@pytest.mark.parametrize(
    "wrong",
    [
        {"connects_per_second": -1}, {"messages_per_minute": 1.5}, {"idle_timeout": 0}, {"text_frames": 1},
        {"scope_error": "NO"}, {"info_regions": "kr"}, {"info_regions": ("us",)}, {"requests_per_second": True},
        {"first_ban": "x"},
    ],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    """With the allowed values."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        UpbitOptions(**wrong)
    with pytest.raises(ValueError, match="UpbitOptions"):
        Simulator(upbit=5)  # type: ignore[arg-type]
