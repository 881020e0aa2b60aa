"""The programs that a seed can run, beside the usual one: see :data:`KINDS`.

Each is a :class:`~simulation.session.Session` that uses other parts of the client, or for much longer.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unittest import mock

from simulation.accounts import API_KEY, API_SECRET, SECRET
from simulation.candles import Candles, check_candles
from simulation.lives import USER, Life
from simulation.markets import Markets, check_markets
from simulation.promises import check
from simulation.session import BASE, Session
from simulation.upbit_past import UpbitPast, check_upbit_past

from binance_sockets import SocketManager, Timeouts
from binance_sockets.engine import process, websocket
from binance_sockets.events import CredentialChange, CredentialStep
from binance_sockets.exchanges.binance import credentials

__all__ = ["KINDS", "Accounts", "Changing", "Futures", "Months", "Patient", "Seldom", "run"]

_FORMS = ("events", "plain", "path", "subscribe")
_DAY = 86_400.0


class Futures(Session):
    """Streams of USD-M, which two routes share; single ones on links of their own or on shared ones."""

    product = "usdm"
    names = (
        "btcusdt@aggTrade", "ethusdt@aggTrade", "btcusdt@depth", "ethusdt@depth", "btcusdt@bookTicker",
        "btcusdt@markPrice",
    )  # fmt: skip
    nosuch = "nosuch@aggTrade"

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.options = dataclasses.replace(self.options, pool=self.world.rng.random() < 0.5)

    def _start_some(self) -> None:
        super()._start_some()
        if self.options.pool:
            for name in self.world.rng.sample(self.names, 2):
                self._start((name,), False, {})
            if sum(not life.wrapped for life in self._open()) > 1:
                self.world.sometimes("several sockets on shared links")


class Changing(Session):
    """Sockets whose streams join and leave all the time, most of them again before the exchange has answered."""

    pause = 0.7

    def _actions(self) -> Sequence[Callable[[], None]]:
        return (
            *(self._subscribe, self._unsubscribe) * 5, *(self._wait_open,) * 3, *(self._reconnect,) * 2,
            self._start_some, self._cut, self._reopen,
        )  # fmt: skip


class Patient(Session):
    """Sockets that live for long enough to be asked what they carry, at an exchange that forgets."""

    acts = 900.0
    pause = 90.0
    back = 600.0
    silent = 90.0
    first_message = 60.0
    ages = (_DAY,)

    def _trouble(self) -> None:
        super()._trouble()
        self.exchange.rate = 1.0
        self.exchange.trouble = (0.1, 0.003)
        self.exchange.forgetful = 0.5
        self.rest.trouble = 0.1


class Seldom(Session):
    """Sockets of a stream in which little happens, which is filled: as a rule nothing has come when a link is lost."""

    names = ("btcusdt@aggTrade", "ethusdt@miniTicker", "ethusdt@depth")
    acts = 120.0

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.exchange.seldom = (self.filled,)

    def _trouble(self) -> None:
        super()._trouble()
        self.rest.trouble = 0.1

    def _ways(self, names: tuple[str, ...]) -> dict[str, Any]:
        history = {"history": 20} if self.world.rng.random() < 0.1 else {}
        return {"backfill": True, **history} if self.filled in names else {}


class Accounts(Session):
    """Accounts of three kinds beside market streams, while what lets somebody listen to them ends in every way."""

    acts = 60.0
    pause = 6.0
    life = 60.0  # seconds of listen keys and tokens
    disturbed = 8.0  # seconds between two ends before their time, on average

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.exchange.accounts.life = self.life
        self._log = _Log(self)

    def _made(self) -> SocketManager:
        manager = SocketManager(api_key=API_KEY, api_secret=API_SECRET, environment=BASE, options=self.options)
        manager.add_credential_listener(self._credential)
        return manager

    @contextlib.contextmanager
    def _in_world(self) -> Iterator[None]:
        with (
            mock.patch.object(credentials, "KEY_LIFE", self.life),
            mock.patch.object(credentials, "_SHORTEST", 1.0),
            self._log.open(),
            super()._in_world(),
        ):
            yield

    def _begin(self) -> None:
        super()._begin()
        self._later(self.disturbed, self._disturb)

    def _disturb(self) -> None:
        self.exchange.accounts.disturb()
        self._later(self.world.rng.expovariate(1 / self.disturbed), self._disturb)

    def _start_some(self) -> None:
        if self.world.rng.random() < 0.3:
            super()._start_some()
        elif len(self._open()) < 5:
            product = self.world.rng.choice(("spot", "usdm", "margin"))
            ways: dict[str, Any] = {}
            if product == "usdm":
                ways = {"form": self.world.rng.choice(_FORMS), "delete_listen_key": self.world.rng.random() < 0.5}
            self._listen(product, ways)

    def _listen(self, product: str, ways: dict[str, Any]) -> None:
        key = USER if product == "spot" else f"{product}:{USER}"
        life = Life(self, key, (USER,), False, ways, product)
        manager = self.manager
        start: Any = {
            "spot": manager.start_user_socket,
            "usdm": manager.start_futures_user_socket,
            "margin": manager.start_margin_socket,
        }[product]
        self.exchange.stream(life.sent(USER))
        self._started(life, lambda callback: start(callback, **ways))

    def _start_again(self, life: Life) -> None:
        if life.names == (USER,):
            self._listen(life.product, life.ways)
        else:
            super()._start_again(life)

    def _serves(self, connection: Any, life: Life) -> bool:
        callback = connection.handler.callback
        callback = getattr(callback, "_callback", callback)  # behind what reconciles it
        return getattr(callback, "life", callback) is life

    def may_give_up(self, life: Life) -> bool:
        return super().may_give_up(life) or (life.names == (USER,) and self.exchange.accounts[life.product].barred)

    # -- what is told --

    def _credential(self, change: CredentialChange) -> None:
        self.world.note(f"credential {change.conn_key} {change.step.value}")
        if change.step in (CredentialStep.RENEWED, CredentialStep.CHANGED, CredentialStep.ENDED):
            self.world.sometimes(f"credential {change.step.value}")
        self.hear("a credential's change", f"{change!r} {change.error}")

    def _report(self, report: Any) -> None:
        super()._report(report)
        self.hear("a report", f"{report!r} {report.error} {report.error.__cause__!r}")

    def _look(self) -> None:
        self.hear("the snapshot", repr(self.manager.snapshot()))

    def hear(self, where: str, text: str) -> None:
        """Nobody may read a secret there."""
        if SECRET in text or any(signature in text for signature in self.exchange.accounts.signatures):
            self.world.fail(f"a secret is told in {where}")


class Months(Accounts):
    """Accounts for two months, in which something goes wrong every few hours; every credential is renewed in time."""

    acts = 60 * _DAY
    pause = 3 * _DAY
    back = 4 * 3600.0
    life = 3600.0
    disturbed = 2 * _DAY
    renews = True
    ages = (_DAY,)
    reads = False  # a reader wakes up many times a second, which would be most of what happens in two months

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.world.most_steps = 2_000_000
        self.exchange.ping_every = 3600.0
        timeouts = Timeouts(first_message=8.0, stale=9000.0, ping=4000.0)
        self.options = dataclasses.replace(self.options, timeouts=timeouts)

    @contextlib.contextmanager
    def _in_world(self) -> Iterator[None]:
        # an idle socket, or the main thread, is looked at every few seconds, which would be most of what happens
        with (
            mock.patch.object(process, "_PERIOD", 3000.0),
            mock.patch.object(websocket, "_PROOF", 3000.0),
            mock.patch.object(websocket, "_AWAY", 4500.0),
            super()._in_world(),
        ):
            yield

    def _trouble(self) -> None:
        super()._trouble()
        self.exchange.rate = 1 / 1800
        self.exchange.trouble = (0.1, 0.01)
        self.rest.trouble = 0.1

    def _start_some(self) -> None:
        for product in ("spot", "usdm", "margin"):
            self._listen(product, {"delete_listen_key": True} if product == "usdm" else {})

    def _step(self) -> None:
        """Nobody steps the clock: until the exchange is asked for its time, a token's end would be guessed wrong."""


class _Log(logging.Handler):
    """All that is logged is heard."""

    def __init__(self, session: Accounts) -> None:
        super().__init__(level=0)
        self._session = session

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self._session.hear("the log", f"{record.getMessage()} {error} {getattr(error, '__cause__', None)!r}")

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """From the first line to the last one."""
        logging.disable(logging.NOTSET)
        log = logging.getLogger("binance_sockets")
        before = log.level, log.disabled, log.propagate
        log.level, log.disabled, log.propagate = logging.DEBUG, False, False
        log.manager._clear_cache()  # type: ignore[attr-defined]
        log.addHandler(self)
        try:
            yield
        finally:
            log.removeHandler(self)
            log.level, log.disabled, log.propagate = before
            log.manager._clear_cache()  # type: ignore[attr-defined]
            logging.disable(logging.CRITICAL)


KINDS: dict[str, type[Session]] = {
    "market": Session,
    "futures": Futures,
    "changing": Changing,
    "patient": Patient,
    "seldom": Seldom,
    "accounts": Accounts,
    "months": Months,
    "markets": Markets,
    "candles": Candles,
    "upbit_past": UpbitPast,
}


_JUDGES: dict[str, Callable[[Any], None]] = {
    "markets": check_markets,
    "candles": check_candles,
    "upbit_past": check_upbit_past,
}
"""What must be true of a kind that has rules of its own."""


def run(seed: int, kind: str = "market") -> Session:
    """Run a seed; what must not happen stands in ``world.failures``."""
    log = logging.getLogger("binance_sockets")
    disabled, log.disabled = log.disabled, True
    logging.disable(logging.CRITICAL)
    session = KINDS[kind](seed)
    try:
        session.run()
    except AssertionError as exc:
        session.world.fail(f"{type(exc).__name__}: {exc}")
    else:
        _JUDGES.get(kind, check)(session)
    finally:
        logging.disable(logging.NOTSET)
        log.disabled = disabled
    return session
