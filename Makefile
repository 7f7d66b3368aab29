# `make` lists the targets. PYTHON, ADDRESS and the variables of docs/SETTINGS.md may be given.

PYTHON ?= python3
ADDRESS ?= 127.0.0.1:8000
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run test ledger faults throughput soak bench growth pictures bench-page bench-quick check format messages emoji lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: export SOURCES = 0
run: export STATIC_ROOT = .venv/page
run: .venv/page ## install what is needed and serve the chat on ADDRESS
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py welcome $(ADDRESS)
	@$(BIN)/python manage.py runserver $(ADDRESS)

test: .venv/dev ## run every test on each stack (PYTEST="-k name" for some, STACK=sqlite or postgresql for one, WORKERS=2 for each)
	@$(BIN)/python -m tests.programs
	@$(BIN)/python -m tests $(STACK) --numprocesses $(or $(WORKERS),4) --dist loadfile --no-loadscope-reorder $(PYTEST)

ledger: .venv/dev ## prove under faults that nothing is lost (SECONDS=60 SEED=1)
	@$(BIN)/python -m bench.ledger --seconds $(or $(SECONDS),60) --seed $(or $(SEED),1)

faults: .venv/dev ## carry out every fault of docs/RELIABILITY.md, for twenty minutes, and write that page (FAULTS="kill clock" for some)
	@$(BIN)/python -m bench.faults $(FAULTS)

throughput: .venv/dev ## count the messages stored a second, on SQLite and PostgreSQL, by one process and two
	@$(BIN)/python -m bench.throughput $(THROUGHPUT)

soak: .venv/dev ## see whether anything grows while 1,500 come and go for twenty minutes (SOAK="--minutes 5")
	@$(BIN)/python -m bench.soak $(SOAK)

bench: .venv/bench ## compare with other servers, for half an hour; writes docs/BENCHMARKS.md if nothing fails
	@$(BIN)/python -m bench.fanout $(BENCH)

growth: .venv/dev ## see what a message costs among many rooms and messages, for a quarter of an hour; writes docs/GROWTH.md
	@$(BIN)/python -m bench.growth $(GROWTH)

pictures: .venv/dev ## take the pictures in the documents anew (needs Chromium)
	@$(BIN)/python -m bench.pictures

bench-page: .venv/dev ## measure what a first visit takes, for some minutes; writes docs/PAGE.md (needs Chromium)
	@$(BIN)/python -m bench.page --write

bench-quick: .venv/bench ## a first look at the same in less than a minute; prints a table
	@$(BIN)/python -m bench.fanout --quick $(BENCH)

check: .venv/dev node_modules ## look at format, types, import directions, templates, JavaScript
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/djlint templates --check --quiet
	$(BIN)/oxlint --deny-warnings chat/static tests/js bench/fanout/peers
	$(BIN)/node node_modules/typescript/bin/tsc
	$(BIN)/python manage.py makemigrations --check --dry-run

format: .venv/dev ## put Python and templates into the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint templates --reformat --quiet || true # it ends with 1 where it has changed something

messages: .venv/dev ## collect the words to translate, and compile them (needs gettext)
	$(BIN)/python manage.py makemessages --locale ru --no-obsolete --no-wrap --ignore ".venv/*" --ignore node_modules --ignore "tests/*"
	cd chat && ../$(BIN)/python ../manage.py compilemessages --locale ru

emoji: .venv/dev ## make the page's lists of emoji anew (needs Debian's unicode-data and unicode-cldr-core)
	$(BIN)/python -m tools.emoji_list

LOCK := $(BIN)/uv pip compile --quiet --upgrade --no-annotate --no-header --no-strip-markers --python-version 3.11 pyproject.toml
lock: .venv/run ## pin the newest versions that pyproject.toml allows
	$(PIP) install uv
	{ echo "# Made by make lock from pyproject.toml."; $(LOCK); } > requirements.txt
	{ echo "# Made by make lock from pyproject.toml."; echo "--requirement requirements.txt"; \
		$(LOCK) --extra dev --constraints requirements.txt | grep -vxFf requirements.txt; } > requirements-dev.txt
	{ echo "# Made by make lock from pyproject.toml."; echo "--requirement requirements-dev.txt"; \
		$(LOCK) --extra dev --extra bench --constraints requirements.txt --constraints requirements-dev.txt \
		| grep -vxFf requirements.txt -f requirements-dev.txt; } > requirements-bench.txt

clean: ## forget the environment and all that was made (not the database)
	rm -rf .venv node_modules bench/fanout/peers/node_modules staticfiles .*_cache

.venv/run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "The chat needs Python 3.11 or newer, and $(PYTHON) is none: name one, as in make run PYTHON=python3.12" >&2; \
		exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) install --requirement requirements.txt
	@touch $@

# What the page consists of, as in production. Whoever works on it has the sources by `manage.py runserver`.
.venv/page: .venv/run $(shell find chat/static -type f) chatproject/bundling.py chatproject/static.py
	@SOURCES=0 STATIC_ROOT=$@ $(BIN)/python manage.py collectstatic --noinput --clear --verbosity 0
	@touch $@

.venv/dev: requirements-dev.txt .venv/run
	$(PIP) install --requirement requirements-dev.txt
	@touch $@

# TypeScript is to be had from npm alone, which comes from PyPI with its node: a clean machine has neither.
node_modules: package-lock.json .venv/dev
	$(BIN)/npm ci --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

# The peers written in JavaScript are left out where there is no npm; then make bench prints, and writes no page.
.venv/bench: requirements-bench.txt bench/fanout/peers/package.json .venv/dev
	$(PIP) install --requirement requirements-bench.txt
	@if command -v npm >/dev/null; then \
		npm install --prefix bench/fanout/peers --no-package-lock --no-audit --no-fund --loglevel error; \
	else echo "There is no npm here: the benchmark does without ws and socket.io."; fi
	@touch $@
