"""Listen keys as ``Client`` hands them out and keeps them alive. Spot and margin have none any more.

There, what :meth:`ListenKeys.stream_get_listen_key` and its kin return is the name under which
:class:`~.manager.BinanceSocketManager` opens the account; keeping it alive or closing it does nothing. Binance.US still
has listen keys, and so have futures. Source: spot change log of 2026-02-20 (``userDataStream`` over REST switched off).
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

__all__ = ["ListenKeys", "account_of", "teach_conn_keys"]

USER, MARGIN, ISOLATED = "user", "margin:user", "isolated:"
_FUTURES = ("usdm:user", "coinm:user")
_TAKE_KEYS = [
    f"{kind}stream_{what}"
    for kind in ("", "margin_", "isolated_margin_", "futures_", "futures_coin_")
    for what in ("keepalive", "close")
]
_US = "/v3/userDataStream"
_SHORTEST = 40  # characters of a listen key; the conn keys of accounts are shorter


def account_of(key: str) -> tuple[str, str | None] | None:
    """What a name of spot and margin stands for: ``user``, ``margin`` or ``isolated``, and the latter's symbol."""
    if key.startswith(ISOLATED):
        return "isolated", key.removeprefix(ISOLATED)
    return {USER: ("user", None), MARGIN: ("margin", None)}.get(key)


def teach_conn_keys(client: object) -> None:
    """Have another package's client take the conn keys of accounts where it takes listen keys, and do nothing then.

    The exchange would answer 410, and scripts call them every half hour. With any other key they do what they did.

    Args:
        client: this one object; its class stays as it is.
    """
    if isinstance(client, ListenKeys):
        return
    for name in _TAKE_KEYS:
        method = getattr(client, name, None)
        if callable(method) and not getattr(method, "_binance_sockets", False):
            with contextlib.suppress(AttributeError):  # an object that lets nothing be set
                setattr(client, name, _with_conn_keys(method))


def _with_conn_keys(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        given = (*args, *kwargs.values())
        is_ours = any(isinstance(each, str) and (account_of(each) or each in _FUTURES) for each in given)
        return {} if is_ours else method(*args, **kwargs)

    call._binance_sockets = True  # type: ignore[attr-defined]
    return call


class ListenKeys:
    """Mixed into :class:`~.client.Client`."""

    tld: str

    def _ask(self, verb: str, family: str, path: str, security: str, params: dict[str, Any]) -> Any:
        raise NotImplementedError

    def stream_get_listen_key(self) -> str:
        """What ``_start_socket`` of a manager opens the spot account by; on Binance.US a listen key."""
        return str(self._ask("post", "api", _US, "key", {})["listenKey"]) if self.tld == "us" else USER

    def stream_keepalive(self, listenKey: object) -> dict[str, Any]:
        """Does nothing, as sockets keep themselves alive; on Binance.US a listen key lives an hour longer."""
        return self._us("put", listenKey)

    def stream_close(self, listenKey: object) -> dict[str, Any]:
        """Does nothing: ``stop_socket`` ends the account's events; on Binance.US a listen key ends."""
        return self._us("delete", listenKey)

    def margin_stream_get_listen_key(self) -> str:
        """What ``_start_socket`` of a manager opens the cross margin account by."""
        return MARGIN

    def margin_stream_keepalive(self, listenKey: object) -> dict[str, Any]:
        """Does nothing, as sockets keep themselves alive."""
        return {}

    def margin_stream_close(self, listenKey: object) -> dict[str, Any]:
        """Does nothing: ``stop_socket`` ends the account's events."""
        return {}

    def isolated_margin_stream_get_listen_key(self, symbol: str) -> str:
        """What ``_start_socket`` of a manager opens an isolated margin account by."""
        return f"{ISOLATED}{symbol.upper()}"

    def isolated_margin_stream_keepalive(self, symbol: str, listenKey: object) -> dict[str, Any]:
        """Does nothing, as sockets keep themselves alive."""
        return {}

    def isolated_margin_stream_close(self, symbol: str, listenKey: object) -> dict[str, Any]:
        """Does nothing: ``stop_socket`` ends the account's events."""
        return {}

    def futures_stream_get_listen_key(self) -> str:
        """A listen key of the USD-M account."""
        return str(self._ask("post", "futures", "/v1/listenKey", "key", {})["listenKey"])

    def futures_stream_keepalive(self, listenKey: object) -> dict[str, Any]:
        """The USD-M listen key lives an hour longer; the conn key of a socket does so by itself."""
        return self._key("put", "futures", "/v1/listenKey", listenKey)

    def futures_stream_close(self, listenKey: object) -> dict[str, Any]:
        """The USD-M listen key ends; the conn key of a socket does so with ``stop_socket``."""
        return self._key("delete", "futures", "/v1/listenKey", listenKey)

    def futures_coin_stream_get_listen_key(self) -> str:
        """A listen key of the COIN-M account."""
        return str(self._ask("post", "coin", "/v1/listenKey", "key", {})["listenKey"])

    def futures_coin_stream_keepalive(self, listenKey: object) -> dict[str, Any]:
        """The COIN-M listen key lives an hour longer."""
        return self._key("put", "coin", "/v1/listenKey", listenKey)

    def futures_coin_stream_close(self, listenKey: object) -> dict[str, Any]:
        """The COIN-M listen key ends."""
        return self._key("delete", "coin", "/v1/listenKey", listenKey)

    def _us(self, verb: str, key: object) -> dict[str, Any]:
        return self._key(verb, "api", _US, key) if self.tld == "us" else {}

    def _key(self, verb: str, family: str, path: str, key: object) -> dict[str, Any]:
        """Ask about a listen key; what is none is a conn key, about which there is nothing to ask."""
        if not isinstance(key, str) or len(key) < _SHORTEST:
            return {}
        answer = self._ask(verb, family, path, "key", {"listenKey": key})
        return answer if isinstance(answer, dict) else {}
