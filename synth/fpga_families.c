// SPDX-License-Identifier: Apache-2.0
//
// The FPGA families: primitives, chips, the commands of Yosys and nextpnr. A family is a row of FAMILIES.
#include "synth/fpga.h"

#include <string.h>

static const fpga_primitive AMD[] = {
    {"LUT", .luts = 1},          {"INV", .luts = 1},          {"SRL", .lutrams = 1},       {"RAM32X1S", .lutrams = 1},
    {"RAM32X1D", .lutrams = 2},  {"RAM64X1S", .lutrams = 1},  {"RAM64X1D", .lutrams = 2},  {"RAM128X1S", .lutrams = 2},
    {"RAM128X1D", .lutrams = 4}, {"RAM256X1S", .lutrams = 4}, {"RAM256X1D", .lutrams = 8}, {"RAM512X1S", .lutrams = 8},
    {"RAM32M16", .lutrams = 8},  {"RAM64M8", .lutrams = 8},   {"RAM32M", .lutrams = 4},    {"RAM64M", .lutrams = 4},
    {"RAMB18", .ram = 1},        {"RAMB36", .ram = 2},        {"DSP", .dsps = 1},          {"FD", .flip_flops = 1},
    {"LD", .flip_flops = 1},     {"CARRY4", .carries = 4},    {"CARRY8", .carries = 8},    {"MUXF", .luts = 0},
    {"BUF", .luts = 0},          {"VCC", .luts = 0},          {"GND", .luts = 0},          {.name = NULL}};

static const fpga_primitive ICE40[] = {{"SB_LUT4", .luts = 1}, {"SB_CARRY", .carries = 1}, {"SB_DFF", .flip_flops = 1},
                                       {"SB_RAM40", .ram = 1}, {"SB_MAC16", .dsps = 1},    {.name = NULL}};

// A CCU2C is the carry chain of two LUTs and takes both; a DPR16X4 is 16 x 4 bits in four LUTs.
static const fpga_primitive ECP5[] = {{"LUT4", .luts = 1},
                                      {"CCU2C", .luts = 2, .carries = 2},
                                      {"PFUMX", .luts = 0},
                                      {"L6MUX21", .luts = 0},
                                      {"TRELLIS_FF", .flip_flops = 1},
                                      {"TRELLIS_DPR16X4", .lutrams = 4},
                                      {"DP16KD", .ram = 1},
                                      {"PDPW16KD", .ram = 1},
                                      {"MULT18X18D", .dsps = 1},
                                      {"ALU54B", .luts = 0},
                                      {.name = NULL}};

// The UltraPlus chips, which alone have DSPs, are slower; so they are taken only for those.
static const fpga_device ICE40_CHIPS[] = {{"hx1k", "tq144 vq100 cb132", .when = OFFERED},
                                          {"hx8k", "ct256 bg121 cb132 cm225", .when = OFFERED},
                                          {"u4k", "sg48", .dsps = 4, .when = OFFERED_FOR_DSPS},
                                          {"up5k", "sg48 uwg30", .dsps = 8, .when = OFFERED_FOR_DSPS},
                                          {"hx4k", "tq144 bg121 cb132", .dsps = 0},
                                          {"lp1k", "cm121 cm36 cm49 cm81 cb81 cb121 qn84 swg16tr", .dsps = 0},
                                          {"lp4k", "cm225 cm81 cm121", .dsps = 0},
                                          {"lp8k", "cm225 cm81 cm121", .dsps = 0},
                                          {"up3k", "sg48 uwg30", .dsps = 4},
                                          {.name = NULL}};

static const fpga_device ECP5_CHIPS[] = {{"25k", "CABGA256 CSFBGA285 CABGA381", .dsps = 28, .when = OFFERED},
                                         {"45k", "CABGA256 CSFBGA285 CABGA381 CABGA554", .dsps = 72, .when = OFFERED},
                                         {"85k", "CSFBGA285 CABGA381 CABGA554 CABGA756", .dsps = 156, .when = OFFERED},
                                         {"12k", "CABGA256 CSFBGA285 CABGA381", .dsps = 28},
                                         {.name = NULL}};

static const fpga_family FAMILIES[] = {
    {.name = "xcup",
     .devices = "UltraScale+",
     .command = "synth_xilinx -family xcup -flatten -noiopad -noclkbuf",
     .dsp = "",
     .no_dsp = " -nodsp",
     .primitives = AMD,
     .ram = "BRAM36",
     .ram_key = "block_rams_36k",
     .ram_units = 2},
    {.name = "xc7",
     .devices = "7 series",
     .command = "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf",
     .dsp = "",
     .no_dsp = " -nodsp",
     .primitives = AMD,
     .ram = "BRAM36",
     .ram_key = "block_rams_36k",
     .ram_units = 2},
    {.name = "ice40",
     .devices = "iCE40",
     .command = "synth_ice40",
     .dsp = " -dsp",
     .no_dsp = "",
     .primitives = ICE40,
     .ram = "BRAM4",
     .ram_key = "block_rams_4k",
     .ram_units = 1,
     .place = "nextpnr-ice40",
     .library = "+/ice40/cells_sim.v",
     .chips = ICE40_CHIPS},
    {.name = "ecp5",
     .devices = "ECP5",
     .command = "synth_ecp5 -nowidelut",
     .dsp = "",
     .no_dsp = " -nodsp",
     .primitives = ECP5,
     .ram = "BRAM18",
     .ram_key = "block_rams_18k",
     .ram_units = 1,
     .place = "nextpnr-ecp5",
     .library = "+/ecp5/cells_sim.v +/ecp5/cells_bb.v",
     .chips = ECP5_CHIPS,
     .bitstream = "--lpf-allow-unconstrained"},
};

const fpga_family *fpga_family_named(const char *name) {
  for (size_t i = 0; i < BASE_COUNT(FAMILIES); i++)
    if (strcmp(name, FAMILIES[i].name) == 0)
      return &FAMILIES[i];
  return NULL;
}

static bool unknown_family(const char *name, diag *d) {
  str names = {0};
  for (size_t i = 0; i < BASE_COUNT(FAMILIES); i++)
    str_printf(&names, "%s%s", i == 0 ? "" : i + 1 < BASE_COUNT(FAMILIES) ? ", " : " or ", FAMILIES[i].name);
  diag_error(d, "--family %s: expected %s", name, names.data);
  str_free(&names);
  return false;
}

static const fpga_device *device_named(const fpga_family *f, const char *name, diag *d) {
  str names = {0};
  for (const fpga_device *chip = f->chips; chip->name; chip++) {
    if (strcmp(chip->name, name) == 0)
      return str_free(&names), chip;
    str_printf(&names, "%s%s", chip == f->chips ? "" : ", ", chip->name);
  }
  diag_error(d, "device %s: %s has %s", name, f->name, names.data);
  str_free(&names);
  return NULL;
}

static bool has_word(const char *list, const char *word) {
  for (size_t n; *list; list += n + (list[n] == ' ')) {
    n = strcspn(list, " ");
    if (strlen(word) == n && memcmp(list, word, n) == 0)
      return true;
  }
  return false;
}

bool synth_fpga_check(const synth_fpga_options *o, diag *d) {
  const fpga_family *f = fpga_family_named(o->family);
  if (!f)
    return unknown_family(o->family, d);
  if (!o->place)
    return true;
  if (!f->place)
    return diag_error(d, "family %s cannot be placed: nextpnr knows ice40 and ecp5", f->name);
  if (o->package && !o->device)
    return diag_error(d, "package %s: of which device? Name it too", o->package);
  const fpga_device *chip = o->device ? device_named(f, o->device, d) : NULL;
  if (o->device && !chip)
    return false;
  if (o->package && !has_word(chip->packages, o->package))
    return diag_error(d, "package %s: %s comes in %s", o->package, chip->name, chip->packages);
  return true;
}
