"""What a user writes, as type checkers must see it; they read this file, nothing runs it.

A line that must be refused carries the marks of both checkers, and both complain of a mark that nothing needs.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from typing_extensions import assert_type

from binance_sockets import (
    ApiKey,
    Buffered,
    ConnectionSnapshot,
    LinkSnapshot,
    MessageStream,
    Snapshot,
    SocketManager,
    StreamSnapshot,
    UpbitSocketManager,
    View,
    collect,
    unified,
)
from binance_sockets.books import OrderBook
from binance_sockets.exchanges.binance.models import AccountEvent, Combined, Depth, SpotUserEvent, Trade
from binance_sockets.exchanges.upbit import WebSocketClient as UpbitClient
from binance_sockets.exchanges.upbit.models import OrderBookEvent
from binance_sockets.exchanges.upbit.models import Ticker as UpbitTicker
from binance_sockets.service import WebSocketService
from binance_sockets.testing import FakeClock, Script, ScriptedTransport, text

Message = dict[str, Any]


def on_trade(trade: Trade) -> None:
    assert_type(trade.price, str)


def on_trade_or_error(trade: Trade | Message) -> None:
    if isinstance(trade, dict):
        print(trade["m"])
    else:
        print(trade.price_decimal)


def on_dict(message: Message) -> None: ...


def on_list(messages: list[Message]) -> None: ...


def on_bytes(message: bytes) -> None: ...


def on_trades(message: Combined[Trade]) -> None: ...


def on_anything(message: Combined[Trade | Depth] | Message) -> None: ...


def on_depth(depth: Depth) -> None: ...


def on_book(book: OrderBook) -> None: ...


manager = SocketManager(transport=ScriptedTransport(FakeClock(), [Script([text("{}")])]))

# one stream of a method
manager.start_trade_socket("BTCUSDT", on_dict)
manager.start_trade_socket("BTCUSDT", on_trade, view="typed")
manager.start_trade_socket("BTCUSDT", on_trade_or_error, view=View.TYPED)
manager.start_trade_socket("BTCUSDT", on_bytes, view="raw")
manager.start_trade_socket("BTCUSDT", on_depth, view="typed")  # type: ignore[call-overload] # pyright: ignore


# numbers, and the vocabulary of all exchanges
def on_float(trade: Trade[float]) -> None:
    assert_type(trade.price, float)


def on_unified(trade: unified.Trade) -> None:
    assert_type(trade.price, float)
    assert_type(trade.side, Literal["buy", "sell"])


def on_book_of_decimals(book: unified.Depth[Decimal]) -> None:
    assert_type(book.bids[0], tuple[Decimal, Decimal])


manager.start_trade_socket("BTCUSDT", on_float, view="typed", numbers="float")
manager.start_trade_socket("BTCUSDT", on_float, view="typed")  # type: ignore[call-overload] # pyright: ignore
manager.start_trade_socket("BTCUSDT", on_unified, view=View.UNIFIED)
manager.start_trade_socket("BTCUSDT", on_unified, view="unified", numbers="str")  # type: ignore[call-overload] # pyright: ignore
manager.start_depth_socket("BTCUSDT", on_book_of_decimals, view="unified", numbers="decimal")
manager.start_trade_socket("BTCUSDT", lambda trade: trade.price + 1.0, view="unified")
manager.start_trade_socket("BTCUSDT", lambda trade: trade.price.upper(), view="unified")  # type: ignore[call-overload] # pyright: ignore
manager.start_miniticker_socket(lambda tickers: tickers[0].close + Decimal(1), view="typed", numbers="decimal")
manager.start_trade_socket("BTCUSDT", on_dict, numbers="float")  # type: ignore[call-overload] # pyright: ignore


def on_any(event: unified.AnyEvent) -> None:
    if event.type == "kline":
        assert_type(event.close_price, float)


# streams by name
manager.start_socket("btcusdt@trade", on_any, view="unified")
manager.start_socket(["btcusdt@trade"], lambda message: print(message.stream), view="unified", numbers="str")
manager.start_socket("btcusdt@trade", on_dict)
manager.start_socket("!miniTicker@arr", on_list)
manager.start_socket("btcusdt@trade", on_trade, view="typed")
manager.start_socket("btcusdt@trade", on_bytes, view=View.RAW)
manager.start_socket(["btcusdt@trade"], on_dict)
manager.start_socket(["btcusdt@trade"], on_trades, view="typed")
manager.start_socket("btcusdt@trade", on_bytes)  # type: ignore[arg-type] # pyright: ignore
manager.start_socket(["btcusdt@trade"], on_trade, view="typed")  # type: ignore[call-overload] # pyright: ignore

# a service, with handlers by kind
service = WebSocketService()
service.on_trade(on_unified)
service.on_ticker(on_unified)  # type: ignore[type-var] # pyright: ignore
assert_type(service.listen("trade").receive(1.0), unified.AnyEvent[Any])
for heard in service.listen():
    if isinstance(heard, unified.Kline):
        assert_type(heard.is_closed, bool)


class Owner:
    @service.on_kline
    def on_kline(self, kline: unified.Kline) -> None:
        assert_type(kline.close_price, float)

    @service.on_reconnect
    def on_reconnect(self, attempt: int) -> None: ...


assert_type(service.register(Owner()), Owner)
for event in service.listen("trade", "kline"):
    if event.type == "trade":
        assert_type(event, unified.Trade[Any])

# many behind one key
manager.start_multiplex_socket(["btcusdt@trade"], on_dict)
manager.start_multiplex_socket({"btcusdt@trade"}, on_anything, view="typed")
manager.start_multiplex_socket(["btcusdt@trade"], on_bytes, view="raw")
manager.start_multiplex_socket(["btcusdt@trade"], on_trade, view="typed")  # type: ignore[call-overload] # pyright: ignore
manager.start_futures_multiplex_socket(["btcusdt@aggTrade"], on_bytes, view="raw")
manager.start_options_multiplex_socket(["btcusdt@optionTrade"], on_dict)


# accounts on one connection
ACCOUNTS = {"alice": ApiKey("key", "secret")}


def on_account(told: AccountEvent[SpotUserEvent]) -> None:
    assert_type(told.account, str)
    assert_type(told.event.event_time, int)


manager.start_user_multiplex_socket(ACCOUNTS, on_dict)
manager.start_user_multiplex_socket(ACCOUNTS, on_account, view="typed")
manager.start_user_multiplex_socket(ACCOUNTS, on_trade, view="typed")  # type: ignore[call-overload] # pyright: ignore

# an order book
manager.start_order_book("BTCUSDT")
manager.start_order_book("BTCUSDT", on_book, "usdm", rpi=True, on_status=lambda status: print(status.state))
manager.start_order_book("BTCUSDT", view="typed")  # type: ignore[arg-type] # pyright: ignore
assert_type(manager.order_book("btcusdt@book"), OrderBook)


def start(chosen: View, name: str) -> None:
    """A view held in a name: the checker cannot know the payload."""
    manager.start_trade_socket("BTCUSDT", on_trade, view=chosen)
    manager.start_multiplex_socket([name], on_bytes, view=chosen)


# another exchange
def on_ticker(ticker: UpbitTicker) -> None:
    assert_type(ticker.trade_price, Decimal | None)


def on_anything_of(event: UpbitTicker | OrderBookEvent | Message) -> None: ...


upbit = UpbitSocketManager()
upbit.start_ticker_socket("KRW-BTC", on_dict)
upbit.start_ticker_socket(["KRW-BTC"], on_ticker, view="typed")
upbit.start_ticker_socket(["KRW-BTC"], on_anything_of, view=View.TYPED)
upbit.start_trade_socket("KRW-BTC", on_unified, view="unified")
upbit.start_trade_socket("KRW-BTC", on_ticker, view="typed")  # type: ignore[call-overload] # pyright: ignore
upbit.start_trade_socket("KRW-BTC", lambda trade: trade.price + 1.0, view="unified")
upbit.start_trade_socket("KRW-BTC", lambda trade: trade.price + Decimal(1), view="unified", numbers="decimal")
upbit.start_order_book("KRW-BTC", on_book)
upbit.start_socket("ticker:KRW-BTC", on_dict)
upbit.start_socket(["ticker:KRW-BTC", "trade:KRW-BTC"], on_any, view="unified", history=None)
assert_type(upbit.stream("ticker:KRW-BTC", view="typed"), MessageStream[Any])
client = UpbitClient("strategy")
client.subscribe_ticker("KRW-BTC", on_ticker)
client.subscribe_ticker("KRW-BTC", lambda ticker: print(ticker.trade_price), "snapshot_only")
client.subscribe_trade("KRW-BTC", on_ticker)  # type: ignore[arg-type] # pyright: ignore
heard_of = MessageStream[UpbitTicker]()
upbit.start_ticker_socket("KRW-BTC", heard_of, view="typed")
upbit.start_trade_socket("KRW-BTC", heard_of, view="typed")  # type: ignore[call-overload] # pyright: ignore
assert_type(heard_of.receive(timeout=1.0), UpbitTicker)
for ticker in heard_of:
    assert_type(ticker.stream_type, str | None)
assert_type(next(iter(upbit.listen(heard_of))), tuple[str, Any])

# streams that are read
manager.start_trade_socket("BTCUSDT", MessageStream[Trade](), view="typed")
manager.start_trade_socket("BTCUSDT", MessageStream[Depth](), view="typed")  # type: ignore[call-overload] # pyright: ignore
with manager.stream("btcusdt@trade", "usdm", view="typed", event=Trade[str]) as trades:
    assert_type(trades, MessageStream[Trade])
    assert_type(trades.receive(timeout=1.0), Trade)
    assert_type(trades.receive_many(10), list[Trade])
    assert_type(trades.latest, Trade | None)
    for trade in trades:
        assert_type(trade.price, str)
with manager.stream(["btcusdt@trade"], view="typed", event=Trade[str]) as combined:
    assert_type(combined.receive(), Combined[Trade])
    for message in combined:
        assert_type(message.data.price, str)
assert_type(manager.stream(["btcusdt@trade"]), MessageStream[Message])
assert_type(manager.stream(["btcusdt@trade"], view="typed"), MessageStream[Combined[Any]])
assert_type(manager.stream("btcusdt@trade", view="raw").receive(), bytes)
assert_type(manager.stream("!ticker_1h@arr", view="typed", event=list[Trade[str]]).receive(), list[Trade])
with manager.stream("btcusdt@trade", view="unified", event=unified.Trade[float]) as neutral:
    assert_type(neutral.receive().price, float)
with manager.stream(["btcusdt@trade"], view="unified", event=unified.Trade[Decimal], numbers="decimal") as exact:
    for each in exact:
        assert_type(each.data.price, Decimal)
for anything in manager.stream("btcusdt@trade", view="unified"):
    if anything.type == "kline":
        assert_type(anything.close_price, float)
read: MessageStream[list[Message]] = manager.stream("!miniTicker@arr")
manager.stream("btcusdt@trade", event=Trade[str])  # type: ignore[call-overload] # pyright: ignore
assert_type(next(iter(manager.listen("btcusdt@trade", combine=True))), tuple[str, Any])

# in one line
assert_type(collect("btcusdt@trade", 5, view="typed", event=Trade[str]), list[Trade])
assert_type(collect(["btcusdt@trade"], 5, "usdm", view="typed", event=Trade[str]), dict[str, list[Trade]])
assert_type(collect("btcusdt@trade", 5, view="raw"), list[bytes])
assert_type(collect("btcusdt@trade", 5, view="unified", event=unified.Trade[float])[0].price, float)
assert_type(collect(["btcusdt@trade"], 5), dict[str, list[Any]])
assert_type(collect("btcusdt@trade", 5), list[Any])


# a handler behind a buffer
manager.start_trade_socket("BTCUSDT", Buffered(on_dict, on_full="conflate", key=lambda message: message.get("s")))
manager.start_trade_socket("BTCUSDT", Buffered(on_trade), view="typed")
manager.start_trade_socket("BTCUSDT", Buffered(on_depth), view="typed")  # type: ignore[call-overload] # pyright: ignore
with Buffered(on_trade_or_error) as buffered:
    assert_type(buffered, Buffered[Trade | Message])

# numbers to look at
snapshot = manager.snapshot()
assert_type(snapshot, Snapshot)
connection = snapshot["connections"]["btcusdt@trade"]
assert_type(connection, ConnectionSnapshot)
assert_type(connection["messages"], int)
assert_type(connection["last_frame_age"], float | None)
assert_type(connection["links"], list[LinkSnapshot])
assert_type(connection["streams"]["btcusdt@trade"], StreamSnapshot)
assert_type(connection["streams"]["btcusdt@trade"]["confirmed"], bool)
print(connection["mesages"])  # type: ignore[typeddict-item] # pyright: ignore
