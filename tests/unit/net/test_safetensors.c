// SPDX-License-Identifier: Apache-2.0
//
// safetensors: writer and reader agree, and every lie of a header is found, with the byte that the message names.
#include "tests/unit/net/files.h"

#include "compiler/net/safetensors.h"

static void test_round_trip(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  static const int8_t a[3] = {1, -2, 3};
  static const double b[2] = {0.5, -1e300};
  static const uint16_t c[1] = {65535};
  const st_tensor tensors[] = {{"a", ST_I8, 2, {3, 1}, 3, a, 0},
                               {"b", ST_F64, 1, {2}, 2, b, 0},
                               {"c", ST_U16, 0, {0}, 1, c, 0},
                               {"empty", ST_I32, 1, {0}, 0, a, 0}};
  bytes file = safetensors_write(mem, tensors, 4);
  const char *path = files_path(mem, "t.safetensors");
  files_put(path, file.data, file.size);
  st_file back;
  if (!safetensors_read(mem, path, &back, &d))
    fail_msg("%s", d.text.data);
  assert_int_equal(back.count, 4);
  assert_string_equal(back.tensors[0].name, "b"); // the widest first
  assert_memory_equal(safetensors_find(&back, "a")->data, a, sizeof a);
  assert_memory_equal(safetensors_find(&back, "b")->data, b, sizeof b);
  assert_memory_equal(safetensors_find(&back, "c")->data, c, sizeof c);
  assert_int_equal(safetensors_find(&back, "a")->rank, 2);
  assert_int_equal(safetensors_find(&back, "b")->offset % 8, 0);
  assert_null(safetensors_find(&back, "d"));
  arena_free(mem);
}

// A file with this header and `size` bytes of data.
static void refused(const char *header, size_t size, const char *expected) {
  arena *mem = arena_new();
  diag d = {0};
  uint64_t length = strlen(header);
  uint8_t *file = arena_alloc(mem, 8 + length + size);
  memcpy(file, &length, 8);
  memcpy(file + 8, header, length);
  const char *path = files_path(mem, "bad");
  files_put(path, file, 8 + length + size);
  st_file out;
  bool ok = safetensors_read(mem, path, &out, &d);
  if (ok != !expected || (expected && !strstr(d.text.data, expected)))
    fail_msg("expected `%s` in: %s", expected ? expected : "no error", ok ? "no error" : d.text.data);
  diag_free(&d);
  arena_free(mem);
}

#define T(name, type, shape, offsets)                                                                                  \
  "\"" name "\":{\"dtype\":\"" type "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static void test_refused(void **state) {
  (void)state;
  refused("{" T("a", "I8", "[2]", "[0,2]") "," T("b", "U8", "[1]", "[2,3]") "}", 3, NULL);
  refused("{\"__metadata__\":{\"k\":\"v\"}," T("b", "U8", "[1]", "[0,1]") "}  ", 1, NULL);
  refused("{" T("a", "I8", "[2]", "[0,2]") "}", 1, "ends at byte 63, the file at byte 62: truncated?");
  refused("{" T("a", "I8", "[2]", "[0,2]") "}", 4, "2 bytes after the last tensor");
  refused("{" T("a", "I8", "[2]", "[0,2]") "," T("b", "U8", "[1]", "[3,4]") "}", 4, "a gap");
  refused("{" T("a", "I8", "[2]", "[0,2]") "," T("b", "U8", "[2]", "[1,3]") "}", 3, "an overlap");
  refused("{" T("a", "I8", "[1]", "[0,1]") "," T("a", "I8", "[1]", "[1,2]") "}", 2, "is there twice");
  refused("{" T("a", "I16", "[2]", "[0,2]") "}", 2, "do not span shape times dtype");
  refused("{" T("a", "I4", "[2]", "[0,2]") "}", 2, "unsupported dtype");
  refused("{" T("a", "I8", "[-2]", "[0,2]") "}", 2, "shape");
  refused("{" T("a", "I8", "[1.5]", "[0,2]") "}", 2, "shape");
  refused("{" T("a", "I8", "[1e9,1e9,1e9]", "[0,2]") "}", 2, "larger than a file may be");
  refused("{" T("a", "I8", "[2]", "[2,0]") "}", 2, "begin <= end");
  refused("{" T("a", "I8", "[2]", "[0,1e300]") "}", 2, "begin <= end");
  refused("{" T("a", "I8", "[2]", "[0]") "}", 2, "byte 9: tensor `a`: expected");
  refused("{\"a\":7}", 0, "byte 9: tensor `a`");
  refused("[]", 0, "not a JSON object");
  refused("{\"a\":", 0, "not valid JSON");
  refused("{} x", 0, "byte 11: unexpected text");
}

static void test_lengths(void **state) {
  (void)state;
  arena *mem = arena_new();
  const char *path = files_path(mem, "bad");
  st_file out;
  for (int i = 0; i < 3; i++) {
    diag d = {0};
    uint64_t length = i ? i == 1 ? UINT64_MAX : 9 : 0;
    uint8_t file[16] = {0};
    memcpy(file, &length, 8);
    files_put(path, file, i ? 16 : 5);
    assert_false(safetensors_read(mem, path, &out, &d));
    assert_non_null(strstr(d.text.data, i ? "byte 0: header of" : "byte 5"));
    diag_free(&d);
  }
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip), cmocka_unit_test(test_refused),
                                     cmocka_unit_test(test_lengths)};
  return cmocka_run_group_tests_name("net: safetensors", tests, NULL, NULL);
}
