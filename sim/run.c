// SPDX-License-Identifier: Apache-2.0
//
// Running a step of a simulation, and watching how far it is: from outside, by the files that it writes.
#include "compiler/tool/tool.h"
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TAIL = 4096 }; // bytes of a log's end that are looked at

typedef struct {
  const sim_watch *w;
  const char *dir;
  progress shown;
} watcher;

// Object files that are there, of those that will be; both 0 until the C++ files are written.
static void count_objects(const char *folder, uint64_t *done, uint64_t *total) {
  arena *mem = arena_new();
  char **names;
  size_t sources, objects;
  if (dir_list(mem, folder, ".cpp", &names, &sources) && dir_list(mem, folder, ".o", &names, &objects)) {
    *total = sources;
    *done = objects < sources ? objects : sources;
  }
  arena_free(mem);
}

// The last `at CYCLE` of a log that is being written.
static uint64_t last_cycle(const char *path) {
  char tail[TAIL + 1];
  uint64_t cycle = 0;
  FILE *f = fopen(path, "rb");
  if (!f)
    return 0;
  if (fseek(f, -TAIL, SEEK_END) != 0)
    rewind(f); // it is shorter
  tail[fread(tail, 1, TAIL, f)] = 0;
  fclose(f);
  for (const char *p = tail; (p = strstr(p, "at ")); p++)
    if ((p == tail || p[-1] == '\n') && strchr(p, '\n'))
      cycle = strtoull(p + 3, NULL, 10);
  return cycle;
}

static void watch(void *user) {
  watcher *x = user;
  uint64_t done = 0, total = 0;
  arena *mem = arena_new();
  if (x->w->objects)
    count_objects(path_join(mem, x->dir, x->w->objects), &done, &total);
  else if (x->w->log && x->w->cycles > 0) {
    total = (uint64_t)x->w->cycles;
    done = last_cycle(path_join(mem, x->dir, x->w->log));
  }
  arena_free(mem);
  progress_show(&x->shown, done < total ? done : total, total);
}

// Simulators say nothing where the disk is full, and what they left is compared as if it were all: whether one more
// file finds room shows it.
static bool has_room(arena *mem, const char *dir, diag *d) {
  static const char BLOCK[1 << 16];
  const char *path = path_join(mem, dir, "room");
  diag why = {0};
  bool ok = file_write(path, BLOCK, sizeof BLOCK, &why);
  diag_free(&why);
  unlink(path);
  return ok || diag_tool(d, "%s: the disk is full, so what the simulation wrote there is not all", dir);
}

bool sim_tool(arena *mem, const char *dir, const char *const *argv, const char *log_name, size_t images,
              const sim_watch *w, diag *d) {
  watcher x = {.w = w, .dir = dir, .shown = progress_begin(w ? w->label : "", 0)};
  bool ok = tool_run(&(tool_job){.argv = argv,
                                 .dir = dir,
                                 .log = path_join(mem, dir, log_name),
                                 .timeout_s = 3600 + 60 * (double)images,
                                 .watch = w ? watch : NULL,
                                 .user = &x},
                     d);
  progress_end(&x.shown);
  return has_room(mem, dir, d) && ok;
}
