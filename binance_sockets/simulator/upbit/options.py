"""What of Upbit is set: its limits, and what no document says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from binance_sockets.faults import Rule, check, choice, seconds, whole

__all__ = ["UpbitOptions"]

_SCOPE_ERRORS = ("INVALID_AUTH", "OUT_OF_SCOPE")
_CODES = ("kr", "sg", "id", "th")
_YES_OR_NO = Rule("True or False", lambda value: isinstance(value, bool))
_REGIONS = Rule(
    f"some of {', '.join(_CODES)}",
    lambda value: (
        isinstance(value, Collection) and not isinstance(value, str) and all(code in _CODES for code in value)
    ),
)
_RULES = {
    "connects_per_second": whole(0),
    "messages_per_second": whole(0),
    "messages_per_minute": whole(0),
    "refusals_before_ban": whole(0),
    "first_ban": seconds(above=0),
    "longest_ban": seconds(above=0),
    "idle_timeout": seconds(above=0),
    "status_interval": seconds(above=0),
    "scope_error": choice(_SCOPE_ERRORS),
    "info_regions": _REGIONS,
}


@dataclass(frozen=True, slots=True)
class UpbitOptions:
    """The limits of the simulated Upbit, and what it does where its documents are silent.

    Args:
        connects_per_second: WebSockets that one address (with a token: one account) may ask for in a second.
        messages_per_second: requests that one connection may send in a second.
        messages_per_minute: and in a minute.
        requests_per_second: REST requests of each group in a second; ``None`` for the group's own limit.
        refusals_before_ban: refused requests in a row that are answered 429; further ones lead to a ban (418).
        first_ban: seconds of the first ban; each further one is twice as long.
        longest_ban: seconds of a ban at most.
        idle_timeout: seconds after which a connection is cut on which nothing was sent or received.
        status_interval: seconds between two ``{"status":"UP"}`` after a text ``PING``, to the connection's end.
        text_frames: answer with text frames instead of binary ones.
        errors_close: whether an error ends the connection (close code 1008).
        errors_drop: whether a refused request ends the subscriptions that were there.
        pings_count: whether a text ``PING`` counts against the message limits.
        camel_case: whether ``isOnlySnapshot`` and ``isOnlyRealtime`` are understood beside their new names.
        nonce_once: whether a token that was used before is refused at the handshake, as it is over REST.
        late_auth: whether a handshake without a good token succeeds and every request is answered ``INVALID_AUTH``.
        scope_error: what a key is told that lacks the scope of a private stream, ``INVALID_AUTH`` or ``OUT_OF_SCOPE``.
        deprecated_fields: whether tickers have ``is_trading_suspended`` and ``market_warning``.
        zero_padding: whether thin books are filled up with units of price 0.
        info_regions: where ``/info`` exists.

    Raises:
        ValueError: a value that makes no sense; says what is allowed.
    """

    connects_per_second: int = 5
    messages_per_second: int = 5
    messages_per_minute: int = 100
    requests_per_second: int | None = None
    refusals_before_ban: int = 5
    first_ban: float = 10.0
    longest_ban: float = 3600.0
    idle_timeout: float = 120.0
    status_interval: float = 10.0
    text_frames: bool = False
    errors_close: bool = False
    errors_drop: bool = False
    pings_count: bool = False
    camel_case: bool = True
    nonce_once: bool = True
    late_auth: bool = False
    scope_error: str = "INVALID_AUTH"
    deprecated_fields: bool = True
    zero_padding: bool = False
    info_regions: tuple[str, ...] = ("kr",)

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if name == "requests_per_second":
                if value is not None:
                    check(name, value, whole(0))
            else:
                check(name, value, _RULES.get(name, _YES_OR_NO))
