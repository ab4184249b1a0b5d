// SPDX-License-Identifier: Apache-2.0
//
// What every target's simulation yields, as JSON and as lines.
#include "compiler/target/common/target.h"

#include <math.h>

size_t target_correct(const target_images *in, const int32_t *logits, size_t outputs) {
  size_t correct = 0;
  for (size_t i = 0; in->data->labels && i < in->count; i++)
    correct += infer_argmax(logits + i * outputs, (int)outputs) == in->data->labels[in->first + i];
  return correct;
}

cJSON *target_result_json(const char *target, const network *net, const char *simulator, const target_images *in,
                          size_t values, size_t correct) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "network", net->name);
  cJSON_AddStringToObject(json, "target", target);
  cJSON_AddStringToObject(json, "simulator", simulator);
  cJSON_AddBoolToObject(json, "bit_exact", true);
  cJSON_AddNumberToObject(json, "images", (double)in->count);
  cJSON_AddNumberToObject(json, "values_compared", (double)values);
  if (in->data->labels) {
    cJSON_AddNumberToObject(json, "correct", (double)correct);
    cJSON_AddNumberToObject(json, "top1", (double)correct / (double)in->count);
  }
  return json;
}

cJSON *target_sim_json(const target *t, const network *net, const target_images *in, uint32_t stalls, target_sim *r) {
  cJSON *json = target_result_json(t->reader->name, net, r->simulator, in, r->values_compared, r->correct);
  cJSON_AddNumberToObject(json, "stalls", stalls);
  cJSON_AddNumberToObject(json, "build_seconds", round(10 * r->build_seconds) / 10);
  cJSON_AddNumberToObject(json, "run_seconds", round(10 * r->run_seconds) / 10);
  while (r->json && r->json->child) { // in their order
    cJSON *own = cJSON_DetachItemViaPointer(r->json, r->json->child);
    cJSON_AddItemToObject(json, own->string, own);
  }
  cJSON *list = cJSON_AddArrayToObject(json, "logits");
  for (size_t i = 0; i < in->count; i++)
    cJSON_AddItemToArray(list, cJSON_CreateIntArray(r->logits + i * r->outputs, (int)r->outputs));
  return json;
}

void target_sim_text(const target_images *in, uint32_t stalls, const target_sim *r, str *out) {
  str_printf(out, "bit-exact: %zu image%s, %zu value%s%s equal to the reference (%s", in->count, plural(in->count),
             r->values_compared, plural(r->values_compared), r->scope, r->simulator);
  if (stalls)
    str_printf(out, ", random stalls on %s", r->stalled);
  str_printf(out, ")\n%s", r->notes.data ? r->notes.data : "");
  if (in->data->labels)
    str_printf(out, "top-1 of the hardware   %.2f %% (%zu of %zu)\n", 100.0 * (double)r->correct / (double)in->count,
               r->correct, in->count);
  str_add(out, r->figures.data ? r->figures.data : "");
  str_printf(out, "built in %.1f s, ran %.1f s\n", r->build_seconds, r->run_seconds);
  if (r->folder)
    str_printf(out, "kept in %s\n", r->folder);
}

void target_sim_free(target_sim *r) {
  str_free(&r->notes);
  str_free(&r->figures);
  cJSON_Delete(r->json);
  r->json = NULL;
}
