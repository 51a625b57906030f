# make run   set up everything, index the bundled corpus, serve the page and the API on 127.0.0.1:8000
# make test  set up everything, run all tests
# make check lint, format, types and the knowledge base
#
# Set-up is pinned by .ci/constraints.txt. Where the default package index offers torch with CUDA
# only, name an index with its CPU build: make run TORCH_INDEX=https://…

PYTHON ?= python3
VENV ?= .venv
TORCH_INDEX ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt \
	$(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

.PHONY: run test check bench clean

run: $(VENV)/.installed
	$(BIN)/rag index build
	exec $(BIN)/rag serve

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/rag corpus check

bench: $(VENV)/.installed-test
	$(BIN)/python -m tests.benchmarks.serving
	$(BIN)/python -m tests.benchmarks.page

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml .ci/constraints.txt | $(VENV)/bin/python
	@echo "setting up $(VENV): a few minutes the first time"
	$(PIP) --editable .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(PIP) --editable ".[test]"
	touch $@

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
