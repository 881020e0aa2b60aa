"""Events of an account in words, a line each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["as_json", "as_words", "counted"]

_LONGEST = 200  # characters of an event that has no words of its own


def as_json(event: Any) -> str:
    """An event as one line of JSON."""
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False)


def as_words(event: Mapping[str, Any]) -> str:
    """An event as a line: its name, and what matters of orders and balances."""
    name = str(event.get("e", "?"))
    try:
        words = _WORDS[name](event) if name in _WORDS else _rest(event)
    except (KeyError, TypeError):
        words = _rest(event)
    return f"{name:<24} {words}"


def counted(count: int, name: str) -> str:
    """``1 gap``, ``2 gaps``."""
    return f"{count} {name}{'' if count == 1 else 's'}"


def _order(order: Mapping[str, Any]) -> str:
    price = "" if float(order["p"] or 0) == 0 else f" at {order['p']}"
    fill = f", {order['l']} at {order['L']}" if order["x"] == "TRADE" else ""
    return f"{order['s']} {order['S']} {order['o']} {order['q']}{price}: {order['X']}, filled {order['z']}{fill}"


def _spot_balances(event: Mapping[str, Any]) -> str:
    return ", ".join(f"{each['a']} {each['f']} free {each['l']} locked" for each in event["B"])


def _futures_account(event: Mapping[str, Any]) -> str:
    data = event["a"] if isinstance(event["a"], Mapping) else event
    balances = [f"{each['a']} {each['wb']}" for each in data.get("B", ())]
    positions = [f"{each['s']} {each['pa']} at {each['ep']}" for each in data.get("P", ())]
    return f"{data['m']}: " + ", ".join(balances + positions)


def _lite(event: Mapping[str, Any]) -> str:
    return f"{event['s']} {event['S']} {event['l']} at {event['L']}"


def _rest(event: Mapping[str, Any]) -> str:
    text = as_json({name: value for name, value in event.items() if name != "e"})
    return text[:_LONGEST] + "..." if len(text) > _LONGEST else text


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "executionReport": _order,
    "ORDER_TRADE_UPDATE": lambda event: _order(event["o"]),
    "TRADE_LITE": _lite,
    "outboundAccountPosition": _spot_balances,
    "balanceUpdate": lambda event: f"{event['a']} {event['d']}",
    "ACCOUNT_UPDATE": _futures_account,
}
