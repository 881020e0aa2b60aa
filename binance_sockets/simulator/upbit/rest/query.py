"""The parameters of a REST call: from the query, a form, or a JSON body, with what a token may have hashed of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote_plus, unquote, unquote_plus

from binance_sockets.simulator.upbit.errors import Refused
from binance_sockets.simulator.venue import RestRequest

__all__ = ["Query"]

_MISSING = "Missing request parameter error. Check the required parameters!"
_TYPE = "Type mismatch error. Check the parameters type!"


class Query:
    """Parameters of one call; ``uuids[]`` and ``uuids`` are the same name.

    Args:
        request: where they stand.
        keyed: whether it is a call that needs a key, whose errors have names.

    Raises:
        Refused: a body that is neither a form nor a JSON object.
    """

    def __init__(self, request: RestRequest, *, keyed: bool) -> None:
        self._keyed = keyed
        pairs, self._texts = _body(request)
        if pairs is None:
            raise self.invalid(_TYPE)
        pairs = [*parse_qsl(request.query, keep_blank_values=True), *pairs]
        if request.query:
            self._texts = [request.query + ("&" + text if text else "") for text in self._texts]
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name.removesuffix("[]"), []).append(value)

    @property
    def hashes(self) -> set[str] | None:
        """What ``query_hash`` may be: of the text as sent, or not encoded; ``None`` without parameters."""
        if not self._values:
            return None
        texts = {form for text in self._texts for form in (text, unquote(text), unquote_plus(text))}
        texts |= {text.replace("[]=", "%5B%5D=") for text in texts} | {text.replace("%5B%5D=", "[]=") for text in texts}
        return {hashlib.sha512(text.encode(errors="replace")).hexdigest() for text in texts}

    def invalid(self, text: str) -> Refused:
        """What is said of parameters that make no sense."""
        return Refused("validation_error", text) if self._keyed else Refused(400, text)

    def has(self, name: str) -> bool:
        """Whether it is there, and not empty."""
        return any(self._values.get(name, ()))

    def text(self, name: str, default: str | None = None) -> str:
        """A text; without a default it must be there.

        Raises:
            Refused: it is not, or stands there twice.
        """
        values = self._values.get(name, [])
        if len(values) > 1:
            raise self.invalid(_TYPE)
        value = values[0] if values else ""
        if not value and default is None:
            raise self.invalid(_MISSING)
        return value or default or ""

    def one_of(self, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """One of some words.

        Raises:
            Refused: it is another.
        """
        value = self.text(name, default)
        if value not in (*allowed, default):
            raise self.invalid(f"{name}: {', '.join(allowed)}")
        return value

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number; beyond ``high`` it is cut to that.

        Raises:
            Refused: it is none, or below ``low``.
        """
        text = self.text(name, str(default))
        if not (text.isascii() and text.lstrip("-").isdigit()) or len(text) > 20 or int(text) < low:
            raise self.invalid(_TYPE)
        return min(int(text), high)

    def flag(self, *names: str) -> bool:
        """Whether one of these says "true"."""
        return any(self.text(name, "false").lower() == "true" for name in names)

    def words(self, name: str) -> list[str]:
        """What a list with commas, or the name several times, says; at least one.

        Raises:
            Refused: there is none.
        """
        found = self.several(name)
        if not found:
            raise self.invalid(_MISSING)
        return found

    def several(self, name: str) -> list[str]:
        """The same, where there may be none."""
        return [word.strip() for value in self._values.get(name, ()) for word in value.split(",") if word.strip()]


def _body(request: RestRequest) -> tuple[list[tuple[str, str]] | None, list[str]]:
    """The pairs of a body, and how they may be written; ``None`` for what is no such body."""
    if not request.body.strip():
        return [], [""]
    if request.form:
        return parse_qsl(request.form, keep_blank_values=True), [request.form]
    try:
        document = json.loads(request.body)
    except (ValueError, RecursionError):
        return None, []
    if not isinstance(document, dict):
        return None, []
    pairs = list(_pairs(document))
    plain = "&".join(f"{name}={value}" for name, value in pairs)
    encoded = "&".join(f"{quote_plus(name)}={quote_plus(value, errors='replace')}" for name, value in pairs)
    return pairs, [plain, encoded]


def _pairs(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in document.items():
        if isinstance(value, list):
            yield from ((f"{name}[]", _text(one)) for one in value)
        elif value is not None:
            yield name, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)
