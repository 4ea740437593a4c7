# One virtual environment, built from pinned versions; every other target uses it.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint clean

demo: .venv/.installed
	$(BIN)/docferry demo

test: lint
	$(BIN)/pytest --cov --cov-report=term

lint: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "docferry needs Python 3.11 or newer; name one with: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	PIP_CONSTRAINT=$(CURDIR)/constraints.txt $(BIN)/pip install --quiet --disable-pip-version-check -e '.[sandbox,dev]'
	touch $@

clean:
	rm -rf .venv
