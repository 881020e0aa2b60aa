"""``python -m binance_sockets`` is the command ``binance-sockets``."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
