# The only entry points, with `npm run`. Everything runs on the pinned Node of the lockfile, whatever Node npm itself uses.
SHELL := /bin/bash
MARKET ?=
PAIRS ?=
ARGS ?=
FILES ?=

STAMP := node_modules/.ringmaster-installed
RUN := npm run --silent
DASHBOARD := dist/dashboard/index.html
DASHBOARD_SOURCES := $(shell find src/dashboard -type f) package-lock.json

.PHONY: help run exchange record data-check collect label dataset-info train train-demo test check bench backtest simulate soak doctor docs clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/'

run: $(STAMP) $(DASHBOARD) ## the whole engine in paper mode on the built-in exchange (MARKET=replay:<file…> replays captures)
	@$(RUN) ringmaster -- run $(if $(MARKET),--market '$(MARKET)') $(if $(PAIRS),--pairs '$(PAIRS)') $(ARGS)

exchange: $(STAMP) ## the built-in exchange alone
	@$(RUN) ringmaster -- exchange $(ARGS)

record: $(STAMP) ## records market data: make record ARGS='--venue okx --pairs BTCUSDT --out recordings'
	@$(RUN) ringmaster -- record $(ARGS)

data-check: $(STAMP) ## reads recordings whole: make data-check FILES='a.rec.gz b.rec.gz'
	@$(RUN) ringmaster -- data check $(FILES) $(ARGS)

collect: $(STAMP) ## a data set for training, live on paper or from recordings: make collect FILES='a.rec.gz'
	@$(RUN) ringmaster -- collect $(FILES) $(ARGS)

label: $(STAMP) ## what the price did after each sample of a data set
	@$(RUN) ringmaster -- label $(ARGS)

dataset-info: $(STAMP) ## what a data set holds, with a page of plots: data/dataset.html
	@$(RUN) ringmaster -- dataset info --html data/dataset.html $(ARGS)

train: $(STAMP) ## a model from the data set, walk-forward, registered when it beats its baselines
	@$(RUN) ringmaster -- train $(ARGS)

train-demo: $(STAMP) ## the same on a generated market with something planted in it: from market to verdict
	@$(RUN) ringmaster -- train --demo --max-minutes 4.5 $(ARGS)

test: $(STAMP) ## every test
	@$(RUN) test

check: $(STAMP) ## types, lint, import rules, purity, docs
	@$(RUN) check

bench: $(STAMP) ## every benchmark, side by side with its peer; rewrites the table of docs/benchmarks.md
	@$(RUN) bench

backtest: $(STAMP) ## replays captures in virtual time: make backtest FILES='a.raw.gz b.raw.gz'
	@$(RUN) ringmaster -- backtest $(FILES) $(ARGS)

simulate: $(STAMP) ## the engine against everything that can go wrong, in virtual time: make simulate ARGS='--seeds 1000'
	@$(RUN) ringmaster -- simulate $(ARGS)

soak: $(STAMP) ## ten idle minutes: CPU share and growth of memory
	@$(RUN) ringmaster -- soak $(ARGS)

doctor: $(STAMP) ## is this machine fit?
	@$(RUN) ringmaster -- doctor

docs: $(STAMP) ## rewrites the generated pages
	@$(RUN) docs

clean: ## removes what was installed and measured, never data/ or logs/
	rm -rf node_modules dist bench/.results

# Without it the engine trades as ever; only its pages are missing.
$(DASHBOARD): $(STAMP) $(DASHBOARD_SOURCES)
	@echo 'Building the dashboard…'
	@$(RUN) build || echo 'The dashboard could not be built. The engine starts and trades without its pages.'

# Ctrl-C during an install leaves no stamp, so the next call installs again.
$(STAMP): package.json package-lock.json .npmrc
	@echo 'Installing dependencies from the lockfile…'
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $(STAMP)
