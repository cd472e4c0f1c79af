# A fresh machine needs Python 3.11 or newer, make and git; everything else is installed here, into .venv.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test check bench fuzz docs lock clean python-is-new-enough

help:
	@echo "make demo   build the environment and run the main job: who pays when BTCUSDT gaps"
	@echo "make test   build the environment and run the tests"
	@echo "make check  lint, format, types, layers"
	@echo "make bench  the benchmark table, as ratios within one run"
	@echo "make fuzz   the long run of random commands against the laws (minutes to hours)"
	@echo "make docs   the documentation, in docs/_build/html"
	@echo "make lock   write requirements.lock again from pyproject.toml"
	@echo "make clean  remove the environment and everything built"

demo: $(STAMP)
	$(BIN)/shortfall stress binance BTCUSDT

test: $(STAMP)
	$(BIN)/python -m pytest

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(STAMP)
	$(BIN)/python bench/run.py

fuzz: $(STAMP)
	$(BIN)/python -m shortfall.testing.fuzz

docs: $(STAMP)
	$(BIN)/python docs/generate.py
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

# Hashes of every file of a release are kept, so that one lock serves every Python and platform that has wheels.
lock: $(STAMP)
	$(BIN)/python -m venv .venv/lock
	.venv/lock/bin/python -m pip install --quiet pip-tools
	.venv/lock/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-annotate --no-header \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
		--extra report --extra store --extra stats --extra frames --extra collect --extra ray --extra docs --extra dev \
		--output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv build dist docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage

# The environment is built again only if the lock or the project file changed.
$(STAMP): requirements.lock pyproject.toml | python-is-new-enough
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

python-is-new-enough:
	@command -v $(PYTHON) >/dev/null || { echo "shortfall needs Python 3.11 or newer; there is no $(PYTHON). Try: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = "%d.%d" % sys.version_info[:2]; sys.exit(0 if sys.version_info >= (3, 11) else "shortfall needs Python 3.11 or newer; $(PYTHON) is " + v + ". Try: make PYTHON=/path/to/python3.11 ...")'
