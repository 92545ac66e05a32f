# Every target sets up .venv by itself. `make run` and `make test` are the README's two commands.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STUDY ?= studies/default.yaml
READY := $(VENV)/.ready

export PLANWISE_STUDY := $(STUDY)
export DAGSTER_DISABLE_TELEMETRY := yes
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.PHONY: run test ui lint format dbt-test bench bench-compare bench-against bench-growth golden scorecard clean help

help:            ## what there is
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	$(BIN)/python -m resources.dbt.compiled dbt_project var/dbt
	@touch $@

run: $(READY)    ## simulate the study (STUDY=studies/default.yaml) and print the results
	$(BIN)/planwise simulate

test: lint dbt-test  ## lint, types, dbt tests, and all Python tests
	$(BIN)/pytest -n 3 --dist loadfile --durations 40

lint: $(READY)   ## ruff, sqlfluff, mypy, import contracts, hadolint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models dbt_project/operations dbt_project/closing dbt_project/tests
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/hadolint docker/Dockerfile

format: $(READY) ## let ruff format and mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

dbt-test: $(READY)  ## dbt unit tests, on an empty lake
	cd dbt_project && ../$(BIN)/dbt --quiet test --select test_type:unit --profiles-dir . --target-path target/unit

ui: $(READY)     ## the Dagster UI, ready to launch years
	$(BIN)/planwise ui

bench: $(READY)  ## what simulations cost, whole commands (ONLY=quick|large|standard|all, JSON=file)
	$(BIN)/python -m benchmarks.simulate --only $(or $(ONLY),all) --json $(or $(JSON),var/bench.json)

bench-compare: $(READY)  ## what got slower between two files of make bench (BEFORE=, AFTER=)
	$(BIN)/python -m benchmarks.compare $(BEFORE) $(AFTER)

bench-against: $(READY)  ## this build against another commit's, in turn (REF=HEAD~1, WORK="--people 100000 --years 3")
	$(BIN)/python -m benchmarks.against $(or $(REF),HEAD~1) $(WORK)

bench-growth: $(READY)  ## draw docs/images/growth.svg from a file of make bench (JSON=)
	$(BIN)/python -m benchmarks.growth $(or $(JSON),var/bench.json) docs/images/growth.svg

golden: $(READY) ## rewrite the golden totals and print what changed; the commit says which rule changed
	$(BIN)/python -m tests.golden --rewrite

scorecard: $(READY)  ## what the shipped defaults give beside what is known of real plans, as a table
	$(BIN)/python -m tests.statistical.scorecard

clean:           ## everything that was made here
	rm -rf $(VENV) var dbt_project/target dbt_project/logs
