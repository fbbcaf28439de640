# `make demo` and `make test` are all that a newcomer needs; each sets up what it uses.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INDEX := https://download.pytorch.org/whl/cpu
QUESTION ?= What is the government doing with other countries against cyber crime gangs?

.PHONY: demo test check bench screenshots format clean

demo: $(VENV)/.ready
	@echo "== Asking: $(QUESTION)"
	$(BIN)/pq ask "$(QUESTION)"
	@echo
	@echo "Open the browser:        $(BIN)/pq serve"
	@echo "Build your own archive:  $(BIN)/pq build FILES_OR_FOLDERS --index my.index"
	@echo "and ask it:              $(BIN)/pq ask \"your question\" --index my.index"

test: $(VENV)/.ready-dev
	@echo "== Running the tests"
	$(BIN)/python -m pytest --cov --cov-report=term

check: $(VENV)/.ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --cov --cov-report=term

bench: $(VENV)/.ready-dev
	$(BIN)/python -m tests.bench $(BENCH)

screenshots: $(VENV)/.ready-dev
	$(BIN)/python -m tests.browser.pictures

format: $(VENV)/.ready-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov .coverage

$(BIN)/python:
	@echo "== Making a virtual environment in $(VENV)"
	$(PYTHON) -m venv $(VENV)

# torch first and alone: PyTorch's own index has a CPU build; where it cannot be reached the pin is
# taken from the usual index.
$(VENV)/.torch: $(BIN)/python
	@echo "== Installing PyTorch for the CPU"
	$(BIN)/pip install --quiet --retries 1 --timeout 15 --index-url $(INDEX) torch==2.13.0 2>/dev/null \
	  || $(BIN)/pip install --quiet --progress-bar on torch==2.13.0
	@touch $@

$(VENV)/.ready: pyproject.toml $(VENV)/.torch
	@echo "== Installing Ministerial Answers"
	$(BIN)/pip install --quiet --progress-bar on -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	@echo "== Installing the tools for development"
	$(BIN)/pip install --quiet --progress-bar on -e ".[dev]"
	@touch $@
