"""What stands between clients and accounts, and outlives every connection. On the simulator's thread."""

from __future__ import annotations

from binance_sockets.faults import Fault
from binance_sockets.simulator.accounts import Account, Accounts, Key
from binance_sockets.simulator.binance.auth import Authority
from binance_sockets.simulator.binance.listen_keys import ListenKey, ListenKeys
from binance_sockets.simulator.binance.listen_tokens import ListenToken, ListenTokens
from binance_sockets.simulator.binance.subscriptions import Subscriptions
from binance_sockets.simulator.binance.trading import Desks
from binance_sockets.simulator.binance.trading.calls import Params, Refused
from binance_sockets.simulator.binance.weights import Weights
from binance_sockets.simulator.injections import FaultBoard, Injection
from binance_sockets.simulator.server_clock import ServerClock
from binance_sockets.simulator.session import LimitOverrides

__all__ = ["Doors", "permissions"]

_FUTURES = ("usdm", "coinm", "options", "portfolio")
_PERMISSION = {"KEY": "USER_STREAM"}


def permissions(security: str, product: str) -> tuple[str, ...]:
    """What a key must be allowed for a call.

    Args:
        security: TRADE, USER_DATA, USER_STREAM, MARGIN, LOGON, or KEY for what needs a key and no signature.
        product: of the call.
    """
    if security == "LOGON":
        return ()
    needed = _PERMISSION.get(security, security)
    return (needed, "FUTURES") if product in _FUTURES else (needed,)


class Doors:
    """Keys, listen keys, tokens and limits, with the faults that concern them.

    Args:
        accounts: who trades.
        clock: the exchange's time of day.
        faults: which ones stand.
        limits: what overrides the products' limits.

    Attributes:
        subscriptions: the user streams of every open connection to a WebSocket API.
        desks: where accounts meet the markets, once those are open.
    """

    def __init__(self, accounts: Accounts, clock: ServerClock, faults: FaultBoard, limits: LimitOverrides) -> None:
        self.accounts, self.clock, self._faults = accounts, clock, faults
        self.authority = Authority(accounts, clock)
        self.listen_keys = ListenKeys(clock, limits.listen_key_lifetime)
        self.tokens = ListenTokens(clock)
        self.weights = Weights(limits)
        self.subscriptions: set[Subscriptions] = set()
        self.desks: Desks = {}

    def open(self, desks: Desks) -> None:
        """The markets are open. Orders of earlier ones are gone, and what they had locked is free again."""
        self.desks = desks
        for account in self.accounts:
            for wallet in account.wallets.values():
                for asset in wallet.assets:
                    wallet.lock(asset, -wallet.locked(asset))

    def set_clock(self, skew: float) -> None:
        """Set the clock wrong; what has expired by it ends."""
        self.clock.skew = skew
        self.listen_keys.live()
        self._end_expired()

    # credentials, as clients ask for them

    def start_listen_key(self, owner: Key, product: str) -> ListenKey:
        """The listen key of an account for another hour.

        Raises:
            Refused: by a fault.
        """
        self.let_pass("listen_key", product)
        return self.listen_keys.start(owner, product, rotate=self._rotates(product))

    def extend_listen_key(self, owner: Key, product: str, text: str | None = None) -> ListenKey:
        """Let a listen key live for another hour.

        Raises:
            Refused: -1125 where there is none; by a fault.
        """
        self.let_pass("renewal", product)
        row = self.listen_keys.extend(owner, product, text)
        return self.listen_keys.start(owner, product, rotate=True) if self._rotates(product) else row

    def create_token(self, owner: Key, params: Params) -> ListenToken:
        """A listen token for a margin account.

        Raises:
            Refused: parameters that make no sense; by a fault.
        """
        self.let_pass("token", "spot")
        symbol = params.get("symbol")
        if symbol and self.desks:
            self.desks["spot"].instrument(symbol)
        return self.tokens.create(owner, params)

    def let_pass(self, step: str, product: str) -> None:
        """Go on, unless a fault refuses this step.

        Args:
            step: "listen_key", "renewal", "token", "logon" or "subscribe".
            product: where.

        Raises:
            Refused: as the fault says.
        """
        found = self._faults.strike(
            Fault.CREDENTIAL_REFUSED, product, chosen=lambda params: params["on"] in ("any", step)
        )
        if found is not None:
            raise Refused(found.params["code"], found.params["msg"], found.params["status"])

    def _rotates(self, product: str) -> bool:
        return self._faults.strike(Fault.LISTEN_KEY_ROTATED, product) is not None

    # what happens to credentials

    def strike(self, injection: Injection) -> None:
        """Apply a fault to the credentials that live now, each counted once."""
        if injection.fault is Fault.LISTEN_KEY_EXPIRED:
            for row in self.listen_keys.live():
                if injection.matches(row.product, injection.route or "", (row.text,)) and injection.strike():
                    self.listen_keys.expire(row, notice=injection.params["notice"])
        elif injection.fault is Fault.TOKEN_EXPIRED:
            for token in self.tokens.live():
                if injection.matches("spot", "ws-api", ()) and injection.strike():
                    token.expires = self.clock.milliseconds()
            self._end_expired()
        else:
            for streams in tuple(self.subscriptions):
                if injection.matches("spot", "ws-api", ()) and streams.active and injection.strike():
                    streams.end_all()
        injection.remove()

    def revoke(self, api_key: str) -> None:
        """Take an API key back: its streams end, its listen keys and tokens too, and its sessions at the next request.

        Raises:
            KeyError: there is no such key.
        """
        self.accounts.revoke(api_key)
        for row in self.listen_keys.live():
            if row.owner.revoked:
                self.listen_keys.expire(row)
        for subscriptions in tuple(self.subscriptions):
            subscriptions.end_where(lambda row: row.key.revoked)

    def end_streams(self, account: Account | None = None) -> int:
        """End user streams on the WebSocket API, of one account or all; how many those were."""
        return sum(
            row.end_where(lambda one: account is None or one.key.account is account)
            for row in tuple(self.subscriptions)
        )

    def expire_listen_keys(self, account: Account | None = None, product: str | None = None) -> int:
        """End listen keys, with their event; how many those were."""
        rows = [
            row
            for row in self.listen_keys.live()
            if account in (None, row.owner.account) and product in (None, row.product)
        ]
        for row in rows:
            self.listen_keys.expire(row)
        return len(rows)

    def expire_tokens(self, account: Account | None = None) -> int:
        """End listen tokens and the streams they opened; how many tokens those were."""
        rows = [row for row in self.tokens.live() if account in (None, row.account)]
        for row in rows:
            row.expires = self.clock.milliseconds()
        self._end_expired()
        return len(rows)

    def _end_expired(self) -> None:
        for subscriptions in tuple(self.subscriptions):
            subscriptions.end_expired()
