// SPDX-License-Identifier: Apache-2.0
//
// What is asked about an assignment, as bytes that another process understands which has the same network.
#ifndef AXGEN_JUDGE_REQUEST_H
#define AXGEN_JUDGE_REQUEST_H

#include "compiler/explore/judge.h"

void judge_request_write(const network *net, judge_question question, const assignment *assign, str *out);
// *assign is [nodes], in `mem`. False: these bytes are no question about this network.
bool judge_request_read(const network *net, int mul_count, const void *data, size_t size, arena *mem,
                        judge_question *question, assignment **assign);

#endif
