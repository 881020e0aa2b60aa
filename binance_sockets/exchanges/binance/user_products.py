"""The table of Binance's user data: one row for each kind of account, with its hosts, paths and credential.

Nothing about such a row stands anywhere else; ``docs/topics/user_data.rst`` shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...errors import ConfigError
from ...exchange import Keepalive
from ..environment import LIVE, Endpoint
from . import models as m
from .api_products import api_product
from .products import ENVIRONMENTS, MARKETS
from .urls import Environment

__all__ = ["EVENTS", "USER_PRODUCTS", "Form", "Kind", "UserProduct", "user_product"]

Kind = Literal["subscription", "token", "key"]
"""How an account proves itself: a signed subscription or a listen token on the WebSocket API, or a listen key."""

Form = Literal["events", "plain", "path", "subscribe"]
"""How a listen key reaches the private streams of USD-M and options."""

EVENTS = (
    "ORDER_TRADE_UPDATE",
    "ACCOUNT_UPDATE",
    "MARGIN_CALL",
    "TRADE_LITE",
    "ACCOUNT_CONFIG_UPDATE",
    "STRATEGY_UPDATE",
    "GRID_UPDATE",
    "CONDITIONAL_ORDER_TRIGGER_REJECT",
    "ALGO_UPDATE",
    "ALGO_ORDER_UPDATE",  # sources differ in the name; one that does not exist is ignored
    "listenKeyExpired",
)
"""What USD-M's ``events=`` asks for, unless told otherwise: everything."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class UserProduct:
    """The user data of one kind of account.

    Args:
        name: the row's name, and what stands before the colon of its conn keys.
        title: what a text calls it.
        tld: the exchange that has it: ``"com"`` or ``"us"``.
        kind: how an account proves itself.
        hosts: bases of the WebSocket and of REST, by environment.
        under: their paths under a base URL.
        socket: path behind the WebSocket's base; ``{key}`` stands for the listen key.
        rest: path of the REST call that gives the listen key or token; empty where there is none.
        time_path: path that tells the time of the REST host.
        takes_symbol: there is one account for each symbol.
        names_key: extending a listen key takes it as a parameter.
        forms: ways to pass the listen key, the default first; empty where ``socket`` has it.
        keepalive: how a living connection shows itself.
        messages_per_second: how many messages one connection may send in a second.
        events: the type of its events: a union that their ``e`` decides.
        since: since when it is so.
        source: the documents.
    """

    name: str
    title: str
    tld: str = "com"
    kind: Kind
    hosts: Mapping[str, Endpoint]
    under: tuple[str, str]
    socket: str
    rest: str = ""
    time_path: str
    takes_symbol: bool = False
    names_key: bool = False
    forms: tuple[Form, ...] = ()
    keepalive: Keepalive
    messages_per_second: int = 10
    events: Any
    since: str
    source: str

    def endpoint(self, environment: Environment) -> Endpoint:
        """Where it lives in an environment.

        Raises:
            ConfigError: the environment does not have it.
        """
        if environment.name not in ENVIRONMENTS:
            streams, rest = (Endpoint.under(environment.name, path) for path in self.under)
            return Endpoint(streams.streams, rest.rest, streams.source)
        if environment.name not in self.hosts:
            hint = f"There is no {self.title} user data in environment {environment.name!r}"
            raise ConfigError("environment", environment.name, (*self.hosts, "a base URL"), hint)
        return self.hosts[environment.name]


_SPOT_DOC = "web-socket-api.md, user-data-stream.md (2026-07-21)"
_FUTURES_DOC = "derivatives user data streams (2026-10); Important WebSocket Change Notice (2026-03-05)"
_PM_DOC = "portfolio margin user data streams (2026-10)"
_MARGIN_DOC = "margin trade data stream (2026), connector constants (2026-08-21)"
_SPOT, _USDM, _COINM, _OPTIONS = (MARKETS[name] for name in ("spot", "usdm", "coinm", "options"))
_API = api_product("spot").hosts
_PRIVATE: tuple[Form, ...] = ("events", "plain", "path", "subscribe")

_ROWS = (
    UserProduct(
        name="spot",
        title="spot",
        kind="subscription",
        hosts=_API,
        under=("spot", "spot"),
        socket="/ws-api/v3",
        time_path="/api/v3/time",
        keepalive=_SPOT.keepalive,
        messages_per_second=_SPOT.messages_per_second,
        events=m.SpotUserEvent,
        since="2025-08-19; listen keys ended on 2026-02-20",
        source=_SPOT_DOC,
    ),
    UserProduct(
        name="us",
        title="Binance.US",
        tld="us",
        kind="key",
        hosts={LIVE: MARKETS["us"].hosts[LIVE]},
        under=("us", "us"),
        socket="/ws/{key}",
        rest="/api/v3/userDataStream",
        time_path="/api/v3/time",
        names_key=True,
        keepalive=MARKETS["us"].keepalive,
        messages_per_second=MARKETS["us"].messages_per_second,
        events=m.SpotUserEvent,
        since="always",
        source="binance-us-api-docs (2024-06)",
    ),
    UserProduct(
        name="margin",
        title="cross margin",
        kind="token",
        hosts={LIVE: _API[LIVE]},
        under=("spot", "spot"),
        socket="/ws-api/v3",
        rest="/sapi/v1/userListenToken",
        time_path="/api/v3/time",
        keepalive=_SPOT.keepalive,
        messages_per_second=_SPOT.messages_per_second,
        events=m.SpotUserEvent,
        since="2025-11; listen keys ended on 2026-02-20",
        source=_MARGIN_DOC,
    ),
    UserProduct(
        name="isolated",
        title="isolated margin",
        kind="token",
        takes_symbol=True,
        hosts={LIVE: _API[LIVE]},
        under=("spot", "spot"),
        socket="/ws-api/v3",
        rest="/sapi/v1/userListenToken",
        time_path="/api/v3/time",
        keepalive=_SPOT.keepalive,
        messages_per_second=_SPOT.messages_per_second,
        events=m.SpotUserEvent,
        since="2025-11; listen keys ended on 2026-02-20",
        source=_MARGIN_DOC,
    ),
    UserProduct(
        name="margin_risk",
        title="cross margin risk",
        kind="key",
        hosts={LIVE: Endpoint("wss://margin-stream.binance.com", "https://api.binance.com", _MARGIN_DOC)},
        under=("margin", "spot"),
        socket="/ws/{key}",
        rest="/sapi/v1/margin/listen-key",
        time_path="/api/v3/time",
        names_key=True,
        keepalive=_USDM.keepalive,
        events=m.MarginRiskEvent,
        since="2024",
        source=_MARGIN_DOC,
    ),
    UserProduct(
        name="usdm",
        title="USD-M",
        kind="key",
        hosts=_USDM.hosts,
        under=("usdm", "usdm"),
        socket="/private",
        rest="/fapi/v1/listenKey",
        time_path="/fapi/v1/time",
        forms=_PRIVATE,
        keepalive=_USDM.keepalive,
        events=m.FuturesUserEvent,
        since="2026-03-05 (/private); the path without it ended on 2026-04-23",
        source=_FUTURES_DOC,
    ),
    UserProduct(
        name="coinm",
        title="COIN-M",
        kind="key",
        hosts=_COINM.hosts,
        under=("coinm", "coinm"),
        socket="/ws/{key}",
        rest="/dapi/v1/listenKey",
        time_path="/dapi/v1/time",
        keepalive=_COINM.keepalive,
        events=m.CoinFuturesUserEvent,
        since="always",
        source=_FUTURES_DOC,
    ),
    UserProduct(
        name="options",
        title="options",
        kind="key",
        hosts=_OPTIONS.hosts,
        under=("options", "options"),
        socket="/private/ws/{key}",
        rest="/eapi/v1/listenKey",
        time_path="/eapi/v1/time",
        keepalive=_OPTIONS.keepalive,
        events=m.OptionsUserEvent,
        since="2025-12-15 (fstream); nbstream before",
        source="options user data streams (2026), connector constants (2026-08-21)",
    ),
    UserProduct(
        name="portfolio",
        title="portfolio margin",
        kind="key",
        hosts={LIVE: Endpoint("wss://fstream.binance.com", "https://papi.binance.com", _PM_DOC)},
        under=("portfolio", "portfolio"),
        socket="/pm/ws/{key}",
        rest="/papi/v1/listenKey",
        time_path="/papi/v1/time",
        keepalive=_USDM.keepalive,
        events=m.PortfolioMarginEvent,
        since="always; untouched by the split of 2026",
        source=_PM_DOC,
    ),
    UserProduct(
        name="portfolio_pro",
        title="portfolio margin Pro",
        kind="key",
        hosts={LIVE: Endpoint("wss://fstream.binance.com", "https://fapi.binance.com", _PM_DOC)},
        under=("portfolio", "usdm"),
        socket="/pm-classic/ws/{key}",
        rest="/fapi/v1/listenKey",
        time_path="/fapi/v1/time",
        keepalive=_USDM.keepalive,
        events=m.PortfolioMarginProEvent,
        since="always; untouched by the split of 2026",
        source=_PM_DOC,
    ),
)

USER_PRODUCTS: Mapping[str, UserProduct] = {row.name: row for row in _ROWS}
"""All rows by name."""


def user_product(name: str, tld: str = "com") -> UserProduct:
    """The row of an exchange's user data; Binance.US has spot alone, with listen keys.

    Raises:
        ConfigError: this exchange does not have it.
    """
    row = USER_PRODUCTS["us" if name == "spot" and tld == "us" else name]
    if row.tld != tld:
        raise ConfigError("tld", tld, (row.tld,), f"Binance.US has no {row.title} user data")
    return row
