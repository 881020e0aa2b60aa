"""Who is tried, and what they cannot do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).resolve().parent / "clients"

_NO_BOOK = "it keeps none"
_NO_REST = "it has none"
_NO_RECONNECT = "it leaves a lost connection to its caller"
_SDK_RECONNECT = "it renews a connection after 23 hours; one that is lost it drops"
_CCXT_NOTE = 'it tells spot from futures by "/stream" in the address: set .../spot/ws/stream for .../spot/ws'
_PUBLIC_TRADES = {"usdm_trade_route": "public"}  # where these clients look for @trade
_NATIVE = "it resolves names without Python, so that a real hosts file is needed"
_NO_ORDERS = "it has none"
_WITHDRAWN = "it opens the stream of an account by a listen key, which spot has withdrawn"
_ON_SPOT = "tried on spot"
_NO_HOSTS = "it has no addresses built in"


@dataclass(frozen=True)
class Client:
    """One client of others.

    Args:
        name: as its users call it, with the version.
        environment: a key of ``PACKAGES`` in ``benchmarks/environments.py``.
        script: in ``clients/``; it has one function for each scenario that is not in ``cannot``.
        cannot: scenario to the reason why the client has no such thing.
        product: on which it works.
        tls: whether it accepts nothing else.
        led: whether it knows no address but those built in, so that these lead to the exchange in every scenario.
        simulator: options of the exchange that it is tried with.
        passes_over: listed symbols that it does not know.
        note: what must be known about it.
    """

    name: str
    environment: str
    script: str
    cannot: Mapping[str, str] = field(default_factory=dict)
    product: str = "spot"
    tls: bool = False
    led: bool = False
    simulator: Mapping[str, Any] = field(default_factory=dict)
    passes_over: frozenset[str] = frozenset()
    note: str = ""

    @property
    def path(self) -> Path:
        """Its script."""
        return SCRIPTS / self.script


CLIENTS = (
    Client("python-binance 1.0.37", "python-binance-1.0.37", "python_binance_1.py"),
    Client(
        "python-binance 1.0.37 USD-M", "python-binance-1.0.37", "python_binance_1.py",
        dict.fromkeys(("streams", "book", "rest", "reconnect", "hosts"), _ON_SPOT), product="usdm",
    ),
    Client("python-binance 0.7.10", "python-binance-0.7.10", "python_binance_07.py", {"orders": _WITHDRAWN}),
    Client(
        "unicorn websocket-api 2.16.1", "unicorn", "unicorn.py",
        {"book": "its books are a package of their own", "rest": "its REST is a package of its own"},
    ),
    Client(
        "unicorn websocket-api 2.16.1 USD-M", "unicorn", "unicorn.py",
        {
            "book": "its books are a package of their own", "rest": "its REST is a package of its own",
            **dict.fromkeys(("streams", "reconnect", "hosts"), _ON_SPOT),
        },
        product="usdm",
    ),
    Client(
        "unicorn depth-cache 2.14.0", "unicorn-depth-cache", "unicorn_depth_cache.py",
        {"streams": "its streams are a package of their own", "reconnect": "its streams are a package of their own",
         "orders": "it keeps books alone"},
    ),
    Client(
        "binance-connector 3.13.0", "binance-connector", "binance_connector.py",
        {"book": _NO_BOOK, "reconnect": _NO_RECONNECT, "orders": _WITHDRAWN},
    ),
    Client(
        "binance-futures-connector 4.2.0", "binance-futures-connector", "binance_futures_connector.py",
        {
            "book": _NO_BOOK,
            "reconnect": _NO_RECONNECT,
            "hosts": "built in is the plain path, where trades and candles flow no more",
        },
        product="usdm",
    ),
    Client(
        "binance-sdk-spot 13.2.0", "binance-sdk-spot", "sdk_spot.py", {"book": _NO_BOOK, "reconnect": _SDK_RECONNECT}
    ),
    Client(
        "binance-sdk-usds-futures 18.1.0", "binance-sdk-usds-futures", "sdk_usds_futures.py",
        {"book": _NO_BOOK, "reconnect": _SDK_RECONNECT}, product="usdm",
    ),
    Client("ccxt 4.5.90 (Python)", "ccxt", "ccxt_pro.py", note=_CCXT_NOTE),
    Client("ccxt 4.5.90 (Python) USD-M", "ccxt", "ccxt_pro.py", product="usdm", simulator=_PUBLIC_TRADES),
    Client("nautilus_trader 1.221.0", "nautilus-trader", "nautilus.py", {"hosts": _NATIVE, "orders": _WITHDRAWN}),
    Client(
        "nautilus_trader 1.221.0 USD-M", "nautilus-trader", "nautilus.py",
        {
            "streams": "it knows no routes, and on the plain path the exchange serves no candles any more",
            "hosts": _NATIVE,
            "orders": "its execution needs a trading node of its own, which is not set up here",
        },
        product="usdm", simulator=_PUBLIC_TRADES,
        passes_over=frozenset({"TSLAUSDT", "XAUUSDT"}), note="it knows no perpetuals of traditional finance",
    ),
    Client("cryptofeed 2.4.1", "cryptofeed", "cryptofeed_handler.py", {"orders": _WITHDRAWN}, tls=True),
    Client(
        "websockets 17.4", "loops", "websockets_plain.py",
        {"book": _NO_BOOK, "rest": _NO_REST, "orders": _NO_ORDERS, "hosts": _NO_HOSTS},
    ),
    Client(
        "aiohttp 3.14.5", "loops", "aiohttp_plain.py",
        {"book": _NO_BOOK, "reconnect": _NO_RECONNECT, "orders": _NO_ORDERS, "hosts": _NO_HOSTS},
    ),
    Client(
        "picows 2.3.1", "loops", "picows_plain.py",
        {"book": _NO_BOOK, "rest": _NO_REST, "reconnect": _NO_RECONNECT, "orders": _NO_ORDERS, "hosts": _NO_HOSTS},
    ),
    Client(
        "upbit-sdk 1.1.0", "upbit-sdk", "upbit_sdk.py",
        {"reconnect": "it takes the close code 1001 for the end of its iteration"}, product="upbit",
    ),
    Client(
        "pyupbit 0.2.34", "pyupbit", "pyupbit_client.py", {"orders": "it has no private streams"}, product="upbit",
        led=True,
    ),
    Client(
        "upbit-client 1.3.4.1", "upbit-client", "upbit_client.py",
        {
            "rest": "it reads what REST calls there are from a file on another host",
            "reconnect": _NO_RECONNECT,
            "orders": "it has no private streams, and its REST is described by a file on another host",
        },
        product="upbit", note="it asks the package index for its versions when it is imported, which is left out here",
    ),
    Client("ccxt 4.5.90 (Python) Upbit", "ccxt", "ccxt_upbit.py", product="upbit"),
    Client("ccxt 4.5.84 (node.js)", "node-ccxt", "ccxt_node.cjs", note=_CCXT_NOTE),
    Client("binance 3.6.5 (node.js)", "node-binance", "binance_node.cjs", {"book": _NO_BOOK}),
    Client("binance-api-node 0.13.10", "node-binance-api-node", "binance_api_node.cjs", {"book": _NO_BOOK}),
    Client(
        "@binance/connector 3.6.1", "node-binance-connector", "binance_connector_node.cjs",
        {"book": _NO_BOOK, "orders": _WITHDRAWN},
    ),
)  # fmt: skip
