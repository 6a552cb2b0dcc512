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

$(NODE_READY): package-lock.json package.json .npmrc tools/node.py | $(PYTHON_READY)
	@echo "== Node packages, from package-lock.json"
	@$(BIN)/python tools/node.py npm ci --ignore-scripts --no-progress
	@touch $@

.PHONY: test
test: setup ## Run all tests
	$(BIN)/pytest
