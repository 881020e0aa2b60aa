"""Place an order over the WebSocket API, and find out what has become of it when no reply comes.

Needs BINANCE_API_KEY with BINANCE_API_SECRET, or with BINANCE_PRIVATE_KEY (the path of a PEM file).
"""

from decimal import Decimal

from binance_sockets import ExchangeError, Outcome, RequestLost, RequestTimeout, WebSocketAPI

with WebSocketAPI() as api:  # environment="testnet" for a first try
    try:
        reply = api.order_place("BTCUSDT", "BUY", "MARKET", quantity=Decimal("0.001"))
        print(f"order {reply['orderId']}: {reply['status']}, {reply['executedQty']} BTC")
    except (RequestTimeout, RequestLost) as lost:  # it may have been placed: ask, never place it again
        found = api.resolve(lost)
        print("absent" if found.outcome is Outcome.ABSENT else f"{found.outcome.value}: {found.order}")
    except ExchangeError as refused:
        print("refused:", refused)
    for limit in api.rate_limits:
        print(limit)
