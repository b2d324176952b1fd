# IMS. `make run` and `make test` work as the first and only command in a fresh clone; `make` alone lists what there is.
# Needs make, git and Python 3.11, 3.12 or 3.13. PORT and ADDRESS say where the portal listens.

PORT ?= 8501
ADDRESS ?= 127.0.0.1
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup run demo test lint format bench lock clean

help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/dev.stamp ## Make .venv with everything to run, test and check; starts nothing

run: $(VENV)/run.stamp ## Serve the portal on http://localhost:8501 (PORT=…, ADDRESS=0.0.0.0 for every network)
	@exec $(BIN)/ims serve --port $(PORT) --address $(ADDRESS)

demo: $(VENV)/run.stamp ## Fill an empty portal with a month of incidents, one burning now, and serve it
	@$(BIN)/ims demo
	@exec $(BIN)/ims serve --port $(PORT) --address $(ADDRESS)

test: $(VENV)/dev.stamp ## Run every test; what this machine lacks a server for is skipped and named
	@$(BIN)/python -m pytest -n auto --dist loadgroup -r s

lint: $(VENV)/dev.stamp ## Check style, layout and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/dev.stamp ## Lay out the code
	@$(BIN)/ruff check --fix-only -q .
	@$(BIN)/ruff format .

bench: $(VENV)/dev.stamp ## Measure pages and alerts against the bare minimum, side by side
	@$(BIN)/python -m benchmarks

lock: ## Write the lock files again from pyproject.toml (needs uv; UPGRADE=--upgrade for newer versions)
	uv pip compile -q $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-header \
		pyproject.toml --group build -o requirements/run.lock
	uv pip compile -q $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-header \
		pyproject.toml --group dev -c requirements/run.lock -o requirements/dev.lock

clean: ## Remove .venv and caches; the data in var/ stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache build *.egg-info

# A stamp is older than its lock when the lock has changed: then, and only then, it is installed again.
$(VENV)/run.stamp: requirements/run.lock pyproject.toml requirements/setup.sh
	@sh requirements/setup.sh $(VENV) run

$(VENV)/dev.stamp: requirements/dev.lock requirements/run.lock pyproject.toml requirements/setup.sh
	@sh requirements/setup.sh $(VENV) dev
