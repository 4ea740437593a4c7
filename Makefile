# One virtual environment, built from pinned versions; every other target uses it.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-live soak campaign mutants mutation lint bench bench-preflight clean

demo: .venv/.installed
	$(BIN)/docferry demo

test: lint
	$(BIN)/python -m pytest -p tests.whole -n 2 --no-loadscope-reorder --cov --cov-report=term
	$(BIN)/coverage report --include='src/docferry/handlers/*' --fail-under=100

# On what was deployed, be it in a real account: docferry outputs --flat > flat-outputs.json
OUTPUTS ?= flat-outputs.json
test-live: .venv/.installed
	@test -f '$(OUTPUTS)' || { echo 'there is no $(OUTPUTS); make it with: docferry outputs --flat > $(OUTPUTS)' >&2; exit 2; }
	DOCFERRY_OUTPUTS='$(abspath $(OUTPUTS))' $(BIN)/pytest tests/live -v

# Live writers, switches to and fro, memory sampled; MINUTES=2 is the short form.
MINUTES ?= 30
soak: .venv/.installed
	$(BIN)/python -m tests.faults.soak --minutes '$(MINUTES)'

# Seeded migrations on virtual time, in all cores; Ctrl-C stops, and the same command goes on.
SEEDS ?= 20000
campaign: .venv/.installed
	$(BIN)/docferry simulate --seeds '$(SEEDS)' --processes 0 --state campaign.json --failures 1 --crash-points

# Faults that could lose data, put into a copy of the code one by one: each has to be found by a test.
mutants: .venv/.installed
	$(BIN)/python -m tests.mutants

# Mutants of the domain and the stages by mutmut, one at a time; Ctrl-C stops, and the same command goes on.
# What is asked for by name is tried again: make mutation MUTANTS='docferry.stages.apply.*'
MUTANTS ?=
mutation: .venv/.installed
	nice -n 19 $(BIN)/mutmut run --max-children 1 $(MUTANTS)
	$(BIN)/python -m tools.mutation

lint: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# In an environment of its own: botocore behaves differently where awscrt is installed.
bench: .venv-bench/.installed
	.venv-bench/bin/python -m benchmarks

.venv-bench/.installed: EXTRAS := bench
.venv/.installed: EXTRAS := sandbox,dev
.venv/.installed .venv-bench/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "docferry needs Python 3.11 or newer; name one with: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(@D)
	PIP_CONSTRAINT=$(CURDIR)/constraints.txt $(@D)/bin/pip install --quiet --disable-pip-version-check -e '.[$(EXTRAS)]'
	touch $@

clean:
	rm -rf .venv .venv-bench .venv-checkov mutants

# checkov in an environment of its own: it pins what docferry wants in other versions.
CHECKOV ?= 3.3.30
bench-preflight: .venv-bench/.installed .venv-checkov/.installed
	.venv-bench/bin/python -m benchmarks.preflight

.venv-checkov/.installed: Makefile
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check 'checkov==$(CHECKOV)'
	touch $@
