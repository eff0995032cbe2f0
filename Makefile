# Everything is made inside .venv; a stamp file there says which step has been done for which lock file.
BIN := .venv/bin
PORT ?= 8000
WORKERS ?= auto
export PYTHON CHROMIUM POSTGRES_BIN
unexport PYTHONDONTWRITEBYTECODE  # each of the many processes of the tests would compile everything

# Nothing is built on this machine, but for the two dependencies that have no wheel; they are built
# with what requirements/build.txt pins, and nothing else is fetched for them.
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --progress-bar off
LOCKED := $(INSTALL) --no-deps --require-hashes --no-build-isolation --only-binary=:all:
SOURCES := --no-binary=flask-principal
FRONTEND := screening/web/frontend
PYTEST := $(BIN)/python -m pytest
WORKED = $(PYTEST) -n $(WORKERS) --dist loadfile
MEASURED := tests/core tests/words
QUICK := tests/core tests/words tests/formats tests/files tests/proof tests/rules tests/records
COVERAGE := --cov=screening.core --cov=screening.words --cov-branch --cov-fail-under=100

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run demo test quick setup setup-test paper chromium postgres check batch bench races agree faults soak pictures lighthouse words format sbom audit lock clean

help: ## print these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: setup ## set up and serve the questionnaire and its casework; PORT=8000 is the default
	@exec $(BIN)/screening serve --port $(PORT)

demo: setup ## the same with made-up people and cases, in a folder of its own
	@exec $(BIN)/screening demo --port $(PORT)

test: setup-test ## set up and run every test and every checker; WORKERS=0 in one process
	@$(WORKED) $(COVERAGE) $(MEASURED)
	@exec $(WORKED) $(MEASURED:%=--ignore=%)

quick: setup .venv/test.stamp ## a tenth of that: core, formats, proof, rules, records on SQLite; no browser
	@exec $(WORKED) -m quick $(QUICK)

setup: .venv/project.stamp .venv/frontend.stamp paper ## set up .venv and the front-end files, which `run` needs

setup-test: setup .venv/test.stamp .venv/node.stamp .venv/spark.stamp chromium postgres ## set up what `test` needs as well

check: setup-test ## only the checkers: style, types, floors, packaging
	@exec $(PYTEST) tests/repo

batch: .venv/batch.stamp ## install NumPy and Polars, which `screening batch` needs

bench: setup-test .venv/peers.stamp ## measure, in ratios to plain work of the same run; BENCH="one pages" only those
	@PYTHONPATH=tests:.venv/peers $(BIN)/python -m support.bench.run $(BENCH)

soak: .venv/project.stamp .venv/test.stamp ## long: a day's requests in an hour; no error, and memory does not grow
	@PYTHONPATH=tests $(BIN)/python -m support.services.soak 3600

races: .venv/test.stamp postgres ## long: eight at once save the same and different things, a thousand times each
	@LONG=1 $(PYTEST) tests/records/casework/test_races.py

agree: .venv/test.stamp ## long: the evaluator, the prover and z3 agree, on a million answer sets and 200 rulesets
	@PYTHONPATH=tests $(BIN)/python -m support.oracles.agreement
	@PYTHONPATH=tests $(BIN)/python -m support.oracles.second_prover

faults: setup-test ## long: kill -9, power failures, full disks and restarts, a thousand times and more
	@FAULTS=1 $(PYTEST) -s tests/faults

pictures: setup-test ## draw the pictures of README from a demonstration
	@PYTHONPATH=tests $(BIN)/python -m support.services.pictures "$$(cat .venv/chromium)"

lighthouse: .venv/lighthouse.stamp chromium ## Lighthouse on a patient's first page and a question, against its goals
	@PYTHONPATH=tests $(BIN)/python -m support.services.lighthouse "$$(cat .venv/chromium)"

words: .venv/test.stamp ## bring overlays and catalogues up to date for translators, and list all messages in words.pot
	@PYTHONPATH=tests $(BIN)/python -m support.catalogue words.pot
	@PYTHONPATH=tests $(BIN)/python -m support.translations $(if $(ACCEPT),--accept) $(LANGUAGES)

format: .venv/test.stamp ## format the code and apply the safe fixes
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

sbom: .venv/made.stamp ## write the bill of materials to dist/sbom.json (CycloneDX), from the lock files
	@mkdir -p dist
	@$(BIN)/python requirements/sbom.py > dist/sbom.json
	@echo "Written to dist/sbom.json"

audit: .venv/made.stamp ## look for known weaknesses of the components at OSV; says so if it cannot
	@$(BIN)/python requirements/audit.py

lock: .venv/run.stamp ## write new lock files, with the newest versions that pyproject.toml allows
	@sh requirements/lock.sh

clean: ## remove everything that set-up made
	@rm -rf .venv benchmarks screening/web/static/vendor $(FRONTEND)/node_modules tests/node/node_modules tests/node/lighthouse/node_modules

.venv/made.stamp: requirements/venv.sh
	@sh $<
	@touch $@

.venv/run.stamp: requirements/run.txt requirements/build.txt .venv/made.stamp
	@echo "Installing what the application needs"
	@$(LOCKED) -r requirements/build.txt
	@$(LOCKED) $(SOURCES) -r $<
	@touch $@

.venv/project.stamp: pyproject.toml .venv/run.stamp
	@$(INSTALL) --no-deps --no-index --no-build-isolation --editable .
	@touch $@

.venv/test.stamp: requirements/test.txt .venv/run.stamp
	@echo "Installing what the tests need (about 320 MB, once)"
	@$(LOCKED) $(SOURCES) -r $<
	@touch $@

.venv/batch.stamp: requirements/batch.txt .venv/project.stamp
	@$(LOCKED) -r $<
	@touch $@

# In a folder of their own, which only `bench` puts on the path: neither users nor tests get them.
.venv/peers.stamp: requirements/bench.txt .venv/test.stamp
	@echo "Installing the rule engines that ours is measured beside"
	@rm -rf .venv/peers
	@$(LOCKED) --target .venv/peers -r $<
	@touch $@

# Apart as well: PySpark is large, has no wheel, and only the tests of `screening.batch.spark` use it.
.venv/spark.stamp: requirements/spark.txt .venv/test.stamp
	@echo "Installing Spark (about 530 MB, once)"
	@rm -rf .venv/spark
	@$(LOCKED) --no-binary=pyspark --target .venv/spark -r $<
	@touch $@

.venv/frontend.stamp: $(wildcard $(FRONTEND)/*.json $(FRONTEND)/*.py) requirements/node.txt .venv/run.stamp
	@echo "Fetching the front-end files"
	@$(BIN)/python $(FRONTEND)/npm.py $(FRONTEND)
	@$(BIN)/python $(FRONTEND)/build.py
	@touch $@

.venv/node.stamp: $(wildcard tests/node/*.json) $(FRONTEND)/npm.py .venv/test.stamp
	@echo "Fetching the tests' Node packages"
	@$(BIN)/python $(FRONTEND)/npm.py tests/node
	@touch $@

# Apart from the packages that tests need: it is large, and no test uses it.
.venv/lighthouse.stamp: $(wildcard tests/node/lighthouse/*.json) $(FRONTEND)/npm.py .venv/frontend.stamp .venv/project.stamp .venv/test.stamp
	@echo "Fetching Lighthouse (about 190 MB, once)"
	@$(BIN)/python $(FRONTEND)/npm.py tests/node/lighthouse
	@touch $@

# Looked for each time, which is quick: what a machine has comes and goes without our knowing.
paper: .venv/made.stamp
	@$(BIN)/python requirements/paper.py

chromium: .venv/made.stamp
	@PYTHONPATH=requirements $(BIN)/python tests/support/setup/chromium.py .venv/chromium

postgres: .venv/made.stamp
	@PYTHONPATH=requirements $(BIN)/python tests/support/setup/postgres.py .venv/postgres
