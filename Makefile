# What one does with this project. Each target sets up what it needs; see scripts/setup.

.DEFAULT_GOAL := help
.PHONY: help run demo generate lint test race bench check db/reset

DATA_DIR ?= ./data

help: ## this list
	@awk -F ':.*## ' '/^[a-z\/]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## start the program on a private database under ./data
	@scripts/setup
	go run ./cmd/web

demo: ## a season of demo challenges with riders who keep uploading
	@scripts/setup
	go run ./cmd/web demo

generate: ## templ files to Go
	go tool templ generate

lint: ## gofmt, generated files, vet, staticcheck, go-check-sumtype
	@mkdir -p .cache
	@scripts/lint

test: ## all tests, against a real PostgreSQL and a real browser
	@scripts/setup test
	go test ./...

race: ## all tests under the race detector
	@scripts/setup test
	go test -race ./...

bench: ## the benchmarks behind docs/performance.md
	@scripts/setup
	go test -run '^$$' -bench . -benchmem -timeout 30m ./...

check: lint test ## what CI runs

db/reset: ## delete the private databases under ./data, with all that is in them
	go run ./scripts/dbreset $(DATA_DIR) $(DATA_DIR)/demo
