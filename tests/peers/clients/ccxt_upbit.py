"""ccxt and ccxt pro on Upbit; only the addresses are changed."""

import asyncio

import ccxt.pro

_SYMBOL = "BTC/KRW"


def _client(exchange):
    client = ccxt.pro.upbit()
    address = exchange.url + "/upbit"
    client.urls["api"] = {"public": address, "private": address, "ws": exchange.ws + "/upbit/websocket/v1"}
    return client


async def _trades(exchange, client):
    while True:
        try:
            for row in await client.watch_trades(_SYMBOL):
                exchange.trade(row["id"], row["price"], row["amount"])
        except ccxt.NetworkError:
            await asyncio.sleep(0.3)  # its manual wants the caller to try again


async def _events(exchange, watch, name):
    await watch
    exchange.event(name)


async def streams(exchange):
    exchange.asked("trade", "ticker", "orderbook", "candle")
    client = _client(exchange)
    await client.load_markets()
    await asyncio.gather(
        _trades(exchange, client),
        _events(exchange, client.watch_ticker(_SYMBOL), "ticker"),
        _events(exchange, client.watch_order_book(_SYMBOL), "orderbook"),
        _events(exchange, client.watch_ohlcv(_SYMBOL), "candle"),
    )


async def book(exchange):
    client = _client(exchange)
    while True:
        state = await client.watch_order_book(_SYMBOL)
        exchange.book(state["bids"], state["asks"])


async def rest(exchange):
    client = _client(exchange)
    await _rest(exchange, client)
    await client.close()


async def hosts(exchange):
    client = ccxt.pro.upbit()
    await _rest(exchange, client)
    await _trades(exchange, client)


async def _rest(exchange, client):
    markets = await client.load_markets()
    depth = await client.fetch_order_book(_SYMBOL)
    exchange.rest(
        [row["id"] for row in markets.values()],
        bids=depth["bids"],
        asks=depth["asks"],
        klines=len(await client.fetch_ohlcv(_SYMBOL, "1h")),
        last=(await client.fetch_ticker(_SYMBOL))["last"],
    )


async def reconnect(exchange):
    await _trades(exchange, _client(exchange))


async def orders(exchange):
    client = _client(exchange)
    client.apiKey, client.secret = exchange.api_key, exchange.api_secret
    await client.load_markets()
    await asyncio.gather(
        _watch_orders(exchange, client), _watch_fills(exchange, client), _watch_balance(exchange, client),
        _trade(exchange, client),
    )  # fmt: skip


async def _watch_orders(exchange, client):
    while True:
        for row in await client.watch_orders(_SYMBOL):
            exchange.order(row["id"], row["info"]["state"], row["filled"])


async def _watch_fills(exchange, client):
    while True:
        for row in await client.watch_my_trades(_SYMBOL):
            exchange.fill(row["id"], row["price"], row["amount"])


async def _watch_balance(exchange, client):
    while True:
        exchange.balance("KRW", (await client.watch_balance())["KRW"]["free"])


async def _trade(exchange, client):
    await asyncio.sleep(1.0)  # it cannot tell when it is subscribed
    price = (await client.fetch_ticker(_SYMBOL))["last"] * 0.9 // 1000 * 1000
    placed = await client.create_order(_SYMBOL, "limit", "buy", 0.01, price)
    exchange.reply("place", placed["id"], placed["info"]["state"])
    for call, answer in (
        ("status", await client.fetch_order(placed["id"])),
        ("cancel", await client.cancel_order(placed["id"])),
        ("place", await client.create_order(_SYMBOL, "market", "sell", 0.01)),
    ):
        exchange.reply(call, answer["id"], answer["info"]["state"])
