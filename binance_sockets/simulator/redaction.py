"""What the simulator shows of what it was sent: everything but keys, tokens and signatures."""

from __future__ import annotations

import re

__all__ = ["without_secrets"]

_NAMES = "listenKey|listenToken|signature|apiKey|X-MBX-APIKEY"
_NAMED = re.compile(rf"""((?:{_NAMES})(?:=|\\?["']\s*:\s*\\?["']))([^&\s"'\\,\[\]]+)""")
_LONG = re.compile(r"[0-9A-Za-z]{40,}")  # a listen key has 64; symbols, ids and words are shorter


def without_secrets(text: str) -> str:
    """``text``, URL, JSON or ``repr``, in which each secret is replaced by ``[64 characters hidden]``.

    Hidden is the value of what is called a key, a token or a signature, and any run of 40 letters and digits.
    """
    named = _NAMED.sub(lambda found: found[1] + _hidden(found[2]), text)
    return _LONG.sub(lambda found: _hidden(found[0]), named)


def _hidden(secret: str) -> str:
    return f"[{len(secret)} characters hidden]"
