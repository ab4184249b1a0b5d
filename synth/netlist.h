// SPDX-License-Identifier: Apache-2.0
//
// The whole mapped design as one flat netlist: cells of the library, memories, the top's ports.
#ifndef AXGEN_SYNTH_NETLIST_H
#define AXGEN_SYNTH_NETLIST_H

#include "synth/synth.h"

// Nets of a port or pin, the lowest bit first.
typedef struct {
  const char *name;
  bool input;
  int32_t width;
  const int32_t *nets;
} synth_port;

// The words of a memory (axgen_ram, axgen_rom). `re`, raddr and rdata read: rdata is the word at raddr while re is 1,
// else it stays. A RAM writes the lanes that `we` names, of `lane` bits each, on a rising clk. The register behind the
// words is made of flip-flops.
typedef struct {
  synth_role role; // SYNTH_RAM, SYNTH_ROM
  const char *name; // of the instance, with those around it
  const char *file; // of a ROM: its contents for $readmemh, relative to the design's folder; "": unknown
  int64_t width, depth, lane;
  size_t part; // of the structure
  synth_port re, raddr, rdata, we, waddr, wdata; // the last three of a RAM alone
} synth_words;

// Net 0 is constant 0, net 1 constant 1. A net that nothing drives is 0.
typedef struct synth_netlist {
  const synth_structure *structure;
  const liberty *lib;
  int32_t nets;
  const mapped_cell *cells; // in no order; sequential ones too
  const uint32_t *group; // by cell: part * SYNTH_KIND_COUNT + kind, as areas are accounted
  size_t count;
  const synth_words *memories;
  size_t memory_count;
  const synth_port *ports; // of the top
  size_t port_count;
} synth_netlist;

#endif
