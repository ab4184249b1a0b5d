// SPDX-License-Identifier: Apache-2.0
//
// Data sets: good files of each format, and files that are wrong in one way, with the byte that the message names.
#include "tests/unit/net/files.h"

#include "compiler/data/data.h"

static const char *put(arena *mem, const char *name, const char *data, size_t size) {
  const char *path = files_path(mem, name);
  files_put(path, data, size);
  return path;
}
#define PUT(mem, name, literal) put(mem, name, literal, sizeof literal - 1)

static bool read_set(arena *mem, dataset_format f, const char *images, const char *labels, dataset *out, diag *d) {
  dataset_files files = {.format = f, .images = (const char *[]){images}, .image_files = 1, .labels = labels};
  return dataset_read(mem, &files, out, d);
}

static void refused(arena *mem, dataset_format f, const char *images, const char *labels, const char *expected) {
  dataset data;
  diag d = {0};
  assert_false(read_set(mem, f, images, labels, &data, &d));
  if (!strstr(d.text.data, expected))
    fail_msg("expected `%s` in: %s", expected, d.text.data);
  diag_free(&d);
}

#define IMAGES_2x2x3 "\0\0\10\3\0\0\0\2\0\0\0\2\0\0\0\3abcdefghijkl"
#define LABELS_2 "\0\0\10\1\0\0\0\2\1\7"

static void test_idx(void **state) {
  (void)state;
  arena *mem = arena_new();
  dataset data;
  diag d = {0};
  const char *images = PUT(mem, "i", IMAGES_2x2x3), *labels = PUT(mem, "l", LABELS_2);
  assert_true(read_set(mem, DATASET_IDX, images, labels, &data, &d));
  assert_true(data.count == 2 && data.shape.c == 1 && data.shape.h == 2 && data.shape.w == 3 && data.classes == 8);
  assert_memory_equal(data.pixels, "abcdefghijkl", 12);
  const char *four = PUT(mem, "i4", "\0\0\10\4\0\0\0\2\0\0\0\3\0\0\0\1\0\0\0\2abcdefghijkl");
  assert_true(read_set(mem, DATASET_IDX, four, NULL, &data, &d));
  assert_true(data.shape.c == 3 && data.shape.w == 2 && !data.labels);
  refused(mem, DATASET_IDX, PUT(mem, "b", "\0\0\11\3"), NULL, "byte 0: not the IDX file");
  refused(mem, DATASET_IDX, labels, NULL, "byte 0: not the IDX file");
  refused(mem, DATASET_IDX, PUT(mem, "b", "\0\0\10\3\0\0"), NULL, "byte 6: the file ends in its header");
  refused(mem, DATASET_IDX, put(mem, "b", IMAGES_2x2x3, 27), NULL,
          "byte 27: the file ends here, its header says byte 28");
  refused(mem, DATASET_IDX, put(mem, "b", IMAGES_2x2x3, 29), NULL, "trailing");
  refused(mem, DATASET_IDX, PUT(mem, "b", "\0\0\10\3\0\0\0\2\0\0\0\0\0\0\0\3"), NULL, "byte 8: dimension 2 is 0");
  refused(mem, DATASET_IDX, PUT(mem, "b", "\0\0\10\3\377\377\377\377\377\377\377\377\377\377\377\377"), NULL, "byte 4");
  refused(mem, DATASET_IDX, images, PUT(mem, "b", "\0\0\10\1\0\0\0\1\1"), "1 label for the 2 images");
  refused(mem, DATASET_IDX, files_path(mem, "none"), NULL, "docs/data.md");
  refused(mem, DATASET_IDX, "/usr/share/datasets/fashion-mnist/none.gz", NULL, "apt install dataset-fashion-mnist");
  arena_free(mem);
}

static void test_cifar(void **state) {
  (void)state;
  arena *mem = arena_new();
  enum { N = 3 };
  char *raw = arena_alloc(mem, N * 3073);
  for (int i = 0; i < N * 3073; i++)
    raw[i] = (char)(i % 251);
  for (int i = 0; i < N; i++)
    raw[i * 3073] = (char)(i + 4);
  const char *all = put(mem, "c1", raw, N * 3073), *one = put(mem, "c2", raw, 3073);
  dataset_files files = {.format = DATASET_CIFAR, .images = (const char *[]){all, one}, .image_files = 2};
  dataset data;
  diag d = {0};
  assert_true(dataset_read(mem, &files, &data, &d));
  assert_true(data.count == 4 && data.shape.c == 3 && data.shape.h == 32 && data.classes == 7);
  assert_memory_equal(data.labels, "\4\5\6\4", 4);
  assert_memory_equal(data.pixels + 3072, raw + 3074, 3072);
  assert_memory_equal(data.pixels + 3 * 3072, raw + 1, 3072);
  refused(mem, DATASET_CIFAR, put(mem, "b", raw, 3072), NULL, "byte 3072: the file ends inside a record");
  refused(mem, DATASET_CIFAR, put(mem, "b", raw, 0), NULL, "ends at once");
  arena_free(mem);
}

static void test_npy(void **state) {
  (void)state;
  arena *mem = arena_new();
  dataset data;
  diag d = {0};
  const char *images = files_npy(mem, "i.npy", FILES_NPY_DICT("|u1", "(2, 1, 2, 2)"), "abcdefgh", 8);
  const char *labels = files_npy(mem, "l.npy", FILES_NPY_DICT("<i8", "(2,)"), "\3\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16);
  if (!read_set(mem, DATASET_NPY, images, labels, &data, &d))
    fail_msg("%s", d.text.data);
  assert_true(data.count == 2 && data.shape.c == 1 && data.shape.h == 2 && data.classes == 4);
  assert_memory_equal(data.labels, "\3\2", 2);
  assert_memory_equal(data.pixels, "abcdefgh", 8);
  assert_true(read_set(mem, DATASET_NPY, files_npy(mem, "b", FILES_NPY_DICT("|u1", "(2, 2, 2)"), "abcdefgh", 8), NULL,
                       &data, &d));
  assert_true(
      read_set(mem, DATASET_NPY, files_npy(mem, "b", FILES_NPY_DICT("|u1", "(2, 4)"), "abcdefgh", 8), NULL, &data, &d));
  assert_true(data.count == 2 && data.shape.c == 4 && data.shape.h == 1 && data.shape.w == 1);
  refused(mem, DATASET_NPY, images, files_npy(mem, "b", FILES_NPY_DICT("<i4", "(2,)"), "\377\377\377\377\0\0\0\0", 8),
          "element [0] is -1; expected 0 to 255");
  refused(mem, DATASET_NPY, images, files_npy(mem, "b", FILES_NPY_DICT("<f4", "(2,)"), "\0\0\0\0\0\0\0\0", 8),
          "little endian integers");
  refused(mem, DATASET_NPY, images, files_npy(mem, "b", FILES_NPY_DICT("|u1", "(3,)"), "\0\0\0", 3),
          "expected 2 labels");
  refused(mem, DATASET_NPY, files_npy(mem, "b", FILES_NPY_DICT("|u1", "(2, 2, 3)"), "abcdefgh", 8), NULL, "truncated?");
  refused(mem, DATASET_NPY, files_npy(mem, "b", FILES_NPY_DICT("|u1", "(2, -2, 3)"), "abcdefgh", 8), NULL, "'shape'");
  refused(mem, DATASET_NPY, files_npy(mem, "b", FILES_NPY_DICT("|u1", "(9999999999, 9999999999, 9999999999)"), "a", 1),
          NULL, "'shape'");
  refused(mem, DATASET_NPY,
          files_npy(mem, "b", "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2, 2)}", "abcdefgh", 8), NULL,
          "Fortran");
  refused(mem, DATASET_NPY, PUT(mem, "b", "\x93NUMPY\1\0\377\377{}"), NULL, "byte 8");
  refused(mem, DATASET_NPY, PUT(mem, "b", "hello world, this is"), NULL, "not a .npy file");
  arena_free(mem);
}

static void test_damage(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(22);
  const char *good[] = {PUT(mem, "i", IMAGES_2x2x3),
                        files_npy(mem, "i.npy", FILES_NPY_DICT("|u1", "(2, 1, 2, 2)"), "abcdefgh", 8)};
  const char *labels[] = {PUT(mem, "l", LABELS_2),
                          files_npy(mem, "l.npy", FILES_NPY_DICT("<i2", "(2,)"), "\3\0\2\0", 4)};
  for (int kind = 0; kind < 4; kind++) {
    bool npy_format = kind & 1, damage_labels = kind & 2;
    bytes b = files_get(mem, damage_labels ? labels[npy_format] : good[npy_format]);
    uint8_t *bad = arena_alloc(mem, b.size + 64);
    for (int i = 0; i < 2000; i++) {
      arena *one = arena_new();
      diag d = {0};
      dataset data;
      size_t size = files_damage(&r, &b, bad);
      const char *path = put(one, "bad", (const char *)bad, size);
      bool ok = read_set(one, npy_format ? DATASET_NPY : DATASET_IDX, damage_labels ? good[npy_format] : path,
                         damage_labels ? path : labels[npy_format], &data, &d);
      assert_true(ok == (d.errors == 0));
      diag_free(&d);
      arena_free(one);
    }
  }
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_idx), cmocka_unit_test(test_cifar),
                                     cmocka_unit_test(test_npy), cmocka_unit_test(test_damage)};
  return cmocka_run_group_tests_name("front: data sets", tests, NULL, NULL);
}
