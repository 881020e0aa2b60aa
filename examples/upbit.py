"""Upbit with named clients: tickers, books and candles on one connection, a price asked for once, and health."""

import threading
import time
from decimal import Decimal

from binance_sockets.exchanges.upbit import WebSocketClient, get_global_websocket_manager
from binance_sockets.exchanges.upbit.models import Candle, OrderBookEvent, Ticker

# The manager that all clients share. ``heartbeat`` and ``strategy`` may be left out.
manager = get_global_websocket_manager(heartbeat=30, strategy="balanced")

client = WebSocketClient("my_app")


# -- the price of some markets


def on_price_change(event: Ticker) -> None:
    print(f"{event.symbol}: {event.trade_price:,} won")


client.subscribe_ticker(["KRW-BTC", "KRW-ETH"], on_price_change)


# -- what there is and what changes, or one of the two

client.subscribe_ticker(["KRW-BTC"], print, stream_preference="both")  # the default
client.subscribe_ticker(["KRW-BTC"], print, stream_preference="snapshot_only")  # ends by itself
client.subscribe_ticker(["KRW-BTC"], print, stream_preference="realtime_only")


# -- several kinds at once, still on one connection

seen = {"book": threading.Event(), "candle": threading.Event()}


def on_orderbook(event: OrderBookEvent) -> None:
    best = event.orderbook_units[0]
    print(f"{event.symbol}: bid {best.bid_price:,}, ask {best.ask_price:,}")
    seen["book"].set()


def on_candle(event: Candle) -> None:
    print(f"{event.symbol} {event.type}: {event.trade_price:,}")
    seen["candle"].set()


client.subscribe_orderbook(["KRW-BTC"], on_orderbook, count=5)
client.subscribe_candle(["KRW-BTC"], on_candle, unit="1m")


# -- a price that is asked for once


def get_current_price(symbol: str, timeout: float = 10.0) -> Decimal | None:
    prices: list[Decimal | None] = []
    came = threading.Event()

    def capture_snapshot(event: Ticker) -> None:
        prices.append(event.trade_price)
        came.set()

    client.subscribe_ticker([symbol], capture_snapshot, "snapshot_only")
    came.wait(timeout)
    return prices[0] if prices else None


print(f"BTC costs {get_current_price('KRW-BTC'):,} won")


# -- an alarm


def handle_ticker(event: Ticker) -> None:
    if event.trade_price is not None and event.trade_price > 50_000_000:
        print(f"expensive: {event.symbol}")


client.subscribe_ticker(["KRW-BTC"], handle_ticker)

for each in seen.values():
    each.wait(20)

# -- how it is; what was subscribed a moment ago may still be opening

deadline = time.monotonic() + 20
while (status := manager.get_health_status()).status != "healthy" and time.monotonic() < deadline:
    time.sleep(0.1)
print(f"state: {status.status}", *status.reasons)
metrics = manager.get_all_connection_metrics()
print(f"messages: {metrics['total_processed']}, subscriptions: {client.get_subscription_count()}")
print(f"sent: {client.get_rate_limiter_status()['public']}")

client.close()
manager.close()
