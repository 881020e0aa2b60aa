"""The calls of an account over REST."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from binance_sockets.simulator.accounts import Key
from binance_sockets.simulator.market.candles import DAY
from binance_sockets.simulator.upbit.backend import WALLET
from binance_sockets.simulator.upbit.errors import Refused
from binance_sockets.simulator.upbit.numbers import text
from binance_sockets.simulator.upbit.rest.query import Query
from binance_sockets.simulator.upbit.rest.rows import Keyed
from binance_sockets.simulator.upbit.tokens import MAKE_ORDERS, VIEW_ASSETS, VIEW_ORDERS
from binance_sockets.simulator.upbit.trading.desk import Desk
from binance_sockets.simulator.upbit.trading.orders import OPEN, UpbitOrder, rate_of
from binance_sockets.simulator.upbit.trading.reading import MOST_TOTAL, least_total, read, ticket_of
from binance_sockets.simulator.upbit.trading.rows import order_row, units_text

__all__ = ["CALLS"]

_OPEN_STATES, _CLOSED_STATES = ("wait", "watch"), ("done", "cancel")
_ORDERS = ("desc", "asc")
_KINDS = ("best_fok", "best_ioc", "limit", "limit_fok", "limit_ioc")


def _accounts(desk: Desk, key: Key, query: Query) -> Any:
    held = key.account.wallet(WALLET)
    return [_account(desk, key, currency) for currency in held.assets if held.total(currency)]


def _account(desk: Desk, key: Key, currency: str) -> dict[str, Any]:
    held = key.account.wallet(WALLET)
    return {
        "currency": currency,
        "balance": units_text(held.free(currency)),
        "locked": units_text(held.locked(currency)),
        "avg_buy_price": units_text(desk.average_price(key.account, currency)),
        "avg_buy_price_modified": False,
        "unit_currency": desk.backend.region.local,
    }


def _chance(desk: Desk, key: Key, query: Query) -> Any:
    coin = desk.market(query.text("market")).instrument
    fee = text(rate_of(coin), 8)
    least = units_text(least_total(coin))
    return {
        "bid_fee": fee, "ask_fee": fee, "maker_bid_fee": fee, "maker_ask_fee": fee,
        "market": {
            "id": coin.symbol, "name": f"{coin.base}/{coin.quote}", "order_types": ["limit"],
            "order_sides": ["ask", "bid"], "bid_types": [*_KINDS, "price"], "ask_types": [*_KINDS, "market"],
            "bid": {"currency": coin.quote, "min_total": least}, "ask": {"currency": coin.base, "min_total": least},
            "max_total": units_text(MOST_TOTAL), "state": "active",
        },
        "bid_account": _account(desk, key, coin.quote), "ask_account": _account(desk, key, coin.base),
    }  # fmt: skip


def _place(desk: Desk, key: Key, query: Query) -> Any:
    market = desk.market(query.text("market"))
    return order_row(desk.place(key.account, market, ticket_of(query, market)))


def _test(desk: Desk, key: Key, query: Query) -> Any:
    market = desk.market(query.text("market"))
    ticket = ticket_of(query, market)
    desk.check(key.account, market, ticket)
    return order_row(desk.made(key.account, market, ticket))


def _order(desk: Desk, key: Key, query: Query) -> Any:
    return order_row(_found(desk, key, query), trades=True)


def _cancel(desk: Desk, key: Key, query: Query) -> Any:
    order = _found(desk, key, query)
    if order.state != OPEN:
        raise Refused("order_not_found", status=404)
    row = order_row(order)
    desk.cancel(order)
    return row


def _cancel_and_new(desk: Desk, key: Key, query: Query) -> Any:
    order = _found(desk, key, query, "prev_order_")
    if order.state != OPEN:
        raise Refused("order_not_found", status=404)
    lots = order.remaining if query.text("new_volume", "") == "remain_only" else None
    ticket = read(query, order.coin, order.ticket.side, "new_", lots)
    row = order_row(order)
    desk.cancel(order)
    placed = desk.place(key.account, desk.market(order.coin.symbol), ticket)
    row["new_order_uuid"] = placed.uuid
    if ticket.identifier:
        row["new_order_identifier"] = ticket.identifier
    return row


def _found(desk: Desk, key: Key, query: Query, prefix: str = "") -> UpbitOrder:
    number, name = query.text(f"{prefix}uuid", ""), query.text(f"{prefix}identifier", "")
    if not number and not name:
        raise query.invalid("uuid, identifier")
    order = desk.find(key.account, number, name)
    if order is None:
        raise Refused("order_not_found", status=404)
    return order


def _open(desk: Desk, key: Key, query: Query) -> Any:
    rows = _chosen(desk, key, query, _OPEN_STATES)
    page, limit = query.whole("page", 1, 1, 10**6), query.whole("limit", 100, 1, 100)
    return [order_row(order) for order in rows[(page - 1) * limit : page * limit]]


def _closed(desk: Desk, key: Key, query: Query) -> Any:
    limit = query.whole("limit", 100, 1, 1000)
    now = desk.backend.now()
    end = _time(query, "end_time", now)
    start = _time(query, "start_time", end - 7 * DAY)
    rows = [order for order in _chosen(desk, key, query, _CLOSED_STATES) if start <= order.created <= end]
    return [order_row(order) for order in rows[:limit]]


def _time(query: Query, name: str, default: int) -> int:
    """A time in µs, from milliseconds or ISO 8601."""
    word = query.text(name, "")
    if not word:
        return default
    if word.isascii() and word.isdigit() and len(word) <= 15:
        return int(word) * 1000
    try:
        time = datetime.fromisoformat(word.replace("Z", "+00:00"))
        time = time if time.tzinfo else time.replace(tzinfo=timezone.utc)
        return (time - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        raise query.invalid(name) from None


def _some(desk: Desk, key: Key, query: Query) -> Any:
    return [order_row(order) for order in _named(desk, key, query)]


def _old_list(desk: Desk, key: Key, query: Query) -> Any:
    """The list of orders as it was before it was divided by state."""
    if query.has("uuids") or query.has("identifiers"):
        return _some(desk, key, query)
    rows = _chosen(desk, key, query, (*_OPEN_STATES, *_CLOSED_STATES), "wait")
    page, limit = query.whole("page", 1, 1, 10**6), query.whole("limit", 100, 1, 100)
    return [order_row(order) for order in rows[(page - 1) * limit : page * limit]]


def _named(desk: Desk, key: Key, query: Query) -> list[UpbitOrder]:
    numbers, names = query.several("uuids"), query.several("identifiers")
    if not numbers and not names:
        raise query.invalid("uuids, identifiers")
    found = [desk.find(key.account, number) for number in numbers]
    found += [desk.find(key.account, "", name) for name in names]
    market = query.text("market", "")
    return [order for order in dict.fromkeys(found) if order is not None and market in ("", order.coin.symbol)]


def _chosen(
    desk: Desk, key: Key, query: Query, states: tuple[str, ...], default: str | None = None
) -> list[UpbitOrder]:
    """Orders of some states, and perhaps of one market, newest first unless asked otherwise."""
    wanted = query.several("states") or query.several("state") or ([default] if default else list(states))
    if not set(wanted) <= set(states):
        raise query.invalid(f"state: {', '.join(states)}")
    market, first = query.text("market", ""), query.one_of("order_by", _ORDERS, "desc")
    rows = [row for row in desk.orders(key.account) if row.state in wanted and market in ("", row.coin.symbol)]
    return rows if first == "asc" else rows[::-1]


def _cancel_open(desk: Desk, key: Key, query: Query) -> Any:
    side = query.one_of("cancel_side", ("all", "ask", "bid"), "all")
    pairs, but, quotes = query.several("pairs"), query.several("exclude_pairs"), query.several("quote_currencies")
    count = query.whole("count", 20, 1, 300)
    rows = [
        order
        for order in _chosen(desk, key, query, _OPEN_STATES)
        if side in ("all", "bid" if order.buys else "ask")
        and (not pairs or order.coin.symbol in pairs)
        and order.coin.symbol not in but
        and (not quotes or order.coin.quote in quotes)
    ]
    return _cancel_all(desk, rows[:count])


def _cancel_some(desk: Desk, key: Key, query: Query) -> Any:
    return _cancel_all(desk, _named(desk, key, query))


def _cancel_all(desk: Desk, rows: Iterable[UpbitOrder]) -> Any:
    done: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for order in rows:
        going = order.state == OPEN
        if going:
            desk.cancel(order)
        told = {"uuid": order.uuid, "market": order.coin.symbol}
        done[going].append({**told, "identifier": order.ticket.identifier} if order.ticket.identifier else told)
    return {
        name: {"count": len(done[good]), "orders": done[good]} for name, good in (("success", True), ("failed", False))
    }


CALLS: tuple[Keyed, ...] = (
    Keyed("GET", "/v1/accounts", _accounts, VIEW_ASSETS),
    Keyed("GET", "/v1/orders/chance", _chance, VIEW_ORDERS),
    Keyed("POST", "/v1/orders", _place, MAKE_ORDERS, "order", 201),
    Keyed("POST", "/v1/orders/test", _test, MAKE_ORDERS, "order-test", 201),
    Keyed("POST", "/v1/orders/cancel_and_new", _cancel_and_new, MAKE_ORDERS, "order", 201),
    Keyed("GET", "/v1/order", _order, VIEW_ORDERS),
    Keyed("DELETE", "/v1/order", _cancel, MAKE_ORDERS),
    Keyed("GET", "/v1/orders", _old_list, VIEW_ORDERS),
    Keyed("GET", "/v1/orders/open", _open, VIEW_ORDERS),
    Keyed("DELETE", "/v1/orders/open", _cancel_open, MAKE_ORDERS, "order-cancel-all"),
    Keyed("GET", "/v1/orders/closed", _closed, VIEW_ORDERS),
    Keyed("GET", "/v1/orders/uuids", _some, VIEW_ORDERS),
    Keyed("DELETE", "/v1/orders/uuids", _cancel_some, MAKE_ORDERS),
)
