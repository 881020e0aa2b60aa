"""The group of sub-commands, and how an exception becomes an exit code."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Sequence

import click

from .. import BinanceSocketsError, ConfigError, __version__
from .api import api
from .audit import audit
from .book import book
from .demo import demo
from .doctor import doctor
from .migrate import migrate
from .script import script
from .simulate import simulate
from .streams import streams
from .user import user
from .watch import watch

__all__ = ["cli", "run"]


class _Log(logging.Handler):
    """Writes to what is stderr at that moment: while a live table stands, that puts lines above it."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:  # as every handler does: a lost line of a log ends no stream
            self.handleError(record)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="binance-sockets")
@click.option("-v", "--verbose", is_flag=True, help="Log every change of state to stderr.")
def cli(verbose: bool) -> None:
    """Exchange WebSocket streams. Data goes to stdout, everything else to stderr."""
    if verbose:
        line = "%(asctime)s %(levelname)s %(name)s: %(message)s"
        logging.basicConfig(level=logging.INFO, format=line, handlers=[_Log()])


for _command in (demo, watch, book, user, api, doctor, simulate, streams, audit, migrate, script):
    cli.add_command(_command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Parse, run, and return the exit code. Not click's ``main``: that has codes of its own for Ctrl-C and pipes."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with cli.make_context("binance-sockets", words) as context:
            code: int | Callable[[], int] | None = cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ConfigError as error:
        click.echo(f"Error: {error}", err=True)
        return 2
    except BrokenPipeError:
        _forget_stdout()
        return 0
    except (BinanceSocketsError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        _forget_stdout()  # when it is full, there is nothing left to flush
        return 1
    except (KeyboardInterrupt, click.Abort):
        return 130
    return code() if callable(code) else code or 0  # a script's errors are its own


def _forget_stdout() -> None:
    """Whoever read us is gone; keep the interpreter from complaining when it flushes stdout at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
