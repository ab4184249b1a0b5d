// SPDX-License-Identifier: Apache-2.0
//
// Private to synth/fpga*.c: what FPGA families have.
#ifndef AXGEN_SYNTH_FPGA_H
#define AXGEN_SYNTH_FPGA_H

#include "synth/internal.h"

#include <cjson/cJSON.h>

// What a primitive takes, by the beginning of its name; the first that fits counts. `ram`: in the family's smallest
// block; `carries`: bits of a carry chain.
typedef struct {
  const char *name;
  int luts, lutrams, flip_flops, ram, dsps, carries;
} fpga_primitive;

// A chip that nextpnr knows.
typedef struct {
  const char *name; // nextpnr's option without its dashes
  const char *packages; // with single blanks; the first one is taken where none is asked for
  int dsps; // 0: it has none
  enum { BY_NAME, OFFERED, OFFERED_FOR_DSPS } when; // tried where none is asked for, in their order
} fpga_device;

typedef struct {
  const char *name, *devices;
  const char *command; // Yosys's, without -top
  const char *dsp, *no_dsp; // its options to make DSPs of exact multipliers, and to make none of anything
  const fpga_primitive *primitives;
  const char *ram, *ram_key; // a block of `ram_units` smallest ones: heading of the table, key of the JSON
  int ram_units;
  const char *place; // nextpnr's program; NULL: there is none
  const char *library; // Yosys's files of its primitives
  const fpga_device *chips; // .name NULL at the end
  const char *bitstream; // an option that nextpnr needs besides, or NULL
} fpga_family;

const fpga_family *fpga_family_named(const char *name); // NULL: there is none
// What Yosys left of the design, in JSON: out->rows, parts, kinds, total. `structure` NULL: rows and total alone.
bool fpga_count(arena *mem, const fpga_family *family, const cJSON *design, const char *top,
                const synth_structure *structure, synth_fpga *out, diag *d);
// Runs nextpnr for the design in dir/mapped.json: out->placed.
bool fpga_place(arena *mem, const char *dir, const fpga_family *family, const synth_structure *s,
                const synth_fpga_options *o, synth_fpga *out, diag *d);

#endif
