# SPDX-License-Identifier: Apache-2.0
# axgen. `make demo` and `make test` do all set-up; `make help` lists the rest.

BUILD   ?= build
PREFIX  ?= /usr/local
# make V=1 shows the commands
Q       := $(if $(V),,@)
ifeq ($(origin CC),default)
CC      := gcc
endif

# Folders in the order of their layers.
FOLDERS := $(shell sed -n 's/^\([a-z][^ ]*\).*/\1/p' layers.txt)

PKGS    := yaml-0.1 libcjson libprotobuf-c zlib libmd sqlite3
WARN    := -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes
OPT     ?= -O2 -g
OPENMP  ?= -fopenmp
CFLAGS  ?= $(OPT)
FLAGS   = -std=c11 -ffp-contract=off -fPIC -fvisibility=hidden -D_GNU_SOURCE $(WARN) $(CFLAGS) $(OPENMP)
ALL_CFLAGS = $(FLAGS) -I. -I$(BUILD) -MMD -MP \
             $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LIBS    = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm $(OPENMP)

# MPI is optional: what speaks it is a plugin, so that axgen starts without it.
MPI     := $(shell pkg-config --exists mpi-c 2>/dev/null && [ -e "$$(pkg-config --variable=includedir mpi-c)/mpi.h" ] && echo yes)
MPI_PLUGIN := $(if $(MPI),$(BUILD)/axgen_mpi.so)
MPI_SRC := compiler/ranks/mpi_plugin.c

SRC     := $(filter-out compiler/cli/main.c $(MPI_SRC),$(foreach f,$(FOLDERS),$(sort $(wildcard $(f)/*.c))))
OBJ     := $(SRC:%.c=$(BUILD)/%.o)
GENERATED := $(BUILD)/onnx/onnx.pb-c.o
LIB     := $(BUILD)/parts.a # of the program and of the libraries
VERSION := $(shell sed -n 's/^.define AXGEN_VERSION "\(.*\)".*/\1/p' include/axgen.h)
# What the ABI is stable within (include/axgen.h): a major version, before 1.0 a minor one.
SOVERSION := $(shell echo $(VERSION) | sed 's/^\(0\.[0-9]*\|[0-9]*\).*/\1/')
LIB_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard compiler/lib/*.c))
UNIT    := $(foreach f,$(FOLDERS),$(sort $(wildcard tests/unit/$(notdir $(f))/test_*.c)))
UNIT_EXE := $(UNIT:%.c=$(BUILD)/%)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

# `make` stays usable before `make deps` only to say what is missing.
all: axgen ## build ./axgen

axgen: $(BUILD)/axgen $(MPI_PLUGIN)
	@ln -sf $(BUILD)/axgen axgen
lib: $(BUILD)/libaxgen.so $(BUILD)/libaxgen.a ## the libraries (include/axgen.h, docs/library.md)

$(BUILD)/axgen: $(BUILD)/compiler/cli/main.o $(LIB)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LIBS)

$(LIB): $(OBJ) $(GENERATED)
	@rm -f $@
	$(Q)ar qcs $@ $^ # q: files of different folders may share a name

$(BUILD)/libaxgen.so.$(SOVERSION): compiler/lib/exports.map $(LIB_OBJ) $(LIB)
	@echo "  LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) -MF $@.d -shared -Wl,-soname,$(@F),--no-undefined,--version-script=$< -o $@ \
	  $(LIB_OBJ) $(LIB) $(LIBS)
$(BUILD)/libaxgen.so: $(BUILD)/libaxgen.so.$(SOVERSION)
	$(Q)ln -sf $(<F) $@
# One object, in which only the names of axgen.h are left.
$(BUILD)/libaxgen.a: $(LIB_OBJ) $(LIB)
	@echo "  AR $@"
	$(Q)rm -f $@
	$(Q)$(LD) -r -d -o $(BUILD)/libaxgen.o $^
	$(Q)objcopy --wildcard --keep-global-symbol='axgen_*' $(BUILD)/libaxgen.o
	$(Q)ar qcs $@ $(BUILD)/libaxgen.o

# What was compiled with other flags is compiled again.
$(BUILD)/flags: always
	@mkdir -p $(@D)
	@echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' >$@
always:

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/axgen_mpi.so: $(MPI_SRC) compiler/ranks/transport.h
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) -MF $@.d -fPIC -shared -o $@ $< $(shell pkg-config --cflags --libs mpi-c)

# protobuf-c code for ONNX files, from Debian's onnx.proto
ONNX_PROTO_DIR ?= /usr/include
$(BUILD)/onnx/onnx.pb-c.c: $(ONNX_PROTO_DIR)/onnx/onnx.proto
	@mkdir -p $(@D)
	$(Q)protoc-c --proto_path=$(ONNX_PROTO_DIR)/onnx --c_out=$(@D) onnx.proto
$(BUILD)/onnx/onnx.pb-c.o: $(BUILD)/onnx/onnx.pb-c.c $(BUILD)/flags
	@echo "  CC $<"
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(filter $(BUILD)/compiler/onnx/%.o,$(OBJ)): | $(BUILD)/onnx/onnx.pb-c.c

$(BUILD)/tests/unit/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $< $(LIB) $(LIBS) -lcmocka

unit: $(UNIT_EXE) ## the C unit tests only
	@set -e; for t in $(UNIT_EXE); do $$t; done

$(BUILD)/tests/%: tests/%.c $(LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $< $(LIB) $(LIBS)

# ---- what the user runs ----------------------------------------------------------------------------------------------
TARGET ?= dataflow
CONFIG ?= flows/lenet5-$(TARGET).yaml
IMAGES ?= 20
export CONFIG IMAGES # so that the shell takes them as they are

demo: deps ## the main job on LeNet-5: accuracy, bit-exact co-simulation, area, delay, energy of three designs and one that is searched
	@$(MAKE) --no-print-directory axgen
	@sh flows/demo.sh

rtl: axgen ## write the Verilog of CONFIG (default: the demo's network) for TARGET
	./axgen rtl -- "$$CONFIG"
sim: axgen ## co-simulate CONFIG with Verilator on IMAGES images
	./axgen sim --images "$$IMAGES" -- "$$CONFIG"
synth: axgen ## area, delay and energy of CONFIG
	./axgen synth -- "$$CONFIG"

# ---- the papers' claims --------------------------------------------------------------------------------------------------
# flows/reproduce; results in build/reproduce/NAME, kept step by step. DATASETS: models/README.md says what belongs there;
# EVOAPPROX: a folder with published.csv, where there is one.
DATASETS ?= data
export DATASETS
reproduce-quick: deps ## the papers' claims against what is measured here, on LeNet-5 and ResNet-8: under 10 minutes; DATASETS=FOLDER
reproduce-maxdnn: deps ## ... those of MAx-DNN, with more images and evaluations
reproduce-hawx: deps ## ... those of HAWX, on five networks
reproduce-quick reproduce-maxdnn reproduce-hawx:
	@$(MAKE) --no-print-directory axgen
	@python3 flows/reproduce/reproduce.py $(@:reproduce-%=%) --data "$$DATASETS"

.PHONY: reproduce-hardware reproduce-hardware-full
reproduce-hardware: deps ## ... those of both about power and area: published figures, predicted, synthesised; multipliers and whole chip
reproduce-hardware-full: deps ## ... the same, more of it synthesised
reproduce-hardware reproduce-hardware-full:
	@$(MAKE) --no-print-directory axgen
	@python3 flows/reproduce/reproduce.py $(@:reproduce-%=%) --data "$$DATASETS"

# ---- predicted costs -----------------------------------------------------------------------------------------------------
.PHONY: calibrate
calibrate: deps ## figures of `axgen cost` from 62 synthesised designs, kept in build/calibrate; the others' table (an hour on two cores)
	@$(MAKE) --no-print-directory axgen
	@python3 flows/calibrate/calibrate.py --fit
	@$(MAKE) --no-print-directory axgen
	@python3 flows/calibrate/calibrate.py --table --svg docs/cost.svg

.PHONY: unseen
unseen: deps ## ... and the table of 19 designs of other kinds than those, in docs/cost.md (half an hour)
	@$(MAKE) --no-print-directory axgen
	@python3 flows/calibrate/calibrate.py --unseen

# ---- packages --------------------------------------------------------------------------------------------------------
DEPS := gcc g++ make pkg-config libyaml-dev libcjson-dev libprotobuf-c-dev protobuf-c-compiler libonnx-dev zlib1g-dev \
        libmd-dev libsqlite3-dev libcmocka-dev graphviz python3 yosys iverilog verilator opensta nextpnr-ice40 dataset-fashion-mnist qflow-tech-osu018 \
        libopenmpi-dev openmpi-bin
DEPS_TEST := chromium python3-numpy python3-pytest python3-pip python3-setuptools python3-wheel dpkg-dev # looks at the pages; the packages
DEPS_DEB := dpkg-dev binutils # packs
DEPS_LINT := clang clang-format clang-tidy cppcheck
DEPS_FUZZ := clang libclang-rt-dev
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

define install_missing
	@missing=; for p in $(1); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  echo "installing with apt:$$missing"; \
	  $(SUDO) apt-get update && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y --no-install-recommends $$missing; \
	fi
endef

deps: ## install the Debian packages that are missing
	$(call install_missing,$(DEPS))
deps-test: ## ... and those that only `make test` needs
	$(call install_missing,$(DEPS_TEST))
deps-lint: ## ... and those of `make lint`
	$(call install_missing,$(DEPS_LINT))
deps-deb: ## ... and those of `make deb`
	$(call install_missing,$(DEPS_DEB))
deps-fuzz: ## ... and those of `make fuzz`
	$(call install_missing,$(DEPS_FUZZ))

# ---- tests -----------------------------------------------------------------------------------------------------------
test: deps deps-test ## everything; ends with `N passed, N failed, N skipped`
	@$(MAKE) --no-print-directory test-build
	@BUILD=$(BUILD) sh tests/run.sh $(SUITES)

TEST_TOOLS := $(patsubst %,$(BUILD)/tests/%,sim/random_net mul/dump timed/compare gates/faults gates/icarus \
              $(addprefix synth/,synthesise accelerator variants catalogue measure))
BENCHES := $(addprefix $(BUILD)/bench_,simulate evolve engine costs explore predict) # not run, but they must build
test-build: axgen lib $(UNIT_EXE) $(TEST_TOOLS) $(BENCHES)

SAN := -O1 -g -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all -fno-omit-frame-pointer
test-san: deps ## the unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) --no-print-directory BUILD=build/san CFLAGS="$(SAN)" unit-build
	@BUILD=build/san sh tests/run.sh unit
unit-build: $(UNIT_EXE)

# One program a parser (tests/fuzz/NAME.c), driven by libFuzzer where clang has it, else by our own driver. Serial, so that
# an input does the same every time.
FUZZ_SECONDS ?= 60
FUZZ_NAMES  := $(sort $(notdir $(basename $(wildcard tests/fuzz/*.c))))
FUZZ_LIBFUZZER = $(wildcard $(shell clang -print-resource-dir 2>/dev/null)/lib/linux/libclang_rt.fuzzer-$(shell uname -m).a)
FUZZ_DRIVER ?= $(if $(FUZZ_LIBFUZZER),libfuzzer,mutate)
FUZZ_FLAGS  := $(SAN) -Wno-unknown-pragmas
FUZZ_FOLDERS = $(filter-out compiler/engine% compiler/quant compiler/explore compiler/cli,$(FOLDERS)) # what no parser needs, and is slow to build
FUZZ_MAKE   = $(MAKE) --no-print-directory OPENMP= FOLDERS="$(FUZZ_FOLDERS)" BUILD=build/fuzz/$(FUZZ_DRIVER) FUZZ_DRIVER=$(FUZZ_DRIVER) \
              $(if $(filter libfuzzer,$(FUZZ_DRIVER)),CC="$(filter ccache,$(CC)) clang" CFLAGS="$(FUZZ_FLAGS) -fsanitize=fuzzer-no-link",\
              CC="$(CC)" CFLAGS="$(FUZZ_FLAGS) -fsanitize-coverage=trace-pc")
fuzz: deps deps-fuzz ## every parser on damaged input for FUZZ_SECONDS (60) each; FUZZ=NAME: one of them
	+@FUZZ_SECONDS=$(FUZZ_SECONDS) sh tests/fuzz/run.sh $(FUZZ)
fuzz-build:
	+@$(FUZZ_MAKE) fuzz-programs
	@echo $(FUZZ_DRIVER) >build/fuzz/driver
FUZZ_EXE  := $(patsubst %,$(BUILD)/tests/fuzz/%,$(FUZZ_NAMES) driver/broken)
fuzz-programs: $(FUZZ_EXE)
FUZZ_MAIN = $(BUILD)/tests/fuzz/driver/input.o $(if $(filter mutate,$(FUZZ_DRIVER)),$(BUILD)/tests/fuzz/driver/mutate.o)
$(FUZZ_EXE): $(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(FUZZ_MAIN) $(LIB)
	@echo "  LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(if $(filter libfuzzer,$(FUZZ_DRIVER)),-fsanitize=fuzzer) -o $@ $< $(FUZZ_MAIN) $(LIB) $(LIBS)

lint: deps deps-lint ## clang-format, clang -Werror, clang-tidy, cppcheck, layers, Verilog
	clang-format --dry-run -Werror $$(git ls-files '*.c' '*.h')
	@$(MAKE) --no-print-directory BUILD=build/clang CC=clang $(patsubst %.c,build/clang/%.o,$(SRC))
	printf '%s\n' $(SRC) | xargs -n 1 -P $$(nproc) sh -c \
	  'clang-tidy --quiet "$$1" -- -std=c11 -D_GNU_SOURCE -I. -Ibuild/clang $$(pkg-config --cflags $(PKGS)) 2>/dev/null' tidy
	cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr --suppressions-list=.cppcheck -Ibuild/clang --library=posix -I. $(FOLDERS)
	BUILD=build/clang sh tests/layers.sh
	sh tests/spdx.sh

catalogue: axgen ## measure what genlib/catalogue lacks
	./axgen mul catalogue

house: ## draw docs/house.svg, the picture of docs/architecture.md
	sh tests/house.sh | dot -Tsvg -o docs/house.svg

# ---- benchmarks, never run as tests ------------------------------------------------------------------------------------
-include tests/bench/bench.mk
$(BUILD)/bench_simulate: tests/mul/bench.c $(LIB)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $< $(LIB) $(LIBS)
$(BUILD)/bench_evolve: tests/bench/bench_evolve.c $(LIB)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $< $(LIB) $(LIBS)
bench: bench-genlib bench-kernels bench-engine bench-predict ## all benchmarks
bench-genlib: axgen $(BUILD)/bench_simulate $(BUILD)/bench_evolve ## vectors/s of the netlist simulation, evaluations/s of the evolution
	$(BUILD)/bench_simulate
	sh tests/bench/bench_vcd.sh $(CURDIR)/axgen $(BUILD)/bench_simulate
	$(BUILD)/bench_evolve

# ---- installation ----------------------------------------------------------------------------------------------------
# What the program looks for in ../share/axgen from where it lies: the tree may be moved as a whole. Modes are set here,
# whatever umask the sources came with.
DATA := rtl_templates synth/liberty synth/memories genlib/catalogue genlib/evolved
BINDIR = $(DESTDIR)$(PREFIX)/bin
SHAREDIR = $(DESTDIR)$(PREFIX)/share
LIBNAME ?= lib
LIBDIR = $(DESTDIR)$(PREFIX)/$(LIBNAME)
install: axgen lib ## to PREFIX (default /usr/local), DESTDIR honoured
	install -d "$(BINDIR)" "$(SHAREDIR)/axgen" "$(SHAREDIR)/man/man1"
	install -m 755 $(BUILD)/axgen "$(BINDIR)/axgen"
	install -d "$(LIBDIR)/pkgconfig" "$(DESTDIR)$(PREFIX)/include"
	install -m 644 include/axgen.h "$(DESTDIR)$(PREFIX)/include/axgen.h"
	install -m 644 $(BUILD)/libaxgen.so.$(SOVERSION) "$(LIBDIR)/libaxgen.so.$(SOVERSION)"
	ln -sf libaxgen.so.$(SOVERSION) "$(LIBDIR)/libaxgen.so"
	install -m 644 $(BUILD)/libaxgen.a "$(LIBDIR)/libaxgen.a"
	sed -e 's|@PREFIX@|$(subst &,\&,$(PREFIX))|; s|@LIBDIR@|$(subst &,\&,$(LIBNAME))|; s|@VERSION@|$(VERSION)|' compiler/lib/axgen.pc.in >"$(LIBDIR)/pkgconfig/axgen.pc"
	chmod 644 "$(LIBDIR)/pkgconfig/axgen.pc"
	$(if $(MPI),install -D -m 644 $(BUILD)/axgen_mpi.so "$(DESTDIR)$(PREFIX)/lib/axgen/axgen_mpi.so")
	find $(DATA) -type f -exec install -D -m 644 {} "$(SHAREDIR)/axgen/{}" \;
	find "$(SHAREDIR)/axgen" -type d -exec chmod 755 {} +
	$(BUILD)/axgen help --man > "$(SHAREDIR)/man/man1/axgen.1"
	chmod 644 "$(SHAREDIR)/man/man1/axgen.1"

deb: deps deps-deb ## a Debian package in build: program, libraries, Python package
	@$(MAKE) --no-print-directory axgen lib
	@BUILD=$(BUILD) sh packaging/deb.sh

uninstall: ## removes what install put there
	rm -f "$(DESTDIR)$(PREFIX)/include/axgen.h" "$(LIBDIR)"/libaxgen.* "$(LIBDIR)/pkgconfig/axgen.pc"
	rm -rf "$(BINDIR)/axgen" "$(DESTDIR)$(PREFIX)/lib/axgen" "$(SHAREDIR)/axgen" "$(SHAREDIR)/man/man1/axgen.1"

clean: ## remove everything that was built
	rm -rf build axgen

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

-include $(OBJ:.o=.d) $(BUILD)/compiler/cli/main.d
.PHONY: always axgen lib deb deps-deb house catalogue bench bench-genlib all unit unit-build demo rtl sim synth deps deps-test deps-lint deps-fuzz test test-build test-san fuzz fuzz-build fuzz-programs lint install uninstall clean help \
        reproduce-quick reproduce-maxdnn reproduce-hawx
