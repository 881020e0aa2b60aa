"""From the parameters of a call to an order: their spelling, and which of them belong together."""

from __future__ import annotations

import re
from collections.abc import Iterable

from binance_sockets.simulator.accounts import NET, PLACES, MarginAccount
from binance_sockets.simulator.binance.products import BinanceMarket, Listed
from binance_sockets.simulator.binance.trading.calls import Params, Refused, missing
from binance_sockets.simulator.binance.trading.futures.orders import LEGS, Ticket
from binance_sockets.simulator.binance.trading.reading import Reader
from binance_sockets.simulator.market.book import BUY, SELL
from binance_sockets.simulator.market.instruments import power

__all__ = [
    "CONDITIONAL", "ORDER_NAMES", "choice", "client_id", "flag", "matched_price", "read_leg", "read_lots", "read_stp",
    "read_ticket", "read_ticks", "read_tif", "side_of",
]  # fmt: skip

CONDITIONAL = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")
_TIMES = ("GTC", "IOC", "FOK", "GTX", "GTD")
_STP = ("EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "NONE")
_CLIENT_ID = re.compile(r"[.A-Z:/a-z0-9_-]+")
_LONGEST_ID = 36
_SOONEST_END = 600_000
_LATEST_END = 253_402_300_799_000
_MATCHES = {
    f"{name}{suffix}": (sign, level)
    for name, sign in (("OPPONENT", -1), ("QUEUE", 1))
    for suffix, level in (("", 1), ("_5", 5), ("_10", 10), ("_20", 20))
}
_ALGO = "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."

ORDER_NAMES = frozenset(
    {
        "symbol", "side", "type", "positionSide", "timeInForce", "quantity", "reduceOnly", "price", "newClientOrderId",
        "newOrderRespType", "priceMatch", "selfTradePreventionMode", "goodTillDate",
    }
)  # fmt: skip
"""Parameters of one order."""


def choice(params: Params, name: str, allowed: Iterable[str], refused: Refused, default: str | None = None) -> str:
    """One of some words.

    Raises:
        Refused: none was sent and there is no default; or another one, as ``refused`` says.
    """
    value = params.get(name, default)
    if value is None:
        raise missing(name)
    if value not in allowed:
        raise refused
    return value


def flag(params: Params, name: str) -> bool:
    """``true`` or ``false``, the latter by default.

    Raises:
        Refused: another word.
    """
    value = params.get(name, "false").lower()
    if value not in ("true", "false"):
        raise Refused(-1130, f"Data sent for parameter '{name}' is not valid.")
    return value == "true"


def client_id(params: Params, name: str) -> str:
    """A client order id that the user chose, "" where none was sent.

    Raises:
        Refused: it has other signs than the exchange allows, or more than 36.
    """
    text = params.get(name, "")
    if len(text) > _LONGEST_ID:
        raise Refused(-4015, "Client order id length should be less than 36 chars.")
    if text and not _CLIENT_ID.fullmatch(text):
        limits = r"^[\.A-Z\:/a-z0-9_-]{1,36}$"
        raise Refused(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{limits}'.")
    return text


def side_of(params: Params) -> int:
    """``side`` as the markets write it."""
    return BUY if choice(params, "side", ("BUY", "SELL"), Refused(-1117, "Invalid side.")) == "BUY" else SELL


def read_leg(params: Params, margin: MarginAccount) -> int:
    """``positionSide``, which must fit the account's mode.

    Raises:
        Refused: -4061 where it does not, -4060 where there is none of this name.
    """
    leg = LEGS[choice(params, "positionSide", LEGS, Refused(-4060, "Invalid position side."), "BOTH")]
    if (leg == NET) == margin.hedge:
        raise Refused(-4061, "Order's position side does not match user's setting.")
    return leg


def read_stp(params: Params) -> str:
    """``selfTradePreventionMode``."""
    return choice(
        params, "selfTradePreventionMode", _STP, Refused(-5039, "Invalid self trade prevention mode."), "EXPIRE_MAKER"
    )


def read_tif(params: Params, now: int, *, default: str | None = None) -> tuple[str, int]:
    """``timeInForce``, and the end of an order that has one, ms.

    Raises:
        Refused: -1115, or -5040 for an end that is too near or too far.
    """
    tif = choice(params, "timeInForce", _TIMES, Refused(-1115, "Invalid timeInForce."), default)
    if tif != "GTD":
        return tif, 0
    end = Reader(params).whole("goodTillDate")
    if end is None:
        raise missing("goodTillDate")
    if not now + _SOONEST_END < end < _LATEST_END:
        text = f"than the current time plus {_SOONEST_END // 1000} seconds and smaller than {_LATEST_END}"
        raise Refused(-5040, f"The goodTillDate timestamp must be greater {text}.")
    return tif, end


def read_ticket(market: BinanceMarket, margin: MarginAccount, params: Params, now: int) -> Ticket:
    """An order, as the parameters ask for it.

    Args:
        market: where.
        margin: of the account.
        params: of the call.
        now: ms.

    Raises:
        Refused: one is missing, malformed, or does not go with the others.
    """
    side = side_of(params)
    types = ("LIMIT", "MARKET", *CONDITIONAL)
    kind = choice(params, "type", types, Refused(-1116, "Invalid orderType."))
    if kind in CONDITIONAL:
        raise Refused(-4120, _ALGO)
    leg = read_leg(params, margin)
    if margin.hedge and "reduceOnly" in params:
        raise Refused(-1106, "Parameter 'reduceonly' sent when not required.")
    ticket = Ticket(
        side=side, type=kind, qty=read_lots(market.instrument, params), leg=leg, origin=kind,
        reduce_only=flag(params, "reduceOnly"), client_id=client_id(params, "newClientOrderId"), stp=read_stp(params),
    )  # fmt: skip
    if kind == "LIMIT":
        ticket.tif, ticket.good_till = read_tif(params, now)
        ticket.price_match = params.get("priceMatch", "NONE")
        ticket.price = matched_price(market, params, side)
        return ticket
    for name in ("price", "priceMatch", "timeInForce"):
        if name in params:
            raise Refused(-1106, f"Parameter '{name.lower()}' sent when not required.")
    return ticket


def matched_price(market: BinanceMarket, params: Params, side: int) -> int:
    """``price``, or the one that ``priceMatch`` takes from the book, in ticks.

    Raises:
        Refused: neither, both, or the book has no such level.
    """
    match = params.get("priceMatch", "NONE")
    price = read_ticks(market.instrument, params, "price")
    if match == "NONE":
        if price is None:
            raise missing("price")
        return price
    if match not in _MATCHES or price is not None:
        raise Refused(-5037, "Invalid price match.")
    sign, level = _MATCHES[match]
    levels = market.book.levels(sign * side, level)
    if len(levels) < level:
        raise Refused(-5041, "No depth matches this BBO order.")
    return int(levels[-1][0])


def read_ticks(i: Listed, params: Params, name: str) -> int | None:
    """A price in ticks; ``None`` where none was sent."""
    return _steps(params, name, i.price_places)


def read_lots(i: Listed, params: Params, name: str = "quantity") -> int:
    """A quantity in lots, which must be sent."""
    lots = _steps(params, name, i.qty_places)
    if lots is None:
        raise missing(name)
    return lots


def _steps(params: Params, name: str, places: int) -> int | None:
    number = Reader(params).decimal(name)
    if number is None:
        return None
    steps, rest = divmod(number, power(PLACES - places))
    if rest:
        raise Refused(-1111, "Precision is over the maximum defined for this asset.")
    return steps
