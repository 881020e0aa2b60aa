"""Spot and futures in one loop, by the exchange's time: by how much their last prices differ."""

from binance_sockets import SocketManager

prices: dict[str, float] = {}

manager = SocketManager()
spot = manager.stream("btcusdt@trade")
futures = manager.stream("btcusdt@trade", product="usdm")
with manager.listen(spot, futures, combine=True, wait=1.0) as both:
    for conn_key, trade in both:
        prices[conn_key] = float(trade["p"])
        if len(prices) == 2:
            print("basis", round(prices["usdm:btcusdt@trade"] - prices["btcusdt@trade"], 2))
            break
manager.close()
