"""upbit-client: a thin layer over ``websockets``."""

import asyncio
import json

import requests


class _Versions:
    """What the package index answers: importing the package asks it."""

    def json(self):
        return {"releases": {"1.3.4.1": []}}


_GET, requests.get = requests.get, lambda *args, **options: _Versions()
from upbit.websocket import UpbitWebSocket  # noqa: E402

requests.get = _GET
_CODE = "KRW-BTC"


async def _messages(client, kinds):
    fields = [UpbitWebSocket.generate_type_field(kind, [_CODE]) for kind in kinds]
    async with client as connection:
        await connection.send(UpbitWebSocket.generate_payload(fields))
        while True:
            yield json.loads((await connection.recv()).decode("utf8"))


def _client(exchange):
    return UpbitWebSocket(exchange.ws + "/upbit/websocket/v1")


async def _trades(exchange, client, kinds):
    async for row in _messages(client, kinds):
        if row["type"] == "trade":
            exchange.trade(row["sequential_id"], row["trade_price"], row["trade_volume"])
        else:
            exchange.event(row["type"])


async def streams(exchange):
    exchange.asked("trade", "ticker", "orderbook")
    assert await asyncio.wait_for(_client(exchange).ping(), 10) == {"status": "UP"}
    await _trades(exchange, _client(exchange), ["trade", "ticker", "orderbook"])


async def book(exchange):
    async for row in _messages(_client(exchange), ["orderbook"]):
        units = row["orderbook_units"]
        exchange.book(
            [[u["bid_price"], u["bid_size"]] for u in units], [[u["ask_price"], u["ask_size"]] for u in units]
        )


async def hosts(exchange):
    await _trades(exchange, UpbitWebSocket(), ["trade"])
