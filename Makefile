# Everything goes through uv. When it is not on the PATH, it is fetched into a private venv, .uv/.
# Nothing here changes uv.lock, and nothing is downloaded again once it is there.

SHELL := /bin/sh
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
RUN := $(UV) run --no-sync
STUDIO_PORT ?= 2025
SOAK ?=

# Where the embedded graph engine has no wheel (an old glibc), all else is installed: `souvenir doctor` says it.
SYNC := $(UV) sync --quiet --frozen
WITHOUT_GRAPH := --no-install-package arcadedb-embedded
NO_GRAPH := "Trying again without the embedded graph engine, which may not exist for this system."

AGAIN := --last-failed --last-failed-no-failures none

# A Python that can make the private venv: 3.11 or later. Used only when uv itself is missing.
OLD_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

.DEFAULT_GOAL := help
.PHONY: help serve test kills check lint types imports docs bench soak studio install setup setup-dev

help: ## what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: setup ## set everything up and start Souvenir on http://127.0.0.1:8000
	@$(RUN) souvenir serve

# What fails beside others is run again, alone and once, and both are shown: some tests start a dozen processes
# and wait for them with a limit, which a busy machine can exceed. What fails alone has failed.
test: setup-dev ## set everything up and run the tests
	@$(RUN) pytest -n 3 --dist loadgroup || { echo "Some tests failed; these again, alone:" >&2; $(RUN) pytest $(AGAIN); }

kills: setup-dev ## kill the server a hundred times over each store of running conversations
	@SOUVENIR_TEST_KILLS=100 $(RUN) pytest -n 2 --dist load tests/acceptance/test_kill_turns.py -k killed_during

check: setup-dev lint types imports docs ## lint, types, import contract, docs

lint: setup-dev
	@$(RUN) ruff check
	@$(RUN) ruff format --check

types: setup-dev
	@$(RUN) mypy

imports: setup-dev
	@$(RUN) lint-imports

docs: setup-dev
	@$(RUN) pytest -q --durations=0 tests/docs

bench: setup-dev ## print the benchmark table
	@$(RUN) python -m tests.bench

soak: setup-dev ## run the slow harnesses
	@$(RUN) pytest -m soak --timeout=7200 $(SOAK)

studio: setup-dev ## LangGraph Studio's server, on loopback (STUDIO_PORT, default 2025)
	@$(RUN) python -m server.studio_server --port $(STUDIO_PORT)

install: setup ## put `souvenir` on the PATH
	@bin="$$($(UV) tool dir --bin)" && mkdir -p "$$bin" \
		&& ln -sf "$(CURDIR)/.venv/bin/souvenir" "$$bin/souvenir" \
		&& echo "souvenir is in $$bin" \
		&& case ":$$PATH:" in *":$$bin:"*) ;; *) echo "add it to your PATH: export PATH=\"$$bin:\$$PATH\"" ;; esac

# --inexact: what the tests need stays where it is when somebody only serves.
setup: $(UV)
	@$(SYNC) --no-dev --inexact || { echo $(NO_GRAPH) >&2; $(SYNC) --no-dev --inexact $(WITHOUT_GRAPH); }

setup-dev: $(UV)
	@$(SYNC) || { echo $(NO_GRAPH) >&2; $(SYNC) $(WITHOUT_GRAPH); }

.uv/bin/uv:
	@for python in python3.14 python3.13 python3.12 python3.11 python3 python; do \
		if "$$python" -c '$(OLD_ENOUGH)' >/dev/null 2>&1; then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Souvenir needs Python 3.11 or later: install it (https://www.python.org/downloads/) and run make again." >&2; \
		exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
		echo "Souvenir needs the venv module of Python: on Debian or Ubuntu, sudo apt install python3-venv, and run make again." >&2; \
		exit 1; \
	fi; \
	echo "Fetching uv into .uv/ (once)." >&2; \
	"$$found" -m venv .uv && .uv/bin/python -m pip install --quiet --disable-pip-version-check uv
