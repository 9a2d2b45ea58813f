# Everything starts here; `make` alone lists what there is. Needs Python 3.11 or newer and make.
SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell \
  $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.runtime
DEVELOP := $(VENV)/.develop
CHECKING := DEV=1 DATA_DIR=.artifacts/check

.PHONY: help run test check lint types e2e chaos fuzz bench docs fmt image audit lock

help: ## lists the commands
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

# ── The environment: made once, and again when the pinned packages change ────────────────────────────────────
$(BIN)/pip:
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed: install it, or run make PYTHON=/path/to/python3."; exit 1; fi
	@echo "Making the environment (once) …"
	@$(PYTHON) -m venv $(VENV)

$(RUN): requirements.txt | $(BIN)/pip
	@echo "Getting the packages (about a minute, once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(DEVELOP): requirements-dev.txt | $(BIN)/pip
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(RUN)

# ── For people ───────────────────────────────────────────────────────────────────────────────────────────────
run: $(RUN) ## runs everything on this machine, with demo data (PORT, DATA_DIR, DATABASE_URL, REDIS_URL)
	@DEV=1 DIES_WITH_PARENT=1 exec $(BIN)/python -m config.runner

test: $(DEVELOP) ## runs the tests on SQLite, and on PostgreSQL + Redis where they answer
	@$(BIN)/python -m tests.legs

check: lint types ## runs all that CI runs
	@$(MAKE) test
	@$(MAKE) e2e

lint: $(DEVELOP)
	@$(BIN)/ruff format --check --quiet . || { echo "Run make fmt."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m tests.pins

types: $(DEVELOP)
	@mkdir -p .artifacts
	@$(CHECKING) $(BIN)/mypy .
	@$(CHECKING) $(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m tests.deploy_check

e2e: $(DEVELOP) ## walks the journeys in a real browser (CHROMIUM names it)
	@$(BIN)/pytest tests/e2e --run-e2e

chaos: $(DEVELOP) ## kills and stops things while it works, and prints a ledger
	@TEST_PROCESSES=0 $(BIN)/python -m tests.legs tests/chaos --long -s

fuzz: $(DEVELOP) ## throws bodies of every shape at the API
	@$(BIN)/pytest tests -k fuzz --long

bench: $(DEVELOP) ## measures, beside a yardstick
	@$(BIN)/python -m tests.load.bench

docs: $(DEVELOP) ## writes the generated reference
	@mkdir -p .artifacts
	@$(CHECKING) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/reference/openapi.yaml

fmt: $(DEVELOP) ## formats the code
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

image: ## builds the container image
	@docker build --tag ivsuite .

audit: ## looks the pinned packages up among known weaknesses
	@test -x .venv-audit/bin/pip-audit || { $(PYTHON) -m venv .venv-audit && .venv-audit/bin/pip install --quiet pip-audit; }
	@.venv-audit/bin/pip-audit --require-hashes --disable-pip -r requirements.txt

lock: $(DEVELOP) ## resolves the packages again and writes the pinned lists
	@$(BIN)/uv lock
	@$(BIN)/python -m tests.pins --write
