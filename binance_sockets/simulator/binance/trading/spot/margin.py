"""Margin: the calls of spot on other wallets, one for all symbols (cross) or one for each (isolated), and their loans.

Loans have no limit and bear no interest here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from binance_sockets.simulator.accounts import Account, Insufficient, amount_text
from binance_sockets.simulator.binance.trading.calls import Handler, Params, Refused
from binance_sockets.simulator.binance.trading.reading import Reader, required
from binance_sockets.simulator.binance.trading.spot import admission, lists, placing, queries
from binance_sockets.simulator.binance.trading.spot.desk import Desk

__all__ = ["borrow_repay", "cross_account", "isolated_account", "on_margin", "place", "transfer"]

_BORROWS, _REPAYS = ("MARGIN_BUY", "AUTO_BORROW_REPAY"), ("AUTO_REPAY", "AUTO_BORROW_REPAY")
_SIDE_EFFECTS = ("NO_SIDE_EFFECT", *_BORROWS, *_REPAYS)
_MOVES = {
    "MAIN_MARGIN": ("spot", "margin"),
    "MARGIN_MAIN": ("margin", "spot"),
    "MAIN_ISOLATED_MARGIN": ("spot", "toSymbol"),
    "ISOLATED_MARGIN_MAIN": ("fromSymbol", "spot"),
    "MARGIN_ISOLATEDMARGIN": ("margin", "toSymbol"),
    "ISOLATEDMARGIN_MARGIN": ("fromSymbol", "margin"),
    "ISOLATEDMARGIN_ISOLATEDMARGIN": ("fromSymbol", "toSymbol"),
}
_NO_DEBT = "999.00000000"

_Placed = Callable[..., Any]


def _wallet(desk: Desk, params: Params) -> str:
    """Which wallet a call is about."""
    if params.get("isIsolated", "FALSE").upper() != "TRUE":
        return "margin"
    return f"isolated/{desk.instrument(required(params, 'symbol')).symbol}"


def on_margin(handler: _Placed) -> Handler:
    """A call of spot on the wallet that ``isIsolated`` and ``symbol`` name."""

    def call(desk: Desk, account: Account, params: Params) -> Any:
        wallet = _wallet(desk, params)
        return _marked(handler(desk, account, params, wallet), wallet)

    return call


def _marked(answer: Any, wallet: str) -> Any:
    """Every order says of which kind of margin it is."""
    if isinstance(answer, list):
        return [_marked(row, wallet) for row in answer]
    marked = {**answer, "isIsolated": wallet != "margin"}
    if "orderReports" in marked:
        marked["orderReports"] = _marked(marked["orderReports"], wallet)
    return marked


def place(desk: Desk, account: Account, params: Params) -> Any:
    """A new order; its side effect may borrow what is missing for it, and pay back by what it receives."""
    wallet, effect = _wallet(desk, params), params.get("sideEffectType", "NO_SIDE_EFFECT")
    if effect not in _SIDE_EFFECTS:
        raise Refused(-1020, "This operation is not supported.")
    market = desk.market(required(params, "symbol"))  # once: it must not move between the loan and the order

    def place_now() -> Any:
        answer = placing.place_in(desk, account, params, wallet, market, repays=effect in _REPAYS)
        return _marked(answer, wallet)

    with desk.transaction():
        try:
            return place_now()
        except Refused as refused:
            if effect not in _BORROWS or refused.msg != admission.INSUFFICIENT:
                raise
        asset, missing = placing.shortfall(desk, account, params, wallet, market)
        desk.lend(account, asset, missing, wallet)
        return {**place_now(), "marginBuyBorrowAmount": amount_text(missing), "marginBuyBorrowAsset": asset}


def borrow_repay(desk: Desk, account: Account, params: Params) -> Any:
    """Borrow into a margin wallet, or pay back; ``type`` says which."""
    kind, asset = required(params, "type"), required(params, "asset")
    if kind not in ("BORROW", "REPAY"):
        raise Refused(-1130, "Data sent for parameter 'type' is not valid.")
    amount, wallet = _amount(params), _wallet(desk, params)
    if kind == "REPAY" and amount > account.debt(wallet)[asset]:
        raise Refused(-3015, "Repay amount exceeds borrow amount.")
    with desk.transaction():
        try:
            desk.lend(account, asset, amount if kind == "BORROW" else -amount, wallet)
        except Insufficient:
            raise Refused(-3041, "Balance is not enough") from None
    return {"tranId": desk.new_transfer_id()}


def transfer(desk: Desk, account: Account, params: Params) -> Any:
    """Move an asset between the spot wallet and those of margin."""
    kind, asset = required(params, "type"), required(params, "asset")
    if kind not in _MOVES:
        raise Refused(-1130, "Data sent for parameter 'type' is not valid.")
    amount = _amount(params)
    source, target = (_named(desk, params, name) for name in _MOVES[kind])
    with desk.transaction():
        try:
            desk.move(account, asset, -amount, source)
        except Insufficient:
            raise Refused(-3020, "Transfer out amount exceeds max amount.") from None
        desk.move(account, asset, amount, target)
    return {"tranId": desk.new_transfer_id()}


def _named(desk: Desk, params: Params, name: str) -> str:
    if not name.endswith("Symbol"):
        return name
    return f"isolated/{desk.instrument(required(params, name)).symbol}"


def _amount(params: Params) -> int:
    required(params, "amount")
    amount = Reader(params).decimal("amount")
    if not amount:
        raise Refused(-1102, "Mandatory parameter 'amount' was not sent, was empty/null, or malformed.")
    return amount


# what is owned and owed


def cross_account(desk: Desk, account: Account, params: Params) -> Any:
    """The cross margin account."""
    wallet, debt = account.wallet("margin"), account.debt("margin")
    assets = list(dict.fromkeys([*wallet.assets, *debt]))
    owned = sum(_in_btc(desk, asset, wallet.total(asset)) for asset in assets)
    owed = sum(_in_btc(desk, asset, debt[asset]) for asset in assets)
    level = _level(owned, owed)
    return {
        "created": True, "borrowEnabled": True, "marginLevel": level, "collateralMarginLevel": level,
        **_totals(owned, owed), "tradeEnabled": True, "transferInEnabled": True, "transferOutEnabled": True,
        "accountType": "MARGIN_1", "userAssets": [_asset(account, "margin", asset) for asset in assets],
    }  # fmt: skip


def isolated_account(desk: Desk, account: Account, params: Params) -> Any:
    """The isolated margin accounts, of all symbols that have one or of those in ``symbols``."""
    have = [name.removeprefix("isolated/") for name in account.wallets if name.startswith("isolated/")]
    rows = (
        [_isolated(desk, account, symbol) for symbol in params["symbols"].split(",")]
        if "symbols" in params
        else [_isolated(desk, account, symbol) for symbol in have]
    )
    owned, owed = (sum(row.pop(name) for row in rows) for name in ("owned", "owed"))
    return {"assets": rows, **_totals(owned, owed)}


def _isolated(desk: Desk, account: Account, symbol: str) -> dict[str, Any]:
    market, name = desk.market(symbol), f"isolated/{symbol}"
    i, owned, owed = market.instrument, 0, 0
    row: dict[str, Any] = {}
    for side, asset in (("baseAsset", i.base), ("quoteAsset", i.quote)):
        total, debt = account.wallet(name).total(asset), account.debt(name)[asset]
        owned, owed = owned + _in_btc(desk, asset, total), owed + _in_btc(desk, asset, debt)
        row[side] = {
            **_asset(account, name, asset), "borrowEnabled": True, "repayEnabled": True,
            "netAssetOfBtc": amount_text(_in_btc(desk, asset, total - debt)), "totalAsset": amount_text(total),
        }  # fmt: skip
    price = i.price_text(market.last_trade().price)
    return {
        **row, "symbol": symbol, "isolatedCreated": True, "enabled": True, "marginLevel": _level(owned, owed),
        "marginLevelStatus": "EXCESSIVE", "marginRatio": "0.00000000", "indexPrice": price,
        "liquidatePrice": "0.00000000", "liquidateRate": "0.00000000", "tradeEnabled": True, "owned": owned,
        "owed": owed,
    }  # fmt: skip


def _asset(account: Account, name: str, asset: str) -> dict[str, Any]:
    wallet, debt = account.wallet(name), account.debt(name)[asset]
    return {
        "asset": asset, "borrowed": amount_text(debt), "free": amount_text(wallet.free(asset)),
        "interest": "0.00000000", "locked": amount_text(wallet.locked(asset)),
        "netAsset": amount_text(wallet.total(asset) - debt),
    }  # fmt: skip


def _totals(owned: int, owed: int) -> dict[str, str]:
    return {
        "totalAssetOfBtc": amount_text(owned), "totalLiabilityOfBtc": amount_text(owed),
        "totalNetAssetOfBtc": amount_text(owned - owed),
    }  # fmt: skip


def _level(owned: int, owed: int) -> str:
    return amount_text(owned * 10**8 // owed) if owed else _NO_DEBT


def _in_btc(desk: Desk, asset: str, amount: int) -> int:
    """The value of an amount, by the last prices in USDT; nothing where one of both has no such price."""
    if asset == "BTC":
        return amount
    bitcoin = _dollars(desk, "BTC")
    return amount * _dollars(desk, asset) // bitcoin if bitcoin else 0


def _dollars(desk: Desk, asset: str) -> int:
    if asset == "USDT":
        return 10**8
    if desk.listing.find("spot", f"{asset}USDT") is None:
        return 0
    market = desk.market(f"{asset}USDT")
    return market.instrument.price8(market.last_trade().price)


cancel = on_margin(placing.cancel)
cancel_all = on_margin(placing.cancel_all)
order_status = on_margin(queries.order_status)
open_orders = on_margin(queries.open_orders)
all_orders = on_margin(queries.all_orders)
my_trades = on_margin(queries.my_trades)
oco = on_margin(lists.legacy_oco)
cancel_list = on_margin(lists.cancel_list)
query_list = on_margin(lists.query_list)
open_lists = on_margin(lists.open_lists)
all_lists = on_margin(lists.all_lists)
