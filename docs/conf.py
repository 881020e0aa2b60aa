"""Sphinx settings. ``make docs`` builds with warnings as errors."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]

from binance_sockets import __version__  # noqa: E402

project = "binance_sockets"
author = "binance_sockets contributors"
copyright = "2026, binance_sockets contributors"
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "api_table",
    "call_picture",
    "command_line",
    "lifecycle_diagram",
    "stream_table",
]
exclude_patterns = ["_build", "_generated"]
nitpicky = False

html_theme = "furo"
html_title = f"binance_sockets {version}"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
