# What a developer does with the project. The work itself is in scripts/.

NEXTEST_PROFILE := $(if $(filter true,$(CI)),ci,default)

# Where rustup installs to, in case the shell's profile was not read.
export PATH := $(PATH):$(HOME)/.cargo/bin

# For tests: the throw-away PostgreSQL and Redis, and their addresses.
TEST_ENV := scripts/services up test && env="$$(scripts/services env test)" && eval "$$env"

.DEFAULT_GOAL := help
.PHONY: help run down reset test test-long check fmt postman openapi contract docs-page check-docker bench bench-quick services-test prerequisites

help: ## This list
	@sed -n 's/^\([a-z-]*\):.* ## /  \1\t/p' Makefile | expand -t 18

run: ## Build and run Haat with demo data, until Ctrl-C
	@scripts/run

down: ## Stop Haat, PostgreSQL and Redis (the data stays)
	@scripts/run --stop
	@scripts/services down
	@echo 'Stopped; the data stays.'

reset: ## Stop Haat and delete its demo data, so that the next run begins anew
	@scripts/run --stop
	@scripts/services down run --purge
	@echo 'The demo data is deleted; the next run makes it anew.'

test: prerequisites ## All tests but the long ones
	@$(TEST_ENV) && cargo nextest run --workspace --profile $(NEXTEST_PROFILE)

test-long: prerequisites ## The long tests, then those of the HTTP interface from outside
	@$(TEST_ENV) && cargo nextest run --workspace --run-ignored only --profile long
	@scripts/postman
	@scripts/contract 5
	@scripts/docs-page
	@scripts/readme
	@scripts/data-model --check
	@scripts/check-docker

check: prerequisites ## Formatting, lints, and what may depend on what
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo deny --log-level error check licenses bans sources
	cargo nextest run -p haat-domain --test architecture

fmt: ## Format the code
	cargo fmt --all

postman: ## Run the Postman collection against a fresh server
	@scripts/postman

contract: ## Fuzz the HTTP interface and compare its answers with the document
	@scripts/contract

check-docker: ## Check the files of docker/, and take their steps without Docker
	@scripts/check-docker

docs-page: ## Use the page of the documentation in a browser without a window
	@scripts/docs-page

openapi: ## Write docs/openapi.json and the Postman collection anew
	@scripts/openapi

bench-quick: ## What Haat does beside what the machine can do, at 1,000,000 shops (10 minutes)
	@scripts/bench

bench: ## The same, for longer and also at 10,000,000 shops (an hour)
	@scripts/bench --full

services-test: ## Start the PostgreSQL and Redis of the tests
	@scripts/services up test

prerequisites:
	@scripts/prerequisites --with-tools
