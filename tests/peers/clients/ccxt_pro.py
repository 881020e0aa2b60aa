"""ccxt and ccxt pro: all three products' markets are loaded; only the addresses are changed."""

import asyncio

import ccxt.pro

_HOSTS = {
    "https://api.binance.com": "/spot",
    "https://fapi.binance.com": "/usdm",
    "https://dapi.binance.com": "/coinm",
    "https://eapi.binance.com": "/options",
    # it tells spot from futures by "/stream" in the address, which an unknown stream of that name brings in
    "wss://stream.binance.com:9443/ws": "/spot/ws/stream",
    "wss://fstream.binance.com": "/usdm",
    "wss://dstream.binance.com": "/coinm",
    "wss://ws-api.binance.com:443": "/spot",
    "wss://ws-fapi.binance.com": "/usdm",
}
_KINDS = {"spot": "spot", "usdm": "linear"}


def _moved(exchange, address):
    if isinstance(address, dict):
        return {name: _moved(exchange, row) for name, row in address.items()}
    for host, product in _HOSTS.items():
        if address.startswith(host):
            return (exchange.ws if host.startswith("ws") else exchange.url) + product + address[len(host) :]
    return address


def _symbol(exchange):
    return "BTC/USDT" if exchange.product == "spot" else "BTC/USDT:USDT"


def _client(exchange, make=ccxt.pro.binance):
    client = make()
    client.urls["api"] = _moved(exchange, client.urls["api"])
    return client


async def _trades(exchange, client):
    while True:
        try:
            for row in await client.watch_trades(_symbol(exchange)):
                exchange.trade(row["id"], row["price"], row["amount"])
        except ccxt.NetworkError:
            await asyncio.sleep(0.2)  # its manual wants the caller to try again


async def _events(exchange, watch, name):
    while True:
        await watch
        exchange.event(name)
        return


async def streams(exchange):
    exchange.asked("trade", "kline", "bookTicker", "ticker")
    client = _client(exchange)
    await client.load_markets()
    await asyncio.gather(
        _trades(exchange, client),
        _events(exchange, client.watch_ohlcv(_symbol(exchange), "1m"), "kline"),
        _events(exchange, client.watch_bids_asks([_symbol(exchange)]), "bookTicker"),
        _events(exchange, client.watch_ticker(_symbol(exchange)), "ticker"),
    )


async def book(exchange):
    client = _client(exchange)
    while True:
        state = await client.watch_order_book(_symbol(exchange))
        exchange.book(state["bids"], state["asks"])


async def rest(exchange):
    client = _client(exchange)
    await _rest(exchange, client)
    await client.close()


async def hosts(exchange):
    client = ccxt.pro.binance()
    await _rest(exchange, client)
    await _trades(exchange, client)


async def _rest(exchange, client):
    markets = await client.load_markets()
    depth = await client.fetch_order_book(_symbol(exchange))
    exchange.rest(
        [row["id"] for row in markets.values() if row[_KINDS[exchange.product]]],
        time=await client.fetch_time(),
        bids=depth["bids"],
        asks=depth["asks"],
        klines=len(await client.fetch_ohlcv(_symbol(exchange), "1m")),
        last=(await client.fetch_tickers([_symbol(exchange)]))[_symbol(exchange)]["last"],
    )


async def reconnect(exchange):
    await _trades(exchange, _client(exchange))


async def orders(exchange):
    client = _client(exchange, ccxt.pro.binance if exchange.product == "spot" else ccxt.pro.binanceusdm)
    client.apiKey, client.secret = exchange.api_key, exchange.api_secret
    await client.load_markets()
    await asyncio.gather(
        _watch_orders(exchange, client), _watch_fills(exchange, client), _watch_balance(exchange, client),
        _trade(exchange, client),
    )  # fmt: skip


async def _watch_orders(exchange, client):
    while True:
        for row in await client.watch_orders(_symbol(exchange)):
            exchange.order(row["id"], row["info"]["X"], row["filled"])


async def _watch_fills(exchange, client):
    while True:
        for row in await client.watch_my_trades(_symbol(exchange)):
            exchange.fill(row["id"], row["price"], row["amount"])


async def _watch_balance(exchange, client):
    told = "free" if exchange.product == "spot" else "total"
    while True:
        exchange.balance("USDT", (await client.watch_balance())["USDT"][told])


async def _trade(exchange, client):
    symbol = _symbol(exchange)
    await client.authenticate()
    price = (await client.fetch_ticker(symbol))["last"] * 0.98
    resting = await client.create_order_ws(symbol, "limit", "buy", 0.01, client.price_to_precision(symbol, price))
    exchange.reply("place", resting["id"], resting["info"]["status"])
    for call, answer in (
        ("status", await client.fetch_order_ws(resting["id"], symbol)),
        ("cancel", await client.cancel_order_ws(resting["id"], symbol)),
        ("place", await client.create_order_ws(symbol, "market", "sell", 0.01)),
    ):
        exchange.reply(call, answer["id"], answer["info"]["status"])
