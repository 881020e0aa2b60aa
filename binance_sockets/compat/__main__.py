"""``python -m binance_sockets.compat script.py args``: run a script with its old imports."""

from __future__ import annotations

import os
import sys

from .running import run_script


def main() -> int:
    """Run the script that the command line names. Exit code 2 without one."""
    words = sys.argv[1:]
    if not words or words[0] in ("-h", "--help") or not os.path.isfile(words[0]):
        sys.stderr.write("usage: python -m binance_sockets.compat script.py [arguments]\n")
        if words and words[0] not in ("-h", "--help"):
            sys.stderr.write(f"{words[0]}: there is no such script\n")
        return 0 if words and words[0] in ("-h", "--help") else 2
    return run_script(words[0], words[1:])


if __name__ == "__main__":
    sys.exit(main())
