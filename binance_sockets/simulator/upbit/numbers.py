"""Numbers as Upbit writes them: exact decimals of a fixed scale, and doubles as Java prints them."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

import msgspec

from binance_sockets.simulator.market.instruments import fixed, power

__all__ = ["decimal", "double", "encode", "text"]

encode = msgspec.json.Encoder().encode
"""Compact JSON, with numbers of this module in it."""


@lru_cache(maxsize=65536)
def decimal(number: int, places: int, at_least: int = 0) -> msgspec.Raw:
    """``number / 10**places`` with all its digits, and ``at_least`` so many decimals."""
    return msgspec.Raw(text(number, places, at_least).encode())


def text(number: int, places: int, at_least: int = 0) -> str:
    """The same as text, without zeros at the end beyond ``at_least`` decimals."""
    whole, point, part = fixed(number, places, at_least).partition(".")
    part = part[:at_least] + part[at_least:].rstrip("0")
    return f"{whole}{point}{part}" if part else whole


@lru_cache(maxsize=65536)
def double(number: int, places: int) -> msgspec.Raw:
    """``number / 10**places`` as Java prints a double: ``127.0``, ``1.16539E8``, ``7.9276E-4``."""
    value = number / power(places) if places >= 0 else float(number * power(-places))
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return msgspec.Raw(repr(value).encode())
    sign, digits, _ = Decimal(repr(value)).normalize().as_tuple()
    first, *rest = map(str, digits)
    exponent = Decimal(repr(value)).adjusted()
    return msgspec.Raw(f"{'-' * sign}{first}.{''.join(rest) or '0'}E{exponent}".encode())
