# One command per need. `make demo` and `make test` install what they need.
# The system's own Python where it can make environments: distributions build it with optimisations that save a fifth.
PYTHON ?= $(shell for it in /usr/bin/python3.11 python3.11; do $$it -c "import ensurepip" 2>/dev/null && echo $$it && exit; done; echo python3.11)
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
.DEFAULT_GOAL := help
# Who sets FRONTDESK_MODEL wants the libraries that its provider needs.
HOSTED := $(if $(FRONTDESK_MODEL),.venv/.installed-hosted)
.PHONY: help demo hosted test prove check bench model clean

help:  ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

demo: .venv/.installed $(HOSTED)  ## a running Frontdesk with two demo businesses at http://127.0.0.1:8000
	@$(BIN)/frontdesk demo

hosted: .venv/.installed-hosted  ## install what models of Anthropic, OpenAI and Ollama need

test: .venv/.installed-dev node_modules/.installed  ## format, lint, types, contracts and all tests
	@$(MAKE) --no-print-directory check
	$(PYTEST) -n 2 --dist worksteal -q -m "not prove"

prove: .venv/.installed-dev node_modules/.installed  ## full counts: hijacked model, kills, properties
	$(PYTEST) -n 2 --maxschedchunk 1 -q -m prove

check: .venv/.installed-dev  ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

bench: .venv/.installed-dev  ## the figures README quotes
	$(BIN)/python -m tests.bench

model: .venv/.installed-dev  ## train the built-in model again from its utterances
	$(BIN)/python -m bot.builtin.training

clean:  ## forget what was installed here
	rm -rf .venv node_modules

# uv resolves nothing here (exact versions) and compiles byte code, which halves the first start.
.venv/bin/uv:
	@$(PYTHON) -c "import ensurepip" || { apt-get update -q && apt-get install -q -y --no-install-recommends python3.11-venv; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9

.venv/.installed: requirements.txt pyproject.toml | .venv/bin/uv
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --compile-bytecode -r requirements.txt
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps -e .
	@touch $@

.venv/.installed-hosted: requirements-hosted.txt .venv/.installed
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --compile-bytecode -r requirements-hosted.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed .venv/.installed-hosted
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --compile-bytecode -r requirements-dev.txt
	@touch $@

# The browser tests need Debian's chromium and axe-core, those of hosted models aimock (which runs under the node of
# requirements-dev.txt: Debian's is too old for it); what is missing is installed.
node_modules/.installed: package.json
	@command -v chromium >/dev/null || { apt-get update -q && apt-get install -q -y --no-install-recommends chromium fonts-dejavu-core; }
	@command -v npm >/dev/null || { apt-get update -q && apt-get install -q -y --no-install-recommends npm; }
	npm install --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@
