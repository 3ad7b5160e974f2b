# The one front door. `make help` lists what there is.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --no-input --disable-pip-version-check --require-hashes
# Says what is being installed, one name a line, instead of pip's pages.
NAMES := sed -u -n -e 's/^Collecting \([^ ;(=]*\).*/    \1/p' -e '/^ERROR/p'

.PHONY: help install run test bench chaos rivals migrations runbooks explore fuzz browser console adyen-live cluster cluster-chaos gateways-chaos adyen-chaos image-check lint diagram values versions histories lock clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 20

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Perdure needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Set PYTHON=/path/to/python3.11")'
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv

.venv/runtime: .venv/pyvenv.cfg requirements.txt
	@echo "Installing what it runs on (first time only, about a minute)"
	@$(PIP) -r requirements.txt | $(NAMES)
	@touch $@

SDKS := $(wildcard tests/e2e/sdks/*.txt)
.venv/development: .venv/runtime requirements-dev.txt requirements-old-sdk.txt $(SDKS)
	@echo "Installing what the tests and checks need"
	@$(PIP) -r requirements-dev.txt | $(NAMES)
	@rm -rf .venv/old-sdk && $(PIP) -q --target .venv/old-sdk -r requirements-old-sdk.txt
	@rm -rf .venv/sdks; for sdk in $(SDKS); do $(PIP) -q --no-deps --target .venv/sdks/$$(basename $$sdk .txt) -r $$sdk; done
	@touch $@

install: .venv/runtime  ## what `make run` needs, into .venv

run: .venv/runtime  ## everything on this machine: API, worker, PostgreSQL, Temporal with its UI, simulator
	@exec $(BIN)/python -m embedded --end-with-parent

NODE := tests/e2e/node
$(NODE)/node_modules: $(NODE)/package-lock.json
	@if command -v npm >/dev/null; then echo "Installing the official Node SDK"; npm ci --silent --prefix $(NODE); \
	  touch $@; else echo "No npm here: the Node SDK's journey will be skipped"; fi

test: .venv/development $(NODE)/node_modules browser/node_modules console/node_modules  ## the whole suite, on real parts
	@$(BIN)/python -m pytest $(ARGS)

lint: .venv/development  ## ruff, mypy --strict, import-linter, tidy tests, dependency audit
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/architecture
	@$(BIN)/python -m tests.architecture.audit requirements.txt requirements-dev.txt requirements-old-sdk.txt

bench: .venv/development  ## every figure beside its baseline; bench/results.json, docs/bench.svg (about an hour; ARGS=payments for a part)
	@$(BIN)/python -m bench $(ARGS)

chaos: .venv/development  ## 10,000 payments and rivals while every part is killed (500 times) and frozen (100 times); two reconcilers look
	@PERDURE_CHAOS_PAYMENTS=$${PERDURE_CHAOS_PAYMENTS:-10000} PERDURE_CHAOS_KILLS=$${PERDURE_CHAOS_KILLS:-500} \
	  PERDURE_CHAOS_FREEZES=$${PERDURE_CHAOS_FREEZES:-100} $(BIN)/python -m pytest -s tests/e2e/test_chaos.py

explore: .venv/development  ## every way in which small scenarios can go, and long ones at random (docs/EXPLORER.md; ARGS=--help)
	@$(BIN)/python -m tests.explore $(ARGS)

fuzz: .venv/development  ## 100,000 hostile requests to every operation (about half an hour; PERDURE_FUZZ_SEED for others)
	@PERDURE_FUZZ_REQUESTS=$${PERDURE_FUZZ_REQUESTS:-100000} $(BIN)/python -m pytest -s tests/e2e/test_fuzz.py -k hostile

migrations: .venv/development  ## every migration from every earlier schema, on a million rows, while payments go on (PERDURE_MIGRATION_ROWS)
	@PERDURE_MIGRATION_ROWS=$${PERDURE_MIGRATION_ROWS:-1000000} $(BIN)/python -m pytest -s tests/records/test_migrating_online.py

runbooks: .venv/development  ## docs/RUNBOOKS.md, typed as it stands there, and what it prints
	@$(BIN)/python -m pytest -s tests/runbooks

rivals: .venv/development  ## every pair of commands at once while each part is killed and frozen, fifty times each
	@PERDURE_RIVALS_ROUNDS=$${PERDURE_RIVALS_ROUNDS:-50} $(BIN)/python -m pytest -s tests/e2e/test_rivals.py

adyen-live: .venv/runtime  ## ask an Adyen test account of yours whether Adyen is as believed here (ADYEN_MERCHANT, ADYEN_API_KEY)
	@$(BIN)/python -m cli.adyen_live

cluster: .venv/development  ## everything on a Temporal cluster of separate services, on this machine (docs/SCALE.md; TEMPORAL_SERVER_BIN)
	@$(BIN)/python -m tests.cluster

cluster-chaos: .venv/development  ## 5,000 payments and rivals while every part of that cluster is killed, restarted, frozen and cut off (ARGS=--help)
	@$(BIN)/python -m tests.cluster.chaos $(ARGS)

gateways-chaos: .venv/development  ## 500 payments over two gateways that answer later, while news are lost, rules change, and parts are killed (ARGS=--help)
	@$(BIN)/python -m tests.two_gateways $(ARGS)

adyen-chaos: .venv/development  ## 500 payments over an Adyen of ours, alone or beside a simulator, while parts are killed and frozen (ARGS=--help)
	@$(BIN)/python -m tests.two_gateways.with_adyen $(ARGS)

image-check: .venv/development  ## deploy/Dockerfile step by step in a fresh Debian, deploy/compose.yaml, and a payment (root; bubblewrap, debootstrap)
	@PYTHONPATH=. $(BIN)/python -m tests.deploy.image_check $(ARGS)

browser: browser/node_modules  ## api/browser/files/*.js, from browser/src (needs npm)
	@npm run --silent build --prefix browser

browser/node_modules: browser/package-lock.json
	@if command -v npm >/dev/null; then echo "Installing what the browser library is built with"; \
	  npm ci --silent --prefix browser; touch $@; else echo "No npm here: some browser tests will be skipped"; fi

console: console/node_modules  ## api/browser/console, from console/ (needs npm)
	@npm run --silent build --prefix console

console/node_modules: console/package-lock.json
	@if command -v npm >/dev/null; then echo "Installing what the console is built with"; \
	  npm ci --silent --prefix console; touch $@; else echo "No npm here: what the console is built from is not compared"; fi

diagram: .venv/development  ## docs/state-machine.md, from the domain's table
	@$(BIN)/python -m tests.architecture.state_diagram > docs/state-machine.md

values: .venv/development  ## docs/TEST_VALUES.md, from the simulator's tables
	@$(BIN)/python -m tests.architecture.value_page > docs/TEST_VALUES.md

versions: .venv/development  ## docs/VERSIONS.md, from the changes of Stripe's API in rendering/versions
	@$(BIN)/python -m tests.architecture.version_page > docs/VERSIONS.md

histories: .venv/development  ## record tests/replay/histories afresh (only when a scenario is added)
	@RECORD_HISTORIES=1 $(BIN)/python -m pytest tests/workflows -k records_history

PIN = $(BIN)/python -m tests.architecture.dependencies $(1) | $(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe \
  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header $(3) -o $(2) -

lock: .venv/development  ## requirements*.txt from pyproject.toml, pinned and hashed
	@$(call PIN,server local,requirements.txt,)
	@$(call PIN,server,requirements-server.txt,-c requirements.txt)
	@$(call PIN,test dev,requirements-dev.txt,-c requirements.txt)
	@$(call PIN,old-sdk,requirements-old-sdk.txt,)

clean:  ## remove .venv and caches; data in .perdure stays
	@rm -rf $(NODE)/node_modules .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
