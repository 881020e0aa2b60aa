"""pyupbit: a process for each type of message; its addresses are built in."""

import threading

import pyupbit

_CODE = "KRW-BTC"


def _reader(kind, take):
    manager = pyupbit.WebSocketManager(kind, [_CODE])
    manager.daemon = True

    def run():
        while True:
            row = manager.get()
            if (
                isinstance(row, dict) and row.get("type") == kind
            ):  # beside data it hands out the word ConnectionClosedError
                take(row)

    threading.Thread(target=run, daemon=True).start()


def _trades(exchange):
    _reader("trade", lambda row: exchange.trade(row["sequential_id"], row["trade_price"], row["trade_volume"]))


def streams(exchange):
    exchange.asked("trade", "ticker", "orderbook")
    _trades(exchange)
    for kind in ("ticker", "orderbook"):
        _reader(kind, lambda row: exchange.event(row["type"]))


def book(exchange):
    _reader("orderbook", lambda row: exchange.book(*_levels(row["orderbook_units"])))


def _levels(units):
    return [[[row[f"{side}_price"], row[f"{side}_size"]] for row in units] for side in ("bid", "ask")]


def rest(exchange):
    bids, asks = _levels(pyupbit.get_orderbook(_CODE)["orderbook_units"])
    exchange.rest(
        pyupbit.get_tickers(),
        bids=bids,
        asks=asks,
        klines=len(pyupbit.get_ohlcv(_CODE, interval="minute60", count=5)),
        last=pyupbit.get_current_price(_CODE),
    )


def reconnect(exchange):
    _trades(exchange)


def hosts(exchange):
    rest(exchange)
    _trades(exchange)
