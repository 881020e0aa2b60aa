"""What the arguments of the registrar must look like. A refusal never repeats a secret."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from binance_sockets.faults import Rule, check
from binance_sockets.simulator.binance.auth import check_public_key
from binance_sockets.simulator.binance.listen_keys import LISTEN_KEY_PRODUCTS

__all__ = [
    "check_asset",
    "check_balances",
    "check_event",
    "check_futures",
    "check_key",
    "check_product",
    "check_skew",
    "check_wallet",
]

_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")
_ASSET = re.compile(r"[^\W_]{1,20}")
_WALLETS = ("spot", "margin", "usdm", "coinm", "options", "portfolio", "portfolio-pro", "margin-risk")
_MOST_SKEW = 10**9  # seconds, some thirty years


def _text(value: object, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_wallet(value: object) -> bool:
    return isinstance(value, str) and (value in _WALLETS or bool(re.fullmatch(r"isolated/[^\W_]{1,50}", value)))


def _is_address(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


def _all(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """A collection of such values; a text is none, though its letters may pass."""
    return lambda value: (
        isinstance(value, Collection) and not isinstance(value, (str, bytes, Mapping)) and all(map(fits, value))
    )


_KEY_RULE = Rule("1 to 128 letters, digits, '-' or '_'", lambda value: _text(value, _KEY))
_ASSET_RULE = Rule("1 to 20 letters or digits", lambda value: _text(value, _ASSET))
_WALLET_RULE = Rule(f"one of {', '.join(_WALLETS)}, isolated/SYMBOL", _is_wallet)
_PERMISSIONS_RULE = Rule("several texts", _all(lambda value: isinstance(value, str)))
_IP_RULE = Rule("several addresses, or None for all", lambda value: value is None or _all(_is_address)(value))
_MAPPING_RULE = Rule("a mapping", lambda value: isinstance(value, Mapping))
_TEXT_RULE = Rule("text", lambda value: isinstance(value, str))
_PRODUCT_RULE = Rule(
    f"one of {', '.join(LISTEN_KEY_PRODUCTS)}, or None for all",
    lambda value: value is None or (isinstance(value, str) and value in LISTEN_KEY_PRODUCTS),
)
_FUTURES_RULE = Rule("one of usdm, coinm", lambda value: value in ("usdm", "coinm"))
_SKEW_RULE = Rule(
    f"a number of seconds from -{_MOST_SKEW} to {_MOST_SKEW}",
    lambda value: (
        isinstance(value, (int, float)) and not isinstance(value, bool) and -_MOST_SKEW <= value <= _MOST_SKEW
    ),
)


def check_key(api_key: object, secret: object, public_key: object, permissions: object, ip: object) -> None:
    """Raises ValueError where a key cannot be made of these."""
    check("api_key", api_key, _KEY_RULE)
    if secret is not None and not (isinstance(secret, str) and secret.isprintable() and secret):
        raise ValueError("secret must be printable text, or None")  # and is not shown
    if public_key is not None:
        if not isinstance(public_key, str):
            raise ValueError("public_key must be text in PEM, or None")
        check_public_key(public_key)
    check("permissions", permissions, _PERMISSIONS_RULE)
    check("ip", ip, _IP_RULE)


def check_balances(balances: object) -> None:
    """Raises ValueError for what is no mapping of wallets to amounts by asset."""
    if balances is None:
        return
    check("balances", balances, _MAPPING_RULE)
    assert isinstance(balances, Mapping)
    for wallet, amounts in balances.items():
        check_wallet(wallet)
        check(f"balances of {wallet}", amounts, _MAPPING_RULE)
        for asset, amount in amounts.items():
            check_asset(asset, amount)


def check_wallet(wallet: object) -> None:
    """Raises ValueError for a wallet that no account has."""
    check("wallet", wallet, _WALLET_RULE)


def check_asset(asset: object, amount: object) -> None:
    """Raises ValueError for what is no name of an asset, or no text of an amount."""
    check("asset", asset, _ASSET_RULE)
    check("amount", amount, _TEXT_RULE)


def check_event(event: object) -> None:
    """Raises ValueError for an event without a type, or one that cannot be sent as JSON."""
    check("event", event, _MAPPING_RULE)
    assert isinstance(event, Mapping)
    if not isinstance(event.get("e"), str):
        raise ValueError("an event needs its type in 'e'")
    try:
        json.dumps(dict(event), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"the event cannot be sent as JSON: {error}") from None


def check_product(product: object) -> None:
    """Raises ValueError for a product that has no listen keys."""
    check("product", product, _PRODUCT_RULE)


def check_futures(product: object) -> None:
    """Raises ValueError for a product that has no positions."""
    check("product", product, _FUTURES_RULE)


def check_skew(seconds: object) -> None:
    """Raises ValueError for what no clock can be wrong by."""
    check("clock_skew", seconds, _SKEW_RULE)
