# `make demo` and `make test` are all that a newcomer needs; each sets up what it uses.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL = $(BIN)/pip install --progress-bar on --disable-pip-version-check --constraint .constraints.txt
# As many tests at once as there are cores, one thread each; a worker takes about 2 GB.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist worksteal
QUESTION ?= How much has the International Fund for Ukraine awarded?

.PHONY: demo test cluster check types bench screenshots format constraints clean

demo: $(VENV)/.ready
	@echo "== Asking: $(QUESTION)"
	$(BIN)/pq ask "$(QUESTION)"
	@echo
	@echo "Open the browser:        $(BIN)/pq serve"
	@echo "Build your own archive:  $(BIN)/pq build FILES_OR_FOLDERS --index my.index"
	@echo "and ask it:              $(BIN)/pq ask \"your question\" --index my.index"

test: $(VENV)/.ready-dev
	@echo "== Running the tests"
	$(PYTEST)

# What needs Ray, a further 270 MB: skipped by the other tests where it is missing.
cluster: $(VENV)/.ready-dev
	$(INSTALL) -e ".[dev,ray]"
	$(BIN)/python -m pytest tests/index/encoders/test_ray_pool.py tests/ui/test_replicas.py

check: $(VENV)/.ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(PYTEST) --cov --cov-report=term

types: $(VENV)/.ready-dev
	$(BIN)/mypy

bench: $(VENV)/.ready-dev
	$(BIN)/python -m tests.bench $(BENCH)

screenshots: $(VENV)/.ready-dev
	$(BIN)/python -m tests.browser.pictures

format: $(VENV)/.ready-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The newest versions that pyproject.toml allows, with the development tools, resolved in an environment of its own.
constraints:
	rm -rf $(VENV)-new
	$(PYTHON) -m venv --upgrade-deps $(VENV)-new
	$(VENV)-new/bin/pip install --progress-bar on -e ".[dev,ray]"
	$(VENV)-new/bin/pip list --format=freeze --exclude-editable | sed 's/+.*//' > .constraints.txt
	rm -rf $(VENV)-new

clean:
	rm -rf $(VENV) $(VENV)-new .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov .coverage

$(BIN)/python:
	@echo "== Creating a virtual environment in $(VENV)"
	$(PYTHON) -m venv $(VENV)

# pip first: older versions show no progress while they unpack.
$(VENV)/.ready: pyproject.toml .constraints.txt $(BIN)/python
	@echo "== Installing Ministerial Answers and the 100 packages it needs, the largest of them PyTorch"
	$(INSTALL) pip
	$(INSTALL) -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	@echo "== Installing the tools for development"
	$(INSTALL) -e ".[dev]"
	@touch $@
