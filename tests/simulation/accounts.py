"""The accounts of the simulated exchange: what lets somebody listen to them, and how that ends.

A USD-M account has one listen key at a time, which POST gives or extends and PUT extends; spot subscriptions are
signed; margin has tokens. All of them are checked as the exchange does, the clock of the signature included. Every
secret has :data:`SECRET` in it, so that one look finds any of them where none may be.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from binance_sockets.faults import Fault

if TYPE_CHECKING:
    from simulation.desks import ApiDesk, KeyDesk
    from simulation.exchange import Exchange

__all__ = ["API_KEY", "API_SECRET", "SECRET", "Account", "Accounts"]

SECRET = "nobodyMayReadThis"
API_KEY = f"apiKey-{SECRET}"
API_SECRET = f"apiSecret-{SECRET}"
_WINDOW = 5_000  # ms that a signature may be old,
_AHEAD = 1_000  # or ahead of the exchange's clock
_NO_KEY = {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}
_WRONG_TIME = {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}
_WRONG_SIGNATURE = {"code": -1022, "msg": "Signature for this request is not valid."}
_UNKNOWN = {"code": -1000, "msg": "An unknown error occurred while processing the request."}
_NO_SUCH_KEY = {"code": -1125, "msg": "This listenKey does not exist."}
_BAD_TOKEN = {"code": -1209, "msg": "The listenToken is not valid."}


class Account:
    """One account.

    Args:
        accounts: all of them.
        product: ``spot``, ``usdm`` or ``margin``.

    Attributes:
        stream: the name of its events among the exchange's streams.
        key: the listen key that lives; empty where none does.
        barred: it was told once that its API key is not valid, which nobody need try again.
    """

    def __init__(self, accounts: Accounts, product: str) -> None:
        self.product = product
        self.stream = f"{product}:user@account"
        self.key = ""
        self.barred = False
        self._accounts = accounts
        self._world = accounts.exchange.world
        self._ends = 0.0  # of the key
        self._tokens: dict[str, float] = {}
        self._given = 0

    # -- listen keys ---------------------------------------------------------------------------------------------------

    def key_call(self, method: str) -> tuple[int, dict[str, Any]]:
        """POST, PUT or DELETE of the listen key."""
        if method == "DELETE":
            self.end_key(notice=True)
            return 200, {}
        if self.key and self._accounts.exchange.strikes(0.1, (Fault.LISTEN_KEY_ROTATED,)):
            self.end_key(notice=False)
            self.key = self._name("listenKey")
        elif not self.key and method == "PUT":
            return 400, _NO_SUCH_KEY
        elif not self.key:
            self.key = self._name("listenKey")
        self._ends = self._world.now + self._accounts.life
        self._world.at(self._accounts.life, self._key_is_old)
        return 200, {"listenKey": self.key}

    def _name(self, kind: str) -> str:
        self._given += 1
        return f"{kind}{self._given}-{SECRET}"

    def _key_is_old(self) -> None:
        if self.key and self._ends <= self._world.now:
            if any(desk.listens for desk in self._accounts.listeners):
                self._accounts.aged.append((self.product, self._world.now))
            self.end_key(notice=True)

    def end_key(self, notice: bool) -> None:
        """The key ends, whatever its age; connections are told, or left silent."""
        key, self.key = self.key, ""
        if key:
            for desk in list(self._accounts.listeners):
                desk.ended(key, notice)

    # -- tokens --------------------------------------------------------------------------------------------------------

    def token_call(self) -> tuple[int, dict[str, Any]]:
        """POST of a listen token."""
        token, life = self._name("listenToken"), self._accounts.life
        self._tokens[token] = self._world.now + life
        return 200, {"token": token, "expirationTime": self._accounts.clock() + int(life * 1000)}

    def refuses_token(self, token: str) -> dict[str, Any] | None:
        """Why it gives no subscription."""
        ends = self._tokens.get(token, 0.0)
        if ends <= self._world.now:
            return _BAD_TOKEN
        if (refusal := self._accounts.refusal(self)) is not None:
            return refusal
        self._ends = max(self._ends, ends)
        self._world.at(ends - self._world.now, self._subscription_is_old)
        return None

    def _subscription_is_old(self) -> None:
        if self._ends <= self._world.now and self.terminate():
            self._accounts.aged.append((self.product, self._world.now))

    # -- signatures ----------------------------------------------------------------------------------------------------

    def refuses_signature(self, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """Why a signed request of the WebSocket API is refused."""
        signed = "&".join(f"{name}={value}" for name, value in sorted(params.items()) if name != "signature")
        refusal = self._accounts.refuses(params["apiKey"], params["timestamp"], signed, params["signature"])
        return refusal or self._accounts.refusal(self)

    def terminate(self) -> bool:
        """All subscriptions end; returns whether there were any."""
        ended = [desk.terminate(self.stream) for desk in list(self._accounts.subscribers)]
        return any(ended)


class Accounts(dict[str, Account]):
    """All accounts, by product, and who listens to them.

    Args:
        exchange: whose customers they are.

    Attributes:
        life: seconds that a listen key or token lives.
        aged: keys and tokens that ended for their age though somebody listened, as ``(product, when)``.
        signatures: all that were seen.
        base: of the exchange's time, at 0 of the world's.
    """

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.exchange = exchange
        self.life = 3600.0
        self.aged: list[tuple[str, float]] = []
        self.signatures: set[str] = set()
        self.listeners: list[KeyDesk] = []
        self.subscribers: list[ApiDesk] = []
        self.base = exchange.world.wall() - exchange.world.now
        self.update((product, Account(self, product)) for product in ("spot", "usdm", "margin"))

    def clock(self) -> int:
        """The exchange's time in ms, which nobody steps."""
        return int((self.exchange.world.now + self.base) * 1000)

    def answer(self, method: str, path: str, query: str, headers: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer to a REST call of an account: status and body."""
        if path.endswith("/time"):
            return 200, {"serverTime": self.clock()}
        account = self["usdm" if path.endswith("/listenKey") else "margin"]
        if headers.get("X-MBX-APIKEY") != API_KEY:
            return 401, _NO_KEY
        if account.product == "margin":
            signed, _, signature = query.rpartition("&signature=")
            found = self.refuses(API_KEY, int(dict(parse_qsl(signed))["timestamp"]), signed, signature)
            if found is not None:
                return 400, found
        if (refusal := self.refusal(account)) is not None:
            return 401 if refusal is _NO_KEY else 400, refusal
        return account.key_call(method) if account.product == "usdm" else account.token_call()

    def refuses(self, key: str, timestamp: int, signed: str, signature: str) -> dict[str, Any] | None:
        """Why a signature is refused."""
        self.signatures.add(signature)
        if key != API_KEY:
            return _NO_KEY
        if hmac.new(API_SECRET.encode(), signed.encode(), hashlib.sha256).hexdigest() != signature:
            self.exchange.world.fail("a signature that is none")
            return _WRONG_SIGNATURE
        if not -_AHEAD < self.clock() - timestamp < _WINDOW:
            self.exchange.world.sometimes("a signature whose time is wrong")
            return _WRONG_TIME
        return None

    def refusal(self, account: Account) -> dict[str, Any] | None:
        """The fault of that name: for now, or, more rarely, for good."""
        if self.exchange.strikes(0.08, (Fault.CREDENTIAL_REFUSED,)) is None:
            return None
        account.barred = account.barred or self.exchange.world.rng.random() < 0.2
        return _NO_KEY if account.barred else _UNKNOWN

    def disturb(self) -> None:
        """Something ends before its time."""
        fault = self.exchange.strikes(1.0, (Fault.LISTEN_KEY_EXPIRED, Fault.TOKEN_EXPIRED, Fault.STREAM_TERMINATED))
        if fault is Fault.LISTEN_KEY_EXPIRED:
            self["usdm"].end_key(notice=self.exchange.world.rng.random() < 0.5)
        elif fault is not None:
            self["margin" if fault is Fault.TOKEN_EXPIRED else "spot"].terminate()
