"""The directive ``command-line``: every sub-command with its options, read from the program itself."""

from __future__ import annotations

import click
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from binance_sockets.cli.app import cli


def help_text(name: str) -> str:
    """What ``binance-sockets NAME --help`` prints."""
    with click.Context(cli, info_name="binance-sockets") as parent:
        return cli.commands[name].get_help(click.Context(cli.commands[name], info_name=name, parent=parent))


class CommandLine(SphinxDirective):
    """``.. command-line:: NAME`` shows the help of one sub-command."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        text = help_text(self.arguments[0])
        return [nodes.literal_block(text, text, language="text")]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("command-line", CommandLine)
    return {"parallel_read_safe": True}
