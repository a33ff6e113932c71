# The interfaces that stay: `make run`, `make test`, `make env`. The rest serves whoever works on the project.
PYTHON ?= python3
ENV := .venv
BIN := $(ENV)/bin

.PHONY: run test env check lock bench clean

run: $(ENV)/.installed
	$(BIN)/python -m bot demo $(ARGS)

env: $(ENV)/.installed

test: $(ENV)/.tested
	$(BIN)/python -m tests.suite $(ARGS)

check: $(ENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(ENV)/.tested
	$(BIN)/python -m tests.bench.turns $(ARGS)

$(ENV)/.installed: requirements.lock
	$(PYTHON) -m venv $(ENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

$(ENV)/.tested: $(ENV)/.installed tests/requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.lock
	@touch $@

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q --extra env -o requirements.lock pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q --extra env --extra test -c requirements.lock -o tests/requirements.lock pyproject.toml

clean:
	rm -rf $(ENV) var
