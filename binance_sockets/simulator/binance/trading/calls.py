"""What a call of the trading interface is: its names, what it costs, and how it says no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from binance_sockets.simulator.accounts import Account

__all__ = ["SIGNING", "Call", "Handler", "Params", "Refused", "missing"]

Params = Mapping[str, str]
Handler = Callable[[Any, "Account", Params], Any]
"""Does a call at the desk of its product, for an account."""

SIGNING = frozenset({"apiKey", "timestamp", "signature", "recvWindow", "returnRateLimits"})


class Refused(Exception):
    """A call was refused; nothing has changed, unless ``data`` tells of a part that was done.

    Attributes:
        code: Binance's number for the reason.
        msg: its text.
        status: of HTTP, and of the WebSocket API's reply.
        data: stands beside code and text.
    """

    def __init__(self, code: int, msg: str, status: int = 400, data: dict[str, Any] | None = None) -> None:
        super().__init__(code, msg)
        self.code, self.msg, self.status, self.data = code, msg, status, data

    @property
    def body(self) -> dict[str, Any]:
        """As REST answers it, and as ``error`` of the WebSocket API."""
        return {"code": self.code, "msg": self.msg, **({"data": self.data} if self.data is not None else {})}


def missing(name: str) -> Refused:
    """A parameter that must be sent was not."""
    return Refused(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


@dataclass(frozen=True, slots=True)
class Call:
    """One row of the table.

    Args:
        handler: does it, at the desk of its product.
        names: parameters it takes, beside those of signing.
        product: ``spot``, ``usdm``, ….
        method: on the WebSocket API; "" where only REST has it.
        rest: HTTP method and path; ``None`` where only the WebSocket API has it.
        security: NONE, TRADE, USER_DATA or MARGIN; all but NONE are signed, and need that permission.
        weight: of one request.
        orders: by how much it raises the count of unfilled orders.
        free: whether success costs no weight.
        over_limit: what is done instead, given the refusal, where the count of unfilled orders is exceeded;
            ``None`` to refuse.
    """

    handler: Handler
    names: frozenset[str]
    product: str = "spot"
    method: str = ""
    rest: tuple[str, str] | None = None
    security: str = "USER_DATA"
    weight: Callable[[Params], int] = lambda params: 1
    orders: int = 0
    free: bool = False
    over_limit: Callable[[Any, Account, Params, Refused], Any] | None = None

    def __call__(self, desk: Any, account: Account, params: Params, exceeded: Refused | None = None) -> Any:
        """Do it.

        Args:
            desk: of its product.
            account: for whom; the door has checked key and signature.
            params: all parameters as text; those of signing are ignored.
            exceeded: the refusal, where the account has too many unfilled orders.

        Returns:
            The result, ready for JSON.

        Raises:
            Refused: it cannot be done.
        """
        if exceeded is not None and self.over_limit is None:
            raise exceeded
        sent = [name for name in params if name not in SIGNING]
        read = [name for name in sent if name in self.names]
        if len(read) < len(sent) and self.product == "spot":  # the others do not look at what they do not know
            text = f"Not all sent parameters were read; read '{len(read)}' parameter(s) but was sent '{len(sent)}'."
            raise Refused(-1104, text)
        for name in read:
            if params[name] == "":
                raise Refused(-1105, f"Parameter '{name}' was empty.")
        if exceeded is not None and self.over_limit is not None:
            return self.over_limit(desk, account, params, exceeded)
        return self.handler(desk, account, params)
