"""Credentials: what kind of key it is, whether it signs, what it may do, and its way to the user data of a product.

Nothing is left behind: a listen key that this made is deleted, one that was there is neither deleted nor shown, a
listen token ends by itself within a minute, and sessions and subscriptions end with their connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

from ..errors import (
    AuthenticationError,
    BinanceSocketsError,
    ConnectionLost,
    CredentialError,
    ExchangeError,
    RateLimited,
)
from ..exchange import Ack, ConnectLimits, ConnectRequest, Stream
from ..exchanges.binance import replies
from ..exchanges.binance.credentials import ListenKey, Signature
from ..exchanges.binance.keys import ApiKey
from ..exchanges.binance.products import CONNECT_RATES
from ..exchanges.binance.rest import SignedRest
from ..exchanges.binance.urls import Environment
from ..exchanges.binance.user import USER_STREAM, UserStreams
from ..exchanges.binance.user_products import UserProduct
from .advice import explain, failed, known
from .bounds import Bounds
from .findings import Finding, Outcome
from .routes import dialogue

__all__ = ["examine_account", "examine_key"]

_SIGNED: Mapping[str, str] = {
    "spot": "/api/v3/account",
    "us": "/api/v3/account",
    "usdm": "/fapi/v3/balance",
    "coinm": "/dapi/v1/balance",
}
"""A signed call of each product that changes nothing."""

_NO_SUCH_KEY = -1125
_NO_RIGHT = frozenset({-1002, -2015})
_TOKEN_LIFE = 60_000  # ms: no call ends a token
_ELSE: Mapping[str, tuple[str, str]] = {
    "margin": (
        "The key may not read margin, or no cross margin account is open",
        "If margin is to be used, open the account, and look at the key's permissions on the exchange's page of API"
        " keys",
    ),
    "portfolio": (
        "The key may not use portfolio margin, or the account is none of portfolio margin",
        "If portfolio margin is to be used, join it, and look at the key's permissions on the exchange's page of API"
        " keys",
    ),
}
"""What a refusal means, and what to do, for accounts that few have."""

_CALL = 5.0  # seconds that a REST call may take


def examine_key(key: ApiKey | None) -> Finding:
    """What kind of key it is. Nothing of it shows but its first four characters."""
    if key is None:
        return Finding("key", "", Outcome.SKIPPED, "no API key is set, so only public data is examined")
    if key.kind == "none":
        meaning = "Without secret or private key nothing can be signed: listen keys alone work"
        advice = "Set BINANCE_API_SECRET, or BINANCE_PRIVATE_KEY for an RSA or Ed25519 key"
        return Finding("key", "", Outcome.WARNING, f"{key.api_key[:4]}..., without a secret", meaning, advice)
    kinds = {"hmac": "HMAC", "rsa": "RSA", "ed25519": "Ed25519, sessions can log on"}
    return Finding("key", "", Outcome.OK, f"{key.api_key[:4]}..., {kinds[key.kind]}")


def examine_account(
    row: UserProduct, environment: Environment, key: ApiKey, bounds: Bounds, *, optional: bool = False
) -> list[Finding]:
    """A signed call, and the way to the user data of one product. Blocks within the bounds, and for some seconds more
    where the answer drips. Where it is ``optional``, that the exchange refuses it is no failure."""
    endpoint = row.endpoint(environment)
    with closing(SignedRest(endpoint.rest, bounds.options, key, row.time_path)) as rest:
        found = [] if row.name in _ELSE else [_signed(row, rest, key)]
        try:
            found.append(_user(row, endpoint.streams, rest, key, bounds))
        except OSError as exc:
            found.append(failed("user", row.name, ConnectionLost(f"the connection was cut: {exc}")))
        except BinanceSocketsError as exc:
            finding = failed("user", row.name, exc, _advice(row, exc))
            refused = isinstance(exc, ExchangeError) and not isinstance(exc, RateLimited)
            found.append(replace(finding, outcome=Outcome.SKIPPED) if optional and refused else finding)
    return found


def _advice(row: UserProduct, error: BinanceSocketsError) -> tuple[str, str] | None:
    """Of an account that few have; ``None`` where it is that of every other one."""
    if row.name not in _ELSE or not isinstance(error, ExchangeError):
        return None
    (meaning, cure), (own, own_cure) = explain(error), _ELSE[row.name]
    if error.error_code in _NO_RIGHT:
        return f"{meaning}. {own}", f"{cure}. {own_cure}"
    return (meaning, cure) if known(error) else (own, own_cure)


# -- REST ------------------------------------------------------------------------------------------------------------


def _signed(row: UserProduct, rest: SignedRest, key: ApiKey) -> Finding:
    path = _SIGNED.get(row.name)
    if path is None:
        return Finding("signed", row.name, Outcome.SKIPPED, "no signed call is known that changes nothing")
    if key.kind == "none":
        return Finding("signed", row.name, Outcome.SKIPPED, "the key cannot sign")
    try:
        answer = rest.call("GET", path, security="signed")
    except BinanceSocketsError as exc:
        return failed("signed", row.name, exc)
    return _permissions(row, path, answer)


def _permissions(row: UserProduct, path: str, answer: Any) -> Finding:
    """Spot tells what the account may do; elsewhere the answer itself is all there is."""
    fact = f"{path} answers"
    told = answer if isinstance(answer, dict) else {}
    flags = [("canTrade", "trade"), ("canWithdraw", "withdraw"), ("canDeposit", "deposit")]
    named = [f"may{'' if told[name] else ' not'} {word}" for name, word in flags if name in told]
    fact += "".join(f", {text}" for text in named)
    if told.get("canTrade") is False:
        meaning = "The account reads, and every order is refused"
        advice = "If it is to trade, look at the exchange's page of the account and of API keys"
        return Finding("signed", row.name, Outcome.WARNING, fact, meaning, advice)
    return Finding("signed", row.name, Outcome.OK, fact)


# -- user data -------------------------------------------------------------------------------------------------------


def _user(row: UserProduct, base: str, rest: SignedRest, key: ApiKey, bounds: Bounds) -> Finding:
    if row.kind == "key":
        if row.names_key:
            why = "whether a listen key is there cannot be found out without making one, which stays"
            return Finding("user", row.name, Outcome.SKIPPED, why)
        return _by_listen_key(row, base, rest, bounds)
    if key.kind == "none":
        return Finding("user", row.name, Outcome.SKIPPED, "the key cannot sign")
    if row.kind == "token":
        return _by_token(row, base, rest, bounds)
    return _by_signature(row, base, rest, key, bounds)


def _by_signature(row: UserProduct, base: str, rest: SignedRest, key: ApiKey, bounds: Bounds) -> Finding:
    credential = Signature(key, rest, rest.server_time.now, logon=key.kind == "ed25519")
    rest.measure()  # a wrong clock has a finding of its own
    limits = ConnectLimits(rest.venue, CONNECT_RATES)
    with dialogue(ConnectRequest(base + row.socket), limits, bounds) as opened:
        _accept(opened.ask(credential.request(1), 1, replies.control))
        if credential.logon:
            _accept(opened.ask(replies.request(2, "userDataStream.subscribe"), 2, replies.control))
    how = "logged on and subscribed" if credential.logon else "subscribed by signature"
    return Finding("user", row.name, Outcome.OK, f"{how}; ended again")


def _by_token(row: UserProduct, base: str, rest: SignedRest, bounds: Bounds) -> Finding:
    answer = rest.call("POST", row.rest, {"isIsolated": False, "validity": _TOKEN_LIFE}, "signed", repeat=True)
    token = answer.get("token") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not token:
        raise CredentialError(f"the answer to {row.rest} has no token")
    limits = ConnectLimits(rest.venue, CONNECT_RATES)
    with dialogue(ConnectRequest(base + row.socket), limits, bounds) as opened:
        asked = replies.request(1, "userDataStream.subscribe.listenToken", {"listenToken": token})
        _accept(opened.ask(asked, 1, replies.control))
    return Finding(
        "user", row.name, Outcome.OK, "subscribed by a listen token, which ends within a minute; ended again"
    )


def _accept(answer: Ack) -> None:
    """Raises what the exchange refused a request with."""
    if answer.error is not None:
        code, message = answer.error
        kind = AuthenticationError if code in (-1002, -1022, -2008, -2014, -2015) else ExchangeError
        raise kind(code, message)


def _by_listen_key(row: UserProduct, base: str, rest: SignedRest, bounds: Bounds) -> Finding:
    """One listen key serves all programs of an account: it is deleted only where there was none before."""
    needed = bounds.options.timeouts.connect + 3 * _CALL
    if bounds.left(needed) < needed:
        why = f"a listen key that is made must be deleted again, which may take {needed:g} s; so much time is not left"
        return Finding("user", row.name, Outcome.SKIPPED, why)
    made = not _extended(row, rest)
    credential = ListenKey(rest, row.rest, delete=made)
    credential.obtain()
    try:
        streams = UserStreams(row, base, credential, rest.venue)
        group = streams.split([Stream(USER_STREAM)])[0]
        with dialogue(streams.connect_request(group), streams.connect_limits(group), bounds):
            pass
    finally:
        credential.release()
    what = "a listen key was made, and deleted again" if made else "the listen key of other programs was left alone"
    return Finding("user", row.name, Outcome.OK, f"open; {what}")


def _extended(row: UserProduct, rest: SignedRest) -> bool:
    """Whether there was a listen key; it lives for an hour from now."""
    try:
        rest.call("PUT", row.rest, security="key", repeat=True)
    except ExchangeError as exc:
        if exc.error_code != _NO_SUCH_KEY:
            raise
        return False
    return True
