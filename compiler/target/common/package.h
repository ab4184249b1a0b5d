// SPDX-License-Identifier: Apache-2.0
//
// package: what stands beside the Verilog so that it fits into other people's flows: constraints, a FuseSoC core, a
// script for Vivado, a testbench. docs/integration.md is the manual.
#ifndef AXGEN_TARGET_PACKAGE_H
#define AXGEN_TARGET_PACKAGE_H

#include "compiler/target/common/origin.h"

// A module that a user may take as the top: as the target calls it, and the port of its clock.
typedef struct {
  const char *module, *clock;
} package_top;

// Adds, for each top, TOP.sdc and TOP.xdc with the configuration's clock; NAME.core and NAME.tcl, which list what is in
// `files` so far: .v files of the accelerator, rom/*, and tb/* with program/*. tops[0] is the accelerator's own; all
// modules have their names already (rename_modules).
void package_add(arena *mem, const origin *o, const package_top *tops, size_t count, fileset *files);

// The macro with the folder of the ROM images: NAME_ROM, in capitals.
const char *package_rom(arena *mem, const char *name);
// Defines it as "rom", from where the tool runs, for who does not.
void package_define_rom(arena *mem, const char *name, str *out);

// A testbench: axgen_check_* in rtl_templates/`checker`.v with these parameters, whose values are Verilog, in which
// FOLDER is the accelerator's folder.
typedef struct {
  const char *name, *value;
} package_parameter;
typedef struct {
  const char *checker;
  const package_parameter *parameters; // name NULL at the end
  size_t images;
  const char *source; // of the images: "the data set", "random"
  const char *const *macros; // that are defined for the checker; NULL at the end; NULL: none
  const char *also; // Verilog that it instantiates; NULL: none
} package_test;
// Adds tb/tb_axgen_top.v: the checker and a clock around it. Runs in Icarus and Verilator from the accelerator's
// folder.
bool package_add_test(arena *mem, const origin *o, const package_test *t, fileset *out, diag *d);

#endif
