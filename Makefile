# Everything a newcomer needs is `make run` and `make test`; see README.md.
VENV ?= .venv
PATCHDECK := $(VENV)/bin/patchdeck
export VENV

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run demo test peers check format bench docs lock

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## Make .venv and install the pinned dependencies
	@scripts/setup.sh

setup-dev: ## The same, with what checks and tests need
	@scripts/setup.sh dev

run: setup ## Start everything and print the address
	@$(PATCHDECK) up

demo: setup ## Start with a demo workspace that works through the sample documents
	@$(PATCHDECK) up --demo

# The hub is started a hundred times: its compiled code is kept, whatever the environment says of that
test: setup-dev ## Install what tests need, then run static checks and all tests
	@$(MAKE) --no-print-directory --jobs 2 peers check
	@env -u PYTHONDONTWRITEBYTECODE $(VENV)/bin/python -m pytest --numprocesses auto --dist loadgroup

peers: setup-dev
	@tests/setup.sh

check: setup-dev ## Format, lint, types, import contracts, generated docs
	@$(VENV)/bin/ruff format --check --quiet --output-format concise .
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/mypy $(MYPY_OPTIONS)
	@$(VENV)/bin/lint-imports --no-logo
	@$(VENV)/bin/python -m scripts.docs --check

format: setup-dev ## Format the code and mend what the linter can
	@$(VENV)/bin/ruff check --fix --quiet .
	@$(VENV)/bin/ruff format --quiet .

bench: setup-dev ## Measure the figures of docs/performance.md
	@$(VENV)/bin/python -m bench

docs: setup-dev ## Write the generated parts of the docs again
	@$(VENV)/bin/python -m scripts.docs

lock: setup-dev ## Pin the dependencies again
	@scripts/lock.sh
