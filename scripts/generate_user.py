"""Writes the ``start_*`` methods of user data from the table below and that of the products: ``make sockets``.

They are written out, and not made at run time, so that ``help()``, completion and type checkers see them. A test holds
them in step with the tables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
sys.path.insert(1, str(ROOT / "scripts"))

from generate_sockets import FOLDER, laid_out, wrapped  # noqa: E402

from binance_sockets.exchanges.binance import models  # noqa: E402
from binance_sockets.exchanges.binance.models import accounts  # noqa: E402
from binance_sockets.exchanges.binance.user_products import USER_PRODUCTS, UserProduct  # noqa: E402

TARGET = FOLDER / "sockets_accounts.py"

HEAD = '''\
"""``start_*`` methods of user data: orders, fills, balances and positions of an account."""

# Written by scripts/generate_user.py from its table and user_products.py; edit the tables instead.

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload

from ...exchange import View
from ..arguments import AsDict, AsEvent, AsRaw, Callback, Key, Payload, ViewName
from . import models as m
from .keys import ApiKey
from .sockets import TimeUnit
from .sockets_user import UserSockets
from .user_products import EVENTS, Form

__all__ = ["AccountSockets"]


class AccountSockets(UserSockets):
    """User data. Every method registers one connection for one account and returns its conn key, or ``False`` while
    that key is in use; it does not block. Any thread may call it.

    The account is the manager's, whose keys were arguments, a client's, or variables of the environment; ``account=``
    names another one, so that one manager serves several. The callback gets the bare events, as python-binance 0.7's
    did, in order, on the connection's thread; credentials are obtained, renewed and made anew by themselves.
    """

'''

KEYED = "A listen key, extended before it expires; the socket counts as open once the exchange has confirmed the key."
TOKEN = "A listen token, renewed on the same subscription before it expires."
DELETED = (
    "delete the listen key when the socket is over, which ends it for every program of the account. Default ``False``"
)
OPTIONS: dict[str, tuple[str, str, str]] = {  # by name: type, default, text
    "logon": (
        "bool", "False",
        "log the session on, which takes an Ed25519 key, instead of signing the subscription. Default ``False``",
    ),
    "reconcile": ("bool", "False", "call :meth:`reconcile` after every gap; takes a key that signs. Default ``False``"),
    "form": (
        "Form", '"events"',
        'how the listen key is passed: ``"events"`` (default, ``/private/ws?listenKey=&events=``), ``"plain"`` '
        '(without ``events``), ``"path"`` (``/private/ws/<key>``) or ``"subscribe"`` (``SUBSCRIBE`` on '
        "``/private/stream``). Sources differ on what brings data; none reports the default as silent",
    ),
    "events": ("Sequence[str]", "EVENTS", 'names that the form ``"events"`` asks for. Default: all'),
    "delete_listen_key": ("bool", "False", DELETED),
    "time_unit": (
        "TimeUnit", "None", '``"us"`` for times in microseconds, ``"ms"`` or ``None`` (default) for milliseconds',
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Method:
    """One method.

    Args:
        name: its name.
        product: its row in the table of products.
        says: the first line.
        proof: how the account proves itself.
        events: what the callback gets, in words.
        source: the documents.
        options: names of :data:`OPTIONS`.
        notes: what to add to the text of an option.
        symbol: it takes a symbol before the callback.
    """

    name: str
    product: str
    says: str
    proof: str = KEYED
    events: str
    source: str
    options: Sequence[str] = ("delete_listen_key",)
    notes: tuple[str, str] = ("", "")
    symbol: bool = False

    @property
    def row(self) -> UserProduct:
        return USER_PRODUCTS[self.product]

    def text(self) -> str:
        """The whole method, overloads first."""
        views = {"AsEvent": f"m.{alias(self.row.events)}", "AsRaw": "bytes", 'AsDict = "dict"': "Payload"}
        parts = []
        for view, payload in views.items():
            parts += ["    @overload", self.signature(f"Callable[[{payload}], object]", view, " ...")]
        parts += ["    @overload", self.signature("Callback", "View", " ...")]  # known only at run time
        parts += [self.signature("Callback", 'ViewName = "dict"', ""), '        """' + self.docstring().lstrip()]
        return "\n".join([*parts, '        """', self.body()]) + "\n"

    def signature(self, callback: str, view: str, end: str) -> str:
        given = ["symbol: str"] if self.symbol else []
        named = [f"{name}: {OPTIONS[name][0]} = {OPTIONS[name][1]}" for name in self.options]
        parts = ["self", *given, f"callback: {callback}", "*", "account: ApiKey | None = None", f"view: {view}", *named]
        return laid_out(self.name, parts, end)

    def docstring(self) -> str:
        lines = [wrapped(self.says, 8), "", wrapped(self.proof, 8), "", "        Args:"]
        lines += [wrapped(f"{name}: {text}.", 12, 16) for name, text in self.described()]
        lines += ["", "        Returns:", wrapped(self.returns(), 12), "", "        Raises:"]
        lines += [
            wrapped(text, 12, 16)
            for text in (
                "ConfigError: for a bad argument; no API key, or one that cannot sign; an environment without this "
                "product; ``BINANCE_SOCKETS_BASE_URL`` names another machine.",
                "ManagerClosed: in a process forked after ``start()``.",
                "RuntimeError, OSError: after ``start()``, where the system gives no thread or no descriptor.",
            )
        ]
        return "\n".join([*lines, "", wrapped(f"Source: {self.source}.", 8)])

    def described(self) -> Iterator[tuple[str, str]]:
        if self.symbol:
            yield "symbol", 'of the isolated account, such as ``"BTCUSDT"``'
        yield "callback", f"gets each event: {self.events}"
        yield "account", "the API key of another account than the manager's; ``None`` (default) for that"
        typed = f'``"typed"`` (``models.{alias(self.row.events)}``)'
        yield "view", f'``"dict"`` (default), {typed} or ``"raw"`` (bytes, wrapper included)'
        for name in self.options:
            yield name, OPTIONS[name][2] + (self.notes[1] if name == self.notes[0] else "")

    def returns(self) -> str:
        key = "user" if self.product == "spot" else f"{self.product}:{'BTCUSDT' if self.symbol else 'user'}"
        return (
            f'The conn key, ``"{key}"``, with ``@`` and a digest of the API key where ``account`` was given; ``False`` '
            "while it is in use."
        )

    def body(self) -> str:
        names = [*(["symbol"] if self.symbol else []), *self.options]
        parts = [f'"{self.product}"', "callback", "account", "view", *(f"{name}={name}" for name in names)]
        one = f"        return self._start_user({', '.join(parts)})"
        if len(one) <= 120:
            return one
        return "        return self._start_user(\n" + "".join(f"            {part},\n" for part in parts) + "        )"


def alias(events: Any) -> str:
    """The name of a union of events."""
    return next(name for name in accounts.__all__ if getattr(models, name) == events)


METHODS = (
    Method(
        name="start_user_socket",
        product="spot",
        says="Orders, fills and balances of the spot account.",
        proof="A signed subscription on the WebSocket API, by HMAC, RSA or Ed25519 key; on Binance.US a listen key.",
        events="``executionReport``, ``outboundAccountPosition``, ``balanceUpdate``, ``listStatus``, "
        "``externalLockUpdate``",
        options=("logon", "reconcile", "delete_listen_key", "time_unit"),
        notes=("delete_listen_key", "; Binance.US only"),
        source="``user-data-stream.md``, ``web-socket-api.md`` (2026-07-21)",
    ),
    Method(
        name="start_margin_socket",
        product="margin",
        says="Orders, fills and balances of the cross margin account.",
        proof=TOKEN,
        events="those of :meth:`start_user_socket`",
        options=("reconcile", "time_unit"),
        source='margin documentation (2026), "Trade Data Stream"',
    ),
    Method(
        name="start_isolated_margin_socket",
        product="isolated",
        says="Orders, fills and balances of one isolated margin account.",
        proof=TOKEN,
        events="those of :meth:`start_user_socket`",
        options=("reconcile", "time_unit"),
        symbol=True,
        source='margin documentation (2026), "Trade Data Stream"',
    ),
    Method(
        name="start_futures_user_socket",
        product="usdm",
        says="Orders, fills, balances and positions of USD-M futures.",
        events="``ORDER_TRADE_UPDATE``, ``ACCOUNT_UPDATE``, ``TRADE_LITE``, ``ALGO_UPDATE``, ``MARGIN_CALL``, "
        "``ACCOUNT_CONFIG_UPDATE`` and others",
        options=("reconcile", "form", "events", "delete_listen_key"),
        source="USD-M user data streams (2026-10); Important WebSocket Change Notice (2026-03-05)",
    ),
    Method(
        name="start_coin_futures_user_socket",
        product="coinm",
        says="Orders, fills, balances and positions of COIN-M futures.",
        events="``ORDER_TRADE_UPDATE``, ``ACCOUNT_UPDATE``, ``MARGIN_CALL``, ``ACCOUNT_CONFIG_UPDATE`` and others",
        options=("reconcile", "delete_listen_key"),
        source="COIN-M user data streams (2026-10)",
    ),
    Method(
        name="start_options_user_socket",
        product="options",
        says="Orders, fills, balances, positions and greeks of options.",
        events="``ORDER_TRADE_UPDATE``, ``ACCOUNT_UPDATE``, ``BALANCE_POSITION_UPDATE``, ``GREEK_UPDATE``, "
        "``RISK_LEVEL_CHANGE``",
        options=("reconcile", "delete_listen_key"),
        source="options user data streams (2026)",
    ),
    Method(
        name="start_portfolio_margin_socket",
        product="portfolio",
        says="Everything of a portfolio margin account.",
        events="the events of USD-M, COIN-M (``fs`` tells which) and margin, and the account's own, such as "
        "``riskLevelChange``",
        source="portfolio margin user data streams (2026-10)",
    ),
    Method(
        name="start_portfolio_margin_pro_socket",
        product="portfolio_pro",
        says="Equity and risk of a portfolio margin Pro account.",
        events="``PM_PRO_ACCOUNT_UPDATE`` every 5 s, ``riskLevelChange``, and ``uniMMRDrop``, which has no typed "
        "event, as its fields are not published",
        source="portfolio margin Pro user data streams (2026-04-17)",
    ),
    Method(
        name="start_margin_risk_socket",
        product="margin_risk",
        says="Margin level and liabilities of the cross margin account.",
        events="``MARGIN_LEVEL_STATUS_CHANGE``, ``USER_LIABILITY_CHANGE``",
        source='margin documentation (2026), "Risk Data Stream"',
    ),
)


def source() -> str:
    """The text of the generated file."""
    return HEAD + "\n".join(method.text() for method in METHODS)


if __name__ == "__main__":
    TARGET.write_text(source(), encoding="utf-8")
