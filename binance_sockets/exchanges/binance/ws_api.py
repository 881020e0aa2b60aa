"""WebSocketAPI: requests over the exchange's WebSocket API, from any thread, many in flight on one connection."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ...engine.clock import wait_event
from ...errors import ConfigError, DecodeError, ExchangeError, RequestLost, RequestTimeout, WouldDeadlock
from .api_products import ALGO_ORDER
from .ws_api_account import AccountMethods
from .ws_api_market import MarketMethods
from .ws_api_orders import OrderMethods

__all__ = ["Outcome", "Resolution", "WebSocketAPI"]

_NO_SUCH_ORDER = -2013
_RECV_WINDOW = 5000.0  # ms, where a request has none
_ARRIVAL = 1.0  # seconds beyond it in which a late order may still be found
_CREATED = ("newClientOrderId", "clientOrderId", "origClientOrderId")


class Outcome(str, Enum):
    """What has become of an order whose reply was lost."""

    #: filled in full
    FILLED = "filled"
    #: it rests in the book, filled in part or not at all, or waits for its trigger
    OPEN = "open"
    #: it is over without being filled in full: refused, cancelled or expired
    REJECTED = "rejected"
    #: the exchange has no such order, and will not have it any more
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer to :meth:`WebSocketAPI.resolve`.

    Args:
        outcome: in one word.
        order: the order or the order list as the exchange shows it; ``None`` where there is none.
    """

    outcome: Outcome
    order: Mapping[str, Any] | None = None


_OUTCOMES = {
    "FILLED": Outcome.FILLED,
    "NEW": Outcome.OPEN,
    "PARTIALLY_FILLED": Outcome.OPEN,
    "PENDING_NEW": Outcome.OPEN,
    "PENDING_CANCEL": Outcome.OPEN,
    "TRIGGERING": Outcome.OPEN,
    "TRIGGERED": Outcome.OPEN,
    "CANCELED": Outcome.REJECTED,
    "REJECTED": Outcome.REJECTED,
    "EXPIRED": Outcome.REJECTED,
    "EXPIRED_IN_MATCH": Outcome.REJECTED,
}


_LISTS = {"EXECUTING": "NEW", "REJECT": "REJECTED"}  # what the status of a list means for its orders


class WebSocketAPI(MarketMethods, OrderMethods, AccountMethods):
    """A client of the exchange's WebSocket API. Synchronous, thread-safe, many requests in flight on one connection.

    >>> api = WebSocketAPI(api_key="...", api_secret="...")  # doctest: +SKIP
    >>> with api:  # doctest: +SKIP
    ...     api.order_place("BTCUSDT", "BUY", "LIMIT", timeInForce="GTC", quantity="0.001", price="50000")

    It connects when it is started or first asked, connects again after a loss, and logs on anew each time where the key
    is an Ed25519 one; other keys sign each request. It does not keep the process alive (``daemon`` is ``True``).

    Args:
        client: any object with ``API_KEY``, and ``API_SECRET`` or ``PRIVATE_KEY``, as python-binance's REST clients;
            ``None`` (default) for none. Its ``testnet`` and ``demo`` count where ``environment`` is left out.
        api_key: API key; wins over the client's, and that over the variable ``BINANCE_API_KEY``. Without one there is
            public data alone.
        api_secret: secret of an HMAC key; likewise, else ``BINANCE_API_SECRET``.
        private_key: PEM, or the path of a PEM file, of an Ed25519 or RSA key, instead of a secret; likewise, else the
            file that ``BINANCE_PRIVATE_KEY`` names. Needs the extra ``crypto``.
        passphrase: of an encrypted private key; else ``BINANCE_PRIVATE_KEY_PASSPHRASE``.
        product: ``"spot"`` (default), ``"usdm"`` or ``"coinm"``.
        environment: ``"live"``, ``"testnet"``, ``"demo"`` or a base URL such as ``"http://127.0.0.1:9000"``; ``None``
            takes the variable ``BINANCE_SOCKETS_BASE_URL``, else live. With a key, a variable may only name this
            machine.
        options: deadlines, back-off, proxy and TLS; ``None`` (default) for ``Options()`` without a limit of reconnects.
        timeout: seconds that a request may take unless it says otherwise. Default 10.
        transport: what opens links; ``None`` (default) for real sockets. Tests pass a
            :class:`~binance_sockets.testing.ScriptedTransport`.

    Raises:
        ConfigError: for a bad argument, naming the allowed values and never a secret.
    """

    def resolve(self, order: object, timeout: float | None = None) -> Resolution:
        """Find out what has become of an order whose reply was lost. Asks, and never places anything. Any thread.

        An order that the exchange does not know may still be on its way: within its ``recvWindow`` that is asked
        again, so that ``ABSENT`` is final.

        Args:
            order: the error that told of the loss (``RequestTimeout``, ``RequestLost``); or a dict with ``symbol`` and
                ``newClientOrderId`` or ``clientOrderId``, with ``listClientOrderId`` for an order list, or with
                ``clientAlgoId`` for a conditional order of USD-M, about which REST is asked.
            timeout: seconds for each question; ``None`` (default) for the client's. REST has time-outs of its own.

        Returns:
            The outcome, and the order as the exchange shows it. An order list is FILLED when one of its orders is,
            and none waits any more; a conditional order that was triggered has become what its order has.

        Raises:
            ConfigError: ``order`` names none, or a conditional order on a client that is not one of USD-M.
            DecodeError: the exchange answers a status that is not known here.
            WouldDeadlock: on the connection's own thread.
            BinanceSocketsError: what :meth:`request` raises; then it is still not known.
        """
        named = _named_order(order)
        if named.get("clientAlgoId") and self._api.product != "usdm":
            hint = "Conditional orders are found on a client of USD-M alone"
            raise ConfigError("order", "a conditional order", "an order of this product", hint)
        while True:
            try:
                return self._look_up(named, timeout)
            except ExchangeError as error:
                if error.error_code != _NO_SUCH_ORDER:
                    raise
            left = self._may_arrive(named)
            if left <= 0:
                return Resolution(Outcome.ABSENT)
            wait_event(threading.Event(), min(left, 0.5))

    def _look_up(self, named: Mapping[str, Any], timeout: float | None) -> Resolution:
        if named.get("clientAlgoId"):
            return self._look_up_algo(named, timeout)
        if "listClientOrderId" in named:
            found = self.request("orderList.status", {"origClientOrderId": named["listClientOrderId"]}, timeout)
            return Resolution(self._of_list(found, timeout), found)
        asked = {"symbol": named["symbol"], "origClientOrderId": _id_of(named)}
        found = self.request("order.status", asked, timeout)
        return Resolution(_outcome(found), found)

    def _look_up_algo(self, named: Mapping[str, Any], timeout: float | None) -> Resolution:
        """A conditional order, which the WebSocket API does not show, and the order that it has become.

        Source: USD-M documentation (2026-10), "Query Algo Order".
        """
        if self._connection().waits_for_caller():
            raise WouldDeadlock("resolve() would wait for its answer on the thread that reads; ask on another one")
        found = self._api.rest.call("GET", ALGO_ORDER, {"clientAlgoId": named["clientAlgoId"]}, "signed")
        if number := found.get("actualOrderId"):
            asked = {"symbol": found["symbol"], "orderId": int(number)}
            return Resolution(_outcome(self.request("order.status", asked, timeout)), found)
        return Resolution(_outcome({"status": found.get("algoStatus")}), found)

    def _of_list(self, found: Mapping[str, Any], timeout: float | None) -> Outcome:
        status = found.get("listOrderStatus")
        if status != "ALL_DONE":
            return _outcome({"status": _LISTS.get(str(status))})
        for each in found.get("orders", ()):
            asked = {"symbol": each["symbol"], "orderId": each["orderId"]}
            if _outcome(self.request("order.status", asked, timeout)) is Outcome.FILLED:
                return Outcome.FILLED
        return Outcome.REJECTED

    def _may_arrive(self, named: Mapping[str, Any]) -> float:
        """Seconds in which an order that left may still be accepted, by the exchange's clock."""
        stamp = named.get("timestamp")
        if type(stamp) is not int:
            return 0.0
        window = float(named.get("recvWindow") or _RECV_WINDOW)
        return (stamp + window - self._api.account.clock.now()) / 1000 + _ARRIVAL


def _outcome(order: object) -> Outcome:
    """What an order's status means.

    Raises:
        DecodeError: nothing that is known; to guess would be to tell that an order is over which lives.
    """
    status = order.get("status") if isinstance(order, Mapping) else None
    found = _OUTCOMES.get(status) if isinstance(status, str) else None
    if found is None:
        raise DecodeError(f"an order of the unknown status {status!r}")
    return found


def _id_of(named: Mapping[str, Any]) -> object:
    return next((named[name] for name in _CREATED if named.get(name)), None)


def _named_order(order: object) -> Mapping[str, Any]:
    """What names an order: the parameters that it was placed with, or a reply."""
    named = order.request if isinstance(order, (RequestTimeout, RequestLost)) else order
    if isinstance(named, Mapping) and (
        named.get("clientAlgoId") or named.get("listClientOrderId") or (named.get("symbol") and _id_of(named))
    ):
        return named
    raise ConfigError("order", type(order).__name__, "an error of a request, or symbol and client order id")
