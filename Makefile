# Everything runs from a clean checkout with nothing but make and Python 3.11 to 3.13.
# Every target first makes .venv when it is missing or older than what it is made from.
# Another interpreter: make test PYTHON=python3.12

.DEFAULT_GOAL := help
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
export PIP_DISABLE_PIP_VERSION_CHECK := 1

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
PEERS := $(VENV)/.peers
BENCH := $(VENV)/.bench
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: help venv peers demo run test check bench crash manual wheel lock clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

$(STAMP): locks/dev.lock pyproject.toml
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
		|| { echo "Linegate needs Python 3.11, 3.12 or 3.13; '$(or $(PYTHON),python3)' is not one. Install one, or name it: make PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "'$(PYTHON)' has no venv module; install it (on Debian: apt-get install python3-venv)" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "making $(VENV) with $(PYTHON)"; "$(PYTHON)" -m venv --clear $(VENV); }
	@echo "installing what locks/dev.lock names"
	@$(BIN)/python -m pip install -q --require-hashes -r locks/dev.lock
	@$(BIN)/python -m pip install -q --no-deps -e .
	@touch $@

venv: $(STAMP)  ## the environment alone
	@:

peers: $(STAMP)  ## the real network elements and card readers that tests and measurements speak to (from apt and npm)
	@scripts/install_peers.sh
	@$(MAKE) $(PEERS)

# pyscard is built against what the script has just installed
$(PEERS): $(STAMP) locks/pcsc.lock
	@echo "building what locks/pcsc.lock names"
	@$(BIN)/python -m pip install -q --require-hashes -r locks/pcsc.lock
	@touch $@

demo: $(STAMP)  ## gateway and simulated network play an order file to its end
	@$(BIN)/linegate demo

run: $(STAMP)  ## gateway on port 8080, simulated network on 8090, state in data/
	@$(BIN)/linegate up --port 8080 --sim-port 8090 --data data

test: peers  ## every test
	@scripts/run_tests.sh

check: $(STAMP)  ## every static check, and the wheel tried in a clean environment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/test_house.py
	scripts/try_wheel.sh

bench: peers  ## side-by-side measurements into benchmarks/results/; ONLY="saga growth" for some of them
	@$(MAKE) $(BENCH)
	@$(BIN)/python -m benchmarks $(FLAGS) $(ONLY)

# other people's engines, to be measured beside ours
$(BENCH): $(STAMP) locks/bench.lock
	@echo "installing what locks/bench.lock names"
	@$(BIN)/python -m pip install -q --require-hashes -r locks/bench.lock
	@touch $@

crash: peers  ## gateways killed a hundred times on each database, and every other way to die: a table of what came of it
	@$(BIN)/python -m tests.crash --kills $(or $(KILLS),100)

manual: $(STAMP)  ## the manual's dialogues and rows of contracts, from the transcripts and journeys the tests play
	@$(BIN)/python -m tests.transcripts.manual
	@$(BIN)/python -m tests.journeys.contracts.manual

wheel: $(STAMP)  ## the distribution into dist/
	@$(BIN)/python -m build --wheel

lock: $(STAMP)  ## resolve the locks again, keeping versions that still fit; FLAGS=--upgrade takes the newest
	@test -x $(BIN)/uv || $(BIN)/python -m pip install -q uv
	@$(LOCK) $(FLAGS) --extra dev -o locks/dev.lock pyproject.toml
	@$(LOCK) $(FLAGS) --extra pcsc -o locks/pcsc.lock pyproject.toml
	@$(LOCK) $(FLAGS) -c locks/dev.lock --extra postgres --extra bench -o locks/bench.lock pyproject.toml
	@$(LOCK) $(FLAGS) -o locks/runtime.lock pyproject.toml

clean:  ## remove what was made, data/ excepted
	@rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
