# Two commands need nothing but Python >= 3.10 and make:
#
#   make demo        the main job on the embedded exchange
#   make test        the tests
#
# PYTHON=python3.12 chooses the interpreter, VENV=dir the virtual environment, ARGS="-k close" goes to the program.

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
SEEDS ?= 1000
MINUTES ?= 30
PROFILE ?= nightly
FUZZED := $(addprefix tests/engine/test_,frames.py deflate.py subscriptions.py requests.py link.py continuity.py) \
  $(addprefix tests/exchanges/binance/test_,codec.py typed.py market.py replies.py ws_api_hostile.py history.py)

BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check install --quiet
DEMO_READY := $(VENV)/.ready-demo
DEV_READY := $(VENV)/.ready-dev
SETTINGS := setup.cfg setup.py

.PHONY: help demo test test-all test-full test-peers parity autobahn simulate soak fuzz mutation lint format sockets docs bench bench-full clean

help:
	@echo "make demo        start the embedded exchange and watch streams arrive"
	@echo "make test        run the tests, and what failed once more"
	@echo "make test-all    run the tests on Python 3.10 to 3.13 (3.14 when found)"
	@echo "make test-full   run the long tests: whole recordings in every form, fresh installs"
	@echo "make test-peers  run other people's clients against the embedded exchange (installs them; node.js clients too)"
	@echo "make parity      0.7's manager and 1.x's threads beside python-binance 0.7.10 and 1.0.37, call by call: installs"
	@echo "                 them, the first on Python 3.7 to 3.9 (PYTHON07=path says where one is)"
	@echo "make autobahn    run the Autobahn|Testsuite against the client (needs Python 2.7: PYTHON2=path says where it is)"
	@echo "make simulate    run the client in SEEDS=1000 simulated worlds (ARGS='--first 5000'; ARGS='--show 17' shows one)"
	@echo "make soak        MINUTES=30 of faults over real sockets, every message accounted for (ARGS='--seed 5' repeats)"
	@echo "make fuzz        thousands of made-up frames, messages and control paths for each property (PROFILE=ci: fewer)"
	@echo "make mutation    whether the tests notice small mistakes in the engine (ARGS='frames timers' chooses modules)"
	@echo "make lint        ruff, mypy --strict, import-linter"
	@echo "make format      format the code"
	@echo "make sockets     write the start methods anew from the table of streams"
	@echo "make docs        build the documentation into docs/_build/html"
	@echo "make bench       short benchmark; bench-full for the long one"
	@echo "make clean       remove everything that was generated, virtual environments included"

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "$(PYTHON) is missing or older than 3.10; say PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || $(PYTHON) -m virtualenv --quiet $(VENV) || \
	  { echo "cannot make a virtual environment; on Debian and Ubuntu install python3-venv" >&2; exit 1; }

$(DEMO_READY): $(SETTINGS) | $(PY)
	$(PIP) -e ".[cli,sim]"
	@touch $@

$(DEV_READY): $(SETTINGS) | $(PY)
	$(PIP) -e ".[dev]"
	@touch $@ $(DEMO_READY)

demo: $(DEMO_READY)
	$(BIN)/binance-sockets demo $(ARGS)

test: $(DEV_READY)
	$(PY) scripts/test.py $(ARGS)

test-all:
	$(PYTHON) scripts/test_all.py $(ARGS)

test-full: $(DEV_READY)
	$(PY) -m pytest -m full $(ARGS)

test-peers: $(DEV_READY)
	$(PY) tests/peers/run.py $(ARGS)

parity: $(DEV_READY)
	@$(if $(PYTHON07),PYTHON07="$(PYTHON07)" )$(PY) tests/parity/legacy.py
	@$(PY) tests/parity/threads.py

autobahn: $(DEV_READY)
	@$(if $(PYTHON2),PYTHON2="$(PYTHON2)" )$(PY) scripts/autobahn.py $(ARGS)

simulate: $(DEV_READY)
	PYTHONPATH=.:tests $(PY) -m simulation --seeds $(SEEDS) $(ARGS)

soak: $(DEV_READY)
	PYTHONPATH=.:tests $(PY) -m soak --minutes $(MINUTES) $(ARGS)

fuzz: $(DEV_READY)
	HYPOTHESIS_PROFILE=$(PROFILE) $(PY) -m pytest --timeout 3600 -m hypothesis $(FUZZED) $(ARGS)

mutation: $(DEV_READY)
	$(PY) scripts/mutation.py $(ARGS)

lint: $(DEV_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config setup.cfg

format: $(DEV_READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

sockets: $(DEV_READY)
	$(PY) scripts/generate_sockets.py
	$(PY) scripts/generate_user.py
	$(PY) scripts/generate_upbit.py
	$(PY) scripts/generate_api.py
	$(PY) docs/_ext/events_page.py

docs: $(DEV_READY)
	$(PY) -m sphinx -q -W --keep-going -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

bench: $(DEV_READY)
	$(PY) benchmarks/run.py --quick $(ARGS)
	$(PY) benchmarks/hot_path.py
	$(PY) benchmarks/views.py

bench-full: $(DEV_READY)
	$(PY) benchmarks/run.py $(ARGS)
	$(PY) benchmarks/hot_path.py --keep
	$(PY) benchmarks/round_trip.py --keep
	$(PY) benchmarks/books.py --keep
	$(PY) benchmarks/report.py

clean:
	rm -rf $(VENV) .venv-3.* .venv-autobahn benchmarks/.envs build dist *.egg-info docs/_build docs/_generated
	rm -rf .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
