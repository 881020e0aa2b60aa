"""API keys and the tokens that are signed with them: a JSON Web Token (RFC 7519) for each handshake and each call.

Source: docs.upbit.com/kr/reference/auth (2026-09-01).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import uuid
from dataclasses import dataclass, field

import msgspec

from ...errors import BinanceSocketsError, ConfigError, CredentialError, ExchangeError
from ...exchange import Lease
from .refusals import advice, is_auth, is_final

__all__ = ["Handshakes", "UpbitKey"]

_HEADER = b'{"alg":"HS512","typ":"JWT"}'
ACCESS_VARIABLE, SECRET_VARIABLE = "UPBIT_ACCESS_KEY", "UPBIT_SECRET_KEY"


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


@dataclass(frozen=True)
class UpbitKey:
    """The API key of one account. Its ``repr`` shows neither part.

    Args:
        access_key: names it.
        secret_key: signs with it.
    """

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)

    @classmethod
    def resolve(cls, access_key: object, secret_key: object) -> UpbitKey | None:
        """The arguments, else ``UPBIT_ACCESS_KEY`` and ``UPBIT_SECRET_KEY``; ``None`` where there is none.

        Raises:
            ConfigError: one of the two is missing, or no text.
        """
        found = []
        for name, value, variable in (
            ("access_key", access_key, ACCESS_VARIABLE),
            ("secret_key", secret_key, SECRET_VARIABLE),
        ):
            if value is not None and not isinstance(value, str):
                raise ConfigError(name, f"a {type(value).__name__}", "a string or None")
            text = (value if value is not None else os.environ.get(variable, "")).strip()
            if not text.isascii() or not text.isprintable() or " " in text:
                raise ConfigError(name, "a text with other characters", "letters and digits, as the exchange shows it")
            found.append(text)
        if not any(found):
            return None
        if not all(found):
            missing = "secret_key" if found[0] else "access_key"
            raise ConfigError(missing, None, "both parts of the key, or none", f"Or set {ACCESS_VARIABLE} and "
                              f"{SECRET_VARIABLE}")  # fmt: skip
        return cls(found[0], found[1])

    def bearer(self, query: str | None = None) -> str:
        """The value of the ``Authorization`` header: a new token, good for one use.

        Args:
            query: the query of a REST call, not encoded; ``None`` (default) where there is none.
        """
        claims = {"access_key": self.access_key, "nonce": str(uuid.uuid4())}
        if query:
            claims["query_hash"] = hashlib.sha512(query.encode()).hexdigest()
            claims["query_hash_alg"] = "SHA512"
        signed = _base64(_HEADER) + b"." + _base64(msgspec.json.encode(claims))
        signature = hmac.new(self.secret_key.encode(), signed, hashlib.sha512).digest()
        return f"Bearer {(signed + b'.' + _base64(signature)).decode()}"


class Handshakes:
    """What private links prove themselves with: a :class:`~binance_sockets.exchange.Credential`.

    Each handshake brings a token of its own, which is looked at then and never again.
    """

    proves_url = False

    def obtain(self) -> Lease:
        """For ever: the token of a handshake is not asked for again."""
        return Lease()

    def renew(self) -> Lease:
        """Nothing has to be renewed."""
        return Lease()

    def refused(self, code: int | None, message: str) -> BinanceSocketsError:
        """It was refused on an open link. A new token helps unless the key is what is wrong; a request may be, too."""
        name = message.partition(":")[0]
        if not is_auth(name):
            return ExchangeError(code, message)
        hint = advice(name)
        detail = f"the exchange refuses the API key: {message.rstrip('.')}" + (f". {hint}" if hint else "")
        return CredentialError(detail, permanent=is_final(name))

    def release(self) -> None:
        """Nothing is kept."""
