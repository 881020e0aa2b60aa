"""Who may do what: API keys, signatures and timestamps, checked by ``hmac`` and ``cryptography`` themselves."""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

from binance_sockets.simulator.accounts import Accounts, Key
from binance_sockets.simulator.binance.trading.calls import Refused, missing
from binance_sockets.simulator.server_clock import ServerClock

__all__ = ["Authority", "check_public_key", "is_ed25519", "signature_fits"]

_API_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")
_WHOLE, _DECIMAL = re.compile(r"[0-9]{1,6}"), re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")
_LONGEST_WINDOW = 60_000
_AHEAD = 1000
_MICROSECONDS_FROM = 10**15  # a timestamp of that many digits counts microseconds
_INVALID_KEY = "Invalid API-key, IP, or permissions for action."


def check_public_key(pem: str) -> None:
    """Refuse what is no public key that the exchange takes.

    Raises:
        ValueError: no PEM of an RSA or Ed25519 public key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    if not isinstance(_loaded(pem), (Ed25519PublicKey, RSAPublicKey)):
        raise ValueError("a public key must be of RSA or Ed25519")


@functools.lru_cache(maxsize=256)
def _loaded(pem: str) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    return load_pem_public_key(pem.encode())


def is_ed25519(key: Key) -> bool:
    """Whether a key may log on."""
    if key.public_key is None:
        return False
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return isinstance(_loaded(key.public_key), Ed25519PublicKey)


def signature_fits(key: Key, payload: bytes, signature: str) -> bool:
    """Whether a key's owner has signed this.

    HMAC-SHA256 in hexadecimal digits, either case; RSA PKCS#1 v1.5 over SHA-256, and Ed25519, in base64.
    """
    if key.secret is not None:
        wanted = hmac.new(key.secret.encode(), payload, hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted.encode(), signature.lower().encode(errors="replace"))
    if key.public_key is None:
        return False
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    public = _loaded(key.public_key)
    try:
        raw = base64.b64decode(signature, validate=True)
        if isinstance(public, RSAPublicKey):
            public.verify(raw, payload, padding.PKCS1v15(), hashes.SHA256())
        else:
            public.verify(raw, payload)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


class Authority:
    """Lets requests pass, or refuses them with the exchange's code.

    Args:
        accounts: whose keys there are.
        clock: by which timestamps are judged.
    """

    def __init__(self, accounts: Accounts, clock: ServerClock) -> None:
        self._accounts, self._clock = accounts, clock

    def key(self, api_key: str | None, address: str, *permissions: str) -> Key:
        """The key of this name, if it may be used from there and for that.

        Raises:
            Refused: -2014 for what is no key, -2015 for everything else.
        """
        if not api_key or not _API_KEY.fullmatch(api_key):
            raise Refused(-2014, "API-key format invalid.", 401)
        key = self._accounts.key(api_key)
        if key is None:
            raise Refused(-2015, _INVALID_KEY, 401)
        self.allow(key, address, *permissions)
        return key

    @staticmethod
    def allow(key: Key, address: str, *permissions: str) -> None:
        """Check a key again that was good before.

        Raises:
            Refused: -2015.
        """
        if key.revoked or not key.permissions.issuperset(permissions) or address not in (key.ips or (address,)):
            raise Refused(-2015, _INVALID_KEY, 401)

    def check_time(self, params: Mapping[str, str], *, spot: bool) -> None:
        """Refuse a request that was made too long ago, or in the future.

        Args:
            params: with ``timestamp`` and perhaps ``recvWindow``.
            spot: whether windows may have three decimals, and timestamps may count microseconds.

        Raises:
            Refused: -1021, -1100, -1102 or -1131.
        """
        window = self._window(params.get("recvWindow"), spot=spot)
        text = params.get("timestamp")
        if not text:
            raise missing("timestamp")
        if not re.fullmatch("[0-9]{1,18}", text):
            raise _illegal("timestamp", "^[0-9]{1,20}$")
        sent = float(text) / 1000 if spot and int(text) >= _MICROSECONDS_FROM else float(text)
        now = self._clock.microseconds() / 1000
        if sent >= now + _AHEAD:
            raise Refused(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        if now - sent > window:
            raise Refused(-1021, "Timestamp for this request is outside of the recvWindow.")

    @staticmethod
    def _window(text: str | None, *, spot: bool) -> float:
        if text is None:
            return 5000.0
        if not (_DECIMAL if spot else _WHOLE).fullmatch(text):
            raise _illegal("recvWindow", r"^\d{1,5}(\.\d{1,3})?$" if spot else "^[0-9]{1,20}$")
        if float(text) > _LONGEST_WINDOW:
            raise Refused(-1131, "recvWindow must be less than 60000.")
        return float(text)

    @staticmethod
    def check_signature(key: Key, payload: bytes, signature: str | None) -> None:
        """Refuse what the key's owner has not signed.

        Raises:
            Refused: -1102 without a signature, -1022 for a wrong one.
        """
        if not signature:
            raise missing("signature")
        if not signature_fits(key, payload, signature):
            raise Refused(-1022, "Signature for this request is not valid.")


def _illegal(name: str, pattern: str) -> Refused:
    return Refused(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{pattern}'.")
