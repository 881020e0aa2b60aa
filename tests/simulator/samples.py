"""Made-up messages in the shape of late 2026, one per event: which fields, in which JSON types."""

from __future__ import annotations

from typing import Any

LEVELS = [["10.5", "3"]]
SPOT_KLINE = {
    "t": 1, "T": 2, "s": "AAAUSDT", "i": "1m", "f": 1, "L": 2, "o": "1", "c": "1", "h": "1", "l": "1", "v": "1",
    "n": 1, "x": False, "q": "1", "V": "1", "Q": "1", "B": "0",
}  # fmt: skip
MINI = {"e": "24hrMiniTicker", "E": 1, "s": "AAAUSDT", "c": "1", "o": "1", "h": "1", "l": "1", "v": "1", "q": "1"}
TOTALS = {"o": "1", "h": "1", "l": "1", "v": "1", "q": "1", "O": 1, "C": 2, "F": 1, "L": 2, "n": 2}
TICKER = {"e": "24hrTicker", "E": 1, "s": "AAAUSDT", "p": "1", "P": "1", "w": "1", "c": "1", "Q": "1", **TOTALS}
FUTURES = {"ps": "AAAUSDT", "st": 1}
BOOK_TICKER = {"u": 1, "s": "AAAUSDT", "b": "1", "B": "1", "a": "1", "A": "1"}
OPTION_BOOK = {"e": "depthUpdate", "E": 1, "T": 1, "s": "X", "U": 1, "u": 2, "pu": 0, "b": LEVELS, "a": LEVELS}
FUTURES_BOOK = {**OPTION_BOOK, **FUTURES}
MARK = {
    "e": "markPriceUpdate", "E": 1, "s": "AAAUSDT", "p": "1", "i": "1", "P": "1", "r": "1", "ap": "1",
    "T": 1, "st": 1,
}  # fmt: skip
FORCE = {
    "e": "forceOrder", "E": 1,
    "o": {
        "s": "A", "S": "BUY", "o": "LIMIT", "f": "IOC", "q": "1", "p": "1", "ap": "1", "X": "FILLED", "l": "1",
        "z": "1", "T": 1, "ps": "A", "st": 1,
    },
}  # fmt: skip
CONTRACT = {
    "e": "contractInfo",
    "E": 1,
    "s": "A",
    "ps": "A",
    "ct": "PERPETUAL",
    "dt": 1,
    "ot": 1,
    "cs": "TRADING",
    "st": 1,
}
BRACKETS = [{"bs": 1, "bnf": 0, "bnc": 5, "mmr": 0.01, "cf": 0, "mi": 21, "ma": 50}]
ASSET = {
    "e": "assetIndexUpdate", "E": 1, "s": "AAAUSD", "i": "1", "b": "1", "a": "1", "B": "1", "A": "1", "q": "1",
    "g": "1", "Q": "1", "G": "1",
}  # fmt: skip
TRADE = {"e": "trade", "E": 1, "T": 1, "s": "A", "t": 1, "p": "1", "q": "1", "X": "MARKET", "m": True}
AGG = {"e": "aggTrade", "E": 1, "a": 1, "s": "A", "p": "1", "q": "1", "f": 1, "l": 1, "T": 1, "m": True, "st": 1}
OPTION_MARK = {
    **dict.fromkeys(
        ("s", "mp", "e", "i", "P", "bo", "ao", "bq", "aq", "b", "a", "hl", "ll", "vo", "rf", "d", "t", "g", "v"), "1"
    ),
    "E": 1,
}  # fmt: skip
CONTINUOUS = {
    "e": "continuous_kline", "E": 1, "ps": "A", "ct": "PERPETUAL",
    "k": {key: value for key, value in SPOT_KLINE.items() if key != "s"},
}  # fmt: skip

SAMPLES: dict[tuple[str, str], Any] = {
    ("spot", "btcusdt@aggTrade"): {
        "e": "aggTrade", "E": 1, "s": "A", "a": 1, "p": "1", "q": "1", "f": 1, "l": 1, "T": 1, "m": True, "M": True,
    },
    ("spot", "btcusdt@trade"): {
        "e": "trade", "E": 1, "s": "A", "t": 1, "p": "1", "q": "1", "T": 1, "m": True, "M": True,
    },
    ("spot", "btcusdt@blockTrade"): {
        "e": "blockTrade", "E": 1, "s": "A", "t": 1, "p": "1", "q": "1", "T": 1, "m": True,
    },
    ("spot", "btcusdt@referencePrice"): {"e": "referencePrice", "s": "A", "r": "1", "t": 1},
    ("spot", "btcusdt@kline_1m"): {"e": "kline", "E": 1, "s": "A", "k": SPOT_KLINE},
    ("spot", "btcusdt@kline_1s"): {"e": "kline", "E": 1, "s": "A", "k": SPOT_KLINE},
    ("spot", "btcusdt@miniTicker"): MINI,
    ("spot", "!miniTicker@arr"): [MINI],
    ("spot", "btcusdt@ticker"): {**TICKER, **dict.fromkeys(("x", "b", "B", "a", "A"), "1")},
    ("spot", "btcusdt@ticker_1h"): {
        "e": "1hTicker", "E": 1, "s": "A", "p": "1", "P": "1", "w": "1", "c": "1", **TOTALS,
    },
    ("spot", "!ticker_1h@arr"): [{"e": "1hTicker", "E": 1, "s": "A", "p": "1", "P": "1", "w": "1", "c": "1", **TOTALS}],
    ("spot", "btcusdt@bookTicker"): BOOK_TICKER,
    ("spot", "btcusdt@avgPrice"): {"e": "avgPrice", "E": 1, "s": "A", "i": "5m", "w": "1", "T": 1},
    ("spot", "btcusdt@depth5"): {"lastUpdateId": 1, "bids": LEVELS, "asks": LEVELS},
    ("spot", "btcusdt@depth@100ms"): {"e": "depthUpdate", "E": 1, "s": "A", "U": 1, "u": 2, "b": LEVELS, "a": LEVELS},
    ("usdm", "btcusdt@aggTrade"): {**AGG, "nq": "1"},
    ("usdm", "btcusdt@trade"): TRADE,
    ("usdm", "btcusdt@markPrice@1s"): MARK,
    ("usdm", "!markPrice@arr@1s"): [MARK],
    ("usdm", "btcusdt@kline_1m"): {"e": "kline", "E": 1, "s": "A", "k": SPOT_KLINE},
    ("usdm", "btcusdt_perpetual@continuousKline_1m"): CONTINUOUS,
    ("usdm", "btcusdt@miniTicker"): {**MINI, **FUTURES},
    ("usdm", "!miniTicker@arr"): [{**MINI, **FUTURES}],
    ("usdm", "btcusdt@ticker"): {**TICKER, **FUTURES},
    ("usdm", "!ticker@arr"): [{**TICKER, **FUTURES}],
    ("usdm", "btcusdt@bookTicker"): {"e": "bookTicker", **BOOK_TICKER, "T": 1, "E": 1, **FUTURES},
    ("usdm", "btcusdt@depth@100ms"): FUTURES_BOOK,
    ("usdm", "btcusdt@depth5@100ms"): FUTURES_BOOK,
    ("usdm", "btcusdt@rpiDepth@500ms"): FUTURES_BOOK,
    ("usdm", "btcusdt@forceOrder"): FORCE,
    ("usdm", "!forceOrder@arr"): FORCE,
    ("usdm", "defiusdt@compositeIndex"): {
        "e": "compositeIndex", "E": 1, "s": "A", "p": "1", "C": "baseAsset",
        "c": [{"b": "A", "q": "B", "w": "1", "W": "1", "i": "1"}],
    },
    ("usdm", "!contractInfo"): {**CONTRACT, "bks": BRACKETS},
    ("usdm", "!assetIndex@arr"): [ASSET],
    ("usdm", "btcusd@assetIndex"): ASSET,
    ("usdm", "tradingSession"): {"e": "EquityUpdate", "E": 1, "t": 1, "T": 1, "S": "REGULAR"},
    ("coinm", "btcusd_perp@aggTrade"): AGG,
    ("coinm", "btcusd_perp@trade"): TRADE,
    ("coinm", "btcusd@indexPrice"): {"E": 1, "s": "AAAUSD", "p": "1", "e": "IndexUpdate"},
    ("coinm", "btcusd_perp@markPrice@1s"): MARK,
    ("coinm", "btcusd@markPrice@1s"): [MARK],
    ("coinm", "btcusd_perp@kline_1m"): {"e": "kline", "E": 1, "s": "A", "k": SPOT_KLINE},
    ("coinm", "btcusd_perpetual@continuousKline_1m"): CONTINUOUS,
    ("coinm", "btcusd@indexPriceKline_1m"): {"e": "indexPrice_kline", "E": 1, "ps": "A", "k": SPOT_KLINE},
    ("coinm", "btcusd_perp@markPriceKline_1m"): {"e": "markPrice_kline", "E": 1, "ps": "A", "k": SPOT_KLINE},
    ("coinm", "btcusd_perp@miniTicker"): {**MINI, **FUTURES},
    ("coinm", "!miniTicker@arr"): [{**MINI, **FUTURES}],
    ("coinm", "btcusd_perp@ticker"): {**TICKER, **FUTURES},
    ("coinm", "!ticker@arr"): [{**TICKER, **FUTURES}],
    ("coinm", "btcusd_perp@bookTicker"): {"e": "bookTicker", **BOOK_TICKER, "T": 1, "E": 1, **FUTURES},
    ("coinm", "!bookTicker"): {"e": "bookTicker", **BOOK_TICKER, "T": 1, "E": 1, **FUTURES},
    ("coinm", "btcusd_perp@forceOrder"): FORCE,
    ("coinm", "!forceOrder@arr"): FORCE,
    ("coinm", "!contractInfo"): {**CONTRACT, "bks": BRACKETS},
    ("coinm", "btcusd_perp@depth@100ms"): FUTURES_BOOK,
    ("coinm", "btcusd_perp@depth5@100ms"): FUTURES_BOOK,
    ("options", "btc-261225-90000-c@optionTrade"): {**TRADE, "S": "BUY"},
    ("options", "btcusdt@optionTrade"): {**TRADE, "S": "BUY"},
    ("options", "btc-261225-90000-c@optionTicker"): TICKER,
    ("options", "btc-261225-90000-c@bookTicker"): {"e": "bookTicker", **BOOK_TICKER, "T": 1, "E": 1},
    ("options", "btc-261225-90000-c@depth@100ms"): OPTION_BOOK,
    ("options", "btc-261225-90000-c@depth20@100ms"): OPTION_BOOK,
    ("options", "btc-261225-90000-c@kline_1m"): {
        "e": "kline", "E": 1, "s": "A", "k": {key: value for key, value in SPOT_KLINE.items() if key != "B"},
    },
    ("options", "!index@arr"): [{"e": "indexPrice", "E": 1, "s": "A", "p": "1"}],
    ("options", "btcusdt@optionMarkPrice"): [OPTION_MARK],
    ("options", "btcusdt@openInterest@261225"): [{"e": "openInterest", "E": 1, "s": "A", "o": "1", "h": "1"}],
    ("options", "!optionSymbol"): {
        "e": "optionSymbol", "E": 1, "s": "A", "ps": "A", "qa": "USDT", "d": "CALL", "sp": "1", "dt": 1, "u": 1,
        "ot": 1, "cs": "TRADING",
    },
}  # fmt: skip
