# Chorus. Every target installs what it needs first; nothing else has to be typed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: serve test check schema bench soak neo4j format web examples clean

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Chorus needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

serve: $(INSTALLED) web  ## start the server with GraphiQL at http://127.0.0.1:12000/
	$(BIN)/chorus serve

test: check web examples  ## the checks and all tests
	$(BIN)/python -m pytest

check: $(INSTALLED)  ## formatting, lint, types, import contracts, stale schema
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/chorus schema --check

format: $(INSTALLED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schema: $(INSTALLED)  ## rewrite schema/schema.graphql from the code
	$(BIN)/chorus schema

lock: $(INSTALLED)  ## resolve the newest versions again
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile -q --upgrade --extra dev pyproject.toml -o requirements.lock --generate-hashes --no-header --no-annotate --only-binary :all: --no-emit-index-url --universal
