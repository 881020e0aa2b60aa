"""upbit-sdk: the exchange's own; its streams and its REST client, both with models."""

import threading

from upbit import Upbit

_CODE = "KRW-BTC"


def _client(exchange, **keys):
    return Upbit(base_url=exchange.url + "/upbit", **keys)


def streams(exchange):
    exchange.asked("trade", "ticker", "orderbook", "candle")
    client = _client(exchange)
    kinds = {"ticker": [_CODE], "trade": [_CODE], "orderbook": [_CODE], "candle": {"1s": [_CODE]}}
    with client.ws_stream.subscribe(**kinds) as stream:
        for event in stream:
            if event.type == "trade":
                exchange.trade(event.sequential_id, event.trade_price, event.trade_volume)
            else:
                exchange.event(event.type.partition(".")[0])


def book(exchange):
    with _client(exchange).ws_stream.orderbook([_CODE + ".5"], format="JSON_LIST") as stream:
        for (event,) in stream:
            units = event.orderbook_units
            bids, asks = (
                [[row.bid_price, row.bid_size] for row in units],
                [[row.ask_price, row.ask_size] for row in units],
            )
            exchange.book(bids, asks)


def rest(exchange):
    _rest(exchange, _client(exchange))


def hosts(exchange):
    client = Upbit()
    _rest(exchange, client)
    with client.ws_stream.trade([_CODE]) as stream:
        for event in stream:
            exchange.trade(event.sequential_id, event.trade_price, event.trade_volume)


def _rest(exchange, client):
    (depth,) = client.orderbooks.list(markets=_CODE)
    units = depth.orderbook_units
    exchange.rest(
        [row.market for row in client.trading_pairs.list()],
        bids=[[row.bid_price, row.bid_size] for row in units],
        asks=[[row.ask_price, row.ask_size] for row in units],
        klines=len(client.candles.list_minutes(unit=60, market=_CODE, count=5)),
        last=float(client.tickers.list_by_trading_pairs(markets=_CODE)[0].trade_price),
    )


def orders(exchange):
    client = _client(exchange, access_key=exchange.api_key, secret_key=exchange.api_secret)
    threading.Thread(target=_watch, args=(exchange, client), daemon=True).start()
    threading.Event().wait(1.0)  # it cannot tell when it is subscribed
    price = float(client.tickers.list_by_trading_pairs(markets=_CODE)[0].trade_price) * 0.9 // 1000 * 1000
    limit = {"market": _CODE, "side": "bid", "ord_type": "limit", "price": f"{price:.0f}", "volume": "0.01"}
    placed = client.orders.create(**limit)
    exchange.reply("place", placed.uuid, placed.state)
    exchange.reply("status", placed.uuid, client.orders.retrieve(uuid=placed.uuid).state)
    exchange.reply("cancel", placed.uuid, client.orders.cancel(uuid=placed.uuid).state)
    sold = client.orders.create(market=_CODE, side="ask", ord_type="market", volume="0.01")
    exchange.reply("place", sold.uuid, sold.state)


def _watch(exchange, client):
    with client.ws_stream.subscribe_private(my_order=[_CODE], my_asset=True) as stream:
        for event in stream:
            if event.type == "myAsset":
                for row in event.assets:
                    exchange.balance(row.currency, row.balance)
                continue
            exchange.order(event.uuid, event.state, event.executed_volume)
            if event.state == "trade":
                exchange.fill(event.trade_uuid, event.price, event.volume)
