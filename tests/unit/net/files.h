// SPDX-License-Identifier: Apache-2.0
//
// For tests that read files: a folder of their own, and damage to good files.
#ifndef AXGEN_TEST_FILES_H
#define AXGEN_TEST_FILES_H

#include <ftw.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/base/base.h"

#include <cmocka.h>

static char files_dir[64];

static inline int files_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw) {
  (void)st, (void)flag, (void)ftw;
  return remove(path);
}

static inline void files_clean(void) { nftw(files_dir, files_remove, 8, FTW_DEPTH | FTW_PHYS); }

static inline const char *files_path(arena *mem, const char *name) {
  if (!files_dir[0]) {
    strcpy(files_dir, "/tmp/axgen-test-XXXXXX");
    assert_non_null(mkdtemp(files_dir));
    atexit(files_clean);
  }
  return path_join(mem, files_dir, name);
}

static inline void files_put(const char *path, const void *data, size_t size) {
  diag d = {0};
  assert_true(file_write(path, data, size, &d));
}

static inline bytes files_get(arena *mem, const char *path) {
  diag d = {0};
  bytes b;
  assert_true(file_read(mem, path, 1 << 28, &b, &d));
  return b;
}

#define FILES_NPY_DICT(descr, shape) "{'descr': '" descr "', 'fortran_order': False, 'shape': " shape ", }"

static inline const char *files_npy(arena *mem, const char *name, const char *dict, const void *data, size_t size) {
  str s = {0};
  str_add_n(&s, "\x93NUMPY\1\0", 8);
  str_add_n(&s, (const char[]){(char)(strlen(dict) + 1), 0}, 2);
  str_printf(&s, "%s\n", dict);
  str_add_n(&s, data, size);
  const char *path = files_path(mem, name);
  files_put(path, s.data, s.len);
  str_free(&s);
  return path;
}

// Changes, inserts, removes or repeats some bytes; the result has room for `size` + 64.
static inline size_t files_damage(rng *r, const bytes *good, uint8_t *out) {
  static const char spice[] = "[]{}:,-&*!|>'\"#%@`\n\t 0123456789.eE+\xff\x00~";
  size_t n = good->size;
  memcpy(out, good->data, n);
  for (int changes = 1 + (int)rng_below(r, 3); changes > 0 && n > 0; changes--) {
    size_t at = rng_below(r, (uint32_t)n), some = 1 + rng_below(r, 8);
    switch (rng_below(r, 5)) {
    case 0:
      out[at] = (uint8_t)rng_next(r);
      break;
    case 1:
      out[at] ^= (uint8_t)(1u << rng_below(r, 8));
      break;
    case 2:
      out[at] = (uint8_t)spice[rng_below(r, sizeof spice)];
      break;
    case 3:
      if (n + some < good->size + 64) {
        memmove(out + at + some, out + at, n - at);
        n += some;
      }
      break;
    default:
      some = rng_below(r, 4) ? some : n - at; // often cut off
      some = some < n - at ? some : n - at;
      memmove(out + at, out + at + some, n - at - some);
      n -= some;
    }
  }
  return n;
}

#endif
