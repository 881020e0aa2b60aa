"""The example key of the exchange's documentation, which opens nothing."""

from __future__ import annotations

DOC_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
DOC_SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
WIDE_SYMBOL = "\uff11\uff12\uff13\uff14\uff15\uff16"
