// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/json.h"

char *json_text(arena *mem, cJSON *json) {
  char *printed = cJSON_Print(json);
  char *text = arena_printf(mem, "%s\n", printed);
  cJSON_free(printed);
  cJSON_Delete(json);
  return text;
}

void json_add_files(arena *mem, cJSON *object, const fileset *files) {
  cJSON *list = cJSON_AddArrayToObject(object, "files");
  for (size_t i = 0; i < files->count; i++) {
    cJSON *f = cJSON_CreateObject();
    cJSON_AddStringToObject(f, "name", files->files[i].name);
    cJSON_AddStringToObject(f, "sha256", hash_hex(mem, files->files[i].data, files->files[i].size));
    cJSON_AddItemToArray(list, f);
  }
}
