"""An API key with what signs for it: HMAC secret, RSA or Ed25519 private key. Nothing of them shows anywhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NoReturn

from ...errors import ConfigError

__all__ = ["ApiKey", "Kind"]

Kind = Literal["hmac", "rsa", "ed25519", "none"]

_BEGIN = b"-----BEGIN"
_INSTALL = 'Install the extra crypto: pip install ".[crypto]" in the source folder'

_VARIABLES = {
    "api_key": "BINANCE_API_KEY",
    "api_secret": "BINANCE_API_SECRET",
    "private_key": "BINANCE_PRIVATE_KEY",
    "passphrase": "BINANCE_PRIVATE_KEY_PASSPHRASE",
}


class ApiKey:
    """An API key, and the secret or private key that signs for it.

    Args:
        api_key: the key that the exchange gave out.
        secret: secret of an HMAC key, as text.
        private_key: RSA or Ed25519 key: PEM as text or bytes, the path of a PEM file, or a key object of
            ``cryptography`` or PyCryptodome. Needs the extra ``crypto``.
        passphrase: of an encrypted PEM.

    Raises:
        ConfigError: something is no key, is encrypted without a passphrase, or both ways to sign are given. Its text
            shows nothing of the keys.

    Attributes:
        api_key: as it is sent. It is no secret to the exchange, but nothing shows more than its first four characters.
        kind: ``"hmac"``, ``"rsa"``, ``"ed25519"``, or ``"none"`` for a key that cannot sign.
    """

    __slots__ = ("_sign", "api_key", "kind")

    kind: Kind

    def __init__(
        self,
        api_key: str,
        secret: str | None = None,
        private_key: object = None,
        passphrase: str | bytes | None = None,
    ) -> None:
        self.api_key = _key_text("api_key", api_key)
        if secret and private_key:
            raise ConfigError("private_key", "a private key beside api_secret", "one of the two")
        if private_key:
            self.kind, self._sign = _private_signer(private_key, passphrase)
        elif secret:
            self.kind, self._sign = "hmac", _hmac_signer(_key_text("api_secret", secret))
        else:
            self.kind, self._sign = "none", _no_signer

    def __repr__(self) -> str:
        return f"<ApiKey {self.api_key[:4]}..., {self.kind}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an ApiKey cannot be pickled or copied: its secret stays in this process")

    def sign(self, text: str) -> str:
        """The signature of ``text``, as UTF-8: hex for HMAC, base64 for RSA (PKCS #1 v1.5, SHA-256) and Ed25519.

        Any thread; an RSA signature takes about a millisecond, the others microseconds.

        Raises:
            ConfigError: there is neither secret nor private key.

        Source: ``web-socket-api.md`` (2026-07-21), "SIGNED request security".
        """
        return self._sign(text.encode())

    @classmethod
    def resolve(
        cls,
        client: object = None,
        api_key: str | None = None,
        api_secret: str | None = None,
        private_key: object = None,
        passphrase: str | bytes | None = None,
    ) -> ApiKey | None:
        """The key from the first place that has one: arguments, a legacy client, environment variables.

        The places fill what those before them leave open; one with another API key is passed over, as its secret
        belongs to that one.

        Args:
            client: any object with ``API_KEY``, and ``API_SECRET`` or ``PRIVATE_KEY``, as every REST client of
                python-binance has them.
            api_key: see :class:`ApiKey`, else ``BINANCE_API_KEY``.
            api_secret: likewise, else ``BINANCE_API_SECRET``.
            private_key: likewise, else the file that ``BINANCE_PRIVATE_KEY`` names.
            passphrase: likewise, else ``BINANCE_PRIVATE_KEY_PASSPHRASE``.

        Returns:
            ``None`` where no place has anything.

        Raises:
            ConfigError: something is no key, or a secret has no API key.
        """
        if api_secret and private_key:
            raise ConfigError("private_key", "a private key beside api_secret", "one of the two")
        places = (
            (api_key, api_secret, private_key, passphrase),
            tuple(getattr(client, name, None) for name in ("API_KEY", "API_SECRET", "PRIVATE_KEY", "PRIVATE_KEY_PASS")),
            _from_environment(),
        )
        chosen: Any = None
        signer: tuple[Any, Any, Any] = (None, None, None)
        for key, secret, private, phrase in places:
            if key and chosen and key != chosen:
                continue
            chosen = chosen or key
            if not any(signer) and (secret or private):
                signer = (None, private, phrase or passphrase) if private else (secret, None, None)
        if not chosen:
            if any(signer):
                raise ConfigError("api_key", "a secret without it", "the API key that the secret belongs to")
            return None
        return cls(chosen, *signer)


def _from_environment() -> tuple[Any, ...]:
    found = {name: os.environ.get(variable) or None for name, variable in _VARIABLES.items()}
    path = found["private_key"]
    return found["api_key"], found["api_secret"], Path(path) if path else None, found["passphrase"]


def _key_text(name: str, value: object) -> str:
    """A key as one printable word; blanks around it come from copying."""
    if not isinstance(value, str):
        raise ConfigError(name, f"a {type(value).__name__}", "a key as text")
    text = value.strip()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        given = "a text with blanks or other characters that no key has" if text else "an empty text"
        raise ConfigError(name, given, "a key as text")
    return text


def _no_signer(payload: bytes) -> str:
    raise ConfigError("api_secret", None, "a secret or a private key, to sign with")


def _hmac_signer(secret: str) -> Callable[[bytes], str]:
    keyed = hmac.new(secret.encode(), digestmod=hashlib.sha256)

    def sign(payload: bytes) -> str:
        digest = keyed.copy()
        digest.update(payload)
        return digest.hexdigest()

    return sign


def _private_signer(given: object, passphrase: str | bytes | None) -> tuple[Kind, Callable[[bytes], str]]:
    try:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
    except ImportError as exc:
        raise ConfigError("private_key", "a private key", "api_secret, as cryptography is missing", _INSTALL) from exc
    key: Any = given if hasattr(given, "private_bytes") else _loaded(_pem(given), passphrase)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519", lambda payload: base64.b64encode(key.sign(payload)).decode()
    if isinstance(key, rsa.RSAPrivateKey):
        scheme, digest = padding.PKCS1v15(), hashes.SHA256()
        return "rsa", lambda payload: base64.b64encode(key.sign(payload, scheme, digest)).decode()
    raise ConfigError("private_key", f"a {type(key).__name__}", "an Ed25519 or RSA private key")


def _pem(given: object) -> bytes:
    """The PEM that was given, or is in the file that was named."""
    export = getattr(given, "export_key", None)  # PyCryptodome's RsaKey and EccKey, which python-binance keeps
    if callable(export):
        given = export(format="PEM")
    data = given.encode() if isinstance(given, str) else given
    if isinstance(data, bytes) and _BEGIN in data:
        return data
    if not isinstance(given, (str, os.PathLike)):
        raise ConfigError("private_key", f"a {type(given).__name__}", "PEM, the path of a PEM file, or a key object")
    try:
        return Path(given).read_bytes()
    except (OSError, ValueError) as exc:
        # Only the kind of the failure: what was meant as PEM may stand where a path is expected.
        hint = f"The file cannot be read ({type(exc).__name__})"
        raise ConfigError("private_key", "a text that is no PEM", "PEM or the path of a PEM file", hint) from None


def _loaded(pem: bytes, passphrase: str | bytes | None) -> object:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    phrase = passphrase.encode() if isinstance(passphrase, str) else passphrase
    encrypted = b"ENCRYPTED" in pem
    if encrypted and not phrase:
        raise ConfigError("passphrase", None, "the passphrase of the encrypted private key")
    try:
        return load_pem_private_key(pem, phrase if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
        hint = "The passphrase may be wrong" if encrypted else ""
        raise ConfigError("private_key", f"PEM that cannot be read ({type(exc).__name__})", "PEM", hint) from None
