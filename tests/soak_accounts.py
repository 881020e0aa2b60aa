"""What a soak does beside streams that are recorded: accounts that trade, order books, subscriptions that change."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal
from typing import Any

import requests
from e2e.harness import Record, eventually
from e2e.test_books import Reader
from e2e.test_reconcile import Book
from simulator.members import Member

from binance_sockets import ApiKey, SocketManager
from binance_sockets.simulator import Simulator

_SECRET = "kSecret0" * 8
_MOST = 400  # orders of an account: one answer of the exchange tells of all
_ROWS = 1000
_TOO_OLD = "-1021"  # held up for longer than its window, and so not carried out
_STRUCK = (429, 503)  # answers of faults
_UNKNOWN = -2011  # the answer to a cancel of an order that is over
_NO_ORDER = -2013
_names = itertools.count(1)


class Account:
    """An account that trades while its stream meets faults; what the stream told must be the exchange's ledger.

    Args:
        sim: where it is.
        manager: whose stream follows it.
        product: ``spot`` or ``usdm``.

    Attributes:
        repeated: how often a fault that was meant for the client has struck a request of this account's own.
    """

    def __init__(self, sim: Simulator, manager: SocketManager, product: str) -> None:
        self.repeated = 0
        self._sim, self._manager, self.product = sim, manager, product
        self._path = {"spot": "/spot/api/v3/", "usdm": "/usdm/fapi/v1/"}[product]
        self._member = Member(f"kKey{next(_names):04}" * 8, _SECRET)
        money = {"USDT": "10000000", "BTC": "1000"} if product == "spot" else {"USDT": "10000000"}
        sim.accounts.create(self._member.api_key, secret=_SECRET, balances={product: money})
        self._open: list[int] = []
        self._placed = 0
        self.record = Record()
        start = manager.start_user_socket if product == "spot" else manager.start_futures_user_socket
        account = ApiKey(self._member.api_key, _SECRET)
        self.key = str(start(self.record.on_message, account=account, reconcile=True))

    def act(self, rng: random.Random) -> str:
        """An order that is filled at once, one that waits, or the end of one that waits."""
        if self._open and (rng.random() < 0.4 or self._placed >= _MOST):
            number = self._open.pop(rng.randrange(len(self._open)))
            if self._code("DELETE", "order", orderId=number) in (None, _UNKNOWN):
                status = self._call("GET", "order", orderId=number)["status"]
                assert status in ("CANCELED", "FILLED"), status
            return f"{self.product} order cancelled"
        if self._placed >= _MOST:
            return f"{self.product} account at rest"
        self._placed += 1
        order: dict[str, Any] = {"side": rng.choice(["BUY", "SELL"]), "type": "MARKET", "quantity": "0.002"}
        if rng.random() < 0.5:
            order.update(side="BUY", type="LIMIT", timeInForce="GTC", price="50000")
            self._open.append(self._order(**order))
            return f"{self.product} order left open"
        self._order(**order)
        return f"{self.product} order filled"

    def settle(self) -> None:
        """Every order and fill of the ledger has been told, once, and nothing else.

        Raises:
            AssertionError: names what differs.
        """
        self._manager.reconcile(self.key, ["BTCUSDT"])
        try:
            eventually(lambda: not self._differs(), "the ledger")
        except AssertionError:
            raise AssertionError(f"the {self.product} account's stream and the ledger: {self._differs()}") from None

    def _differs(self) -> list[object]:
        trades = self._call("GET", {"spot": "myTrades", "usdm": "userTrades"}[self.product], limit=_ROWS)
        orders = self._call("GET", "allOrders", limit=_ROWS)
        held = self._sim.accounts.balances(self._member.api_key) if self.product == "spot" else {}
        told = Book(self.record)
        moved = {asset: tuple(map(Decimal, held[asset])) for asset in held if asset in told.balances}
        return told.differs(orders, trades, moved)

    def _order(self, **order: Any) -> int:
        """Place an order, once: whether one whose answer was lost is there is asked by its name."""
        name = f"soak{next(_names)}"
        while (answer := self._ask("POST", "order", newClientOrderId=name, **order)) is None:
            while (found := self._answer("GET", "order", origClientOrderId=name)).status_code != 200:
                if found.json()["code"] == _NO_ORDER:
                    break
            else:
                return int(found.json()["orderId"])
        assert answer.status_code == 200, answer.text
        return int(answer.json()["orderId"])

    def _call(self, verb: str, name: str, **params: Any) -> Any:
        answer = self._answer(verb, name, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _code(self, verb: str, name: str, **params: Any) -> int | None:
        """With which code the exchange refuses; ``None`` where it does not."""
        answer = self._answer(verb, name, **params)
        return None if answer.status_code == 200 else int(answer.json()["code"])

    def _answer(self, verb: str, name: str, **params: Any) -> requests.Response:
        """Of a request that may be sent twice."""
        while (answer := self._ask(verb, name, **params)) is None:
            pass
        return answer

    def _ask(self, verb: str, name: str, **params: Any) -> requests.Response | None:
        """Send a request once; ``None`` where a fault has struck it: each fault does that to one."""
        struck: object = None
        try:
            answer = self._member.call(self._sim, verb, self._path + name, symbol="BTCUSDT", **params)
        except requests.ConnectionError as error:
            struck = error
        else:
            if answer.status_code not in _STRUCK and _TOO_OLD not in answer.text:
                return answer
            struck = answer.text
        self.repeated += 1
        assert self.repeated <= _MOST, struck
        return None


class Tally(list[Any]):
    """A list that only counts: what is told in hours is much, and errors would keep the frames of dead links alive."""

    told = 0

    def append(self, row: Any) -> None:
        self.told += 1


class FollowedBook:
    """An order book that must be right whenever it is seen, and in sync at the end."""

    def __init__(self, manager: SocketManager, product: str) -> None:
        self._manager, self.product, self.reader = manager, product, Reader(statuses=Tally())
        self.key = str(manager.start_order_book("BTCUSDT", self.reader, product, on_status=self.reader.on_status))

    def settle(self) -> None:
        """In sync, every level that a new snapshot knows is right, and nothing wrong was ever seen.

        Raises:
            AssertionError: says what is wrong.
        """

        def proven() -> bool:
            self._manager.audit_order_book(self.key)
            book = self._manager.snapshot()["connections"][self.key]["book"]
            return bool(book["audits"] > before and book["audit_percent"] == 100.0)

        self._manager.wait_open(self.key, 30.0)
        self.reader.more()
        before = self._manager.snapshot()["connections"][self.key]["book"]["audits"]
        eventually(proven, f"a proven {self.product} book")
        assert self._manager.order_book(self.key).in_sync
        assert not self.reader.wrong, self.reader.wrong[:3]
        assert self.reader.ids == sorted(self.reader.ids), f"the {self.product} book went back"


class Changing:
    """A socket whose streams change all the time; at the end it carries what was wanted last."""

    def __init__(self, manager: SocketManager, product: str, names: tuple[str, ...]) -> None:
        self._manager, self._names, self._wanted = manager, names, {names[0]}
        self.key = str(
            manager.start_multiplex_socket([names[0]], self._on_message, product=product, name=f"changing {product}")
        )
        self._counts = dict.fromkeys(names, 0)

    def _on_message(self, message: Any) -> None:
        if "stream" in message:
            self._counts[message["stream"]] += 1

    def act(self, rng: random.Random) -> str:
        """One stream more, or one fewer."""
        name = rng.choice(self._names)
        if name not in self._wanted:
            self._wanted.add(name)
            self._manager.subscribe(self.key, name)
            return "subscribe"
        self._wanted.discard(name)
        self._manager.unsubscribe(self.key, name)
        return "unsubscribe"

    def settle(self) -> None:
        """What is wanted comes, and nothing else is carried.

        Raises:
            AssertionError: a wanted stream is silent, or another one is carried.
        """
        for name in self._refused():  # by a fault: whoever wants it all the same asks for it anew
            self._manager.unsubscribe(self.key, name)
            self._manager.wait_open(self.key, 30.0)
            self._manager.subscribe(self.key, name)
        self._manager.wait_open(self.key, 30.0)
        before = dict(self._counts)
        eventually(lambda: all(self._counts[name] > before[name] for name in self._wanted), "each wanted stream")
        carried = set(self._manager.snapshot()["connections"][self.key]["streams"])
        assert carried == self._wanted, (carried, self._wanted)

    def _refused(self) -> list[str]:
        streams = self._manager.snapshot()["connections"][self.key]["streams"]
        return [name for name, row in streams.items() if not row["confirmed"]]
