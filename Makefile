# Commands for developers. The implementation is in scripts/.

# In CI, test reports are kept in target/nextest, and the times of the build in target/cargo-timings.
NEXTEST := cargo nextest run --workspace $(if $(filter true,$(CI)),--profile ci --timings)

# The default install folder of rustup, in case the shell has not read its profile.
export PATH := $(PATH):$(HOME)/.cargo/bin

# Starts the disposable PostgreSQL and Redis of the tests, and exports their URLs.
TEST_ENV := scripts/services up test && env="$$(scripts/services env test)" && eval "$$env"

# "make prove mutants": the second word is the name of a proof, not a target.
ifeq ($(firstword $(MAKECMDGOALS)),prove)
PROOF := $(word 2,$(MAKECMDGOALS))
$(if $(PROOF),$(eval $(PROOF): ; @:))
endif

.DEFAULT_GOAL := help
.PHONY: help run down reset test test-long prove check fmt postman openapi contract docs-page check-docker bench bench-quick services-test prerequisites

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.* ## /  \1\t/p' Makefile | expand -t 18

run: ## Build Haat and run it with demo data until Ctrl-C
	@scripts/run

down: ## Stop Haat, PostgreSQL and Redis; keep the data
	@scripts/run --stop
	@scripts/services down
	@echo 'Stopped. The data is kept.'

reset: ## Stop Haat and delete its demo data; the next run creates it again
	@scripts/run --stop
	@scripts/services down run --purge
	@echo 'The demo data is deleted. The next run creates it again.'

test: prerequisites ## Run all tests except the long ones
	@$(TEST_ENV) && scripts/plan-guard --start && $(NEXTEST) && scripts/plan-guard

test-long: prerequisites ## Run the long tests, then the checks that use a running server
	@$(TEST_ENV) && cargo nextest run --workspace --run-ignored only --profile long
	@scripts/postman
	@scripts/standby
	@scripts/contract 5
	@scripts/clients
	@scripts/docs-page
	@scripts/readme
	@scripts/data-model --check
	@scripts/check-docker

prove: ## Run the test NAME, which takes too long for test-long: make prove NAME; list these tests: make prove
	@scripts/prove $(PROOF)

check: prerequisites ## Check formatting, lints, licenses, architecture, prose, sizes, the collection and the API's compatibility
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo deny --log-level error check licenses bans sources
	cargo nextest run --workspace --test architecture
	@scripts/prose-check
	@scripts/context-cost --check
	@scripts/postman --check
	@scripts/openapi-breaking

fmt: ## Format the code
	cargo fmt --all

postman: ## Run the Postman collection against a fresh server
	@scripts/postman

contract: ## Fuzz the HTTP interface, and run clients generated from the OpenAPI document
	@scripts/contract
	@scripts/clients

check-docker: ## Check the files in docker/, and run their steps without Docker
	@scripts/check-docker

docs-page: ## Test the documentation page in a headless browser
	@scripts/docs-page

openapi: ## Regenerate docs/openapi.json and the Postman collection
	@scripts/openapi

bench-quick: ## Compare Haat's throughput with that of the machine, with 1,000,000 retailers (10 minutes)
	@scripts/bench

bench: ## The same, for longer and also with 10,000,000 retailers (an hour)
	@scripts/bench --full

services-test: ## Start the PostgreSQL and Redis used by the tests
	@scripts/services up test

prerequisites:
	@scripts/prerequisites --with-tools
