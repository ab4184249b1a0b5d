# SPDX-License-Identifier: Apache-2.0
# axgen. `make demo` and `make test` do all set-up; `make help` lists the rest.

BUILD   ?= build
PREFIX  ?= /usr/local
ifeq ($(origin CC),default)
CC      := gcc
endif
# Folders in the order of their layers: each includes only those before it (tests/layers.sh checks that).
FOLDERS ?= compiler/base compiler/tool genlib compiler/net compiler/front compiler/infer compiler/quant compiler/hw \
           compiler/emit synth sim compiler/report compiler/cli

PKGS    := yaml-0.1 libcjson libprotobuf-c zlib libmd
WARN    := -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes
OPT     ?= -O2 -g
CFLAGS  ?= $(OPT)
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE $(WARN) $(CFLAGS) -fopenmp -I. -I$(BUILD) -MMD -MP \
             $(shell pkg-config --cflags $(PKGS) 2>/dev/null) -DAXGEN_SHARE='"$(PREFIX)/share/axgen"'
LIBS    = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm -fopenmp

SRC     := $(filter-out compiler/cli/main.c,$(foreach f,$(FOLDERS),$(sort $(wildcard $(f)/*.c))))
OBJ     := $(SRC:%.c=$(BUILD)/%.o)
GENERATED := $(if $(filter compiler/front,$(FOLDERS)),$(BUILD)/onnx/onnx.pb-c.o)
LIB     := $(BUILD)/libaxgen.a
UNIT    := $(foreach f,$(FOLDERS),$(sort $(wildcard tests/unit/$(notdir $(f))/test_*.c)))
UNIT_EXE := $(UNIT:%.c=$(BUILD)/%)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

# `make` stays usable before `make deps` only to say what is missing.
all: axgen ## build ./axgen

axgen: $(BUILD)/axgen
	@ln -sf $(BUILD)/axgen axgen

$(BUILD)/axgen: $(BUILD)/compiler/cli/main.o $(LIB)
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(LIBS)

$(LIB): $(OBJ) $(GENERATED)
	@rm -f $@
	ar qcs $@ $^ # q: files of different folders may share a name

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

# protobuf-c code for ONNX files, from Debian's onnx.proto
ONNX_PROTO_DIR ?= /usr/include
$(BUILD)/onnx/onnx.pb-c.c: $(ONNX_PROTO_DIR)/onnx/onnx.proto
	@mkdir -p $(@D)
	protoc-c --proto_path=$(ONNX_PROTO_DIR)/onnx --c_out=$(@D) onnx.proto
$(BUILD)/onnx/onnx.pb-c.o: $(BUILD)/onnx/onnx.pb-c.c
	$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(filter $(BUILD)/compiler/front/%.o,$(OBJ)): | $(BUILD)/onnx/onnx.pb-c.c

$(BUILD)/tests/unit/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $< $(LIB) $(LIBS) -lcmocka

unit: $(UNIT_EXE) ## the C unit tests only
	@set -e; for t in $(UNIT_EXE); do $$t; done

clean: ## remove everything that was built
	rm -rf build axgen

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

-include $(OBJ:.o=.d) $(BUILD)/compiler/cli/main.d
.PHONY: all unit clean help
