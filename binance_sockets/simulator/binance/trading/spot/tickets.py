"""From the parameters of a call to an order: their spelling, and which of them belong together."""

from __future__ import annotations

import re
from collections.abc import Mapping

from binance_sockets.simulator.binance.filters import DEFAULT_STP, STP_MODES
from binance_sockets.simulator.binance.products import Listed
from binance_sockets.simulator.binance.trading.calls import Params, Refused, missing
from binance_sockets.simulator.binance.trading.reading import Reader
from binance_sockets.simulator.binance.trading.spot import filters
from binance_sockets.simulator.binance.trading.spot.orders import CONTINGENT, TYPES, Ticket
from binance_sockets.simulator.market.book import BUY, SELL

__all__ = [
    "LEG_NAMES",
    "ORDER_NAMES",
    "client_id",
    "leg_names",
    "read_leg",
    "read_ticket",
    "response_type",
]

_CLIENT_ID = re.compile(r"[a-zA-Z0-9-_]{1,36}")
_WITH_PRICE = frozenset({"LIMIT", "LIMIT_MAKER", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"})
_WITH_TIF = _WITH_PRICE - {"LIMIT_MAKER"}
_LOWEST_STRATEGY = 1_000_000

ORDER_NAMES = frozenset(
    {
        "symbol", "side", "type", "timeInForce", "quantity", "quoteOrderQty", "price", "newClientOrderId",
        "strategyId", "strategyType", "stopPrice", "trailingDelta", "icebergQty", "newOrderRespType",
        "selfTradePreventionMode",
    }
)  # fmt: skip
"""Parameters of one order."""

LEG_NAMES = (
    "Type", "ClientOrderId", "IcebergQty", "Price", "StopPrice", "TrailingDelta", "TimeInForce", "StrategyId",
    "StrategyType",
)  # fmt: skip
"""What the parameters of one order of a list end with."""


def leg_names(prefix: str, *more: str) -> frozenset[str]:
    """The parameters of one order of a list."""
    return frozenset(prefix + name for name in (*LEG_NAMES, *more))


def response_type(params: Params, default: str) -> str:
    """``newOrderRespType``.

    Raises:
        Refused: there is no such type of response.
    """
    wanted = params.get("newOrderRespType", default)
    if wanted not in ("ACK", "RESULT", "FULL"):
        raise Refused(-1130, "Data sent for parameter 'newOrderRespType' is not valid.")
    return wanted


def read_leg(i: Listed, params: Params, prefix: str, same: Mapping[str, str]) -> Ticket:
    """One order of a list.

    Args:
        i: the instrument.
        params: of the call.
        prefix: of the order's parameters, such as ``pendingAbove``.
        same: names of those that it shares with others, such as ``{"side": "pendingSide"}``; "" for one it lacks.
    """

    names = {"selfTradePreventionMode": "selfTradePreventionMode", "quoteOrderQty": "", **same}
    names.setdefault("newClientOrderId", f"{prefix}ClientOrderId")
    return read_ticket(i, Reader(params, lambda name: names.get(name, prefix + name[0].upper() + name[1:])))


def read_ticket(i: Listed, reader: Reader) -> Ticket:
    """An order, as the parameters ask for it.

    Args:
        i: the instrument.
        reader: reads them.

    Raises:
        Refused: one is missing, malformed, or does not go with the others.
    """
    side = _choice(reader, "side", ("BUY", "SELL"), Refused(-1117, "Invalid side."))
    kind = _choice(reader, "type", sorted(TYPES), Refused(-1116, "Invalid orderType."))
    ticket = Ticket(side=BUY if side == "BUY" else SELL, type=kind, stp=_stp(reader))
    if kind in _WITH_TIF:
        ticket.tif = _choice(reader, "timeInForce", ("GTC", "IOC", "FOK"), Refused(-1115, "Invalid timeInForce."))
    elif reader.text("timeInForce") is not None and not (kind == "LIMIT_MAKER" and reader.text("timeInForce") == "GTC"):
        reader.refuse_if_sent("timeInForce")
    _read_prices(i, reader, ticket)
    _read_quantities(i, reader, ticket)
    if (name := reader.text("newClientOrderId")) is not None:
        ticket.client_id = client_id(reader.name("newClientOrderId"), name)
    ticket.strategy_id, ticket.strategy_type = reader.whole("strategyId"), reader.whole("strategyType")
    if ticket.strategy_type is not None and ticket.strategy_type < _LOWEST_STRATEGY:
        raise Refused(-1134, "strategyType was less than 1000000.")
    return ticket


def _choice(reader: Reader, name: str, allowed: tuple[str, ...] | list[str], refusal: Refused) -> str:
    value = reader.text(name)
    if value is None:
        raise missing(reader.name(name))
    if value not in allowed:
        raise refusal
    return value


def _stp(reader: Reader) -> str:
    mode = reader.text("selfTradePreventionMode")
    if mode is None:
        return DEFAULT_STP
    if mode not in (*STP_MODES, "NONE"):
        raise Refused(-1130, "Data sent for parameter 'selfTradePreventionMode' is not valid.")
    if mode not in STP_MODES:
        raise Refused(-1013, "This symbol does not allow the specified self-trade prevention mode.")
    return mode


def client_id(name: str, text: str) -> str:
    """A client order id that the user chose.

    Raises:
        Refused: it has other signs than letters, digits, "-" and "_", or more than 36.
    """
    if not _CLIENT_ID.fullmatch(text):
        limits = "^[a-zA-Z0-9-_]{1,36}$"
        raise Refused(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{limits}'.")
    return text


def _read_prices(i: Listed, reader: Reader, ticket: Ticket) -> None:
    if ticket.type in _WITH_PRICE:
        ticket.price = _ticks(i, reader, "price")
        if ticket.price is None:
            raise missing(reader.name("price"))
    else:
        reader.refuse_if_sent("price")
    if ticket.type not in CONTINGENT:
        reader.refuse_if_sent("stopPrice", "trailingDelta")
        return
    ticket.stop, ticket.trailing = _ticks(i, reader, "stopPrice"), reader.whole("trailingDelta")
    if ticket.stop is None and ticket.trailing is None:
        names = f"'{reader.name('stopPrice')}' or '{reader.name('trailingDelta')}'"
        raise Refused(-1102, f"Param {names} must be sent, but both were empty/null!")


def _read_quantities(i: Listed, reader: Reader, ticket: Ticket) -> None:
    budget = ticket.type == "MARKET" and bool(reader.name("quoteOrderQty"))
    sells_receipts = not reader.name("quantity")
    if budget:
        ticket.quote_qty = reader.decimal("quoteOrderQty")
        if ticket.quote_qty is not None and reader.has("quantity"):
            raise Refused(-1128, "Combination of optional parameters invalid.")
        if ticket.quote_qty == 0:
            raise Refused(-1013, "Invalid quote order quantity.")
    elif reader.name("quoteOrderQty"):
        reader.refuse_if_sent("quoteOrderQty")
    if not sells_receipts:
        ticket.qty = _lots(i, reader, "quantity")
    if ticket.qty is None and ticket.quote_qty is None and not sells_receipts:
        if not budget:
            raise missing(reader.name("quantity"))
        raise Refused(-1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!")
    iceberg = _lots(i, reader, "icebergQty") if reader.has("icebergQty") else 0
    if iceberg:
        if ticket.tif != "GTC" and reader.name("icebergQty") != "icebergQty":
            name = f"'{reader.name('icebergQty')}'"
            raise Refused(-1160, f"Parameter {name} is not supported if aboveTimeInForce/belowTimeInForce is not GTC.")
        if ticket.tif != "GTC" or ticket.is_market:
            raise Refused(-2010, "Unsupported order combination")
        if ticket.qty is not None and iceberg >= ticket.qty:
            raise Refused(-2010, "IcebergQty exceeds QTY.")
        ticket.iceberg = iceberg


def _ticks(i: Listed, reader: Reader, name: str) -> int | None:
    number = reader.decimal(name)
    if number is None:
        return None
    if number == 0:
        raise Refused(-1013, "Invalid price." if name == "price" else "Invalid stop price.")
    return filters.whole_steps(number, i.price_places, "PRICE_FILTER")


def _lots(i: Listed, reader: Reader, name: str) -> int | None:
    number = reader.decimal(name)
    if number is None:
        return None
    if number == 0 and name == "quantity":
        raise Refused(-1013, "Invalid quantity.")
    return filters.whole_steps(number, i.qty_places, "LOT_SIZE")
