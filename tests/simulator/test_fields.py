"""Every simulated event has exactly the fields and JSON types of a message of 2026, or is listed as an exception."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from simulator.helpers import play_stream
from simulator.samples import SAMPLES

DATA = Path(__file__).parents[2].parent / "shared" / "data"

# Folder of recorded samples -> stream that must look like them.
RECORDED: dict[str, str] = {
    "spot/trade": "btcusdt@trade",
    "spot/blockTrade": "btcusdt@blockTrade",
    "spot/referencePrice": "btcusdt@referencePrice",
    "spot/kline": "btcusdt@kline_1m",
    "spot/24hrTicker": "btcusdt@ticker",
    "spot/depthUpdate": "btcusdt@depth@100ms",
    "spot/partialDepth": "btcusdt@depth5",
    "usdm/24hrMiniTicker": "btcusdt@miniTicker",
    "usdm/24hrTicker": "btcusdt@ticker",
    "usdm/EquityUpdate": "tradingSession",
    "usdm/aggTrade": "btcusdt@aggTrade",
    "usdm/arr.24hrMiniTicker": "!miniTicker@arr",
    "usdm/arr.markPriceUpdate": "!markPrice@arr@1s",
    "usdm/assetIndexUpdate": "btcusd@assetIndex",
    "usdm/bookTicker": "btcusdt@bookTicker",
    "usdm/compositeIndex": "defiusdt@compositeIndex",
    "usdm/continuous_kline": "btcusdt_perpetual@continuousKline_1m",
    "usdm/contractInfo": "!contractInfo",
    "usdm/depthUpdate": "btcusdt@depth@100ms",
    "usdm/forceOrder": "!forceOrder@arr",
    "usdm/kline": "btcusdt@kline_1m",
    "usdm/markPriceUpdate": "btcusdt@markPrice@1s",
    "usdm/partialDepth": "btcusdt@depth5@100ms",
    "usdm/rpiDepth": "btcusdt@rpiDepth@500ms",
    "usdm/trade": "btcusdt@trade",
    "coinm/24hrMiniTicker": "btcusd_perp@miniTicker",
    "coinm/24hrTicker": "btcusd_perp@ticker",
    "coinm/IndexUpdate": "btcusd@indexPrice",
    "coinm/aggTrade": "btcusd_perp@aggTrade",
    "coinm/arr.24hrMiniTicker": "!miniTicker@arr",
    "coinm/arr.24hrTicker": "!ticker@arr",
    "coinm/arr.markPriceUpdate": "btcusd@markPrice@1s",
    "coinm/bookTicker": "btcusd_perp@bookTicker",
    "coinm/contractInfo": "!contractInfo",
    "coinm/depthUpdate": "btcusd_perp@depth@100ms",
    "coinm/forceOrder": "!forceOrder@arr",
    "coinm/indexPrice_kline": "btcusd@indexPriceKline_1m",
    "coinm/kline": "btcusd_perp@kline_1m",
    "coinm/markPriceUpdate": "btcusd_perp@markPrice@1s",
    "coinm/markPrice_kline": "btcusd_perp@markPriceKline_1m",
    "coinm/partialDepth": "btcusd_perp@depth5@100ms",
    "coinm/trade": "btcusd_perp@trade",
    "options/arr.indexPrice": "!index@arr",
    "options/arr.markPrice": "btcusdt@optionMarkPrice",
    "options/depthUpdate": "btc-261225-90000-c@depth@100ms",
    "options/kline": "btc-261225-90000-c@kline_1m",
    "options/optionSymbol": "!optionSymbol",
    "options/trade": "btcusdt@optionTrade",
}
# Where no sample of 2026 was captured: an official example of the same year stands in.
EXAMPLES = {
    "spot/blockTrade/1.json",
    "spot/referencePrice/1.json",
    "usdm/contractInfo/1.json",
    "coinm/contractInfo/1.json",
    "options/optionSymbol/1.json",
}
# Fields in which the simulator differs from a sample on purpose: (sample, path of the field) -> reason.
EARLY = "captured in February, before the exchange added the field"
EXCEPTIONS = {
    ("usdm/contractInfo/1.json", ".ps"): "the edited example lacks it; that of another symbol has it",
    ("usdm/markPriceUpdate/5.json", ".ap"): EARLY,
    ("usdm/markPriceUpdate/5.json", ".st"): EARLY,
    ("usdm/aggTrade/6.json", ".st"): EARLY,
    ("usdm/partialDepth/4.json", ".ps"): EARLY,
    ("usdm/partialDepth/4.json", ".st"): EARLY,
}


def shape(value: Any) -> Any:
    """The fields and JSON types of a value; arrays by their first row, all numbers of brackets alike."""
    if isinstance(value, dict):
        return {key: shape(row) for key, row in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    return "number" if isinstance(value, (int, float)) else "text"


def differences(got: Any, wanted: Any, path: str = "") -> list[str]:
    """Paths at which two shapes differ; an empty array fits every array."""
    if isinstance(got, dict) and isinstance(wanted, dict):
        rows = [f"{path}.{key}" for key in sorted(got.keys() ^ wanted.keys())]
        for key in sorted(got.keys() & wanted.keys()):
            rows += differences(got[key], wanted[key], f"{path}.{key}")
        return rows
    if isinstance(got, list) and isinstance(wanted, list):
        return differences(got[0], wanted[0], f"{path}[]") if got and wanted else []
    return [] if got == wanted else [f"{path}: {got} is not {wanted}"]


@cache
def simulated(product: str, name: str) -> str:
    """Distinct shapes of a stream's payloads, as a JSON text that can be cached."""
    seconds = 130.0 if "openInterest" in name else 40.0
    payloads = json.loads(json.dumps(play_stream(product, name, seconds)))
    assert payloads, f"{product} {name} is silent"
    return json.dumps([shape(payload) for payload in payloads])


@pytest.mark.parametrize(("product", "name"), SAMPLES, ids=[f"{product}-{name}" for product, name in SAMPLES])
def test_fields_of_made_up_samples(product: str, name: str) -> None:
    """Every payload of every stream has the fields and types of the project's own table."""
    wanted = shape(SAMPLES[product, name])
    optional = {".bks"} if name == "!contractInfo" else set()
    shapes = json.loads(simulated(product, name))
    for got in shapes:
        assert set(differences(got, wanted)) <= optional
    assert any(not differences(got, wanted) for got in shapes)


def recorded_in_2026() -> dict[str, list[Path]]:
    """Recorded samples by folder: those captured in 2026, and the official examples named above."""
    rows: dict[str, list[Path]] = {}
    line = re.compile(r"\| binance/((\S+)/\d+\.json) \| .* \| ([CDI]) \| (.*) \|")
    for match in map(line.fullmatch, (DATA / "INDEX.md").read_text(encoding="utf-8").splitlines()):
        if match and (match[1] in EXAMPLES or (match[3] == "C" and "2026-" in match[4])):
            path = DATA / "binance" / match[1]
            if path.exists() and match[2] in RECORDED:
                rows.setdefault(match[2], []).append(path)
    return rows


@pytest.mark.skipif(not DATA.exists(), reason="the recorded data is not beside the project")
def test_fields_of_recorded_samples() -> None:
    """Every event recorded in 2026 has a simulated twin with the same fields and types, exceptions aside."""
    compared, differing = 0, set()
    rows = recorded_in_2026()
    for folder, paths in rows.items():
        product = folder.split("/")[0]
        shapes = json.loads(simulated(product, RECORDED[folder]))
        for path in paths:
            document = json.loads(path.read_text(encoding="utf-8"))
            wanted = shape(document.get("data", document) if isinstance(document, dict) else document)
            best = min((differences(got, wanted) for got in shapes), key=len)
            compared += 1
            differing |= {(f"{folder}/{path.name}", row) for row in best}
    print(f"compared {compared} recorded samples of {len(rows)} events")
    assert differing == set(EXCEPTIONS)
    assert compared > 40
    assert set(rows) == set(RECORDED), f"no sample of 2026 for {sorted(set(RECORDED) - set(rows))}"
