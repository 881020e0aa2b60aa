"""An exchange asks to be left alone in many ways; each ends in one ban, shown by ``snapshot()`` as ``banned_until``."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from e2e.harness import eventually
from exchanges.rest_server import RestServer
from fake_exchange import START, Bench, FakeExchange, says, server
from fake_upbit import Inline

from binance_sockets import Options, RateLimited, SocketManager, UpbitSocketManager
from binance_sockets.engine.budget import shared
from binance_sockets.errors import RequestTimeout
from binance_sockets.exchange import Ack, Notice
from binance_sockets.exchanges.binance.products import product_of
from binance_sockets.exchanges.binance.rest import PublicRest, SignedRest
from binance_sockets.exchanges.upbit.rest import UpbitRest
from binance_sockets.exchanges.upbit.tokens import UpbitKey
from binance_sockets.faults import Fault
from binance_sockets.simulator import Simulator

LIMITED = Options(limit_loopback=True)  # as everywhere but on this machine
TOLD = b'{"error":{"name":418,"message":"Blocked for 30 seconds"}}'


def until(url: str) -> float | None:
    """Until when the venue of ``url`` wants no calls, by the wall clock."""
    budget = shared().of(urlsplit(url).netloc, True)
    assert budget is not None
    return budget.snapshot(time.monotonic(), time.time())["banned_until"]


# -- in the body of a refused handshake --

MANAGERS: dict[str, tuple[Callable[..., Any], Callable[[Any], Any]]] = {
    "binance": (SocketManager, lambda manager: manager.start_trade_socket("BTCUSDT", print)),
    "upbit": (UpbitSocketManager, lambda manager: manager.start_ticker_socket("KRW-BTC", print)),
}


@pytest.mark.parametrize("status", [418, 429])
@pytest.mark.parametrize("name", MANAGERS)
def test_a_handshake(name: str, status: int) -> None:
    """No header tells how long; its text does."""
    make, start = MANAGERS[name]
    with Simulator() as sim, make(environment=sim.environment, options=LIMITED) as manager:
        sim.inject(Fault.HTTP_STATUS, status=status, body=TOLD.decode())
        start(manager)

        def banned() -> float | None:
            rows = manager.snapshot()["budgets"].values()
            return next((row["banned_until"] for row in rows if row["banned_until"]), None)

        eventually(banned, "the ban")
        assert banned() == pytest.approx(time.time() + 30, abs=10)


# -- in the body of an answer of REST --


@pytest.fixture
def rest() -> Iterator[RestServer]:
    found = RestServer()
    yield found
    found.close()


CALLS: dict[str, Callable[[str], object]] = {
    "binance, public": lambda url: PublicRest(url, product_of("spot"), LIMITED).get("/api/v3/exchangeInfo", {}),
    "binance, with a key": lambda url: SignedRest(url, LIMITED, None, "/api/v3/time").call(
        "POST", "/fapi/v1/listenKey"
    ),
    "upbit, public": lambda url: UpbitRest(url, LIMITED).markets(),
    "upbit, with a key": lambda url: UpbitRest(url, LIMITED, UpbitKey("a", "s" * 40)).ask_private("/v1/accounts", {}),
}


@pytest.mark.parametrize("status", [418, 429])
@pytest.mark.parametrize("name", CALLS)
def test_a_call(name: str, status: int, rest: RestServer) -> None:
    """The call ends with the time in its error; the next one is not sent."""
    rest.answer(status, TOLD)
    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            CALLS[name](rest.url)
        assert caught.value.retry_after == pytest.approx(30, abs=5)
    assert len(rest.requests) == 1
    assert until(rest.url) == pytest.approx(time.time() + 30, abs=10)


# -- in a frame --


class Banned(Ack):
    """An answer with a ban."""

    ban = (418, 30.0)  # type: ignore[assignment]


class Banning(FakeExchange):
    """Every refusal is a ban."""

    def control(self, message: bytes) -> Ack | Notice | None:
        found = super().control(message)
        return Banned(found.request_id, found.error) if isinstance(found, Ack) and found.error else found


NO = {"ok": False, "why": [-1003, "Way too many requests"]}


@pytest.mark.parametrize("what", ["a join", "a login", "a question of a caller", "nothing that is known"])
def test_a_frame(what: str) -> None:
    """Whatever it answers: whoever looks at the budget of the venue sees it, and no attempt begins meanwhile."""

    def react(opcode: int, payload: bytes) -> Any:
        asked = json.loads(payload) if opcode == 1 else {}
        refused = {"join": "a join", "login": "a login", "ping": "a question of a caller"}.get(asked.get("op", ""))
        return [says(ref=asked["ref"], **(NO if refused == what else {"ok": True}))] if asked else []

    script = server(*([says(after=0.5, **NO)] if what.startswith("nothing") else []))
    script.react = react
    bench = Bench(script, exchange=Banning(password="x" if what == "a login" else None))
    ask = lambda number: json.dumps({"op": "ping", "ref": number, "list": []}).encode()  # noqa: E731
    bench.clock.at(0.5, lambda: bench.connection.request(ask, lambda answer: None, 5.0))
    budget = bench.transport.budgets.of("fake.invalid", False)
    assert budget is not None
    bench.run(stop_at=2)
    assert budget.snapshot(START, START)["banned_until"] == pytest.approx(START + 30, abs=1.0)
    assert not any(isinstance(report.error, RequestTimeout) for report in bench.reports)


@pytest.mark.parametrize(
    ("name", "text", "seconds"),
    [
        ("I'm a teapot", "Blocked for 30 seconds", 30.0),
        ("I'm a teapot", "no", 120.0),
        ("Too Many Requests", "try again in 5 seconds", 5.0),
        ("TOO_MANY_REQUEST", "no", None),
        ("WRONG_FORMAT", "Blocked for 30 seconds", None),
    ],
)
def test_an_error_of_upbit(name: str, text: str, seconds: float | None) -> None:
    """The time stands in its text, or is that of a ban that does not tell; until then nothing is asked for again."""
    manager = Inline()
    manager.begin(manager.start_ticker_socket("KRW-BTC", manager.into("a")))
    shown: list[float | None] = []

    def refuse() -> None:
        manager.exchange.text = text
        manager.exchange.refusals.append(name)
        manager.begin(manager.start_trade_socket("KRW-ETH", manager.into("b")))

    manager.at(1.0, refuse)
    manager.at(1.5, lambda: shown.append(manager.snapshot()["budgets"]["api.upbit.com"]["banned_until"]))
    manager.run_until(200)
    if seconds is None:
        assert shown == [None]
    else:
        assert shown == [pytest.approx(START + 1.05 + seconds, abs=0.5)]
        times = [at for at, message in manager.exchange.link.requests if at > 1.5]
        assert times[0] >= 1.05 + seconds or manager.exchange.link.lists[2][0] >= 1.05 + seconds
        assert len(manager.got["b"]) == 1
