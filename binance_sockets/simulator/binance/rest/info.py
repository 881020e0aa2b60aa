"""Rows about the exchange itself: whether it is there, its time, what it lists, its rules."""

from __future__ import annotations

from typing import Any

from binance_sockets.simulator.binance import payloads
from binance_sockets.simulator.binance.filters import DEFAULT_STP, STP_MODES, filters
from binance_sockets.simulator.binance.products import Listed
from binance_sockets.simulator.binance.rest.backend import Backend
from binance_sockets.simulator.binance.rest.query import Query, RestError
from binance_sockets.simulator.binance.rest.rows import Row, get, per_symbol

__all__ = ["ROWS"]

_PERMISSIONS = ("SPOT", "MARGIN")
_FUTURES_ORDERS = (
    "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET",
)  # fmt: skip
_ONBOARD = 1_569_398_400_000


def _limit(kind: str, interval: str, number: int, limit: int) -> dict[str, Any]:
    return {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}


RATE_LIMITS = {
    "spot": [
        _limit("REQUEST_WEIGHT", "MINUTE", 1, 6000),
        _limit("ORDERS", "SECOND", 10, 50),
        _limit("ORDERS", "DAY", 1, 160_000),
        _limit("RAW_REQUESTS", "MINUTE", 5, 300_000),
    ],
    "usdm": [
        _limit("REQUEST_WEIGHT", "MINUTE", 1, 2400),
        _limit("ORDERS", "MINUTE", 1, 1200),
        _limit("ORDERS", "SECOND", 10, 300),
    ],
    "coinm": [_limit("REQUEST_WEIGHT", "MINUTE", 1, 2400), _limit("ORDERS", "MINUTE", 1, 1200)],
    "options": [
        _limit("REQUEST_WEIGHT", "MINUTE", 1, 400),
        _limit("ORDERS", "MINUTE", 1, 100),
        _limit("ORDERS", "SECOND", 10, 30),
    ],
}


def ping(backend: Backend, query: Query) -> object:
    return {}


def time(backend: Backend, query: Query) -> object:
    return {"serverTime": query.ts(backend.services.clock.microseconds())}


def system_status(backend: Backend, query: Query) -> object:
    return {"status": 0, "msg": "normal"}


# what is listed


def spot_info(backend: Backend, query: Query) -> object:
    if ("symbol" in query or "symbols" in query) and ("permissions" in query or "symbolStatus" in query):
        raise RestError(-1128, "Combination of optional parameters invalid.")
    wanted = _permissions(query)
    chosen = backend.selected(query) if wanted & set(_PERMISSIONS) else []
    rows = [{**_spot(found), "status": backend.listing.status(found)} for found in chosen]
    if query.text("showPermissionSets", "true") == "false":
        rows = [{**row, "permissionSets": []} for row in rows]
    head = {
        "timezone": "UTC",
        "serverTime": query.ts(backend.services.clock.microseconds()),
        "rateLimits": RATE_LIMITS["spot"],
    }
    return {**head, "exchangeFilters": [], "symbols": rows}


def _permissions(query: Query) -> set[str]:
    if "permissions" not in query:
        return set(_PERMISSIONS)
    text = query.text("permissions")
    return set(query.names("permissions") or ()) if text.startswith("[") else {text}


def _spot(i: Listed) -> dict[str, Any]:
    return {
        "symbol": i.symbol, "status": "TRADING", "baseAsset": i.base, "baseAssetPrecision": 8, "quoteAsset": i.quote,
        "quotePrecision": 8, "quoteAssetPrecision": 8, "baseCommissionPrecision": 8, "quoteCommissionPrecision": 8,
        "orderTypes": [
            "LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT",
        ],
        "icebergAllowed": True, "ocoAllowed": True, "otoAllowed": True, "opoAllowed": True,
        "quoteOrderQtyMarketAllowed": True, "allowTrailingStop": True, "cancelReplaceAllowed": True,
        "amendAllowed": True, "pegInstructionsAllowed": False, "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": True, "filters": filters(i), "permissions": [],
        "permissionSets": [list(_PERMISSIONS)], "defaultSelfTradePreventionMode": DEFAULT_STP,
        "allowedSelfTradePreventionModes": list(STP_MODES),
    }  # fmt: skip


def usdm_info(backend: Backend, query: Query) -> object:
    listed = backend.listing.listed["usdm"].values()
    margin = dict.fromkeys(found.quote for found in listed) | dict.fromkeys(("BTC", "ETH", "BNB"))
    return {
        "timezone": "UTC", "serverTime": query.ts(backend.services.clock.microseconds()), "futuresType": "U_MARGINED",
        "rateLimits": RATE_LIMITS["usdm"], "exchangeFilters": [],
        "assets": [{"asset": name, "marginAvailable": True, "autoAssetExchange": "-10000"} for name in margin],
        "symbols": [{**_usdm(found), "status": backend.listing.status(found)} for found in listed],
    }  # fmt: skip


def coinm_info(backend: Backend, query: Query) -> object:
    return {
        "timezone": "UTC", "serverTime": query.ts(backend.services.clock.microseconds()),
        "rateLimits": RATE_LIMITS["coinm"],
        "exchangeFilters": [], "symbols": [
            {**_coinm(found), "contractStatus": backend.listing.status(found)}
            for found in backend.listing.listed["coinm"].values()
        ],
    }  # fmt: skip


def _usdm(i: Listed) -> dict[str, Any]:
    kind = "INDEX" if i.index else "EQUITY" if i.tradfi and i.base != "XAU" else "COMMODITY" if i.tradfi else "COIN"
    row = _futures(i, i.quote, kind, ["GTC", "IOC", "FOK", "GTX", "GTD"], ["GRID", "COPY", "RPI", "DCA", "PSB"])
    return {**row, "status": "TRADING", "settlePlan": 0}


def _coinm(i: Listed) -> dict[str, Any]:
    row = _futures(i, i.base, "COIN", ["GTC", "IOC", "FOK", "GTX"], ["GRID"])
    return {**row, "contractStatus": "TRADING", "contractSize": i.contract_size, "equalQtyPrecision": 4}


def _futures(i: Listed, margin: str, kind: str, times: list[str], permissions: list[str]) -> dict[str, Any]:
    return {
        "symbol": i.symbol, "pair": i.pair, "contractType": i.contract,
        "deliveryDate": payloads.delivery_ms(i.delivery), "onboardDate": _ONBOARD, "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000", "baseAsset": i.base, "quoteAsset": i.quote, "marginAsset": margin,
        "pricePrecision": i.price_places, "quantityPrecision": i.qty_places, "baseAssetPrecision": 8,
        "quotePrecision": 8, "underlyingType": kind, "underlyingSubType": ["TradFi"] if i.tradfi else ["PoW"],
        "triggerProtect": "0.0500", "liquidationFee": "0.015000", "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10_000, "filters": filters(i), "orderTypes": list(_FUTURES_ORDERS),
        "timeInForce": times, "permissionSets": permissions,
    }  # fmt: skip


def options_info(backend: Backend, query: Query) -> object:
    listed = list(backend.listing.listed["options"].values())
    pairs = {found.pair: found for found in listed}
    return {
        "timezone": "UTC", "serverTime": query.ts(backend.services.clock.microseconds()),
        "optionContracts": [
            {"baseAsset": found.base, "quoteAsset": found.quote, "underlying": pair, "settleAsset": found.quote}
            for pair, found in pairs.items()
        ],
        "optionAssets": [{"name": name} for name in dict.fromkeys(found.quote for found in listed)],
        "optionSymbols": [{**_option(found), "status": backend.listing.status(found)} for found in listed],
        "rateLimits": RATE_LIMITS["options"],
    }  # fmt: skip


def _option(i: Listed) -> dict[str, Any]:
    rules = filters(i)
    return {
        "expiryDate": payloads.delivery_ms(i.delivery), "filters": rules, "symbol": i.symbol, "side": i.contract,
        "strikePrice": f"{i.strike:g}", "underlying": i.pair, "unit": 1, "liquidationFeeRate": "0.0019",
        "minQty": rules[1]["minQty"], "maxQty": rules[1]["maxQty"], "initialMargin": "0.15",
        "maintenanceMargin": "0.075", "minInitialMargin": "0.1", "minMaintenanceMargin": "0.05",
        "priceScale": i.price_places, "quantityScale": i.qty_places, "quoteAsset": i.quote, "status": "TRADING",
    }  # fmt: skip


# the rules of an execution


def execution_rules(backend: Backend, query: Query) -> object:
    rule = {
        "ruleType": "PRICE_RANGE", "bidLimitMultUp": "1.5000", "bidLimitMultDown": "0.5000", "askLimitMultUp": "1.5000",
        "askLimitMultDown": "0.5000",
    }  # fmt: skip
    return {"symbolRules": [{"symbol": found.symbol, "rules": [rule]} for found in backend.selected(query)]}


def reference_price(backend: Backend, query: Query) -> object:
    p = payloads.reference_price(backend.market(query), backend.now(), query.ts)
    return {"symbol": p["s"], "referencePrice": p["r"], "timestamp": p["t"]}


def reference_calculation(backend: Backend, query: Query) -> object:
    found = backend.instrument(query)
    return {"symbol": found.symbol, "calculationType": "EXTERNAL", "externalCalculationId": 1}


ROWS: tuple[Row, ...] = (
    *get("spot usdm coinm options", "ping", 1, ping),
    *get("spot usdm coinm options", "time", 1, time),
    *get("spot", "exchangeInfo", 20, spot_info, "symbol symbols permissions showPermissionSets symbolStatus"),
    *get("usdm", "exchangeInfo", 1, usdm_info),
    *get("coinm", "exchangeInfo", 1, coinm_info),
    *get("options", "exchangeInfo", 1, options_info),
    *get("spot", "executionRules", per_symbol(2, 40), execution_rules, "symbol symbols symbolStatus"),
    *get("spot", "referencePrice", 2, reference_price, "symbol!"),
    *get("spot", "referencePrice/calculation", 2, reference_calculation, "symbol! symbolStatus"),
    *get("spot", "/sapi/v1/system/status", 1, system_status),
)
