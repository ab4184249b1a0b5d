// SPDX-License-Identifier: Apache-2.0
#ifndef AXGEN_HASH_SHA_H
#define AXGEN_HASH_SHA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool hash_sha_supported(void); // by this processor; if not, the other one does nothing
void hash_sha_words(const void *data, size_t size, uint32_t out[8]); // SHA-256

#endif
