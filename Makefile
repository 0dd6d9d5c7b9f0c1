# `make check` proves everything; each part also runs alone.

PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest -q -n 2 --cov --cov-report=

.PHONY: check format lint types unit test sqlite postgresql coverage openapi docs fix

check: format lint types openapi docs test

format:
	.venv/bin/ruff format --check .

lint:
	.venv/bin/ruff check .

types:
	.venv/bin/mypy

# All but what starts servers or takes seconds, on SQLite: the first thing to ask after a change.
unit:
	$(PYTHON) -m pytest -q -n 2 -m "not process and not thorough" --durations 10

test: sqlite postgresql coverage

sqlite:
	.venv/bin/coverage erase
	$(PYTEST) --engine sqlite

# What is covered is counted on SQLite: both engines run the same code. What asks no database ran there.
postgresql:
	$(PYTHON) -m pytest -q -n 2 -m database --engine postgresql

coverage:
	.venv/bin/coverage report --fail-under=95

openapi:
	scripts/openapi --check

docs:
	scripts/docs --check

# Writes what the checks above compare.
fix:
	.venv/bin/ruff check --fix --quiet .
	.venv/bin/ruff format --quiet .
	scripts/openapi
	scripts/docs
