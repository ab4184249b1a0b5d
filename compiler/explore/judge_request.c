// SPDX-License-Identifier: Apache-2.0
//
// A byte for the question; of each node that multiplies a byte for the level, then one for the multiplier of each unit.
#include "compiler/explore/judge_request.h"

void judge_request_write(const network *net, judge_question question, const assignment *assign, str *out) {
  const char kind = (char)question;
  str_add_n(out, &kind, 1);
  for (size_t i = 0; i < net->count; i++) {
    if (!net_multiplies(&net->nodes[i]))
      continue;
    const char level = (char)assign[i].level;
    str_add_n(out, &level, 1);
    str_add_n(out, (const char *)assign[i].mul, (size_t)assign[i].count);
  }
}

bool judge_request_read(const network *net, int mul_count, const void *data, size_t size, arena *mem,
                        judge_question *question, assignment **assign) {
  const uint8_t *at = data, *end = at + size;
  if (at == end || *at >= JUDGE_QUESTIONS)
    return false;
  *question = (judge_question)*at++;
  *assign = arena_new_array(mem, assignment, net->count);
  for (size_t i = 0; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    if (!net_multiplies(n))
      continue;
    if (at == end || *at >= ASSIGN_LEVELS)
      return false;
    assignment_level level = (assignment_level)*at++;
    if (level == ASSIGN_NONE)
      continue;
    int64_t units = assignment_units(net, n, level);
    if (units > end - at)
      return false;
    for (int64_t u = 0; u < units; u++)
      if (at[u] >= mul_count)
        return false;
    (*assign)[i] = assignment_make(mem, net, n, level, at);
    at += units;
  }
  return at == end;
}
