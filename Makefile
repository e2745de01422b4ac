# `make` alone prints this help. Two commands do everything: `make run` and `make test`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTHON := .venv/bin/python
BIN := .venv/bin
export TF_CPP_MIN_LOG_LEVEL ?= 3
export RASA_TELEMETRY_ENABLED ?= false
export SQLALCHEMY_SILENCE_UBER_WARNING ?= 1

.PHONY: help run test train lint bench clean setup web

help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: setup web ## Install, build, train if needed and start everything (Ctrl-C stops it)
	@exec $(BIN)/nuoyan serve

test: setup web ## Run every check: lint, types, layers, data, units, stack, browser
	@deploy/test.sh

train: setup ## Train the assistant when its data changed
	@$(BIN)/nuoyan train

lint: setup ## Style, types and layers only
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy bot actions
	@$(BIN)/lint-imports

bench: setup ## Measure accuracy, latency, training and memory beside stock Rasa
	@$(PYTHON) -m benchmarks.run

clean: ## Remove everything that can be made again (data in var/ stays)
	@rm -rf .venv .tools models .rasa results web/dist web/node_modules benchmarks/out .mypy_cache .ruff_cache .pytest_cache

setup: ## Get uv and build the Python environment from the lock
	@deploy/setup.sh python

web: ## Build the customer widget and pages
	@deploy/setup.sh web
