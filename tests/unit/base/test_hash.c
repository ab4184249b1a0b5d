// SPDX-License-Identifier: Apache-2.0
// SHA-256: that of the standard's examples.
#include "compiler/base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void examples(void **state) {
  (void)state;
  static const struct {
    const char *text, *hash;
  } of[] = {{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
            {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
            {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
             "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"}};
  arena *mem = arena_new();
  for (size_t i = 0; i < BASE_COUNT(of); i++)
    assert_string_equal(hash_hex(mem, of[i].text, strlen(of[i].text)), of[i].hash);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(examples)};
  return cmocka_run_group_tests_name("base/hash", tests, NULL, NULL);
}
