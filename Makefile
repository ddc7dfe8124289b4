# Baodao: build, test, demo. `make help` says what there is.
BUILD ?= build
MODE ?= release
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
# Objects of a mode; programs of release are in $(BUILD)/bin, others beside.
OUT := $(BUILD)/$(MODE)
BIN := $(if $(filter release,$(MODE)),$(BUILD)/bin,$(OUT)/bin)

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wformat=2
HARDEN := -fstack-protector-strong -fPIE -fcf-protection -fstack-clash-protection
CFLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2 $(HARDEN)
CFLAGS_san := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer \
	-fno-sanitize-recover=undefined
LDFLAGS_release := -pie -Wl,-z,relro,-z,now
LDFLAGS_san := -fsanitize=address,undefined

PC := pkg-config
PKGS := rdkafka hiredis libpq jansson libsodium libmicrohttpd libutf8proc
CPPFLAGS := -I. -D_GNU_SOURCE -include common/base/banned.h \
	$(shell $(PC) --cflags-only-I $(PKGS) 2>/dev/null)
CFLAGS := -std=c17 $(WARN) $(CFLAGS_$(MODE)) $(EXTRA_CFLAGS)
LDFLAGS := $(LDFLAGS_$(MODE))
LIBS := -lrdkafka -lhiredis -lpq -ljansson -lsodium -lmicrohttpd -lutf8proc -lm

SERVICES := $(sort $(notdir $(patsubst %/,%,$(dir $(wildcard services/*/main.c)))))
COMMON_SRC := $(sort $(wildcard common/*/*.c))
COMMON_LIB := $(OUT)/libcommon.a
program = $(BIN)/$(if $(filter baodao,$1),baodao,baodao-$1)
PROGRAMS := $(foreach s,$(SERVICES),$(call program,$s))

.PHONY: help all demo down test chaos units stores sims bench overload lint layers format fuzz clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' Makefile

all: $(PROGRAMS) ## builds the programs into build/bin

# Set-up comes before what asks pkg-config: hence the second make.
demo: ## installs, builds, starts everything here, plays a day in Panlong
	tests/stage/setup.sh
	$(MAKE) all
	python3 -m tests.stage up --dir $(BUILD)/run --bin $(BUILD)/bin --test-clock 2026-02-10T08:30+08:00
	python3 -m tests.stage.demo --dir $(BUILD)/run

down: ## stops what `make demo` left running
	python3 -m tests.stage down --dir $(BUILD)/run

test: ## installs, builds with sanitizers, runs all tests on real servers
	tests/stage/setup.sh --test
	$(MAKE) -j2 MODE=san all units stores sims
	$(MAKE) -j2 MODE=release all $(BUILD)/chaos/shim.so
	$(MAKE) layers
	$(MAKE) MODE=san check

check:
	python3 -m tests.stage.run --bin $(BIN) $(UNITS) $(SIMS) $(wildcard tests/store/test_*.py tests/flow/test_*.py)

MINUTES ?= 5
chaos: ## breaks all by SEED= for MINUTES=5, and checks; COMMANDS=1000000: so many, workers killed
	tests/stage/setup.sh --test
	$(MAKE) -j2 MODE=release all $(BUILD)/chaos/shim.so
ifdef COMMANDS
	python3 -m tests.chaos.million --commands $(COMMANDS) $(if $(SEED),--seed $(SEED))
else
	$(MAKE) -j2 MODE=release $(BUILD)/release/unit/cli_oracle_test $(BUILD)/release/unit/street_sim_test $(BUILD)/release/sim/sim_test
	env -u SEED SIM_RUNS=5000 BASE=$(if $(SEED),$(SEED)0000) $(BUILD)/release/sim/sim_test
	STORIES=100000 $(BUILD)/release/unit/cli_oracle_test
	STEPS=1000000 $(BUILD)/release/unit/street_sim_test
	CHECKER=all python3 -m tests.stage.run --bin $(BUILD)/bin tests/chaos/test_checker.py
	OLD='$(OLD)' python3 -m tests.chaos $(if $(SEED),--seed $(SEED)) --minutes $(MINUTES)
endif

bench: ## measures against PostgreSQL's own limit, in one run
	tests/stage/setup.sh --test
	$(MAKE) all
	$(MAKE) benches
	python3 -m tests.bench --bin $(BUILD)/bin --out $(BUILD)/bench.json
	python3 -m tests.bench.clocks --bin $(BUILD)/bin

overload: ## ten times the rate for a minute: who is refused, what becomes of the rest
	tests/stage/setup.sh --test
	$(MAKE) all
	python3 -m tests.bench.overload --bin $(BUILD)/bin

lint: ## compiles with clang, each header alone, shell scripts checked
	tests/stage/lint.sh

layers: ## proves that includes point one way
	tests/stage/layers.sh

format: ## formats what is ours
	clang-format -i common/*/*.[ch] services/*/*.[ch] tests/*/*.[ch]

clean: ## forgets what was built; stop the demo first
	rm -rf $(BUILD)

# ---- what is built ----
# V=1 shows the whole commands.
Q := $(if $(V),,@)
says = $(if $(V),,@echo "  $1  $@")
comma := ,
objects = $(patsubst %.c,$(OUT)/%.o,$1)
service_src = $(sort $(wildcard services/$1/*.c))

$(OUT)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call says,CC)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The one object that knows which build this is; the stamp changes with it.
VERSION ?= $(shell git describe --always --dirty 2>/dev/null || echo unknown)
$(OUT)/version: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' >$@
$(OUT)/common/base/version.o: CPPFLAGS += -DBUILD_VERSION='"$(VERSION)"'
$(OUT)/common/base/version.o: $(OUT)/version
FORCE:

$(COMMON_LIB): $(call objects,$(COMMON_SRC))
	@rm -f $@
	$(Q)ar rcs $@ $^

# A service's objects without its main: tests link them too.
define service_rules
$(OUT)/lib$1.a: $(call objects,$(filter-out %/main.c,$(call service_src,$1)))
	@rm -f $$@
	@mkdir -p $$(@D)
	$$(Q)ar rcs $$@ $$^
$(call program,$1): $(call objects,services/$1/main.c) $(OUT)/lib$1.a $(COMMON_LIB)
	@mkdir -p $$(@D)
	$$(call says,LD)
	$$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $$@ $$^ $(LIBS)
endef
$(foreach s,$(SERVICES),$(eval $(call service_rules,$s)))
SERVICE_LIBS := $(foreach s,$(SERVICES),$(OUT)/lib$s.a)

# One program a unit test; each links all that it may test.
UNIT_SRC := $(sort $(wildcard tests/unit/*_test.c))
UNITS := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(UNIT_SRC))
$(OUT)/unit/%: $(OUT)/tests/unit/%.o $(SERVICE_LIBS) $(COMMON_LIB)
	@mkdir -p $(@D)
	$(call says,LD)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -Wl,--start-group $(SERVICE_LIBS) $(COMMON_LIB) -Wl,--end-group -lcmocka $(LIBS)
units: $(UNITS)

# Programs that need real servers; tests/store/test_io.py runs them.
STORES := $(patsubst tests/store/%.c,$(OUT)/store/%,$(sort $(wildcard tests/store/*_test.c)))
$(OUT)/store/%: $(OUT)/tests/store/%.o $(SERVICE_LIBS) $(COMMON_LIB)
	@mkdir -p $(@D)
	$(call says,LD)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -Wl,--start-group $(SERVICE_LIBS) $(COMMON_LIB) -Wl,--end-group -lcmocka $(LIBS)
# nth-X is a service's own main with another loop (tests/store/nth.c), in
# which the n-th call fails.
NTH_WRAP := $(patsubst %,-Wl$(comma)--wrap=%,malloc calloc realloc PQsendQueryPrepared PQpipelineSync PQflush PQconsumeInput PQgetResult kafka_header kafka_record_free publish_rest)
NTHS := $(foreach s,$(filter-out baodao gateway,$(SERVICES)),$(OUT)/store/nth-$s)
$(OUT)/store/nth-%: $(call objects,$(wildcard tests/store/nth*.c)) $(OUT)/services/%/main.o $(SERVICE_LIBS) $(COMMON_LIB)
	@mkdir -p $(@D)
	$(call says,LD)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(NTH_WRAP) -o $@ $(filter %.o,$^) -Wl,--start-group $(SERVICE_LIBS) $(COMMON_LIB) -Wl,--end-group $(LIBS)
stores: $(STORES) $(NTHS)

# Preloaded by what chaos breaks; no sanitizer mixes with that.
$(BUILD)/chaos/shim.so: tests/chaos/shim.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c17 -O2 -Wall -Wextra -Werror -shared -fPIC -o $@ $< -ldl

# The loop over simulated engines: what tests/sim defines comes before the
# archive's file of the same functions.
SIMS := $(patsubst tests/sim/%.c,$(OUT)/sim/%,$(sort $(wildcard tests/sim/*_test.c)))
SIM_WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
SIM_SRC := $(filter-out %_test.c,$(sort $(wildcard tests/sim/*.c)))
# Its batches are small, and are decided in pieces all the same.
$(OUT)/tests/sim/worker.o: common/work/worker.c Makefile
	@mkdir -p $(@D)
	$(call says,CC)
	$(Q)$(CC) $(CPPFLAGS) -DLOOK_AT_ONCE=2 $(CFLAGS) -MMD -MP -c -o $@ $<
$(OUT)/sim/%: $(OUT)/tests/sim/%.o $(call objects,$(SIM_SRC)) $(OUT)/tests/sim/worker.o $(COMMON_LIB)
	@mkdir -p $(@D)
	$(call says,LD)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(SIM_WRAP) -o $@ $^ -lcmocka $(LIBS)
sims: $(SIMS)

# floor-X is a service's own main with another loop (tests/bench/floor.c).
BENCHES := $(OUT)/bench/feed $(OUT)/bench/httpload $(OUT)/bench/schema_bench $(OUT)/bench/clock_bench $(foreach s,intake dispatch track,$(OUT)/bench/floor-$s)
$(OUT)/bench/floor-%: $(OUT)/tests/bench/floor.o $(OUT)/services/%/main.o $(SERVICE_LIBS) $(COMMON_LIB)
	@mkdir -p $(@D)
	$(call says,LD)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(SERVICE_LIBS) $(COMMON_LIB) -Wl,--end-group $(LIBS)
$(OUT)/bench/%: $(OUT)/tests/bench/%.o $(SERVICE_LIBS) $(COMMON_LIB)
	@mkdir -p $(@D)
	$(call says,LD)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -Wl,--start-group $(SERVICE_LIBS) $(COMMON_LIB) -Wl,--end-group $(LIBS)
benches: $(BENCHES)

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
.SECONDARY:
$(OUT)/services/dispatch/reserve.o: services/dispatch/reserve.lua
