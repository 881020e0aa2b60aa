"""nautilus_trader: a trading node with its Binance data client; nothing but the base URLs is set."""

from nautilus_trader.adapters.binance import (
    BINANCE,
    BinanceAccountType,
    BinanceDataClientConfig,
    BinanceLiveDataClientFactory,
)
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import InstrumentProviderConfig, LoggingConfig, TradingNodeConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import BookType
from nautilus_trader.model.identifiers import InstrumentId

_KINDS = {"spot": BinanceAccountType.SPOT, "usdm": BinanceAccountType.USDT_FUTURES}
_SYMBOLS = {"spot": "BTCUSDT", "usdm": "BTCUSDT-PERP"}


class Watcher(Actor):
    """Subscribes when the node has started, and tells what arrives."""

    def __init__(self, exchange, scenario):
        super().__init__()
        self.exchange, self.scenario = exchange, scenario
        self.instrument = InstrumentId.from_str(f"{_SYMBOLS[exchange.product]}.BINANCE")

    def on_start(self):
        if self.scenario == "rest":
            self.exchange.rest([row.raw_symbol.value for row in self.cache.instruments()])
        elif self.scenario == "book":
            self.subscribe_order_book_deltas(self.instrument, book_type=BookType.L2_MBP)
        else:
            self.subscribe_trade_ticks(self.instrument)
        if self.scenario == "streams":
            self.subscribe_quote_ticks(self.instrument)
            self.subscribe_bars(BarType.from_str(f"{self.instrument}-1-SECOND-LAST-EXTERNAL"))

    def on_trade_tick(self, tick):
        self.exchange.trade(str(tick.trade_id), tick.price, tick.size)

    def on_quote_tick(self, tick):
        self.exchange.event("bookTicker")

    def on_bar(self, bar):
        self.exchange.event("kline")

    def on_order_book_deltas(self, deltas):
        book = self.cache.order_book(self.instrument)
        if book.best_bid_price() is not None and book.best_ask_price() is not None:
            self.exchange.book(
                [(level.price, level.size()) for level in book.bids()],
                [(level.price, level.size()) for level in book.asks()],
            )


def _run(exchange, scenario):
    node = TradingNode(
        TradingNodeConfig(
            logging=LoggingConfig(log_level="INFO"),
            data_clients={
                BINANCE: BinanceDataClientConfig(
                    api_key=exchange.api_key,
                    api_secret=exchange.api_secret,
                    account_type=_KINDS[exchange.product],
                    base_url_http=f"{exchange.url}/{exchange.product}",
                    base_url_ws=f"{exchange.ws}/{exchange.product}",
                    instrument_provider=InstrumentProviderConfig(load_all=True),
                )
            },
        )
    )
    node.trader.add_actor(Watcher(exchange, scenario))
    node.add_data_client_factory(BINANCE, BinanceLiveDataClientFactory)
    node.build()
    node.run()


def streams(exchange):
    exchange.asked("trade", "kline", "bookTicker")
    _run(exchange, "streams")


def book(exchange):
    _run(exchange, "book")


def rest(exchange):
    _run(exchange, "rest")


def reconnect(exchange):
    _run(exchange, "reconnect")
