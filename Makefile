# Targets for users and developers; `make` alone lists them. Nothing here calls apt or writes outside the checkout.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
PIP := PIP_CONSTRAINT=constraints.txt $(RUN) -m pip --disable-pip-version-check install -qq
OLDEST := 3.11
AIMOCK := 1.43.0
unexport PYTHONHOME PYTHONPATH # what is set up for another Python breaks this one

# The stamps hold the folder of the checkout: an environment that was moved does not work and is made anew.
ifneq ($(shell cat $(VENV)/installed 2>/dev/null),$(CURDIR))
.PHONY: $(RUN)
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install install-local demo demo-scripted test test-deep lint docs reliability bench-tasks bench check

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-14s %s\n", $$1, $$2}' Makefile

install: $(VENV)/installed ## put git-draft into .venv; run it as bin/git-draft
	@printf 'git-draft is installed; to have "git draft" anywhere:\n  export PATH="%s/bin:$$PATH"\n' '$(CURDIR)'

install-local: $(VENV)/installed-local ## and llama.cpp, for models that run on this machine
	@echo 'the local bot is installed; its model comes by: git draft models pull qwen2.5-coder-1.5b'

demo: $(VENV)/installed-local ## the main job with a real model on this machine, pulled once; DEMO_BOT=env: your server
	@$(RUN) -m tests.support.demo

demo-scripted: $(VENV)/installed ## the same job, the model's answers out of a file
	@$(RUN) -m tests.support.scripted_demo

test: $(VENV)/installed-dev $(VENV)/node/aimock-$(AIMOCK) ## all tests, with branch coverage
	@$(RUN) -m pytest --numprocesses=2 --dist=worksteal --cov --cov-report=term

test-deep: $(VENV)/installed-dev ## tests that take long: kills, crowds, sizes, odd repositories, random faults
	@$(RUN) -m pytest -m deep --numprocesses=2 --dist=worksteal

lint: $(VENV)/installed-dev ## format, ruff, mypy --strict, the layers
	$(RUN) -m ruff format --check --quiet .
	$(RUN) -m ruff check --quiet .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports --no-cache --no-logo

docs: $(VENV)/installed-dev ## generate the manual page, the reference, and what documents show of sessions
	@$(RUN) -m tests.support.docs

reliability: $(VENV)/installed-dev ## run what the promises rest on, write the figures into docs/reliability.md
	@$(RUN) -m tests.support.reliability

bench-tasks: $(VENV)/installed ## small tasks, run by your bot: solved, tokens, seconds; BENCH="--bot NAME" and more
	@$(RUN) -m benchmarks.tasks $(BENCH)

bench: $(VENV)/installed-bench ## git-draft's own time beside git, the earlier git-draft and aider; BENCH="--sizes 100" and more
	@$(RUN) -m benchmarks.speed --peers $(VENV)/peers $(or $(BENCH),--json docs/speed.json --plot docs/speed.png)

check: lint test-deep test ## what CI runs

$(RUN):
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) is missing: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < tuple(map(int, "$(OLDEST)".split("."))))' || { echo "error: $(PYTHON) is older than $(OLDEST): apt-get install python$(OLDEST)-venv, then make install PYTHON=python$(OLDEST)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "error: $(PYTHON) can't make environments: apt-get install $$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)

# What is installed is pinned by constraints.txt, what builds it too.
$(VENV)/installed: $(RUN) pyproject.toml constraints.txt
	@echo 'installing into $(VENV) ...'
	@$(PIP) --editable .
	@pwd -P >$@

$(VENV)/installed-local: $(VENV)/installed
	@echo 'installing llama.cpp into $(VENV) ...'
	@$(PIP) --editable '.[local]'
	@pwd -P >$@

$(VENV)/installed-dev: $(VENV)/installed
	@echo 'installing what developers need into $(VENV) ...'
	@$(PIP) --editable '.[dev,local]'
	@pwd -P >$@

$(VENV)/installed-bench: $(VENV)/installed
	@echo 'installing what the benchmark draws with into $(VENV) ...'
	@$(PIP) --editable '.[bench]'
	@pwd -P >$@

# A server for tests that is no Python package; where npm is missing or fails, those tests say so.
$(VENV)/node/aimock-$(AIMOCK): | $(VENV)/installed-dev
	@if command -v npm >/dev/null; then \
	  echo 'installing aimock into $(VENV)/node ...'; \
	  mkdir -p $(@D) && npm install --prefix $(@D) --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error @copilotkit/aimock@$(AIMOCK) >/dev/null && touch $@ || true; \
	fi
