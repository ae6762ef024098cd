PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help diagnose test lint docs clean
help: ## say what can be made
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/'

$(VENV)/run: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	touch $@

$(VENV)/tests: $(VENV)/run
	$(PIP) -e ".[test]"
	touch $@

diagnose: $(VENV)/run ## the main job on the bundled example
	$(BIN)/advisor diagnose examples/digits_cnn.py

test: $(VENV)/tests ## everything: lint, types, tests (in CI a browser is installed if there is none)
	@if [ -n "$$CI" ] && ! command -v chromium >/dev/null; then \
	  (apt-get update -qq && apt-get install -y -qq chromium) >/dev/null 2>&1 || echo "no chromium: browser tests are skipped"; fi
	$(BIN)/ruff format --check . && $(BIN)/ruff check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadfile

lint: $(VENV)/tests ## format and check the code
	$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(BIN)/mypy

docs: $(VENV)/tests ## the documentation site, in site/
	$(BIN)/mkdocs build --strict

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
