"""Orders and positions of futures in Binance's words: user events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from binance_sockets.simulator.accounts import PLACES, MarginAccount, Position, amount_text
from binance_sockets.simulator.binance.products import Listed
from binance_sockets.simulator.binance.trading.futures.orders import LEG_NAMES, FuturesOrder, OwnTrade
from binance_sockets.simulator.binance.trading.futures.risk import Risk
from binance_sockets.simulator.market.instruments import fixed

__all__ = [
    "account_alias", "account_update", "amount", "balance", "config_update", "margin_call", "notional",
    "order_trade_update", "outer", "percent", "position", "price8", "short", "trade_lite",
]  # fmt: skip


def short(number: int) -> str:
    """Units as a decimal text without the zeros at its end."""
    text = fixed(number, PLACES)
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(number: int) -> str:
    """Units as a decimal text of eight decimals; a plain zero for none."""
    return amount_text(number) if number else "0"


def price8(price: int, places: int = 0) -> str:
    """A price in steps of 1e-8, with so many decimals at least; a plain zero for none."""
    whole, _, part = short(price).partition(".")
    return f"{whole}.{part.ljust(places, '0')}" if price and (part or places) else whole


def percent(share: int) -> str:
    """1/100 of a percent as percent."""
    return fixed(share, 2).rstrip("0").rstrip(".")


def notional(i: Listed, value: int) -> str:
    """What orders are worth: eight decimals in a coin, five in a currency; a plain zero for nothing."""
    if not value:
        return "0"
    return amount_text(value) if i.contract_size else fixed(value, PLACES, 5, cut=True)


def account_alias(uid: int) -> str:
    """The short name of an account that balances and events of COIN-M carry."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "".join(letters[uid // 52**n % 52] for n in range(4))


def outer(product: str, uid: int, kind: str, time: int, now: int) -> dict[str, Any]:
    """What every event begins with; the account's alias on COIN-M."""
    if product == "coinm":
        return {"e": kind, "E": now, "T": time, "i": account_alias(uid)}
    return {"e": kind, "T": time, "E": now}


def order_trade_update(
    order: FuturesOrder,
    kind: str,
    now: int,
    open_value: tuple[int, int],
    *,
    trade: OwnTrade | None = None,
    modify_id: str = "",
) -> dict[str, Any]:
    """An ``ORDER_TRADE_UPDATE``.

    Args:
        order: as it is after the change.
        kind: ``x``: NEW, CANCELED, EXPIRED, TRADE, AMENDMENT, CALCULATED.
        now: of the event, ms.
        open_value: what the open orders of the symbol are worth, those that buy and those that sell.
        trade: what was traded.
        modify_id: the user's number of a change.
    """
    i, ticket = order.instrument, order.ticket
    coin = i.product == "coinm"
    body = {
        "s": i.symbol, "c": order.client_id, "S": order.side_name, "o": ticket.type, "f": ticket.tif,
        "q": i.qty_text(order.qty), "p": _price(i, order.price), "ap": price8(order.average8, i.price_places),
        "sp": _price(i, ticket.stop), "x": kind, "X": order.status, "i": order.id,
        "l": i.qty_text(trade.qty) if trade else "0", "z": i.qty_text(order.filled) if order.filled else "0",
        "L": i.price_text(trade.price) if trade else "0", **({"ma": order.contract.asset} if coin else {}),
        "n": amount(trade.fee) if trade else "0", "N": order.contract.asset, "T": order.updated,
        "t": trade.id if trade else 0, "b": notional(i, open_value[0]), "a": notional(i, open_value[1]),
        "m": trade is not None and trade.maker, "R": ticket.reduce_only or ticket.close_all, "wt": ticket.working,
        "ot": ticket.origin or ticket.type, "ps": LEG_NAMES[ticket.leg], "cp": ticket.close_all,
        "rp": amount(trade.gain) if trade else "0", "pP": ticket.protect, "si": 0, "ss": 0, "V": ticket.stp,
        "pm": ticket.price_match, **({} if coin else {"gtd": ticket.good_till}), "er": order.expiry,
    }  # fmt: skip
    if ticket.callback:
        body |= {"AP": _price(i, ticket.activation), "cr": percent(ticket.callback)}
    if modify_id:
        body["M"] = modify_id
    return {**outer(i.product, order.account.uid, "ORDER_TRADE_UPDATE", order.updated, now), "o": body}


def _price(i: Listed, price: int | None) -> str:
    return i.price_text(price) if price else "0"


def trade_lite(order: FuturesOrder, trade_id: int, price: int, qty: int, now: int, *, maker: bool) -> dict[str, Any]:
    """A ``TRADE_LITE``."""
    i = order.instrument
    return {
        "e": "TRADE_LITE", "E": now, "T": now, "s": i.symbol, "q": i.qty_text(order.qty),
        "p": i.price_text(order.price), "m": maker, "c": order.client_id, "S": order.side_name,
        "L": i.price_text(price), "l": i.qty_text(qty), "t": trade_id, "i": order.id,
    }  # fmt: skip


def balance(margin: MarginAccount, asset: str, change: int = 0) -> dict[str, Any]:
    """One row of ``B``; ``change`` is what came or went beside profit and fees."""
    wallet, cross = short(margin.wallet.total(asset)), short(margin.cross(asset))
    return {"a": asset, "wb": wallet, "cw": cross, "bc": amount(change)}


def position(row: Position, risk: Risk, *, isolated: bool) -> dict[str, Any]:
    """One row of ``P``."""
    i = row.contract.instrument
    coin = row.contract.inverse
    return {
        "s": i.symbol, "pa": i.qty_text(row.qty) if row.qty else "0", "ep": price8(row.entry8),
        "cr": amount(row.realised), "up": short(risk.profit(row)), "mt": "isolated" if isolated else "cross",
        "iw": short(row.isolated), "ps": LEG_NAMES[row.leg], **({} if coin else {"ma": row.contract.asset}),
        "bep": price8(row.even8),
    }  # fmt: skip


def account_update(
    head: dict[str, Any],
    reason: str,
    balances: Iterable[dict[str, Any]],
    positions: Iterable[dict[str, Any]],
    symbol: str = "",
) -> dict[str, Any]:
    """An ``ACCOUNT_UPDATE``; the symbol of a funding fee stands in it too."""
    body = {"B": list(balances), "P": list(positions), "m": reason}
    return {**head, "a": {**body, **({"S": symbol} if symbol else {})}}


def config_update(head: dict[str, Any], symbol: str, leverage: int) -> dict[str, Any]:
    """An ``ACCOUNT_CONFIG_UPDATE`` of a leverage."""
    return {**{key: head[key] for key in ("e", "E", "T")}, "ac": {"s": symbol, "l": leverage}}


def margin_call(head: dict[str, Any], margin: MarginAccount, rows: list[Position], risk: Risk) -> dict[str, Any]:
    """A ``MARGIN_CALL``; what stands behind crossed positions only where there is one."""
    crossed = [row for row in rows if not margin.terms_of(row.contract.symbol).isolated]
    event = {key: value for key, value in head.items() if key != "T"}
    if crossed:
        event["cw"] = short(margin.cross(crossed[0].contract.asset))
    return {**event, "p": [_called(row, margin, risk) for row in rows]}


def _called(row: Position, margin: MarginAccount, risk: Risk) -> dict[str, Any]:
    i = row.contract.instrument
    return {
        "s": i.symbol, "ps": LEG_NAMES[row.leg], "pa": i.qty_text(row.qty),
        "mt": "ISOLATED" if margin.terms_of(i.symbol).isolated else "CROSSED", "iw": short(row.isolated),
        "mp": fixed(risk.mark(row.contract), PLACES), "up": short(risk.profit(row)), "mm": short(risk.kept(row)),
    }  # fmt: skip
