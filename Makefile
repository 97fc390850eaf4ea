# Two commands: `make run` and `make test`. Both set up .venv from the hashed lock first.
VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.installed

.PHONY: run matrix test selftest check lint types lock clean

run: $(STAMP)
	$(VENV)/bin/conformance run

test: $(STAMP)
	$(PYTHON) -m pytest -n 2

# The second proof: all faults and variants at full depth, about half an hour on two cores.
selftest: $(STAMP)
	$(VENV)/bin/conformance selftest -n 2

# The published comparison in reports/: every server that reports/build_matrix.py names.
matrix: $(STAMP)
	npm ci --prefix tests/witnesses/prism --no-audit --no-fund --ignore-scripts --loglevel=error
	$(PYTHON) -m reports.build_matrix

check: lint types test

lint: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(STAMP)
	$(VENV)/bin/mypy

$(STAMP): requirements.lock pyproject.toml
	test -x $(PYTHON) || python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# The lock names no registry: a machine's own configuration says where packages come from.
lock:
	$(PYTHON) -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra dev \
	  --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) reports/runs .mypy_cache .ruff_cache .pytest_cache
