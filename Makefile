# Everything is one command; `make` alone lists them.
BIN := .build/release
# Nothing loads these programs as libraries: without the table of exported symbols sedged takes 2 MB less memory.
STATIC := swift build -c release --static-swift-stdlib -Xlinker --no-export-dynamic
PHASE := scripts/phase
# Where programs that were built here find the shipped encoders.
export SEDGE_BUNDLES ?= $(CURDIR)/firmware-config/bundles
# Recorded data is optional: tests that need it say so where it is absent, and figures of it are `none`.
ifneq ($(wildcard ../shared/data),)
export SEDGE_DATA ?= $(abspath ../shared/data)
endif

.PHONY: help demo test build show-agent show-kernels show-arm show-control show-encoder show-adaptation cross-test lint \
	clean train-base train-small dependencies

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: dependencies ## Run broker, agent and simulated sensors for DEMO_SECONDS (60) and show what comes back
	@$(PHASE) "release build" $(MAKE) --no-print-directory build
	@$(BIN)/sedge demo --seconds $${DEMO_SECONDS:-60}

test: ## Build and pass every test
	@scripts/dependencies kernels
	@$(PHASE) "release build" $(MAKE) --no-print-directory build
	@$(PHASE) "kernels" scripts/check-kernels
	@$(PHASE) "cross" scripts/check-cross
	@$(PHASE) "imports" scripts/check-imports --self-test
	@$(PHASE) "binary" scripts/check-binary --self-test $(BIN)/sedged
	@$(PHASE) "documentation" scripts/check-docs --self-test $(BIN)
	@$(PHASE) "test build" swift build --build-tests
	@SEDGE_BIN="$(CURDIR)/$(BIN)" $(PHASE) "tests" swift test --skip-build --disable-xctest

build: ## Build sedged and sedge into .build/release
	@$(STATIC) --product sedged
	@$(STATIC) --product sedge

show-agent: dependencies ## Measure the agent afresh; the last line holds the figures
	@$(PHASE) "release build" $(MAKE) --no-print-directory build
	@scripts/show-agent

show-kernels: ## Measure kernels and encoder beside other runtimes; the last line holds the figures
	@scripts/dependencies figures
	@$(PHASE) "release build" $(MAKE) --no-print-directory build
	@scripts/show-kernels

cross-test: ## Make the ARM SDK and pass every test as ARM under qemu (long)
	@scripts/dependencies cross
	@$(PHASE) "SDK" cross/sdk
	@$(PHASE) "emulated tests" cross/test

show-arm: ## Measure what runs on ARM afresh; the last line holds the figures (long)
	@scripts/dependencies cross
	@$(PHASE) "release build" $(MAKE) --no-print-directory build
	@scripts/show-arm

show-control: dependencies ## Measure remote configuration afresh; the last line holds the figures
	@$(PHASE) "release build" $(MAKE) --no-print-directory build
	@scripts/show-control

show-encoder: dependencies ## Measure the shipped encoder on public data in SEDGE_DATA; the last line holds the figures (long)
	@$(PHASE) "release build" $(MAKE) --no-print-directory build
	@scripts/show-encoder

show-adaptation: dependencies ## Measure what is learned on the device afresh (long); the last line holds the figures
	@$(PHASE) "release build" $(MAKE) --no-print-directory build
	@scripts/show-adaptation

lint: ## Check the format of the Swift files
	@swift format lint --strict --parallel --recursive Package.swift Sources Tests

train-base: dependencies build ## Train the bundled base encoder afresh (long)
	@$(BIN)/sedge train --steps 6000 --seed 1 --threads 1 --size tcn64 --patience 0 --name sensor-base \
		--bundle-version 1.1.0 --out firmware-config/bundles/sensor-base.safetensors

train-small: dependencies build ## Train the smaller bundled encoder afresh
	@$(BIN)/sedge train --steps 8000 --seed 1 --threads 1 --size tcn32 --patience 0 --name sensor-small \
		--bundle-version 1.1.0 --out firmware-config/bundles/sensor-small.safetensors

clean: ## Remove what was built
	@rm -rf .build .build-arm64 .build-arm64-test .build-amd64 .build-packages

dependencies:
	@scripts/dependencies
