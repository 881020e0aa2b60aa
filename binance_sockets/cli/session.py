"""``binance-sockets demo --user``: a trading session on an account of the embedded exchange."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import click

from .. import SocketManager, WebSocketAPI
from .extras import simulator
from .feed import Feed
from .words import as_words

__all__ = ["trade"]

SYMBOL = "BTCUSDT"
PATIENCE = 10.0  # seconds for an event that surely comes
_TICK = Decimal("0.01")


def trade(seconds: float, seed: int) -> int:
    """Place orders, and print what the user data stream says of them.

    Args:
        seconds: how long the order in the book may wait for its fills.
        seed: of the simulated market.

    Returns:
        1 when an event stayed out, or the stream told other balances than the exchange has at the end; else 0.
    """
    exchange_class = simulator()
    from ..simulator import DEMO_API_KEY, DEMO_API_SECRET  # the extra is installed, as the line before says

    key, secret = DEMO_API_KEY, DEMO_API_SECRET
    with exchange_class(seed=seed) as exchange:
        click.echo(f"embedded exchange at {exchange.url}, with a demo account", err=True)
        at = exchange.environment
        with (
            SocketManager(api_key=key, api_secret=secret, environment=at) as manager,
            WebSocketAPI(api_key=key, api_secret=secret, environment=at) as api,
        ):
            session = Session(manager, api)
            try:
                session.run(seconds)
            except TimeoutError as error:
                click.echo(f"Error: {error}", err=True)
                return 1
            finally:
                session.feed.stop()
            wrong = session.compare()
    if wrong:
        click.echo(f"Error: the stream and the exchange differ: {', '.join(wrong)}", err=True)
        return 1
    click.echo("closed cleanly", err=True)
    return 0


class Session:
    """One account: sends orders, follows its events.

    Args:
        manager: has been started.
        api: sends the orders.
    """

    def __init__(self, manager: SocketManager, api: WebSocketAPI) -> None:
        self.feed = Feed()
        self._api = api
        self._orders: dict[int, Mapping[str, Any]] = {}  # the last report of each
        self._balances: dict[str, tuple[Decimal, Decimal]] = {}
        manager.wait_open(manager.start_user_socket(lambda event: self.feed.put("user", event)), PATIENCE)

    def run(self, seconds: float) -> None:
        """Buy at the market, rest at the touch until filled, cancel one that is far away, sell at the market.

        Raises:
            TimeoutError: an event stayed out.
        """
        bought = self._place("BUY at the market", "BUY", "MARKET", quantity="0.01")
        self._until(lambda: self._is(bought, "FILLED"), PATIENCE)
        touch = Decimal(self._api.ticker_book(symbol=SYMBOL)["askPrice"])
        resting = self._place(
            "BUY just below the asks", "BUY", "LIMIT", quantity="0.02", price=touch - _TICK, timeInForce="GTC"
        )
        self._until(lambda: self._is(resting, "FILLED"), seconds, must=False)
        far = self._place("SELL far away", "SELL", "LIMIT", quantity="0.01", price=touch * 2, timeInForce="GTC")
        for order in (resting, far):
            if not self._is(order, "FILLED"):
                click.echo("-- cancel what is open")
                self._api.order_cancel(SYMBOL, orderId=order)
                self._until(lambda order=order: self._is(order, "CANCELED"), PATIENCE)  # type: ignore[misc]
        sold = self._place("SELL at the market", "SELL", "MARKET", quantity="0.01")
        self._until(lambda: self._is(sold, "FILLED") and not self._is_ahead(), PATIENCE)

    def compare(self) -> list[str]:
        """Print the balances; returns the assets in which the stream and the exchange differ."""
        account = {each["asset"]: each for each in self._api.account_status()["balances"]}
        wrong = []
        click.echo(f"\n{'balance':<8} {'free':>18} {'locked':>18}")
        for asset, (free, locked) in sorted(self._balances.items()):
            click.echo(f"{asset:<8} {free:>18f} {locked:>18f}")
            if (free, locked) != (Decimal(account[asset]["free"]), Decimal(account[asset]["locked"])):
                wrong.append(asset)
        return wrong

    def _place(self, words: str, side: str, kind: str, **params: Any) -> int:
        click.echo(f"-- {words}")
        order_id: int = self._api.order_place(SYMBOL, side, kind, **params)["orderId"]
        return order_id

    def _is(self, order: int, status: str) -> bool:
        return self._orders.get(order, {}).get("X") == status

    def _is_ahead(self) -> bool:
        """The balances of the last report have not been told yet."""
        account = {each["asset"]: Decimal(each["free"]) for each in self._api.account_status()["balances"]}
        return any(free != account[asset] for asset, (free, _) in self._balances.items())

    def _until(self, fact: Callable[[], bool], seconds: float, *, must: bool = True) -> None:
        """Print events until ``fact`` holds."""
        end = time.monotonic() + seconds
        while not fact():
            if time.monotonic() >= end:
                if must:
                    raise TimeoutError(f"no event for {seconds:g} s that was to come")
                return
            message = self.feed.get(min(0.25, end - time.monotonic()))
            if message is not None:
                click.echo(as_words(message.payload))
                self._follow(message.payload)

    def _follow(self, event: Mapping[str, Any]) -> None:
        if event["e"] == "executionReport":
            self._orders[event["i"]] = event
        elif event["e"] == "outboundAccountPosition":
            for each in event["B"]:
                self._balances[each["a"]] = Decimal(each["f"]), Decimal(each["l"])
