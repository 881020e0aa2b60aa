"""aiohttp: its client for WebSockets and HTTP."""

import aiohttp

_NAMES = {"btcusdt@trade": "trade", "btcusdt@kline_1m": "kline", "btcusdt@bookTicker": "bookTicker"}


async def streams(exchange):
    exchange.asked(*_NAMES.values())
    async with aiohttp.ClientSession() as session, session.ws_connect(exchange.ws + "/spot/stream") as connection:
        await connection.send_json({"method": "SUBSCRIBE", "params": list(_NAMES), "id": 1})
        assert await connection.receive_json() == {"result": None, "id": 1}
        while True:
            message = await connection.receive_json()
            data = message["data"]
            if message["stream"] == "btcusdt@trade":
                exchange.trade(data["t"], data["p"], data["q"])
            else:
                exchange.event(_NAMES[message["stream"]])


async def rest(exchange):
    async with aiohttp.ClientSession() as session:

        async def get(path):
            async with session.get(f"{exchange.url}/spot/api/v3/{path}", raise_for_status=True) as answer:
                return await answer.json()

        depth = await get("depth?symbol=BTCUSDT")
        exchange.rest(
            [row["symbol"] for row in (await get("exchangeInfo"))["symbols"]],
            time=(await get("time"))["serverTime"],
            bids=depth["bids"],
            asks=depth["asks"],
            klines=len(await get("klines?symbol=BTCUSDT&interval=1m")),
        )
