# Chorus. Every target installs what it needs first; nothing else has to be typed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
WEB := client-examples/web
TYPESCRIPT := client-examples/typescript
NPM := npm ci --no-audit --no-fund --loglevel=error

# What a target needs is installed side by side: most of it is waiting for a network.
MAKEFLAGS += --jobs=3

.PHONY: serve test check schema bench soak neo4j format lock web examples dna-engine

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Chorus needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

serve: $(INSTALLED) web  ## start the server, with GraphiQL at http://127.0.0.1:12000/
	$(BIN)/chorus serve

test: check web examples  ## the checks and all tests
	$(BIN)/python -m pytest -n 2 --no-loadscope-reorder

check: $(INSTALLED)  ## formatting, lint, types, import contracts, stale schema
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/chorus schema --check

schema: $(INSTALLED) examples  ## rewrite schema/schema.graphql from the code, and the TypeScript client's types from that
	$(BIN)/chorus schema
	@if command -v npm >/dev/null; then cd $(TYPESCRIPT) && npm run --silent generate; \
		else echo "Node is missing: the TypeScript client's types are not rewritten"; fi

bench: $(INSTALLED)  ## every benchmark against its limit, as tables and JSON lines
	$(BIN)/python -m benchmarks

soak: $(INSTALLED)  ## the long rounds of the kill tests
	$(BIN)/python -m pytest -m soak tests/faults -s

neo4j: $(INSTALLED)  ## a real Neo4j on 127.0.0.1:7687, in the foreground; its data stays in chorus-data
	$(BIN)/python -m graphdb.neo4j.local --data chorus-data/neo4j

format: $(INSTALLED)  ## rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(INSTALLED)  ## resolve the newest versions again
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile -q --upgrade --extra dev pyproject.toml -o requirements.lock --generate-hashes \
		--no-header --no-annotate --only-binary :all: --no-emit-index-url --universal

dna-engine: $(INSTALLED)  ## rebuild the WebAssembly module of the Social DNA engine
	$(BIN)/python -m server.dna.build

# GraphiQL and the TypeScript client need Node; without it the server runs and their tests say why they are skipped.
web: $(WEB)/dist/index.html
$(WEB)/dist/index.html: $(shell find $(WEB)/src client-examples/documents -type f 2>/dev/null) \
		$(WEB)/package-lock.json $(WEB)/index.html $(WEB)/vite.config.mjs
	@if command -v npm >/dev/null; then cd $(WEB) && $(NPM) && npm run --silent build; \
		else echo "Node is missing: GraphiQL is not built"; fi

examples: $(TYPESCRIPT)/node_modules/.package-lock.json
$(TYPESCRIPT)/node_modules/.package-lock.json: $(wildcard $(TYPESCRIPT)/package-lock.json)
	@if command -v npm >/dev/null && [ -f $(TYPESCRIPT)/package-lock.json ]; then cd $(TYPESCRIPT) && $(NPM); \
		else echo "Node is missing: the TypeScript example is not installed"; fi
