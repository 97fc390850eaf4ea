# Two commands: `make run` and `make test`. Both set up .venv from the hashed lock first.
VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.installed
# Whatever the environment says: without bytecode every process of the tests compiles all of it anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run matrix bench test proof check lint types lock clean

run: $(STAMP)
	$(VENV)/bin/conformance run

test: $(STAMP)
	$(PYTHON) -m pytest -n 4 --dist loadfile -m "not long"

# The long proof: tests of whole runs, then all faults and variants at full depth, about half an hour on two cores.
# PART=3/10 tries a tenth of the faults and variants.
proof: $(STAMP)
	$(PYTHON) -m pytest -n 4 --dist loadfile -m long
	$(VENV)/bin/conformance selftest -n 2 $(if $(PART),--part $(PART) --report reports/runs/selftest)

# The published comparison in reports/: every server that reports/build_matrix.py names.
matrix: $(STAMP)
	npm ci --prefix tests/witnesses/prism --no-audit --no-fund --ignore-scripts --loglevel=error
	$(PYTHON) -m reports.build_matrix

# Everything measured in one run, some hours: reports/benchmark.md. `python -m benchmarks --help` has parts and samples.
bench: $(STAMP)
	$(PYTHON) -m benchmarks

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

# The locks name no registry: a machine's own configuration says where packages come from.
# requirements-run.lock is what the action needs: the suite's own dependencies and its build backend.
LOCKING := --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock:
	$(PYTHON) -m piptools compile $(LOCKING) --extra dev --output-file requirements.lock pyproject.toml
	$(PYTHON) -m piptools compile $(LOCKING) --build-deps-for wheel --constraint requirements.lock \
	  --output-file requirements-run.lock pyproject.toml

clean:
	rm -rf $(VENV) reports/runs .mypy_cache .ruff_cache .pytest_cache
