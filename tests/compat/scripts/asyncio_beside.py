import asyncio

from binance.client import Client
from binance.websockets import BinanceSocketManager


async def main():
    loop = asyncio.get_event_loop()
    queue = asyncio.Queue()
    bm = BinanceSocketManager(Client())
    bm.daemon = True
    for symbol in ('BTCUSDT', 'ETHUSDT'):
        bm.start_symbol_book_ticker_socket(symbol, lambda msg: loop.call_soon_threadsafe(queue.put_nowait, msg))
    bm.start()
    seen = set()
    while len(seen) < 2:
        seen.add((await queue.get())['s'])
    print(sorted(seen))
    bm.close()


asyncio.run(main())
