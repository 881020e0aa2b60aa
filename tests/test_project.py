"""The project's promises about itself: names, versions, documents, imports, and rules for its own tests."""

from __future__ import annotations

import ast
import configparser
import datetime
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

import binance_sockets
from binance_sockets import errors
from binance_sockets.cli.app import cli

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "binance_sockets"
SKIPPED = {"build", "dist", "_build", "_generated", "__pycache__"}
OPTIONAL = ("aiohttp", "click", "cryptography", "python_socks", "rich")

settings = configparser.ConfigParser()
settings.read(ROOT / "setup.cfg")


def sources(folder: Path, *suffixes: str) -> Iterator[Path]:
    """The project's own files below ``folder``."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(ROOT).parts
        generated = any(part in SKIPPED or part.endswith(".egg-info") for part in parts)
        hidden = any(part.startswith(".") and part != ".ci" for part in parts)
        if path.is_file() and not generated and not hidden and (not suffixes or path.suffix in suffixes):
            yield path


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


# -- names --


def test_all_lists_exactly_the_public_names() -> None:
    """``binance_sockets.__all__`` is sorted, and complete as to what ``__init__`` imports."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    imported = [alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    imported.remove("_early")  # has an effect, no name
    assert sorted(imported) == sorted(binance_sockets.__all__)
    assert binance_sockets.__all__ == sorted(binance_sockets.__all__)
    assert [name for name in binance_sockets.__all__ if not hasattr(binance_sockets, name)] == []


def test_every_public_name_is_described() -> None:
    """Each stands in the documentation with its docstring and members; the errors' page takes their whole module."""
    pages = "\n".join(page.read_text() for page in (ROOT / "docs").rglob("*.rst"))
    described = set(re.findall(r"^\.\. auto\w+:: (?:[\w.]+\.)?(\w+)$", pages, re.MULTILINE))
    assert set(binance_sockets.__all__) - described - set(errors.__all__) == {"__version__"}


def test_every_error_is_exported_and_drawn() -> None:
    """Each error class can be imported from the package and stands in the tree of the module's docstring."""
    classes = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}
    drawn = set(re.findall(r"^\s*(?:[|\s]*\+-- )?(\w+)", (errors.__doc__ or "").partition("::")[2], re.MULTILINE))
    assert classes == set(errors.__all__)
    assert classes <= set(binance_sockets.__all__)
    assert classes <= drawn


@pytest.mark.parametrize("path", [*sources(PACKAGE, ".py")], ids=named)
def test_every_module_says_what_it_is(path: Path) -> None:
    """Each module of the package has a docstring, except an empty ``__init__``."""
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree) or (path.name == "__init__.py" and not tree.body)


# -- versions --


def test_newest_changelog_entry_is_the_version() -> None:
    """The changelog starts with the package's version; versions and dates descend."""
    entries = re.findall(r"^(\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)\n-+$", (ROOT / "CHANGELOG.rst").read_text(), re.M)
    versions = [tuple(map(int, version.split("."))) for version, _ in entries]
    dates = [datetime.date.fromisoformat(date) for _, date in entries]
    assert entries[0][0] == binance_sockets.__version__
    assert versions == sorted(set(versions), reverse=True)
    assert dates == sorted(dates, reverse=True)


def test_changelog_says_each_thing_once() -> None:
    """No entry stands twice in the same release."""
    releases = re.split(r"^.+\n-{5,}$", (ROOT / "CHANGELOG.rst").read_text(), flags=re.M)[1:]
    for release in releases:
        entries = re.findall(r"^- .+(?:\n  .+)*", release, re.M)
        assert sorted(entries) == sorted(set(entries))


# -- documents --


def test_every_command_is_documented() -> None:
    """The reference has each sub-command and no other; so does the README."""
    reference = (ROOT / "docs/reference/command_line.rst").read_text()
    assert set(re.findall(r"^\.\. command-line:: (\w+)$", reference, re.M)) == set(cli.commands)
    readme = (ROOT / "README.rst").read_text()
    assert set(re.findall(r"binance-sockets (\w+)", readme)) == set(cli.commands)


def test_first_page_leads_everywhere() -> None:
    """The first page's own text, not its menu alone, leads to each how-to and to both pages on accounts."""
    text = (ROOT / "docs/index.rst").read_text().partition(".. toctree::")[0]
    wanted = {f"howto/{path.stem}" for path in (ROOT / "docs/howto").glob("*.rst")}
    assert wanted | {"topics/user_data", "topics/websocket_api"} <= set(re.findall(":doc:`([^`]+)`", text))


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_and_option_has_help(name: str) -> None:
    """``--help`` tells something about each command and each option."""
    command = cli.commands[name]
    assert command.help
    assert [p.name for p in command.params if isinstance(p, click.Option) and not p.help] == []


def test_readme_names_existing_targets_extras_and_files() -> None:
    """Every ``make`` target, extra and file that the README names exists, and it names all extras."""
    readme = (ROOT / "README.rst").read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"``make ([a-z-]+)``", readme)) <= targets
    extras = set(settings["options.extras_require"])
    assert set(re.findall(r"^``(\w+)`` +\w", readme.partition("\nExtra ")[2].partition("\n\n")[0], re.M)) == extras
    linked = set(re.findall(r"<([\w./]+)>`_", readme)) | set(re.findall(r"examples/\w+\.py", readme))
    assert [path for path in linked if "://" not in path and not (ROOT / path).exists()] == []


def test_contributing_names_existing_targets_and_files() -> None:
    """Every ``make`` target and every path of the project that ``CONTRIBUTING.rst`` names exists."""
    text = (ROOT / "CONTRIBUTING.rst").read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named_targets = set(re.findall(r"``make ([a-z-]+)``|^   make ([a-z-]+)", text, re.M))
    assert {target for pair in named_targets for target in pair if target} <= targets
    tree = text.partition("   binance_sockets/\n")[2].partition("   tests/")[0]
    parts = [name for line in re.findall(r"^     (\S+(?: \S+)*)(?:  |$)", tree, re.M) for name in line.split()]
    paths = [f"binance_sockets/{name}" for name in parts]
    paths += re.findall(r"``((?:binance_sockets|tests|docs|benchmarks)/[\w./]+)``", text)
    assert len(paths) > 15
    assert [path for path in paths if not (ROOT / path).exists() and path != "docs/topics/design.rst"] == []


def test_every_logger_is_documented() -> None:
    """The page on logging lists exactly the loggers that the package uses."""
    used = set()
    for path in sources(PACKAGE, ".py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for found in re.findall(r"getLogger\((.+?)\)", path.read_text()):
            used.add(module if found == "__name__" else found.strip("\"'"))
    used = {name for name in used if name.startswith("binance_sockets")}  # others are only told to be quiet
    page = (ROOT / "docs/topics/logging.rst").read_text()
    assert set(re.findall(r"^   \* - ``(binance_sockets[\w.]*)``$", page, re.M)) == used


def test_every_method_is_in_the_reference() -> None:
    """The page on the API lists each public method and property of the manager, once."""
    page = (ROOT / "docs/reference/api.rst").read_text()
    listed = re.findall(r"^\.\. auto(?:attribute|method|property):: binance_sockets\.SocketManager\.(\w+)$", page, re.M)
    assert sorted(listed) == sorted(name for name in dir(binance_sockets.SocketManager) if not name.startswith("_"))


def lacking(method: Callable[..., object]) -> list[str]:
    """What the docstring of a ``start_*`` method should say and does not."""
    text = (inspect.getdoc(method) or "") + "\n"
    sections = dict(re.findall(r"^(Args|Returns|Raises):\n((?: .*\n)+)", text, re.MULTILINE))
    described = re.findall(r"^    (\w+): \S", sections.get("Args", ""), re.MULTILINE)
    taken = [name for name in inspect.signature(method).parameters if name != "self"]
    faults = [f"argument {name}" for name in taken if name not in described]
    faults += [f"no argument {name}" for name in described if name not in taken]
    faults += [name for name in ("Args", "Returns", "Raises") if name not in sections]
    return faults if re.search(r"^Source: \S", text, re.MULTILINE) else [*faults, "Source"]


STARTERS = sorted(name for name in dir(binance_sockets.SocketManager) if name.startswith("start_"))


@pytest.mark.parametrize("name", STARTERS)
def test_every_start_method_is_fully_described(name: str) -> None:
    """Each names all of its arguments, what it returns and raises, and the exchange's document behind it."""
    assert lacking(getattr(binance_sockets.SocketManager, name)) == []


def test_an_incomplete_description_is_noticed() -> None:
    """The test above sees whatever is missing."""

    def bare(symbol: str, callback: object) -> None: ...

    def half(symbol: str, callback: object) -> None:
        """Something.

        Args:
            symbol: such as ``"BNBBTC"``.
            window: is not taken.

        Returns:
            The conn key.
        """

    assert lacking(bare) == ["argument symbol", "argument callback", "Args", "Returns", "Raises", "Source"]
    assert lacking(half) == ["argument callback", "no argument window", "Raises", "Source"]
    assert len(STARTERS) > 50


def test_every_example_is_shown_or_listed() -> None:
    """Each file in ``examples`` stands in the documentation."""
    pages = "\n".join(path.read_text() for path in sources(ROOT / "docs", ".rst"))
    assert [path.name for path in (ROOT / "examples").glob("*.py") if path.name not in pages] == []


UNWANTED = re.compile(
    r"/(?:work|root|home)/[a-z]|\bpypi\b|(?:issue|PR|pull request) #\d|\bTO" + r"DO\b|\bFIX" + r"ME\b", re.IGNORECASE
)


def test_no_file_carries_traces_of_its_making() -> None:
    """No machine's paths, package registries, ticket numbers or postponed work in any file."""
    files = [*sources(ROOT, ".py", ".rst", ".cfg", ".toml", ".in", ""), ROOT / ".gitignore"]
    found = [f"{named(path)}: {hit}" for path in files for hit in UNWANTED.findall(path.read_text("utf-8", "replace"))]
    assert len(files) > 50
    assert found == []


# -- imports --


def test_import_contracts() -> None:
    """The contracts in ``setup.cfg`` on who may import whom are kept."""
    # a process of its own, because import-linter sets up logging and silences our loggers
    command = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports('setup.cfg', no_cache=True))"
    result = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr


def test_neutral_parts_name_no_exchange() -> None:
    """The engine, the manager and the contract contain no exchange's name, apart from the package's own."""
    neutral = [*sources(PACKAGE / "engine", ".py"), *sources(PACKAGE / "manager", ".py")]
    neutral += [PACKAGE / f"{name}.py" for name in ("config", "errors", "events", "exchange")]
    own = re.compile(r"binance_?sockets|python-binance", re.IGNORECASE)
    names = re.compile(r"binance|upbit|okx|bybit", re.IGNORECASE)
    assert [named(path) for path in neutral if names.search(own.sub("", path.read_text()))] == []


BARE = """
import importlib, pkgutil, sys, threading
for name in {optional!r}:
    sys.modules[name] = None
import binance_sockets
loaded = 0
for module in pkgutil.walk_packages(binance_sockets.__path__, "binance_sockets."):
    if not module.name.startswith({extras!r}):
        importlib.import_module(module.name)
        loaded += 1
assert threading.active_count() == 1, threading.enumerate()
print(loaded)
"""


def test_library_imports_without_extras_and_starts_nothing() -> None:
    """With none of the optional packages the whole library can be imported, and no thread is running then."""
    extras = ("binance_sockets.cli.", "binance_sockets.simulator", "binance_sockets.__main__")
    script = BARE.format(optional=OPTIONAL, extras=extras)
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 15


# -- tests --


OLD_SCRIPTS = ROOT / "tests" / "compat" / "scripts"  # written as people wrote them
TESTS = [path for path in sources(ROOT / "tests", ".py") if OLD_SCRIPTS not in path.parents]


@pytest.mark.parametrize("path", TESTS, ids=named)
def test_tests_wait_for_facts_and_say_what_they_promise(path: Path) -> None:
    """No test sleeps, and every test has a docstring."""
    tree = ast.parse(path.read_text())
    sleeps, undocumented = [], []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "sleep" and ast.unparse(node.value) == "time":
            sleeps.append(node.lineno)
        if isinstance(node, ast.ImportFrom) and node.module == "time" and "sleep" in [a.name for a in node.names]:
            sleeps.append(node.lineno)
        is_test = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        if is_test and not ast.get_docstring(node):
            undocumented.append(node.name)
    assert sleeps == []
    assert undocumented == []


def test_the_gate_runs_the_command_of_the_readme() -> None:
    """``.ci/run`` can be executed and runs ``make test``."""
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text()
