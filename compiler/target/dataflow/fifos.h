// SPDX-License-Identifier: Apache-2.0
//
// fifos: how deep the FIFOs of a plan with branches are, and that nothing stands still for ever.
#ifndef AXGEN_DATAFLOW_FIFOS_H
#define AXGEN_DATAFLOW_FIFOS_H

#include "compiler/target/dataflow/plan.h"
#include "compiler/target/dataflow/schedule.h"

// Fills in the `fifo` of all inputs of a design that is planned but for these; predicted_cycles rises where the
// schedule shows that the streams hold each other up. Depths that the configuration gives take the place of those
// computed here: an error where they make the accelerator stand still, a warning where they make it slower.
// Without branches it only finds the rate.
bool fifos_plan(dataflow_design *design, diag *d);

// The schedule of an accelerator as it is planned (schedule.h), one source, one sink: beats of the image go in, those
// of the last stage come out. The owner of a process is the stage it belongs to.
schedule *fifos_schedule(arena *mem, const dataflow_design *design);

#endif
