// SPDX-License-Identifier: Apache-2.0
#ifndef AXGEN_DATAFLOW_TARGET_H
#define AXGEN_DATAFLOW_TARGET_H

#include "compiler/target/common/target.h"
#include "compiler/target/dataflow/plan.h"

extern const target TARGET_DATAFLOW; // its plans are dataflow_designs

#endif
