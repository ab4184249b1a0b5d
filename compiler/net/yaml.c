// SPDX-License-Identifier: Apache-2.0
#include "compiler/net/yaml.h"
#include "compiler/base/escape.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { MAX_DEPTH = 32, MAX_NODES = 1 << 20, MAX_FILE = 1 << 24 };

typedef struct {
  arena *mem;
  yaml_parser_t parser;
  src_pos file;
  int nodes;
  diag *d;
} reader;

static src_pos place(const reader *r, yaml_mark_t mark) {
  src_pos pos = r->file;
  pos.line = (int)mark.line + 1;
  pos.column = (int)mark.column + 1;
  return pos;
}

// Where the byte is that libyaml could not read; it counts them, and no lines.
static src_pos place_of_byte(const reader *r, size_t offset) {
  src_pos pos = r->file;
  pos.line = pos.column = 1;
  for (const char *p = pos.text; *p && p < pos.text + offset; p++)
    pos.column = *p == '\n' ? (pos.line++, 1) : pos.column + 1;
  return pos;
}

static bool next_event(reader *r, yaml_event_t *event) {
  if (yaml_parser_parse(&r->parser, event))
    return true;
  if (r->parser.error == YAML_READER_ERROR)
    return diag_at(r->d, place_of_byte(r, r->parser.problem_offset), "not YAML: %s", r->parser.problem);
  return diag_at(r->d, place(r, r->parser.problem_mark), "not YAML: %s", r->parser.problem);
}

static int by_key(const void *a, const void *b) {
  const yaml *x = *(const yaml *const *)a, *y = *(const yaml *const *)b;
  int order = strcmp(x->key, y->key);
  if (order)
    return order;
  if (x->key_pos.line != y->key_pos.line)
    return x->key_pos.line < y->key_pos.line ? -1 : 1;
  return x->key_pos.column < y->key_pos.column ? -1 : 1;
}

static bool unique_keys(reader *r, const yaml *map) {
  const yaml **sorted = malloc(((size_t)map->count + 1) * sizeof *sorted);
  size_t n = 0;
  for (const yaml *e = map->first; e; e = e->next)
    sorted[n++] = e;
  qsort(sorted, n, sizeof *sorted, by_key);
  bool ok = true;
  for (size_t i = 1; i < n; i++)
    if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
      ok = diag_at(r->d, sorted[i]->key_pos, "the key `%s` is given twice; first in line %d", sorted[i]->key,
                   sorted[i - 1]->key_pos.line);
  free(sorted);
  return ok;
}

static yaml *read_node(reader *r, yaml_event_t *event, int depth);

static yaml *read_children(reader *r, yaml *parent, yaml_event_type_t end, int depth) {
  const yaml **tail = &parent->first;
  for (;;) {
    yaml_event_t event;
    if (!next_event(r, &event))
      return NULL;
    if (event.type == end) {
      yaml_event_delete(&event);
      return parent->kind != YAML_MAP || unique_keys(r, parent) ? parent : NULL;
    }
    yaml *key = NULL;
    if (parent->kind == YAML_MAP) {
      key = read_node(r, &event, depth + 1);
      if (!key || !next_event(r, &event))
        return NULL;
      if (key->kind != YAML_SCALAR) {
        yaml_event_delete(&event);
        diag_at(r->d, key->pos, "a key must be plain text");
        return NULL;
      }
    }
    yaml *child = read_node(r, &event, depth + 1);
    if (!child)
      return NULL;
    if (key) {
      child->key = key->text;
      child->key_pos = key->pos;
    }
    *tail = child;
    tail = &child->next;
    parent->count++;
  }
}

// The node that starts with `event`, which is used up.
static yaml *read_node(reader *r, yaml_event_t *event, int depth) {
  src_pos pos = place(r, event->start_mark);
  const char *refused = NULL;
  yaml *y = arena_new_object(r->mem, yaml);
  y->pos = pos;
  yaml_event_type_t end = YAML_NO_EVENT;
  bool named = false, tagged = false;
  if (depth > MAX_DEPTH)
    refused = "nested too deeply (at most 32 levels)";
  else if (++r->nodes > MAX_NODES)
    refused = "too many values (at most 1048576)";
  else if (event->type == YAML_SCALAR_EVENT) {
    y->text = arena_strndup(r->mem, (const char *)event->data.scalar.value, event->data.scalar.length);
    y->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    named = event->data.scalar.anchor;
    tagged = event->data.scalar.tag;
    if (strlen(y->text) != event->data.scalar.length)
      refused = "text with a zero byte";
    else if (text_fault(y->text))
      refused = arena_printf(r->mem, "text with %s", text_fault(y->text));
  } else if (event->type == YAML_SEQUENCE_START_EVENT) {
    y->kind = YAML_LIST;
    end = YAML_SEQUENCE_END_EVENT;
    named = event->data.sequence_start.anchor;
    tagged = event->data.sequence_start.tag;
  } else if (event->type == YAML_MAPPING_START_EVENT) {
    y->kind = YAML_MAP;
    end = YAML_MAPPING_END_EVENT;
    named = event->data.mapping_start.anchor;
    tagged = event->data.mapping_start.tag;
  } else
    named = true; // an alias
  if (!refused && named)
    refused = "anchors (&) and aliases (*) are not supported: write the value out";
  if (!refused && tagged)
    refused = "tags (!) are not supported";
  yaml_event_delete(event);
  if (refused) {
    diag_at(r->d, pos, "%s", refused);
    return NULL;
  }
  return end == YAML_NO_EVENT ? y : read_children(r, y, end, depth);
}

static const yaml *read_document(reader *r) {
  const yaml *root = NULL;
  for (;;) {
    yaml_event_t event;
    if (!next_event(r, &event))
      return NULL;
    yaml_event_type_t type = event.type;
    if (type == YAML_STREAM_START_EVENT || type == YAML_STREAM_END_EVENT || type == YAML_DOCUMENT_START_EVENT ||
        type == YAML_DOCUMENT_END_EVENT) {
      src_pos pos = place(r, event.start_mark);
      yaml_event_delete(&event);
      if (type == YAML_DOCUMENT_START_EVENT && root) {
        diag_at(r->d, pos, "a second document starts here; expected one");
        return NULL;
      }
      if (type == YAML_STREAM_END_EVENT) {
        if (!root)
          diag_error(r->d, "%s: empty; expected keys and values", r->file.file);
        return root;
      }
    } else if (!(root = read_node(r, &event, 0)))
      return NULL;
  }
}

const yaml *yaml_parse(arena *mem, const char *file, const char *text, size_t size, diag *d) {
  reader r = {.mem = mem, .d = d, .file = {.file = arena_strdup(mem, file), .text = text}};
  if (!yaml_parser_initialize(&r.parser)) {
    diag_error(d, "%s: cannot start the YAML parser", file);
    return NULL;
  }
  yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, size);
  const yaml *root = read_document(&r);
  yaml_parser_delete(&r.parser);
  return root;
}

const yaml *yaml_read(arena *mem, const char *path, diag *d) {
  bytes file;
  if (!file_read(mem, path, MAX_FILE, &file, d))
    return NULL;
  return yaml_parse(mem, path, (const char *)file.data, file.size, d);
}
