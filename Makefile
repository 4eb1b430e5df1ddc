# The thin front door: every target installs what it misses, then calls the real tool.
BUILD := build
ASAN := build-asan
FUZZ := build-fuzz
FUZZ_SECONDS ?= 600

all: build

deps:
	@tools/deps.sh

$(BUILD)/build.ninja: meson.build | deps
	meson setup $(BUILD) >/dev/null

build: deps $(BUILD)/build.ninja
	@echo building; ninja -C $(BUILD) --quiet

demo: build
	@demo/demo.sh $(BUILD)

test: build
	@tools/deps.sh test
	@tests/run.sh $(BUILD)

# The sweeps too long for every change: the suite under sanitizers and gcc's warnings under clang, the full fault and kill sweeps.
test-long: build
	@tools/deps.sh test
	@tests/run-long.sh $(BUILD) $(ASAN)

bench: deps
	@bench/run.sh

fuzz: deps
	@tests/fuzz/run.sh $(FUZZ) $(FUZZ_SECONDS)

lint:
	@tools/lint.sh

clean:
	rm -rf $(BUILD) $(ASAN) $(FUZZ) build-bench build-coverage

.PHONY: all deps build demo test test-long bench fuzz lint clean
