// SPDX-License-Identifier: Apache-2.0
// SHA-256: that of the standard's examples, and the same by the processor's instructions as without.
#include "compiler/base/base.h"
#include "compiler/base/hash_sha.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
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

// All sizes around some blocks, at any alignment; and one of many blocks.
static void sizes(void **state) {
  (void)state;
  enum { MOST = 1 << 20, SMALL = 300 };
  if (!hash_sha_supported())
    skip();
  rng r = rng_seed(1);
  uint8_t *data = malloc(MOST);
  assert_non_null(data);
  for (int i = 0; i < MOST; i++)
    data[i] = (uint8_t)rng_below(&r, 256);
  for (size_t size = 0; size <= SMALL + 1; size++) {
    size_t n = size <= SMALL ? size : MOST - 13, from = size % 13;
    uint8_t want[SHA256_DIGEST_LENGTH];
    uint32_t words[8];
    SHA2_CTX c;
    SHA256Init(&c);
    SHA256Update(&c, data + from, n);
    SHA256Final(want, &c);
    hash_sha_words(data + from, n, words);
    for (int i = 0; i < SHA256_DIGEST_LENGTH; i++)
      assert_int_equal(want[i], words[i / 4] >> (24 - 8 * (i % 4)) & 0xff);
  }
  free(data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(examples), cmocka_unit_test(sizes)};
  return cmocka_run_group_tests_name("base/hash", tests, NULL, NULL);
}
