# Needs make and Python 3.11 or newer with venv. Everything else is installed into .venv.
#
#   make run     the app, at http://127.0.0.1:8501 (make run HOST=0.0.0.0 PORT=8080 to choose)
#                with EDIT=1 it watches its files: open pages follow when a Python file is saved
#   make serve REPLICAS=3   several processes and HAProxy before them, on this machine (deploy/README.md)
#   make test    the checks and the tests; those in a browser need Chromium and are skipped without it
#   make test-all  what make test leaves out: every end of every control, the long walk, another processor
#   make check   lint, formatting and types only
#   make format  put the code into the form that the checks ask for
#   make lesson NAME=mixtures   the files of a new lesson, and its place in the list
#   make bench   how fast the app answers the hand, beside hand-written pages and a revision before
#   make bench BASE=main~3   the same beside that revision

# With "=" a HOST or PORT that some shells export is not taken; one on the command line is.
HOST = 127.0.0.1
PORT = 8501
EDIT =
REPLICAS = 3
NAMES =
BASE =
PYTHON = python3
BIN = .venv/bin
# Streamlit asks another host for this one's address, to print it, where it listens everywhere.
QUIET = --logger.hideWelcomeMessage true
WATCH = --server.fileWatcherType auto --server.runOnSave true
WEB = '!static/plotly-*' 'static/**/*.js' 'static/**/*.css' 'tests/**/*.js' 'tests/**/*.css' --no-error-on-unmatched-pattern

.PHONY: run serve test test-all check check-lint check-format check-types check-web format lesson bench set-up

run: set-up
	@echo "Likelihood Lab: http://$(HOST):$(PORT) (Ctrl-C stops it)"
	@$(BIN)/python -m streamlit run app.py --server.address $(HOST) --server.port $(PORT) $(QUIET) $(if $(EDIT),$(WATCH))

serve: set-up
	@$(BIN)/python deploy/serve.py --replicas $(REPLICAS) --host $(HOST) --port $(PORT) --names "$(NAMES)"

test: set-up
	@$(BIN)/python tests/run.py

test-all: set-up
	@$(BIN)/python tests/run.py --exhaustive

check: check-lint check-format check-types check-web

check-lint: set-up
	$(BIN)/ruff check .

check-format: set-up
	$(BIN)/ruff format --check .

check-types: set-up
	$(BIN)/mypy

check-web: set-up
	$(BIN)/oxlint -c .ci/oxlint.json --deny-warnings static tests
	$(BIN)/oxfmt -c .ci/oxfmt.json --check $(WEB)

format: set-up
	$(BIN)/ruff check --fix --exit-zero --quiet .
	$(BIN)/ruff format .
	$(BIN)/oxfmt -c .ci/oxfmt.json $(WEB)

lesson: set-up
	@$(BIN)/python .ci/lesson/write.py $(NAME)

bench: set-up
	$(BIN)/python tests/benchmarks/bench.py $(if $(BASE),--base $(BASE))

set-up: .venv/installed

# Runs again only when a requirements file has changed. A .venv that is already there is kept.
.venv/installed: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; '$(PYTHON)' is older. Try: make PYTHON=python3.12 run"; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt -r requirements-dev.txt
	@touch $@
