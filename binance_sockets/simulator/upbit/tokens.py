"""Who makes a request: JSON Web Tokens, checked by ``hmac`` itself."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import Any

from binance_sockets.simulator.accounts import Accounts, Key
from binance_sockets.simulator.upbit.errors import Refused

__all__ = ["MAKE_ORDERS", "SCOPES", "VIEW_ASSETS", "VIEW_ORDERS", "Gatekeeper"]

VIEW_ASSETS, VIEW_ORDERS, MAKE_ORDERS = "VIEW_ASSETS", "VIEW_ORDERS", "MAKE_ORDERS"
SCOPES = frozenset({VIEW_ASSETS, VIEW_ORDERS, MAKE_ORDERS})
"""What a key may be allowed."""

_ALGORITHMS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_NONCES_KEPT = 100_000
_LONGEST_NONCE = 200


class Gatekeeper:
    """Lets requests of one region pass, or refuses them.

    Args:
        accounts: whose keys there are.

    Attributes:
        expired: names of keys whose year is over.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._nonces: OrderedDict[str, None] = OrderedDict()
        self.expired: set[str] = set()

    def key(
        self,
        authorization: str | None,
        address: str,
        *,
        scopes: Collection[str] = (),
        hashes: Collection[str] | None = None,
        once: bool = True,
    ) -> Key:
        """The key of a token.

        Args:
            authorization: the header.
            address: where the request comes from.
            scopes: what the key must be allowed.
            hashes: what the token's ``query_hash`` may be; ``None`` for a request without parameters.
            once: whether the nonce must be new.

        Raises:
            Refused: 401 with the reason.
        """
        found, claims = self._verified(authorization)
        if address not in (found.ips or (address,)):
            raise _no("no_authorization_ip")
        if hashes is not None and not _hash_fits(claims, hashes):
            raise _no("invalid_query_payload")
        if once:
            self._use(f"{found.api_key}/{claims['nonce']}")
        if not found.permissions.issuperset(scopes):
            raise _no("out_of_scope")
        return found

    def peek(self, authorization: str | None) -> Key | None:
        """The key of a token that is good, whatever else is wrong with the request; ``None`` for none."""
        try:
            return self._verified(authorization)[0]
        except Refused:
            return None

    def _verified(self, authorization: str | None) -> tuple[Key, Mapping[str, Any]]:
        scheme, _, token = (authorization or "").strip().partition(" ")
        if not authorization or scheme.lower() != "bearer" or not token.strip():
            raise _no("no_authorization_token")
        parts = token.strip().split(".")
        if len(parts) != 3:
            raise _no("jwt_verification")
        header, claims = (_document(part) for part in parts[:2])
        nonce, name = claims.get("nonce"), claims.get("access_key")
        if not isinstance(name, str) or not isinstance(nonce, str) or not 0 < len(nonce) <= _LONGEST_NONCE:
            raise _no("jwt_verification")
        found = self._accounts.key(name)
        if found is None or found.secret is None:
            raise _no("invalid_access_key")
        kind = header.get("alg")
        algorithm = _ALGORITHMS.get(kind) if isinstance(kind, str) else None
        if algorithm is None:
            raise _no("jwt_verification")
        wanted = hmac.new(found.secret.encode(), ".".join(parts[:2]).encode(), algorithm).digest()
        if not hmac.compare_digest(wanted, _bytes(parts[2])):
            raise _no("jwt_verification")
        if name in self.expired:
            raise _no("expired_access_key")
        return found, claims

    def _use(self, nonce: str) -> None:
        if nonce in self._nonces:
            raise _no("nonce_used")
        self._nonces[nonce] = None
        if len(self._nonces) > _NONCES_KEPT:
            self._nonces.popitem(last=False)


def _no(name: str) -> Refused:
    return Refused(name, status=401)


def _bytes(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        raise _no("jwt_verification") from None


def _document(part: str) -> Mapping[str, Any]:
    try:
        document = json.loads(_bytes(part))
    except (ValueError, RecursionError):
        raise _no("jwt_verification") from None
    if not isinstance(document, dict):
        raise _no("jwt_verification")
    return document


def _hash_fits(claims: Mapping[str, Any], hashes: Collection[str]) -> bool:
    kind, told = claims.get("query_hash_alg"), claims.get("query_hash")
    return isinstance(kind, str) and kind.upper() == "SHA512" and isinstance(told, str) and told.lower() in hashes
