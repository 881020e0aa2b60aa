"""How a stream service connects, and what can be set. Ends when it is connected."""

from binance_sockets import BinanceSocketsError
from binance_sockets.service import WebSocketService

service = WebSocketService(
    base_url=None,  # live, or "wss://stream.binance.com:9443/ws/", "testnet", "http://127.0.0.1:9000"
    auto_reconnect=True,
    heartbeat_interval=30,  # seconds of silence before a ping
    max_reconnect_attempts=10,
    reconnect_delay=1,  # seconds before the first attempt
    max_reconnect_delay=60,  # longest wait
    backoff_factor=2.0,  # growth of the wait
)
service.subscribe_ticker("BTCUSDT")

try:
    service.connect(timeout=20)
    print("connected:", service.subscriptions)
except BinanceSocketsError as error:
    print("could not connect:", error)
finally:
    service.close()
