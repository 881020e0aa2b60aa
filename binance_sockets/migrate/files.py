"""Scripts on a disk: found, read in their encoding, and written back in it."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["read", "scripts", "write"]

_SKIPPED = {"__pycache__", "build", "dist", "env", "node_modules", "site-packages", "venv"}


def scripts(paths: Iterable[Path]) -> Iterator[Path]:
    """The files among ``paths``, and the ``*.py`` files below folders; not those of environments and hidden folders."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for found in sorted(path.rglob("*.py")):
            folders = found.relative_to(path).parts[:-1]
            if not any(part in _SKIPPED or part.startswith(".") for part in folders):
                yield found


def read(path: Path) -> tuple[str, str]:
    """Text and encoding of a script; line ends are as in the file.

    Raises:
        OSError: it cannot be read.
        SyntaxError, UnicodeDecodeError: its encoding is unknown, or another one than it says.
    """
    data = path.read_bytes()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding), encoding


def write(path: Path, text: str, encoding: str) -> None:
    """Write a script back. The bytes go out in one call, and only once all of them are known."""
    data = text.encode(encoding)
    path.write_bytes(data)
