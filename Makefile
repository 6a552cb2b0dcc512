# Every target sets up what it needs; nothing has to be activated first. `make help` lists them.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
PYTHON_READY := .venv/.ready
NODE_READY := node_modules/.ready

# The first Python on PATH that is new enough. Looked for only when .venv has to be made.
FIND_PYTHON = for python in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; \
	done

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "make %-12s %s\n", $$1, $$2 }'

.PHONY: setup
setup: $(PYTHON_READY) $(NODE_READY) ## Install everything from the lock files, if they changed

$(PYTHON_READY): uv.lock pyproject.toml tools/set_up_python.py
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then \
		echo "Headgate needs Python 3.11 or newer, and found none on PATH. Install it, then run make again." >&2; \
		exit 1; \
	fi; \
	echo "== Python packages, from uv.lock"; \
	"$$python" tools/set_up_python.py
	@touch $@

$(NODE_READY): package-lock.json .npmrc | $(PYTHON_READY)
	@echo "== Node packages, from package-lock.json"
	@$(BIN)/python tools/node.py npm ci --ignore-scripts --loglevel=error
	@touch $@

# Clients of the local edge that only the tests use: other releases of wrangler, the TypeScript SDK.
CLIENTS_READY := $(patsubst %/package-lock.json,%/node_modules/.ready,$(wildcard tests/clients/*/package-lock.json))

$(CLIENTS_READY): %/node_modules/.ready: %/package-lock.json | $(PYTHON_READY)
	@echo "== Node packages of $*"
	@cd $* && $(CURDIR)/$(BIN)/python $(CURDIR)/tools/node.py npm ci --ignore-scripts --loglevel=error
	@touch $@

.PHONY: demo
demo: setup ## Ship examples/shop three times, the third rolled back, with traffic running
	@$(BIN)/python -m tools.demo

.PHONY: test
test: setup $(CLIENTS_READY) ## Run all tests
	@$(BIN)/pytest

.PHONY: bench
bench: setup ## Measure Headgate against bare wrangler, and the edge against bare workerd
	@$(BIN)/python -m bench

.PHONY: bench-judge
bench-judge: setup ## Measure the judge beside models of other rules, on simulated traffic
	@$(BIN)/python -m bench.judge

.PHONY: docs
docs: setup ## Build the documentation into site/
	@$(BIN)/zensical build --strict

# `make check` stops at the first step that fails and make names it; `make -k check` runs them all.
.PHONY: check
check: format lint types layers duplicates locks documented ## Check format, lint, types, layers, duplicates, locks and docs

PYTHON_CODE = $(wildcard src tests bench tools)

.PHONY: format
format: setup
	@echo "== format: ruff format (make fix mends it)"
	@$(BIN)/ruff format --check

.PHONY: lint
lint: setup
	@echo "== lint: ruff check"
	@$(BIN)/ruff check

.PHONY: types
types: setup
	@echo "== types: mypy"
	@$(BIN)/mypy $(PYTHON_CODE)

.PHONY: layers
layers: setup
	@echo "== layers: import-linter, by .importlinter"
	@$(BIN)/lint-imports --no-logo

.PHONY: duplicates
duplicates: setup
	@echo "== duplicates: pylint, for code that stands in two places"
	@$(BIN)/pylint --disable=all --enable=duplicate-code --score=no src

.PHONY: locks
locks: setup
	@echo "== locks: uv.lock fits pyproject.toml (make lock mends it)"
	@$(BIN)/uv lock --check --offline --quiet

.PHONY: documented
documented: setup
	@echo "== documented: what the docs say is what the code does"
	@$(BIN)/pytest -q tests/docs

.PHONY: fix
fix: setup ## Mend what ruff can: format, imports, simple lint
	@$(BIN)/ruff check --fix --exit-zero
	@$(BIN)/ruff format

.PHONY: lock
lock: setup ## Write the lock files anew after a change of dependencies
	@$(BIN)/uv lock
	@for folder in . tests/clients/*/; do \
		(cd $$folder && $(CURDIR)/$(BIN)/python $(CURDIR)/tools/node.py npm install --package-lock-only) || exit 1; \
	done
	@$(MAKE) setup

.PHONY: clean
clean: ## Remove everything that make put here
	rm -rf .venv node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .cache site
