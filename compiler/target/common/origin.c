// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/common/origin.h"
#include "compiler/base/escape.h"
#include "compiler/target/common/rename.h"

bool origin_of(arena *mem, const config *cfg, origin *out, diag *d) {
  const network *net = cfg->net;
  bytes yaml, weights;
  if (!file_read(mem, net->file, 64 << 20, &yaml, d) ||
      !file_read(mem, path_beside(mem, net->file, "weights.safetensors"), (size_t)1 << 31, &weights, d))
    return false;
  *out = (origin){cfg, cfg->text_hash, hash_hex(mem, yaml.data, yaml.size), hash_hex(mem, weights.data, weights.size)};
  return true;
}

void origin_comment(const origin *o, const char *lead, const char *what, str *out) {
  str_printf(out, "%s SPDX-License-Identifier: Apache-2.0\n%s\n%s %s\n%s Made by axgen " AXGEN_VERSION, lead, lead,
             lead, what, lead);
  if (!o) {
    str_add(out, "; not to be edited by hand.\n");
    return;
  }
  str_add(out, " (`axgen rtl`) for network ");
  escape_comment(out, o->cfg->net->name);
  str_printf(out,
             "; not to be edited by hand.\n"
             "%s   config   sha256 %s\n"
             "%s   network  sha256 %s\n"
             "%s   weights  sha256 %s\n",
             lead, o->config, lead, o->network, lead, o->weights);
}

cJSON *origin_manifest(const origin *o, const char *target) {
  cJSON *m = cJSON_CreateObject();
  cJSON_AddStringToObject(m, "generator", "axgen " AXGEN_VERSION);
  cJSON_AddStringToObject(m, "command", "axgen rtl");
  cJSON_AddStringToObject(m, "network", o->cfg->net->name);
  cJSON_AddStringToObject(m, "target", target);
  cJSON_AddStringToObject(m, "top", o->cfg->name ? o->cfg->name : TARGET_TOP);
  if (o->cfg->name)
    cJSON_AddStringToObject(m, "prefix", o->cfg->name);
  cJSON *in = cJSON_AddObjectToObject(m, "sha256");
  cJSON_AddStringToObject(in, "config", o->config);
  cJSON_AddStringToObject(in, "network", o->network);
  cJSON_AddStringToObject(in, "weights", o->weights);
  cJSON_AddNumberToObject(m, "clock_ns", o->cfg->clock_ns);
  return m;
}
