"""REST answers beside recorded ones: the same keys and JSON types, or listed here with the reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from golden import differences, shape
from simulator.helpers import LISTED, get

from binance_sockets.simulator import LimitOverrides, Simulator

_FOLDERS = [folder / "shared" / "data" for folder in Path(__file__).resolve().parents]
SHARED = next((folder for folder in _FOLDERS if folder.is_dir()), None)
pytestmark = pytest.mark.skipif(SHARED is None, reason="no folder shared/data beside the project")

_SPOT, _USDM, _COINM = "/spot/api/v3", "/usdm/fapi/v1", "/coinm/dapi/v1"
_MINUTE = "interval=1m&limit=5"
# What was recorded, by folder or file below binance/ or sequences/, and the call that answers the same. WebSocket API
# replies hold under "result" what the REST call of the same meaning answers.
CALLS = {
    "binance/spot/rest.depth": f"{_SPOT}/depth?symbol=BTCUSDT&limit=5",
    "binance/usdm/rest.depth": f"{_USDM}/depth?symbol=BTCUSDT&limit=5",
    "binance/coinm/rest.depth": f"{_COINM}/depth?symbol=BTCUSD_PERP&limit=5",
    "binance/usdm/rest.openInterest": f"{_USDM}/openInterest?symbol=BTCUSDT",
    "binance/coinm/rest.openInterest": f"{_COINM}/openInterest?symbol=BTCUSD_PERP",
    "binance/spot/wsapi.ping": f"{_SPOT}/ping",
    "binance/spot/wsapi.time": f"{_SPOT}/time",
    "binance/spot/wsapi.exchangeInfo": f"{_SPOT}/exchangeInfo?symbol=BNBBTC",
    "binance/spot/wsapi.executionRules": f"{_SPOT}/executionRules?symbol=BNBBTC",
    "binance/spot/wsapi.depth": f"{_SPOT}/depth?symbol=BNBBTC&limit=5",
    "binance/spot/wsapi.trades.recent": f"{_SPOT}/trades?symbol=BNBBTC&limit=1",
    "binance/spot/wsapi.trades.historical": f"{_SPOT}/historicalTrades?symbol=BNBBTC&limit=1",
    "binance/spot/wsapi.blockTrades.historical": f"{_SPOT}/historicalBlockTrades?symbol=BNBBTC&limit=1",
    "binance/spot/wsapi.trades.aggregate": f"{_SPOT}/aggTrades?symbol=BNBBTC&limit=1",
    "binance/spot/wsapi.klines": f"{_SPOT}/klines?symbol=BNBBTC&{_MINUTE}",
    "binance/spot/wsapi.uiKlines": f"{_SPOT}/uiKlines?symbol=BNBBTC&{_MINUTE}",
    "binance/spot/wsapi.avgPrice": f"{_SPOT}/avgPrice?symbol=BNBBTC",
    "binance/spot/wsapi.referencePrice": f"{_SPOT}/referencePrice?symbol=BNBBTC",
    "binance/spot/wsapi.referencePrice.calculation": f"{_SPOT}/referencePrice/calculation?symbol=BNBBTC",
    "binance/spot/wsapi.ticker.24hr": f"{_SPOT}/ticker/24hr",
    "binance/spot/wsapi.ticker.tradingDay": f"{_SPOT}/ticker/tradingDay",
    "binance/spot/wsapi.ticker": f"{_SPOT}/ticker",
    "binance/spot/wsapi.ticker.price": f"{_SPOT}/ticker/price",
    "binance/spot/wsapi.ticker.book": f"{_SPOT}/ticker/bookTicker",
    "binance/usdm/wsapi.depth": f"{_USDM}/depth?symbol=BTCUSDT&limit=5",
    "binance/usdm/wsapi.ticker.price": f"{_USDM}/ticker/price?symbol=BTCUSDT",
    "binance/usdm/wsapi.ticker.book": f"{_USDM}/ticker/bookTicker?symbol=BTCUSDT",
    "sequences/cryptofeed_spot_2021-08/BINANCE.http.0.0": f"{_SPOT}/depth?symbol=BTCUSDT&limit=5000",
    "sequences/cryptofeed_usdm_2021-07/BINANCE_FUTURES.http.0.0": f"{_USDM}/depth?symbol=BTCUSDT&limit=1000",
    "sequences/cryptofeed_usdm_2021-07/BINANCE_FUTURES.0": f"{_USDM}/exchangeInfo",
}
_CUT = "an example of a connector, which left out numbers that are texts"
_EXAMPLE = "an example that shows a filter or two"
_PRICES = (
    "highPrice", "lastPrice", "lowPrice", "openPrice", "priceChange", "priceChangePercent", "quoteVolume", "volume",
    "weightedAvgPrice",
)  # fmt: skip
_SPOT_FILTERS = (
    "ICEBERG_PARTS", "MARKET_LOT_SIZE", "MAX_NUM_ALGO_ORDERS", "MAX_NUM_ORDERS", "MAX_NUM_ORDER_AMENDS",
    "MAX_NUM_ORDER_LISTS", "NOTIONAL", "PERCENT_PRICE_BY_SIDE", "TRAILING_DELTA",
)  # fmt: skip
# Recording: the paths at which the answer differs, and why.
EXCEPTIONS: dict[str, tuple[set[str], str]] = {
    "binance/spot/wsapi.exchangeInfo/1": (
        {
            ".rateLimits[].count", ".sors", ".symbols[].filters.PRICE_FILTER.priceExponent",
            *(f".symbols[].filters.{kind}" for kind in (*_SPOT_FILTERS, "LOT_SIZE")),
        },
        f"{_EXAMPLE}; priceExponent is of SBE, counts are of the WebSocket API, and orders are not routed over books",
    ),
    "binance/spot/wsapi.exchangeInfo/2": (
        {".sors", *(f".symbols[].filters.{kind}" for kind in _SPOT_FILTERS)},
        f"{_EXAMPLE}; orders are not routed over several books",
    ),
    "binance/spot/wsapi.trades.recent/1": ({"[].price", "[].qty", "[].quoteQty"}, _CUT),
    "binance/spot/wsapi.trades.historical/1": ({"[].price", "[].qty", "[].quoteQty"}, _CUT),
    "binance/spot/wsapi.trades.aggregate/1": ({"[].p", "[].q"}, _CUT),
    "binance/spot/wsapi.avgPrice/1": ({".price"}, _CUT),
    "binance/spot/wsapi.ticker.tradingDay/1": ({f"[].{name}" for name in _PRICES}, _CUT),
    "binance/spot/wsapi.ticker/1": ({f".{name}" for name in _PRICES}, _CUT),
    "binance/spot/wsapi.ticker.book/1": ({".askPrice", ".askQty", ".bidPrice", ".bidQty"}, _CUT),
    "binance/spot/wsapi.referencePrice/1": ({".code", ".msg"}, "an example that puts price and error into one"),
    "binance/spot/wsapi.referencePrice/3": (
        {".referencePrice: text is not NoneType"},
        "every symbol here has a reference price at any time",
    ),
    "binance/spot/wsapi.referencePrice/4": (
        {".code", ".msg", ".referencePrice", ".symbol", ".timestamp"},
        "the same: this is the error of a symbol that never had one",
    ),
    "binance/spot/wsapi.referencePrice.calculation/1": (
        {".bucketCount", ".bucketWidthMs"},
        "an example with the fields of both kinds of calculation; here it is EXTERNAL",
    ),
    "binance/usdm/wsapi.depth/1": ({".asks", ".bids"}, "an example whose sides stand beside the result"),
    "sequences/cryptofeed_usdm_2021-07/BINANCE_FUTURES.0/1": (
        {
            ".symbols[].filters.MAX_NUM_ALGO_ORDERS", ".symbols[].filters.POSITION_RISK_CONTROL",
            ".symbols[].maxMoveOrderLimit", ".symbols[].permissionSets",
        },
        "the exchange as it was in 2021; rows recorded in September 2026 are as here",
    ),
}  # fmt: skip


def recordings() -> Iterator[tuple[str, str, Any]]:
    """Name, call and recorded answer."""
    for name, call in CALLS.items() if SHARED is not None else ():
        path = SHARED / name
        if path.is_dir():
            for file in sorted(path.glob("*.json")):
                body = json.loads(file.read_text(encoding="utf-8"))
                if "wsapi." in name:
                    body = body["result"]
                yield f"{name}/{file.stem}", _fitting(call, body), body
        elif path.is_file():
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if line.startswith("https://"):
                    yield f"{name}/{number}", call, json.loads(line.partition(": ")[2])


def _fitting(call: str, body: Any) -> str:
    """Tickers were recorded in every form: of one symbol or several, full or MINI."""
    if "/ticker" not in call or "?" in call:
        return call
    row = body[0] if isinstance(body, list) else body
    small = "&type=MINI" if "openPrice" in row and "priceChange" not in row else ""
    names = 'symbols=["BNBBTC","BTCUSDT"]' if isinstance(body, list) else "symbol=BNBBTC"
    return f"{call}?{names}{small}"


RECORDED = list(recordings())


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(speed=50, seed=9, symbols=LISTED, limits=LimitOverrides(weight=1_000_000)) as running:
        yield running


@pytest.mark.parametrize(("name", "call", "body"), RECORDED, ids=[row[0] for row in RECORDED])
def test_an_answer_is_like_the_recorded_one(sim: Simulator, name: str, call: str, body: Any) -> None:
    """Key by key and type by type; what differs is listed, and what is listed differs."""
    status, answer = get(sim, quote(call, safe="/?&="))
    assert status == 200, answer
    listed, _ = EXCEPTIONS.get(name, (set(), ""))
    assert set(differences(shape(_sorted(answer)), shape(_sorted(body)))) == listed


def _sorted(body: Any) -> Any:
    """Filters by their type, so that each is compared with its own kind."""
    if isinstance(body, dict) and "symbols" in body:
        for row in body["symbols"]:
            row["filters"] = {rule["filterType"]: rule for rule in row["filters"]}
    return body


def test_exceptions_are_of_recordings() -> None:
    """Nothing is listed for a recording that is not there."""
    assert EXCEPTIONS.keys() <= {name for name, _, _ in RECORDED}
