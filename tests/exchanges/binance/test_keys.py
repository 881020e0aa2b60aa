"""API keys: what signs, where they come from, and that nothing of them shows."""

from __future__ import annotations

import base64
import copy
import pickle
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from binance_keys import DOC_KEY, DOC_SECRET, WIDE_SYMBOL
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from binance_sockets import ConfigError
from binance_sockets.exchanges.binance.keys import ApiKey

ED25519 = ed25519.Ed25519PrivateKey.generate()
RSA = rsa.generate_private_key(65537, 2048)


def pem(key: Any, passphrase: str | None = None) -> str:
    hiding: Any = serialization.NoEncryption()
    if passphrase:
        hiding = serialization.BestAvailableEncryption(passphrase.encode())
    return str(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hiding).decode())


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "API_SECRET", "PRIVATE_KEY", "PRIVATE_KEY_PASSPHRASE"):
        monkeypatch.delenv(f"BINANCE_{name}", raising=False)


@pytest.mark.parametrize(
    "payload, digest",
    [
        (
            "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
            "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
        ),
        (
            f"apiKey={DOC_KEY}&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT"
            "&timeInForce=GTC&timestamp=1645423376532&type=LIMIT",
            "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24",
        ),
    ],
)
def test_hmac_signs_as_documented(payload: str, digest: str) -> None:
    """The documentation's own payloads and digests; a key signs as often as it is asked."""
    key = ApiKey(DOC_KEY, DOC_SECRET)
    assert key.kind == "hmac"
    assert [key.sign(payload), key.sign(payload)] == [digest, digest]


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_ed25519_signatures_verify(passphrase: str | None) -> None:
    """The public key accepts the base64 of a signature over the payload's UTF-8."""
    key = ApiKey(DOC_KEY, private_key=pem(ED25519, passphrase), passphrase=passphrase)
    assert key.kind == "ed25519"
    ED25519.public_key().verify(base64.b64decode(key.sign(WIDE_SYMBOL)), WIDE_SYMBOL.encode())


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_rsa_signatures_verify(passphrase: str | None) -> None:
    """PKCS #1 v1.5 with SHA-256, in base64."""
    key = ApiKey(DOC_KEY, private_key=pem(RSA, passphrase).encode(), passphrase=passphrase)
    assert key.kind == "rsa"
    signature = base64.b64decode(key.sign("a=1"))
    RSA.public_key().verify(signature, b"a=1", padding.PKCS1v15(), hashes.SHA256())


def test_a_private_key_comes_as_pem_path_or_object(tmp_path: Path) -> None:
    """Text, bytes, the name or path of a file, and the objects that clients keep make the same signature."""
    path = tmp_path / "key.pem"
    path.write_text(pem(ED25519))
    wanted = ApiKey(DOC_KEY, private_key=pem(ED25519)).sign("a=1")
    crypto = SimpleNamespace(export_key=lambda format: pem(ED25519))  # as PyCryptodome's EccKey
    for given in (pem(ED25519).encode(), path, str(path), ED25519, crypto):
        assert ApiKey(DOC_KEY, private_key=given).sign("a=1") == wanted


def test_a_key_without_a_secret_cannot_sign() -> None:
    """It may still be sent as a header."""
    key = ApiKey(DOC_KEY)
    assert key.kind == "none"
    with pytest.raises(ConfigError, match="api_secret: expected a secret or a private key"):
        key.sign("a=1")


@pytest.mark.parametrize(
    "arguments",
    [
        {"api_key": ""},
        {"api_key": 5},
        {"api_key": "two words"},
        {"api_key": "line\nfeed"},
        {"secret": "zwölf"},
        {"secret": DOC_SECRET, "private_key": "x"},
        {"private_key": DOC_SECRET},
        {"private_key": 7},
        {"private_key": "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"},
        {"private_key": pem(ec.generate_private_key(ec.SECP256R1()))},
        {"private_key": pem(ED25519, "unforgettable")},
        {"private_key": pem(ED25519, "unforgettable"), "passphrase": "wrong"},
    ],
)
def test_wrong_keys_are_refused_without_being_shown(arguments: dict[str, Any]) -> None:
    """A ConfigError says what is wrong; neither its text nor its traceback quotes what was given."""
    with pytest.raises(ConfigError) as caught:
        ApiKey(**{"api_key": DOC_KEY, **arguments})
    shown = "".join(traceback.format_exception(caught.value))
    source = Path(__file__).read_text()  # whose lines a traceback shows
    shown = "\n".join(line for line in shown.splitlines() if line.strip() not in source)
    for secret in (DOC_KEY, DOC_SECRET, "zwölf", "two words", "c2VjcmV0", "unforgettable"):
        assert secret not in shown


def test_blanks_around_a_key_do_not_count() -> None:
    """They come from copying, or from the end of a file's line."""
    assert ApiKey(f" {DOC_KEY}\n", f"{DOC_SECRET}\n").sign("a") == ApiKey(DOC_KEY, DOC_SECRET).sign("a")


def test_nothing_of_a_key_shows() -> None:
    """Four characters of the API key at most, in repr and str; no pickle, no copy."""
    for key in (ApiKey(DOC_KEY, DOC_SECRET), ApiKey(DOC_KEY, private_key=ED25519)):
        shown = f"{key!r} {key} {key._sign!r}"
        assert "vmPU" in shown
        assert DOC_KEY[:5] not in shown and DOC_SECRET[:5] not in shown
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="cannot be pickled"):
                attempt(key)


# -- where they come from --


def test_arguments_win_over_the_client_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each place fills what those before it leave open."""
    monkeypatch.setenv("BINANCE_API_KEY", "from-variable")
    monkeypatch.setenv("BINANCE_API_SECRET", "variable-secret")
    client = SimpleNamespace(API_KEY="from-client", API_SECRET="client-secret")
    made = [
        ApiKey.resolve(client, "from-argument", "argument-secret"),
        ApiKey.resolve(client),
        ApiKey.resolve(),
        ApiKey.resolve(api_key="from-variable"),
    ]
    assert [key.api_key for key in made if key] == ["from-argument", "from-client", "from-variable", "from-variable"]
    secrets = ("argument-secret", "client-secret", "variable-secret", "variable-secret")
    assert [key.sign("a") for key in made if key] == [ApiKey("x", secret).sign("a") for secret in secrets]


def test_a_secret_is_never_combined_with_another_api_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """An API key alone stays alone where the other places know another key."""
    monkeypatch.setenv("BINANCE_API_KEY", "from-variable")
    monkeypatch.setenv("BINANCE_API_SECRET", "variable-secret")
    found = ApiKey.resolve(SimpleNamespace(API_KEY="from-client", API_SECRET="x"), "from-argument")
    assert found is not None and found.kind == "none"


def test_the_private_key_of_the_environment_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """BINANCE_PRIVATE_KEY names a PEM file, with its passphrase in a variable of its own."""
    path = tmp_path / "key.pem"
    path.write_text(pem(ED25519, "phrase"))
    monkeypatch.setenv("BINANCE_API_KEY", DOC_KEY)
    monkeypatch.setenv("BINANCE_PRIVATE_KEY", str(path))
    monkeypatch.setenv("BINANCE_PRIVATE_KEY_PASSPHRASE", "phrase")
    found = ApiKey.resolve()
    assert found is not None and found.kind == "ed25519"


def test_a_client_with_a_private_key(tmp_path: Path) -> None:
    """Newer clients keep one beside or instead of the secret; it signs."""
    found = ApiKey.resolve(SimpleNamespace(API_KEY=DOC_KEY, API_SECRET=DOC_SECRET, PRIVATE_KEY=ED25519))
    assert found is not None and found.kind == "ed25519"


def test_nothing_given_is_no_key() -> None:
    """Public data needs none; a secret alone is a mistake."""
    assert ApiKey.resolve(SimpleNamespace(API_KEY=None, API_SECRET=None)) is None
    with pytest.raises(ConfigError, match="api_key"):
        ApiKey.resolve(api_secret=DOC_SECRET)


def test_without_cryptography_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """HMAC works without it."""
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    assert ApiKey(DOC_KEY, DOC_SECRET).sign("a")
    with pytest.raises(ConfigError, match="extra crypto"):
        ApiKey(DOC_KEY, private_key=pem(ED25519))
