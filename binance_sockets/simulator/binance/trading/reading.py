"""Parameters of calls as numbers, and how they are refused."""

from __future__ import annotations

import re
from collections.abc import Callable

from binance_sockets.simulator.accounts import PLACES
from binance_sockets.simulator.binance.trading.calls import Params, Refused, missing

__all__ = ["Reader", "required", "whole"]

_DECIMAL = re.compile(r"([0-9]{1,20})(?:\.([0-9]{1,20}))?")


class Reader:
    """Reads parameters, and names them in refusals as the caller did.

    Args:
        params: what was sent.
        spelled: from the name of a parameter of one order to its name in this call.
    """

    def __init__(self, params: Params, spelled: Callable[[str], str] = lambda name: name) -> None:
        self._params, self._spelled = params, spelled

    def name(self, name: str) -> str:
        return self._spelled(name)

    def has(self, name: str) -> bool:
        return self._spelled(name) in self._params

    def text(self, name: str) -> str | None:
        return self._params.get(self._spelled(name))

    def decimal(self, name: str) -> int | None:
        """A decimal number in steps of 1e-8.

        Raises:
            Refused: it is not one, or has more than eight decimals.
        """
        text = self.text(name)
        if text is None:
            return None
        match = _DECIMAL.fullmatch(text)
        if match is None:
            limits = "^([0-9]{1,20})(\\.[0-9]{1,20})?$"
            raise Refused(
                -1100, f"Illegal characters found in parameter '{self.name(name)}'; legal range is '{limits}'."
            )
        number, part = match.group(1), (match.group(2) or "").rstrip("0")
        if len(part) > PLACES:
            raise Refused(-1111, f"Parameter '{self.name(name)}' has too much precision.")
        return int(number + part.ljust(PLACES, "0"))

    def whole(self, name: str) -> int | None:
        """A whole number.

        Raises:
            Refused: it is not one.
        """
        return whole(self._params, self._spelled(name))

    def refuse_if_sent(self, *names: str) -> None:
        """Refuse parameters that do not go with the others."""
        for name in names:
            if self.has(name):
                raise Refused(-1106, f"Parameter '{self.name(name)}' sent when not required.")


def required(params: Params, name: str) -> str:
    """A parameter that must be sent.

    Raises:
        Refused: it was not.
    """
    if name not in params:
        raise missing(name)
    return params[name]


def whole(params: Params, name: str, most: int | None = None) -> int | None:
    """A whole number.

    Raises:
        Refused: it is not one, or above ``most``.
    """
    text = params.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,20}", text):
        raise Refused(-1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.")
    if most is not None and int(text) > most:
        raise Refused(-1102, f"'{name}' contains unexpected value. Cannot be greater than '{most}'.")
    return int(text)
