# The thin front door: every target installs what it misses, then calls the real tool.
BUILD := build
ASAN := build-asan
FUZZ := build-fuzz
WINDOWS := build-windows
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

# capbu.exe, one static file, by mingw-w64; and its tests under wine.
windows: deps
	@tools/deps.sh windows
	@tools/windows.sh $(WINDOWS)

test-windows: build windows
	@tests/windows/run.sh $(BUILD) $(WINDOWS)

bench: deps
	@bench/run.sh

fuzz: deps
	@tests/fuzz/run.sh $(FUZZ) $(FUZZ_SECONDS)

lint:
	@tools/lint.sh

format:
	@git ls-files '*.c' '*.h' | xargs clang-format-14 -i

clean:
	rm -rf $(BUILD) $(ASAN) $(FUZZ) $(WINDOWS) build-bench build-coverage

.PHONY: all deps build demo test test-long windows test-windows bench fuzz lint format clean
